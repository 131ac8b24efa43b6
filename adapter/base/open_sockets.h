#pragma once
// The sockets of a node: one for datagrams, and one for streams on the same port.

#include "adapter/base/endpoint.h"
#include "adapter/base/file_descriptor.h"

namespace peerbed::adapter {

struct Sockets {
  FileDescriptor datagrams;
  FileDescriptor listener;  // none if no streams are wanted
  Endpoint local;
  int family = 0;  // AF_INET or AF_INET6
};

// With port 0 the kernel chooses one. Throws std::system_error if the endpoint is taken or does not belong to this
// machine.
Sockets open_sockets(const Endpoint& local, bool accepts_streams);

// Streams within one machine are never congested, so a congestion control that paces them, like BBR, only costs timers.
// Chooses one that does not pace; call before the stream socket listens or connects. For other streams, keeps the
// machine's default.
void choose_congestion_control(int socket, const Endpoint& local) noexcept;

}  // namespace peerbed::adapter
