#pragma once
// The messages of the registers in these tests: clients' requests and their answers, and what servers say among
// themselves. One struct for all; a message leaves what it does not need at zero.

#include <compare>
#include <cstdint>
#include <optional>

#include "protocols/environment/codec.h"
#include "protocols/environment/random.h"

namespace peerbed::check {

constexpr Address register_base = Address::ipv4(0x0A00'0001, 4000);
constexpr std::uint8_t index_of(Address address) {
  return static_cast<std::uint8_t>(address.host() - register_base.host());
}
constexpr Address address_of(std::uint8_t index) { return register_base.plus(index); }

// A pair of a number and a node that makes it unique: a ballot, or the time of a write.
struct Stamp {
  std::uint8_t number = 0;
  std::uint8_t node = 0;
  auto fields() const { return std::tie(number, node); }
  friend constexpr auto operator<=>(const Stamp&, const Stamp&) = default;
};

struct Proposal {
  std::uint8_t request = 0;
  std::uint8_t client = 0;
  std::uint8_t value = 0;
  auto fields() const { return std::tie(request, client, value); }
  friend constexpr auto operator<=>(const Proposal&, const Proposal&) = default;
};

struct Accepted {
  Stamp ballot;
  Proposal proposal;
  auto fields() const { return std::tie(ballot, proposal); }
  friend constexpr auto operator<=>(const Accepted&, const Accepted&) = default;
};

struct RegisterMessage {
  enum class Kind : std::uint8_t {
    put,
    get,
    put_done,
    get_done,
    // Attiya, Bar-Noy and Dolev
    query,
    query_answer,
    record,
    record_done,
    // Paxos
    prepare,
    prepared,
    accept,
    accepted,
    decided,
  };
  Kind kind{};
  std::uint8_t request = 0;
  std::uint8_t value = 0;
  Stamp stamp;
  std::optional<Accepted> last;  // in `prepared`, what the sender has accepted; in `accept` and `decided`, the proposal

  void encode(Writer& writer) const {
    const Accepted shown = last.value_or(Accepted{});
    writer.header({1, static_cast<std::uint8_t>(kind)});
    writer.integers(request, value, stamp.number, stamp.node, static_cast<std::uint8_t>(last.has_value()),
                    shown.ballot.number, shown.ballot.node, shown.proposal.request, shown.proposal.client,
                    shown.proposal.value);
  }
  // Of a message that one of these nodes has encoded.
  static RegisterMessage decode(Bytes bytes) {
    const auto at = [&](std::size_t place) { return static_cast<std::uint8_t>(bytes[place]); };
    RegisterMessage message{static_cast<Kind>(at(1)), at(2), at(3), {at(4), at(5)}, std::nullopt};
    if (at(6) != 0) message.last = Accepted{{at(7), at(8)}, {at(9), at(10), at(11)}};
    return message;
  }
};

}  // namespace peerbed::check
