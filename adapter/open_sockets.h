#pragma once
// The sockets of a node: datagrams, and streams at the same port.

#include "adapter/endpoint.h"
#include "adapter/file_descriptor.h"

namespace peerbed::adapter {

struct Sockets {
  FileDescriptor datagrams;
  FileDescriptor listener;  // none when no streams are wanted
  Endpoint local;
  int family = 0;  // AF_INET or AF_INET6
};

// At port 0 the kernel chooses one. Throws std::system_error when the endpoint is taken, or none of this machine's.
Sockets open_sockets(const Endpoint& local, bool accepts_streams);

}  // namespace peerbed::adapter
