#pragma once
// The messages of the ring: plain structs that encode themselves, and decode(), a pure function from bytes to one of
// them. docs/ring.md gives the layout of each. Byte views in a decoded message live as long as the datagram.

#include <optional>
#include <variant>

#include "protocols/ring/coursework_messages.h"
#include "protocols/ring/membership_messages.h"
#include "protocols/ring/message_kind.h"
#include "protocols/ring/routing_messages.h"
#include "protocols/ring/storage_messages.h"

namespace peerbed::ring {

using Message =
    std::variant<Find, Found, HopTaken, NextHopQuery, NextHops, Welcome, NeighboursQuery, Neighbours, Notify, Ping,
                 Pong, Leaving, Put, PutDone, Get, Value, Replicate, Replicated, Offer, OfferAnswer, Compare, Compared,
                 SuccessorPing, SuccessorPong, Delivered, JoinRequest, JoinAnswer, SuccessorChange, Departure,
                 SuccessorsQuery, Successors, StoreRequest, FileRequest, FileAnswer, FileChunk>;

// The message that `payload` holds; nothing when it is none of ours, malformed or damaged.
std::optional<Message> decode(Bytes payload) noexcept;

namespace wire {

// Decodes what `payload` holds and calls `handle` with that message, without the detour over a variant. Returns false,
// and calls nothing, where decode() would return nothing.
template <class Handler>
bool dispatch(Bytes payload, Handler&& handle) {
  const auto attempt = [&]<class Candidate>(std::type_identity<Candidate>) {
    const auto message = decode_as<Candidate>(payload);
    if (message) handle(*message);
    return message.has_value();
  };
  switch (static_cast<Kind>(message_kind(payload))) {
    case Find::kind:
      return attempt(std::type_identity<Find>{});
    case Found::kind:
      return attempt(std::type_identity<Found>{});
    case HopTaken::kind:
      return attempt(std::type_identity<HopTaken>{});
    case NextHopQuery::kind:
      return attempt(std::type_identity<NextHopQuery>{});
    case NextHops::kind:
      return attempt(std::type_identity<NextHops>{});
    case Welcome::kind:
      return attempt(std::type_identity<Welcome>{});
    case NeighboursQuery::kind:
      return attempt(std::type_identity<NeighboursQuery>{});
    case Neighbours::kind:
      return attempt(std::type_identity<Neighbours>{});
    case Notify::kind:
      return attempt(std::type_identity<Notify>{});
    case Ping::kind:
      return attempt(std::type_identity<Ping>{});
    case Pong::kind:
      return attempt(std::type_identity<Pong>{});
    case Leaving::kind:
      return attempt(std::type_identity<Leaving>{});
    case Put::kind:
      return attempt(std::type_identity<Put>{});
    case PutDone::kind:
      return attempt(std::type_identity<PutDone>{});
    case Get::kind:
      return attempt(std::type_identity<Get>{});
    case Value::kind:
      return attempt(std::type_identity<Value>{});
    case Replicate::kind:
      return attempt(std::type_identity<Replicate>{});
    case Replicated::kind:
      return attempt(std::type_identity<Replicated>{});
    case Offer::kind:
      return attempt(std::type_identity<Offer>{});
    case OfferAnswer::kind:
      return attempt(std::type_identity<OfferAnswer>{});
    case Compare::kind:
      return attempt(std::type_identity<Compare>{});
    case Compared::kind:
      return attempt(std::type_identity<Compared>{});
    case SuccessorPing::kind:
      return attempt(std::type_identity<SuccessorPing>{});
    case SuccessorPong::kind:
      return attempt(std::type_identity<SuccessorPong>{});
    case Delivered::kind:
      return attempt(std::type_identity<Delivered>{});
    case JoinRequest::kind:
      return attempt(std::type_identity<JoinRequest>{});
    case JoinAnswer::kind:
      return attempt(std::type_identity<JoinAnswer>{});
    case SuccessorChange::kind:
      return attempt(std::type_identity<SuccessorChange>{});
    case Departure::kind:
      return attempt(std::type_identity<Departure>{});
    case SuccessorsQuery::kind:
      return attempt(std::type_identity<SuccessorsQuery>{});
    case Successors::kind:
      return attempt(std::type_identity<Successors>{});
    case StoreRequest::kind:
      return attempt(std::type_identity<StoreRequest>{});
    case FileRequest::kind:
      return attempt(std::type_identity<FileRequest>{});
    case FileAnswer::kind:
      return attempt(std::type_identity<FileAnswer>{});
    case FileChunk::kind:
      return attempt(std::type_identity<FileChunk>{});
  }
  return false;
}

}  // namespace wire
}  // namespace peerbed::ring
