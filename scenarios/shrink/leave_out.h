#pragma once
// Leaves out parts of a case in groups that grow smaller (ddmin, Zeller and Hildebrandt 2002).

#include <functional>
#include <vector>

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

// The case without the parts of these numbers, which ascend.
using LeavingOut = std::function<Case(Case, const std::vector<std::size_t>&)>;

// Tries to leave out all of `count()` parts, halves, quarters and so on down to single ones. Returns whether any went.
bool leave_out(Workbench& bench, const std::function<std::size_t()>& count, const LeavingOut& without);

template <class Element>
void erase_at(std::vector<Element>& elements, const std::vector<std::size_t>& numbers) {
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number)
    if (*number < elements.size()) elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(*number));
}

}  // namespace peerbed::scenarios
