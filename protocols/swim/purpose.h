#pragma once
// What a SWIM member's random draws are for.

#include <cstddef>

namespace peerbed::swim {

enum Purpose : std::size_t { draw_number, draw_order, draw_proxy, draw_phase, draw_partner };

}  // namespace peerbed::swim
