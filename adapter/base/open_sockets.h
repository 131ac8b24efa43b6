#pragma once
// The sockets of a node: one for datagrams, and one for streams on the same port.

#include "adapter/base/endpoint.h"
#include "adapter/base/file_descriptor.h"

namespace peerbed::adapter {

struct Sockets {
  FileDescriptor datagrams;
  FileDescriptor listener;  // none when no streams are wanted
  Endpoint local;
  int family = 0;  // AF_INET or AF_INET6
};

// At port 0 the kernel chooses one. Throws std::system_error when the endpoint is taken, or none of this machine's.
Sockets open_sockets(const Endpoint& local, bool accepts_streams);

// Streams within one machine are never congested: a congestion control that paces them, as BBR does, only costs timers
// there. For a socket of streams before it listens or connects; elsewhere the machine's own choice stands.
void choose_congestion_control(int socket, const Endpoint& local) noexcept;

}  // namespace peerbed::adapter
