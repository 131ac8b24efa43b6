#pragma once
// The messages of the ring: plain structs that encode themselves, and decode(), a pure function from bytes to one of
// them. docs/ring.md gives the layout of each. Byte views in a decoded message live as long as the datagram.

#include <optional>

#include "protocols/environment/message_list.h"
#include "protocols/ring/wire/membership_messages.h"
#include "protocols/ring/wire/routing_messages.h"
#include "protocols/ring/wire/storage_messages.h"

namespace peerbed::ring {

using Messages = MessageList<Find, Found, HopTaken, NextHopQuery, NextHops, Welcome, NeighboursQuery, Neighbours,
                             Notify, Ping, Pong, Leaving, Put, PutDone, Get, Value, Replicate, Replicated, Offer,
                             OfferAnswer, Compare, Compared, CallBackQuery, CallBack, Called>;
using Message = Messages::Any;

// The message that `payload` holds; nothing when it is none of ours, malformed or damaged.
std::optional<Message> decode(Bytes payload) noexcept;

}  // namespace peerbed::ring
