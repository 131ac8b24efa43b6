#pragma once
// Seals datagrams with XChaCha20-Poly1305. Only a node of the cluster can seal one, and only the node it is addressed
// to accepts it: the seal covers both endpoints, so a datagram that is reflected or passed on to another node is
// rejected.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "adapter/base/endpoint.h"
#include "adapter/crypto/cluster_key.h"
#include "protocols/environment/codec.h"

namespace peerbed::adapter {

// The first byte of a sealed datagram, and of an unsealed challenge or answer. No protocol has such a version.
enum class DatagramType : std::uint8_t { data = 0xF1, challenge = 0xF2, answer = 0xF3 };

// One session of a sender: from its start to its end.
struct SessionId {
  std::array<std::uint64_t, 2> value{};
  friend auto operator<=>(const SessionId&, const SessionId&) = default;
};

struct SealedDatagram {
  DatagramType type{};
  SessionId session;
  std::uint64_t number = 0;  // counts from 1 within the session
  Bytes payload;
};

class DatagramSeal {
 public:
  static constexpr std::size_t session_size = 16;
  static constexpr std::size_t number_size = 8;
  static constexpr std::size_t tag_size = 16;
  static constexpr std::size_t overhead = 1 + session_size + number_size + tag_size;
  static constexpr std::size_t maximum_size = maximum_datagram_size + overhead;

  // `self`: this node's endpoint as others know it.
  DatagramSeal(std::shared_ptr<const ClusterKey> key, const Endpoint& self);

  // The result is valid until the next call.
  Bytes seal(DatagramType type, const Endpoint& to, Bytes payload);
  // Returns nothing unless the datagram was sealed with this key, by `from`, for this node. The payload is valid until
  // the next call.
  std::optional<SealedDatagram> open(const Endpoint& from, Bytes sealed);

 private:
  std::shared_ptr<const ClusterKey> key_;
  Endpoint self_;
  SessionId session_;
  std::uint64_t sent_ = 0;
  std::array<std::byte, maximum_size> sealed_;
  std::array<std::byte, maximum_datagram_size> opened_;
};

}  // namespace peerbed::adapter
