#pragma once
// The datagrams of the swarm: plain structs that encode themselves, and decode(), a pure function from bytes to one of
// them. docs/swarm.md gives the layout of each. Byte views in a decoded message live as long as the datagram.

#include <optional>
#include <variant>

#include "protocols/swarm/message_kind.h"
#include "protocols/swarm/offer_messages.h"
#include "protocols/swarm/tracker_messages.h"

namespace peerbed::swarm {

using Message =
    std::variant<Enrol, Heartbeat, Alive, Leaving, ListQuery, ListPage, ListChanges, OffersQuery, Offers, Find, Found>;

// The message that `payload` holds; nothing when it is none of ours, malformed or damaged.
std::optional<Message> decode(Bytes payload) noexcept;

namespace wire {

// Decodes what `payload` holds and calls `handle` with that message, without the detour over a variant. Returns false,
// and calls nothing, where decode() would return nothing.
template <class Handler, std::size_t Index = 0>
bool dispatch(Bytes payload, Handler&& handle) {
  if constexpr (Index == std::variant_size_v<Message>) {
    return false;
  } else {
    using Candidate = std::variant_alternative_t<Index, Message>;
    if (message_kind(payload) != static_cast<std::uint8_t>(Candidate::kind))
      return dispatch<Handler, Index + 1>(payload, std::forward<Handler>(handle));
    const auto message = decode_as<Candidate>(payload);
    if (message) handle(*message);
    return message.has_value();
  }
}

}  // namespace wire
}  // namespace peerbed::swarm
