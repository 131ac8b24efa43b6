#include "tests/ring/zave_model.h"

#include <algorithm>
#include <map>

namespace peerbed::ring::zave {

namespace {

bool is_between(int from, int middle, int to) {
  if (from < to) return from < middle && middle < to;
  return from < middle || middle < to;
}

class Model {
 public:
  explicit Model(const Rules& rules) : rules_(rules) {}

  // An ideal ring of as many members as the base.
  State initial() const { return ideal_of((1u << rules_.base) - 1); }

  bool is_ideal(const State& state) const {
    unsigned members = 0;
    for (int n = 0; n < rules_.nodes; ++n) members |= static_cast<unsigned>(state[n].member) << n;
    State ideal = ideal_of(members);
    for (int n = 0; n < rules_.nodes; ++n) {
      ideal[n].duty = state[n].duty;
      ideal[n].duty_about = state[n].duty_about;
    }
    return ideal == state;
  }

  bool keeps_invariant(const State& state) const {
    for (int n = 0; n < rules_.nodes; ++n)
      if (state[n].member && !has_live_entry(state, n, -1)) return false;
    return principals(state) >= rules_.base;
  }

  // Events of maintenance first, then joins and failures.
  std::vector<State> maintained(const State& state) const {
    std::vector<State> next;
    for (int n = 0; n < rules_.nodes; ++n) {
      if (!state[n].member) continue;
      if (!rules_.interleaved) {
        next.push_back(stabilized(state, n));
      } else if (state[n].duty != 0) {
        next.push_back(duty_done(state, n));
      } else {
        next.push_back(first_part(state, n));
      }
    }
    return next;
  }

  std::vector<State> disturbed(const State& state) const {
    std::vector<State> next;
    for (int n = 0; n < rules_.nodes; ++n) {
      if (state[n].member) {
        if (may_fail(state, n)) {
          next.push_back(state);
          next.back()[n] = ModelNode{};  // it forgets everything
        }
        continue;
      }
      for (int m = 0; m < rules_.nodes; ++m) {
        const bool fits = rules_.mutant == Mutant::join_anywhere || is_between(m, n, state[m].list[0]);
        if (!state[m].member || !fits) continue;
        next.push_back(state);
        next.back()[n] = state[m];
        next.back()[n].predecessor = static_cast<std::int8_t>(m);
        next.back()[n].duty = next.back()[n].duty_about = 0;
      }
    }
    return next;
  }

 private:
  State ideal_of(unsigned members) const {
    State state{};
    for (int n = 0; n < rules_.nodes; ++n) {
      if (!(members >> n & 1)) continue;
      state[n].member = true;
      int last = n;
      for (int i = 0; i < rules_.list_length; ++i) {
        do last = (last + 1) % rules_.nodes;
        while (!(members >> last & 1));
        state[n].list[i] = static_cast<std::int8_t>(last);
      }
      int before = n;
      do before = (before + rules_.nodes - 1) % rules_.nodes;
      while (!(members >> before & 1));
      state[n].predecessor = static_cast<std::int8_t>(before);
    }
    return state;
  }

  bool has_live_entry(const State& state, int node, int without) const {
    for (int i = 0; i < rules_.list_length; ++i) {
      const int entry = state[node].list[i];
      if (entry != without && state[entry].member) return true;
    }
    return false;
  }

  bool is_principal(const State& state, int node) const {
    for (int m = 0; m < rules_.nodes; ++m) {
      if (!state[m].member) continue;
      int last = m;
      for (int i = 0; i < rules_.list_length; ++i) {
        if (is_between(last, node, state[m].list[i])) return false;
        last = state[m].list[i];
      }
    }
    return true;
  }

  int principals(const State& state) const {
    int count = 0;
    for (int n = 0; n < rules_.nodes; ++n) count += state[n].member && is_principal(state, n);
    return count;
  }

  bool may_fail(const State& state, int node) const {
    if (rules_.mutant == Mutant::fail_unguarded) return true;
    for (int m = 0; m < rules_.nodes; ++m)
      if (m != node && state[m].member && !has_live_entry(state, m, node)) return false;
    return !is_principal(state, node) || principals(state) > rules_.base;
  }

  void adopt(State& state, int node, int head) const {
    const auto following = state[head].list;
    for (int i = rules_.list_length - 1; i > 0; --i) state[node].list[i] = following[i - 1];
    state[node].list[0] = static_cast<std::int8_t>(head);
  }

  void drop_head(State& state, int node) const {
    auto& list = state[node].list;
    const int last = list[rules_.list_length - 1];
    std::copy(list.begin() + 1, list.begin() + rules_.list_length, list.begin());
    const int filler = rules_.mutant == Mutant::repeated_filler ? last : (last + 1) % rules_.nodes;
    list[rules_.list_length - 1] = static_cast<std::int8_t>(filler);
  }

  void rectify(State& state, int node, int notifier) const {
    const int old = state[node].predecessor;
    const bool replaces_dead = rules_.mutant != Mutant::keep_dead_predecessor && !state[old].member;
    if (is_between(old, notifier, node) || replaces_dead) state[node].predecessor = static_cast<std::int8_t>(notifier);
  }

  void notify(State& state, int node, int notifier) const {
    if (!state[node].member) return;
    if (!rules_.interleaved) return rectify(state, node, notifier);
    state[node].duty = 2;
    state[node].duty_about = static_cast<std::int8_t>(notifier);
  }

  // Part 1; returns the candidate that part 2 is about, or -1 when stabilization is done.
  int ask_first_successor(State& state, int node) const {
    const int head = state[node].list[0];
    if (!state[head].member) {
      drop_head(state, node);
      notify(state, state[node].list[0], node);
      return -1;
    }
    adopt(state, node, head);
    const int candidate = state[head].predecessor;
    if (is_between(node, candidate, head)) return candidate;
    notify(state, head, node);
    return -1;
  }

  void ask_candidate(State& state, int node, int candidate) const {
    if (state[candidate].member) {
      adopt(state, node, candidate);
    } else if (rules_.mutant == Mutant::adopt_dead) {  // the rest is filled as after any dead entry
      for (int i = 0; i < rules_.list_length; ++i)
        state[node].list[i] = static_cast<std::int8_t>((candidate + i) % rules_.nodes);
    }
    notify(state, state[node].list[0], node);
  }

  State stabilized(State state, int node) const {
    const int candidate = ask_first_successor(state, node);
    if (candidate >= 0) ask_candidate(state, node, candidate);
    return state;
  }

  State first_part(State state, int node) const {
    const int candidate = ask_first_successor(state, node);
    if (candidate >= 0) {
      state[node].duty = 1;
      state[node].duty_about = static_cast<std::int8_t>(candidate);
    }
    return state;
  }

  State duty_done(State state, int node) const {
    const int duty = state[node].duty;
    const int about = state[node].duty_about;
    state[node].duty = state[node].duty_about = 0;
    if (duty == 1) ask_candidate(state, node, about);
    if (duty == 2) rectify(state, node, about);
    return state;
  }

  Rules rules_;
};

}  // namespace

Exploration explore(const Rules& rules, std::size_t limit) {
  const Model model(rules);
  Exploration found;
  std::vector<State> layer = {model.initial()};
  std::set<State> seen(layer.begin(), layer.end());
  for (int depth = 0; !layer.empty() && seen.size() < limit; ++depth) {
    std::vector<State> next_layer;
    found.depth = depth;
    for (const State& state : layer) {
      if (!model.keeps_invariant(state)) {
        if (!found.violation) found.violation = depth;
        continue;
      }
      const bool ideal = model.is_ideal(state);
      found.ideal += ideal;
      bool changes = false;
      for (const State& next : model.maintained(state)) {
        changes = changes || next != state;
        ++found.transitions;
        if (next != state && seen.insert(next).second) next_layer.push_back(next);
      }
      found.stuck += !ideal && !changes;
      for (const State& next : model.disturbed(state)) {
        ++found.transitions;
        if (seen.insert(next).second) next_layer.push_back(next);
      }
    }
    if (found.violation) break;
    layer = std::move(next_layer);
  }
  found.states = seen.size();
  return found;
}

}  // namespace peerbed::ring::zave
