#pragma once
// An explicit-state model of the original Chord (Stoica et al. 2001) as Zave (2012) reads it: two successors, atomic
// events, and a failure only where it leaves every other member a live entry. The corrected protocol is compared with
// it: the checkers must find how it breaks.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/ring/zave_event.h"
#include "tests/ring/zave_overlay.h"

namespace peerbed::ring::zave {

class Original {
 public:
  struct Rules {
    int nodes = 3;
    bool joins_check_life = false;       // a joiner takes over only a live successor
    bool stabilize_checks_life = false;  // only a live predecessor of the successor is adopted
    bool delayed_notify = false;         // a notification is a separate, later event
    bool literal_guard = false;          // a failing node may be the other live entry that a member keeps
  };

  struct Node {
    std::int8_t successor = nobody;  // `nobody` if the node is not a member
    std::int8_t second = nobody;
    std::int8_t predecessor = nobody;
    friend bool operator==(const Node&, const Node&) = default;
  };

  static constexpr int most_nodes = 4;
  struct State {
    std::array<Node, most_nodes> nodes{};
    std::array<std::int8_t, most_nodes> notifiers{};  // for each node, the notifications on their way: one bit each
    friend bool operator==(const State&, const State&) = default;
  };

  explicit Original(const Rules& rules);

  State initial() const;  // node 0 alone
  const std::vector<Event>& events() const { return events_; }
  std::optional<State> after(State state, Event event) const;
  Overlay overlay(const State& state) const;

 private:
  // Each changes the state, or returns false if the event is not enabled.
  bool happen(State& state, Event event) const;
  bool join(State& state, int node, int via) const;
  bool stabilize(State& state, int node) const;
  bool deliver(State& state, int node, int notifier) const;
  bool flush(State& state, int node) const;
  bool update(State& state, int node) const;
  bool reconcile(State& state, int node) const;
  bool may_fail(const State& state, int node) const;

  Rules rules_;
  std::vector<Event> events_;
};

}  // namespace peerbed::ring::zave
