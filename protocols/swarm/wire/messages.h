#pragma once
// The datagrams of the swarm: plain structs that encode themselves, and decode(), a pure function from bytes to one of
// them. docs/swarm.md gives the layout of each. Byte views in a decoded message live as long as the datagram.

#include <optional>

#include "protocols/environment/message_list.h"
#include "protocols/swarm/wire/introduction_messages.h"
#include "protocols/swarm/wire/offer_messages.h"
#include "protocols/swarm/wire/tracker_messages.h"

namespace peerbed::swarm {

using Messages = MessageList<Enrol, Heartbeat, Alive, Leaving, ListQuery, ListPage, ListChanges, OffersQuery, Offers,
                             Find, Found, Introduce, Introduced, Knock>;
using Message = Messages::Any;

// The message that `payload` holds; nothing when it is none of ours, malformed or damaged.
std::optional<Message> decode(Bytes payload) noexcept;

}  // namespace peerbed::swarm
