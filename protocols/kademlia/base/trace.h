#pragma once
// The trace events of a Kademlia node, for any analysis to count and measure. Keys and identifiers are given by their
// first 64 bits.

#include <array>

#include "protocols/environment/overlay_events.h"
#include "protocols/environment/trace.h"

namespace peerbed::kademlia {

// Indices into trace_table.
enum class TraceEvent : std::uint16_t {
  lookup_done,
  lookup_cost,
  lookup_answered,
  put_done,
  get_done,
  put_begun,
  value_acknowledged,
  get_begun,
  get_returned,
  value_expired,
  store_refused,
  joined,
  left,
  contact_evicted,
  datagram_refused,
};

constexpr std::uint16_t index_of(TraceEvent event) noexcept { return static_cast<std::uint16_t>(event); }

inline constexpr std::array<TraceEventType, 15> trace_table = {{
    // Hops are the requests in the chain that led to the closest node, the one to itself included.
    overlay_events::lookup_done,
    // What it cost, just before it says that it is done: requests with all copies, rounds, and the time after which
    // the closest node had answered.
    {"lookup.cost",
     {{{"requests", Unit::count, Better::less},
       {"rounds", Unit::count, Better::less},
       {"found", Unit::nanoseconds, Better::less}}}},
    overlay_events::lookup_answered,
    // Holders are the nodes that said that they hold the value.
    {"put.done",
     {{{"key", Unit::identifier},
       {"latency", Unit::nanoseconds, Better::less},
       {"holders", Unit::count, Better::more},
       {"success", Unit::flag, Better::more}}}},
    {"get.done",
     {{{"key", Unit::identifier},
       {"latency", Unit::nanoseconds, Better::less},
       {"requests", Unit::count, Better::less},
       {"success", Unit::flag, Better::more}}}},
    // A put of this node's user is about to be sent to holders, with this stamp for the first time.
    {"put.begun", {{{"operation", Unit::identifier}, {"key", Unit::identifier}}}},
    // Holders have it, just before the put is done.
    {"value.acknowledged", {{{"key", Unit::identifier}, {"time", Unit::identifier}, {"operation", Unit::identifier}}}},
    overlay_events::get_begun,
    overlay_events::get_returned,
    // A holder let go of a value whose lifetime is over.
    {"value.expired", {{{"key", Unit::identifier}}}},
    // A request to hold a value was turned down: outdated 1, refused 2, bad token 3.
    {"store.refused", {{{"key", Unit::identifier}, {"from", Unit::address}, {"outcome", Unit::code}}}},
    overlay_events::joined,
    overlay_events::left,
    // A contact that left requests unanswered gave its place to another one.
    {"contact.evicted", {{{"id", Unit::identifier}}}},
    overlay_events::datagram_refused,
}};

}  // namespace peerbed::kademlia
