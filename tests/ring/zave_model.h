#pragma once
// An explicit-state model of the corrected Chord of Zave (2017): few nodes, atomic events, all reachable states. It is
// an oracle for the rules that the node follows: the counts are those that an independent program found.

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace peerbed::ring::zave {

constexpr int maximum_nodes = 6;
constexpr int maximum_list = 3;

// One deliberate fault each.
enum class Mutant {
  none,
  repeated_filler,  // the last entry is repeated instead of its successor number
  join_anywhere,    // without the test that the joiner lies between
  fail_unguarded,
  adopt_dead,             // the first successor's predecessor is adopted without being asked
  keep_dead_predecessor,  // rectify never replaces it
};

struct Rules {
  int nodes = 4;
  int list_length = 2;       // r in Zave 2017
  int base = 3;              // principals that always remain
  bool interleaved = false;  // stabilize and rectify in steps of their own, one pending duty a node
  Mutant mutant = Mutant::none;
};

struct ModelNode {
  bool member = false;
  std::array<std::int8_t, maximum_list> list{};
  std::int8_t predecessor = 0;
  std::int8_t duty = 0;        // 0 none, 1 the second part of stabilize, 2 rectify
  std::int8_t duty_about = 0;  // the node saved with it
  friend auto operator<=>(const ModelNode&, const ModelNode&) = default;
};
using State = std::array<ModelNode, maximum_nodes>;

struct Exploration {
  std::size_t states = 0;
  std::size_t transitions = 0;
  int depth = 0;
  std::size_t ideal = 0;
  std::optional<int> violation;  // events until the invariant first breaks
  std::size_t stuck = 0;         // states that are not ideal and that no stabilization changes
};

// All states that can be reached; with a violation, those found until then.
Exploration explore(const Rules& rules, std::size_t limit = 10'000'000);

}  // namespace peerbed::ring::zave
