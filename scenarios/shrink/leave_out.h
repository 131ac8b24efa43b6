#pragma once
// The two ways in which most passes try smaller cases: without some of its parts, and with a rounder duration.

#include <functional>
#include <vector>

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

// The case without the parts of these numbers, which ascend.
using LeavingOut = std::function<Case(const Case&, const std::vector<std::size_t>&)>;

// Tries to leave out all of `count()` parts, halves, quarters and so on down to single ones (ddmin, Zeller and
// Hildebrandt 2002). Returns whether any went. As long as chance decides what becomes of messages, each change changes
// that, too; then as many other seeds are tried.
bool leave_out(Workbench& bench, const std::function<std::size_t()>& count, const LeavingOut& without,
               std::uint64_t other_seeds = 0);

// Numbers below `count`, ascending, from which by the same halving as many are left out as `works` allows for.
std::vector<std::size_t> fewest(std::size_t count, const std::function<bool(const std::vector<std::size_t>&)>& works);

// Tries shorter and rounder durations in place of one of the case's; `duration_of` returns null if there is none.
bool offer_rounder(Workbench& bench, const std::function<Duration*(Case&)>& duration_of);

template <class Element>
void erase_at(std::vector<Element>& elements, const std::vector<std::size_t>& numbers) {
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number)
    if (*number < elements.size()) elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(*number));
}

}  // namespace peerbed::scenarios
