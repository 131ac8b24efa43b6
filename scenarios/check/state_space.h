#pragma once
// The states of a check and the steps between them as plain data, for a page to show. What many states share is kept
// once; they refer to it by its place.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "check/engine/system.h"
#include "check/nodes/process.h"
#include "host/node_index.h"

namespace peerbed::scenarios {

// A node as it is in a state.
struct ShownNode {
  check::ProcessStatus status{};
  bool is_member = true;                // of the ring, if it is to form one
  std::vector<NodeIndex> successors{};  // nearest first
  std::optional<NodeIndex> predecessor{};
  std::string text{};  // what it keeps, where there is no picture of it
};

// Where a node stands on a ring.
struct CirclePlace {
  double share = 0;  // of the circle, clockwise from key 0
  std::string key;
};

struct StateSpace {
  struct Property {
    std::string name;
    bool always = false;  // otherwise it comes to hold
  };
  struct Flaw {
    std::uint32_t property = 0;
    std::uint32_t text = 0;
  };
  struct Step {
    std::uint32_t action = 0;  // a text
    check::StateNumber target = check::no_state;
    std::uint32_t traced = 0;  // a text, what nodes reported about themselves
  };
  struct State {
    check::StateNumber parent = check::no_state;
    std::uint32_t depth = 0;
    std::vector<std::uint32_t> nodes;
    std::vector<std::uint32_t> under_way;  // texts
    std::vector<Flaw> flaws;               // properties that do not hold
    std::vector<Step> steps;
  };

  std::vector<Property> properties;
  std::vector<std::string> texts;  // the first is empty
  std::vector<ShownNode> nodes;
  std::vector<CirclePlace> circle;  // by node; empty if the nodes form no ring
  std::vector<State> states;
  std::optional<check::StateNumber> refuted;  // where the refutation's steps end
  bool is_cut = false;                        // some steps lead to states that are not here
};

// What to keep of the states.
struct StateSpaceChoice {
  std::size_t at_most = 0;         // states; 0: nothing
  std::vector<std::string> names;  // of the nodes
};

}  // namespace peerbed::scenarios
