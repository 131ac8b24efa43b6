#pragma once
// A space-time diagram (Lamport 1978) of a few steps: a horizontal line for each node, and the steps in their order
// from left to right, however far apart in time they are.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/plot/picture.h"

namespace peerbed::analysis {

struct SpaceTimeFigure {
  struct Step {
    enum class Life : std::uint8_t { goes_on, begins, ends };

    std::optional<std::size_t> node{};  // index into `nodes`; nothing: it concerns the surroundings of all
    std::int64_t time = 0;              // nanoseconds
    std::string label;
    bool is_deed = false;  // done from outside, rather than by a message
    bool is_lost = false;  // the message does not arrive
    Life life = Life::goes_on;
    std::optional<std::size_t> from{};   // the node that sent the message
    std::optional<std::size_t> cause{};  // the earlier step in which it was sent, if that is shown
  };
  std::string title;
  std::vector<std::string> nodes;   // names
  std::vector<bool> is_up;          // by node, whether it runs from the beginning
  std::vector<Step> steps;          // in order
  std::string failure;              // what was found after them
  std::int64_t failed_at = 0;       // nanoseconds
  std::vector<std::size_t> failed;  // the nodes it is about
};

constexpr std::size_t maximum_space_time_steps = 60;

Picture picture_of(const SpaceTimeFigure& figure);

}  // namespace peerbed::analysis
