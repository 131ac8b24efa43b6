#pragma once
// A bare datagram socket beside a host's nodes. Without a key it is an unvalidated peer; with one it may be a cluster
// member, and returns what it sent.

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

#include "adapter/base/open_sockets.h"
#include "adapter/crypto/datagram_seal.h"

namespace peerbed::adapter {

class Neighbour {
 public:
  using Datagram = std::vector<std::byte>;

  explicit Neighbour(const Endpoint& node, std::shared_ptr<const ClusterKey> key = nullptr)
      : sockets_(open_sockets(Endpoint::ipv4(0x7F000001, 0), false)), node_(node) {
    if (key) seal_.emplace(key, sockets_.local);
  }

  Address address() const noexcept { return sockets_.local.address(); }
  const Endpoint& node() const noexcept { return node_; }

  // Sends the bytes as they are.
  void send(Bytes bytes) const {
    const SocketAddress to = to_socket_address(node_, AF_INET);
    ::sendto(sockets_.datagrams.number(), bytes.data(), bytes.size(), 0, to.get(), to.size);
  }
  // Sends a sealed datagram, as a member does. Returns what was sent.
  Datagram say(DatagramType type, Bytes payload) {
    const Bytes sealed = seal_->seal(type, node_, payload);
    Datagram sent(sealed.begin(), sealed.end());
    send(sent);
    return sent;
  }
  Datagram say(std::string_view text) { return say(DatagramType::data, bytes_of_text(text)); }

  // The datagrams that wait at the socket, as they are.
  std::vector<Datagram> received() const {
    std::vector<Datagram> result;
    std::byte buffer[2048];
    for (ssize_t size = 0; (size = ::recv(sockets_.datagrams.number(), buffer, sizeof buffer, MSG_DONTWAIT)) >= 0;)
      result.emplace_back(buffer, buffer + size);
    return result;
  }
  std::optional<SealedDatagram> open(Bytes datagram) { return seal_->open(node_, datagram); }

  static Bytes bytes_of_text(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

 private:
  Sockets sockets_;
  Endpoint node_;
  std::optional<DatagramSeal> seal_;
};

}  // namespace peerbed::adapter
