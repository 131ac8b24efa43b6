#pragma once
// The trace events of a SWIM member, for any analysis to count and measure.

#include <array>

#include "protocols/environment/overlay_events.h"
#include "protocols/environment/trace.h"

namespace peerbed::swim {

// Indices into trace_table.
enum class TraceEvent : std::uint16_t {
  probe_done,
  member_joined,
  member_suspected,
  member_cleared,
  member_dead,
  suspicion_refuted,
  health_changed,
  joined,
  left,
  member_refused,
  datagram_refused,
};

constexpr std::uint16_t index_of(TraceEvent event) noexcept { return static_cast<std::uint16_t>(event); }

inline constexpr std::array<TraceEventType, 11> trace_table = {{
    // A period ended. Indirect: proxies were asked, because the member had not answered in time.
    {"probe.done", {{{"success", Unit::flag, Better::more}, {"indirect", Unit::flag, Better::less}}}},
    // The list has one member more.
    {"member.joined", {{{"member", Unit::address}}}},
    // Own: because this node's probe failed, and not because it heard so.
    {"member.suspected", {{{"member", Unit::address}, {"own", Unit::flag}}}, Better::less},
    // A suspect, or somebody who had been taken for dead, objected.
    {"member.cleared", {{{"member", Unit::address}}}},
    // The list has one member less. Suspected: for how long it had been here. Own: because it did not object here, and
    // not because this node heard so. Left: it says so itself.
    {"member.dead",
     {{{"member", Unit::address}, {"own", Unit::flag}, {"suspected", Unit::nanoseconds}, {"left", Unit::flag}}}},
    // This node was suspected, or taken for dead.
    {"suspicion.refuted", {{{"incarnation", Unit::identifier}}}, Better::less},
    // The local health multiplier.
    {"health.changed", {{{"level", Unit::count, Better::less}}}},
    overlay_events::joined,
    overlay_events::left,
    // The list is full.
    {"member.refused", {{{"member", Unit::address}}}, Better::less},
    overlay_events::datagram_refused,
}};

}  // namespace peerbed::swim
