#include "adapter/base/open_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace peerbed::adapter {

namespace {

constexpr int datagram_buffer = 4 * 1024 * 1024;  // bytes, as far as the kernel allows
constexpr int listen_backlog = 512;
constexpr int port_attempts = 32;
constexpr std::string_view unpaced = "reno";  // RFC 5681; in every kernel, and available to every user

[[noreturn]] void refuse(const Endpoint& endpoint, const char* what) {
  throw std::system_error(errno, std::generic_category(), to_string(endpoint) + ": " + what);
}

void set(int socket, int level, int option, int value) noexcept {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

FileDescriptor open_at(const Endpoint& local, int family, int type) {
  FileDescriptor socket(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) refuse(local, "no socket");
  if (family == AF_INET6) set(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, local.is_any() ? 0 : 1);
  if (type == SOCK_STREAM) {
    set(socket.number(), SOL_SOCKET, SO_REUSEADDR, 1);
    choose_congestion_control(socket.number(), local);
  }
  const SocketAddress address = to_socket_address(local, family);
  if (::bind(socket.number(), address.get(), address.size) != 0) refuse(local, "cannot be bound");
  return socket;
}

Endpoint local_of(int socket) noexcept {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size);
  return Endpoint::of(storage).value_or(Endpoint{});
}

}  // namespace

void choose_congestion_control(int socket, const Endpoint& local) noexcept {
  if (!local.is_loopback()) return;
  ::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, unpaced.data(), static_cast<socklen_t>(unpaced.size()));
}

Sockets open_sockets(const Endpoint& local, bool accepts_streams) {
  Sockets sockets;
  sockets.family = local.is_ipv4() ? AF_INET : AF_INET6;
  for (int attempt = 1;; ++attempt) {
    sockets.datagrams = open_at(local, sockets.family, SOCK_DGRAM);
    sockets.local = local_of(sockets.datagrams.number());
    set(sockets.datagrams.number(), SOL_SOCKET, SO_RCVBUF, datagram_buffer);
    set(sockets.datagrams.number(), SOL_SOCKET, SO_SNDBUF, datagram_buffer);
    if (!accepts_streams) return sockets;
    try {
      sockets.listener = open_at(sockets.local, sockets.family, SOCK_STREAM);
    } catch (const std::system_error&) {
      // The port that the kernel chose for datagrams may be taken for streams. If so, let it choose another.
      if (local.port != 0 || attempt == port_attempts) throw;
      continue;
    }
    if (::listen(sockets.listener.number(), listen_backlog) != 0) refuse(sockets.local, "cannot listen");
    return sockets;
  }
}

}  // namespace peerbed::adapter
