#pragma once
// Trace events that several overlays report alike, so that any of them can be analysed and compared in the same way.

#include "protocols/environment/trace.h"

namespace peerbed::overlay_events {

// A lookup ended. What counts as a hop is up to the protocol; timeouts are nodes found silent.
inline constexpr TraceEventType lookup_done{"lookup.done",
                                            {{{"hops", Unit::count, Better::less},
                                              {"latency", Unit::nanoseconds, Better::less},
                                              {"timeouts", Unit::count, Better::less},
                                              {"success", Unit::flag, Better::more}}}};
// Whom a lookup that succeeds found, just before it says that it is done.
inline constexpr TraceEventType lookup_answered{
    "lookup.answered", {{{"key", Unit::identifier}, {"owner", Unit::identifier}, {"latency", Unit::identifier}}}};

inline constexpr TraceEventType get_begun{"get.begun", {{{"operation", Unit::identifier}, {"key", Unit::identifier}}}};
// What a get told its asker: the stamp of the value, time and the operation that put it. Time 0: there is none, because
// of that operation, or of none.
inline constexpr TraceEventType get_returned{"get.returned",
                                             {{{"operation", Unit::identifier},
                                               {"key", Unit::identifier},
                                               {"time", Unit::identifier},
                                               {"put", Unit::identifier}}}};

inline constexpr TraceEventType joined{"joined", {{{"latency", Unit::nanoseconds, Better::less}}}};
inline constexpr TraceEventType left{"left", {}};
// A datagram is no message of the protocol, or damaged. Version: of the protocol, if the datagram is of another one.
inline constexpr TraceEventType datagram_refused{
    "datagram.refused", {{{"from", Unit::address}, {"size", Unit::bytes}, {"version", Unit::code}}}};

}  // namespace peerbed::overlay_events
