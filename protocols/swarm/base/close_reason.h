#pragma once
// Why a stream between two peers ended. Every end has one of these reasons, and is counted under it.

#include <array>
#include <cstdint>
#include <string_view>

namespace peerbed::swarm {

// The side that ends a stream knows why. The other side hears it by goodbye where the two part in peace.
enum class CloseReason : std::uint8_t {
  done,           // both sides have everything
  full,           // one has as many streams as it wants
  duplicate,      // another stream between the two stays
  not_shared,     // the file is not here, or not here any more
  given_up,       // the download that it served failed
  leaving,        // the process ends
  unreachable,    // it never opened
  mute,           // no greeting came
  silent,         // what was asked for did not come in time
  overtaken,      // it was slow with a block that another source is to write now
  stuck,          // the download came to nothing for half of its time to give up, and begins anew
  wrong_bytes,    // what it sent failed its hash
  refused_frame,  // it sent what is malformed, damaged or out of place
  lost,           // the other side, or the network, ended it without a word
  last = lost
};

constexpr std::array<std::string_view, static_cast<std::size_t>(CloseReason::last) + 1> close_reason_names{
    "done", "full",   "duplicate", "not_shared", "given_up",    "leaving",       "unreachable",
    "mute", "silent", "overtaken", "stuck",      "wrong_bytes", "refused_frame", "lost"};

// As the other side says it; what is no reason counts as lost.
constexpr CloseReason close_reason_of(std::uint32_t number) noexcept {
  return number <= static_cast<std::uint32_t>(CloseReason::last) ? static_cast<CloseReason>(number) : CloseReason::lost;
}

// Whether the other side is told, where the stream allows it: else there is nobody to tell, or nothing to say.
constexpr bool is_peaceful(CloseReason reason) noexcept {
  return reason <= CloseReason::given_up || reason == CloseReason::lost;
}

}  // namespace peerbed::swarm
