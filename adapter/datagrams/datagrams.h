#pragma once
// Sends and receives datagrams in batches: one system call moves as many as are ready, up to 64.

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <memory>

#include "adapter/base/endpoint.h"
#include "adapter/base/host_counters.h"
#include "adapter/crypto/datagram_seal.h"
#include "protocols/environment/codec.h"

namespace peerbed::adapter {

constexpr std::size_t datagram_batch = 64;

// A batch received from a socket. One object serves all sockets of a loop.
class IncomingDatagrams {
 public:
  IncomingDatagrams();

  // Receives what waits at the socket, without blocking. Returns the number of datagrams.
  std::size_t receive(int socket) noexcept;
  Bytes payload(std::size_t index) const noexcept;
  // Whether it is longer than the buffer or than `limit`, so that no node of ours can have sent it.
  bool is_cut(std::size_t index, std::size_t limit) const noexcept;
  const sockaddr_storage& source(std::size_t index) const noexcept { return sources_[index]; }

 private:
  static constexpr std::size_t room = 1536;
  static_assert(room >= DatagramSeal::maximum_size);

  std::unique_ptr<std::byte[]> buffers_;
  std::array<mmsghdr, datagram_batch> headers_{};
  std::array<iovec, datagram_batch> parts_{};
  std::array<sockaddr_storage, datagram_batch> sources_{};
};

// A batch to be sent from one socket. One object serves all sockets of a loop: a datagram for another socket first
// flushes those before it. What the kernel does not take is lost, as datagrams may be.
class OutgoingDatagrams {
 public:
  explicit OutgoingDatagrams(HostCounters& counters);

  void send(int socket, const SocketAddress& to, Bytes payload);
  // For an IPv4 socket.
  void send(int socket, Address to, Bytes payload);
  void flush() noexcept;

 private:
  void take_slot(int socket, Bytes payload);

  std::unique_ptr<std::byte[]> buffers_;
  std::array<mmsghdr, datagram_batch> headers_{};
  std::array<iovec, datagram_batch> parts_{};
  std::array<sockaddr_storage, datagram_batch> targets_{};
  std::size_t count_ = 0;
  int socket_ = -1;
  HostCounters& counters_;
};

}  // namespace peerbed::adapter
