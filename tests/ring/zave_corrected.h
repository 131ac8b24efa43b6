#pragma once
// An explicit-state model of the corrected Chord of Zave (2017): full successor lists, an ideal ring of list_length + 1
// founders, and failures only where a base of principals remains. It is an oracle for the rules that the node follows.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/ring/zave_event.h"
#include "tests/ring/zave_overlay.h"

namespace peerbed::ring::zave {

class Corrected {
 public:
  // Each is one deliberate change.
  enum class Mutant {
    none,
    repeated_filler,  // the last entry is repeated instead of its successor number
    join_anywhere,    // without checking that the joiner lies in between
    fail_unguarded,
    adopt_dead,             // the first successor's predecessor is adopted without being asked
    keep_dead_predecessor,  // rectify never replaces it
    keep_own_tail,          // a new first successor's list is not taken over
    invented_tail,          // a joiner fills its list with successor numbers
    rectify_always,         // any notifier becomes the predecessor
  };

  struct Rules {
    int nodes = 4;
    int list_length = 2;       // r in Zave 2017
    int base = 3;              // principals that always remain
    bool interleaved = false;  // stabilize and rectify in separate steps, one pending duty per node
    Mutant mutant = Mutant::none;
  };

  static constexpr int maximum_list = 3;
  enum class Duty : std::int8_t { none, ask_candidate, rectify };

  struct Node {
    bool member = false;
    std::array<std::int8_t, maximum_list> list{};
    std::int8_t predecessor = 0;
    Duty duty{};
    std::int8_t duty_about = 0;  // the node saved with it
    friend bool operator==(const Node&, const Node&) = default;
  };
  using State = std::array<Node, maximum_nodes>;

  explicit Corrected(const Rules& rules);

  State initial() const;
  const std::vector<Event>& events() const { return events_; }
  std::optional<State> after(State state, Event event) const;
  Overlay overlay(const State& state) const;

  // Whether all members have full lists and correct predecessors, in one ordered ring; pending duties do not count.
  bool is_ideal(const State& state) const;
  // Whether each member has a live best successor, and there are as many principals as the base.
  bool keeps_invariant(const State& state) const;
  // Whether a node, or an entry of its list, occurs a second time in that list.
  bool has_duplicates(const State& state) const;

 private:
  State ideal_of(unsigned members) const;
  // Changes the state, or returns false if the event is not enabled.
  bool happen(State& state, Event event) const;
  bool join(State& state, int node, int via) const;
  void stabilize(State& state, int node) const;
  void ask_candidate(State& state, int node, int candidate) const;
  void discharge(State& state, int node) const;
  void adopt(State& state, int node, int head) const;
  void drop_head(State& state, int node) const;
  void notify(State& state, int node, int notifier) const;
  void rectify(State& state, int node, int notifier) const;
  bool has_live_entry(const State& state, int node, int without) const;
  bool is_principal(const State& state, int node) const;
  int principals(const State& state) const;
  bool may_fail(const State& state, int node) const;

  // A dead or missing entry of a list is replaced by the next number, whichever node that is.
  std::int8_t filler_after(int entry) const { return static_cast<std::int8_t>((entry + 1) % rules_.nodes); }

  Rules rules_;
  std::vector<Event> events_;
};

}  // namespace peerbed::ring::zave
