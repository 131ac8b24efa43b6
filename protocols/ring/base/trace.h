#pragma once
// The trace events of a ring node, for any analysis to count and measure.

#include <array>

#include "protocols/environment/overlay_events.h"
#include "protocols/environment/trace.h"

namespace peerbed::ring {

// Indices into trace_table.
enum class TraceEvent : std::uint16_t {
  lookup_done,
  put_done,
  get_done,
  value_acknowledged,
  value_dropped,
  value_expired,
  put_begun,
  get_begun,
  get_returned,
  joined,
  left,
  cut_off,
  successor_changed,
  predecessor_changed,
  peer_suspected,
  datagram_refused,
  lookup_answered,
  reachability_known,
};

constexpr std::uint16_t index_of(TraceEvent event) noexcept { return static_cast<std::uint16_t>(event); }

inline constexpr std::array<TraceEventType, 18> trace_table = {{
    // Hops are forwardings, the last one to the owner included.
    overlay_events::lookup_done,
    {"put.done",
     {{{"key", Unit::identifier},
       {"latency", Unit::nanoseconds, Better::less},
       {"attempts", Unit::count, Better::less},
       {"success", Unit::flag, Better::more}}}},
    {"get.done",
     {{{"key", Unit::identifier},
       {"latency", Unit::nanoseconds, Better::less},
       {"attempts", Unit::count, Better::less},
       {"success", Unit::flag, Better::more}}}},
    // The asker of a put learned that all holders have the value.
    {"value.acknowledged",
     {{{"key", Unit::identifier},
       {"time", Unit::identifier},
       {"operation", Unit::identifier},
       {"until", Unit::identifier}}}},
    // A node that is no longer a holder let go of a copy.
    {"value.dropped", {{{"key", Unit::identifier}}}},
    // A holder keeps but the stamp of a value from now on.
    {"value.expired", {{{"key", Unit::identifier}, {"time", Unit::identifier}}}},
    // A put, or a remove, begins. The value is gone from `until` on, by the clock of stamps; 0: it is removed.
    {"put.begun",
     {{{"operation", Unit::identifier},
       {"key", Unit::identifier},
       {"until", Unit::identifier},
       {"time", Unit::identifier}}}},
    overlay_events::get_begun,
    overlay_events::get_returned,
    overlay_events::joined,
    overlay_events::left,
    // All successors are lost: the node tries to find its way back.
    {"cut.off", {}, Better::less},
    {"successor.changed", {{{"id", Unit::identifier}}}},
    {"predecessor.changed", {{{"id", Unit::identifier}}}},
    {"peer.suspected", {{{"id", Unit::identifier}}}},
    overlay_events::datagram_refused,
    overlay_events::lookup_answered,
    // A node has found out whether others can reach it, and becomes a member or a guest.
    {"reachability.known", {{{"reachable", Unit::flag, Better::more}, {"latency", Unit::nanoseconds, Better::less}}}},
}};

}  // namespace peerbed::ring
