#include "tests/ring/zave_corrected.h"

#include <algorithm>

namespace peerbed::ring::zave {

using State = Corrected::State;

Corrected::Corrected(const Rules& rules) : rules_(rules) {
  for (int n = 0; n < rules_.nodes; ++n) {
    events_.insert(events_.end(), {zave::stabilize(n), zave::fail(n)});
    if (rules_.interleaved) events_.push_back(zave::discharge(n));
    for (int via = 0; via < rules_.nodes; ++via)
      if (via != n) events_.push_back(zave::join(n, via));
  }
}

State Corrected::initial() const { return ideal_of((2u << rules_.list_length) - 1); }

std::optional<State> Corrected::after(State state, Event event) const {
  if (!happen(state, event)) return std::nullopt;
  return state;
}

Overlay Corrected::overlay(const State& state) const {
  Overlay overlay;
  overlay.best.fill(nobody);
  for (int n = 0; n < rules_.nodes; ++n) {
    overlay.members[n] = state[n].member;
    if (!state[n].member) continue;
    for (int i = rules_.list_length - 1; i >= 0; --i)
      if (state[state[n].list[i]].member) overlay.best[n] = state[n].list[i];
  }
  return overlay;
}

bool Corrected::is_ideal(const State& state) const {
  unsigned members = 0;
  for (int n = 0; n < rules_.nodes; ++n) members |= static_cast<unsigned>(state[n].member) << n;
  if (members == 0) return false;
  State ideal = ideal_of(members);
  for (int n = 0; n < rules_.nodes; ++n) {
    ideal[n].duty = state[n].duty;
    ideal[n].duty_about = state[n].duty_about;
  }
  return ideal == state;
}

bool Corrected::keeps_invariant(const State& state) const {
  for (int n = 0; n < rules_.nodes; ++n)
    if (state[n].member && !has_live_entry(state, n, nobody)) return false;
  return principals(state) >= rules_.base;
}

bool Corrected::has_duplicates(const State& state) const {
  for (int n = 0; n < rules_.nodes; ++n) {
    if (!state[n].member) continue;
    const auto end = state[n].list.begin() + rules_.list_length;
    for (auto entry = state[n].list.begin(); entry != end; ++entry)
      if (*entry == n || std::find(entry + 1, end, *entry) != end) return true;
  }
  return false;
}

State Corrected::ideal_of(unsigned members) const {
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

bool Corrected::happen(State& state, Event event) const {
  Node& node = state[event.node];
  if (event.kind == Event::Kind::join) return join(state, event.node, event.other);
  if (!node.member) return false;
  switch (event.kind) {
    case Event::Kind::stabilize:
      if (node.duty != Duty::none) return false;
      stabilize(state, event.node);
      return true;
    case Event::Kind::discharge:
      if (node.duty == Duty::none) return false;
      discharge(state, event.node);
      return true;
    case Event::Kind::fail:
      if (!may_fail(state, event.node)) return false;
      node = Node{};  // it forgets everything
      return true;
    default:
      return false;
  }
}

bool Corrected::join(State& state, int node, int via) const {
  const bool fits = rules_.mutant == Mutant::join_anywhere || is_between(via, node, state[via].list[0]);
  if (state[node].member || !state[via].member || !fits) return false;
  Node& joiner = state[node];
  joiner = state[via];
  joiner.predecessor = static_cast<std::int8_t>(via);
  joiner.duty = Duty::none;
  joiner.duty_about = 0;
  if (rules_.mutant == Mutant::invented_tail)
    for (int i = 1; i < rules_.list_length; ++i) joiner.list[i] = filler_after(joiner.list[i - 1]);
  return true;
}

// Part 1, and part 2 too unless that is a separate step.
void Corrected::stabilize(State& state, int node) const {
  const int head = state[node].list[0];
  if (!state[head].member) {
    drop_head(state, node);
    return notify(state, state[node].list[0], node);
  }
  adopt(state, node, head);
  const std::int8_t candidate = state[head].predecessor;
  if (!is_between(node, candidate, head)) return notify(state, head, node);
  if (!rules_.interleaved) return ask_candidate(state, node, candidate);
  state[node].duty = Duty::ask_candidate;
  state[node].duty_about = candidate;
}

// Part 2.
void Corrected::ask_candidate(State& state, int node, int candidate) const {
  if (state[candidate].member) {
    adopt(state, node, candidate);
  } else if (rules_.mutant == Mutant::adopt_dead) {  // the rest is filled as after any dead entry
    auto& list = state[node].list;
    list[0] = static_cast<std::int8_t>(candidate);
    for (int i = 1; i < rules_.list_length; ++i) list[i] = filler_after(list[i - 1]);
  }
  notify(state, state[node].list[0], node);
}

void Corrected::discharge(State& state, int node) const {
  const Duty duty = state[node].duty;
  const int about = state[node].duty_about;
  state[node].duty = Duty::none;
  state[node].duty_about = 0;
  if (duty == Duty::ask_candidate) ask_candidate(state, node, about);
  if (duty == Duty::rectify) rectify(state, node, about);
}

void Corrected::adopt(State& state, int node, int head) const {
  auto& list = state[node].list;
  const bool is_new = list[0] != head;
  if (rules_.mutant == Mutant::keep_own_tail && !is_new) return;
  const auto following = rules_.mutant == Mutant::keep_own_tail ? list : state[head].list;
  std::copy(following.begin(), following.begin() + rules_.list_length - 1, list.begin() + 1);
  list[0] = static_cast<std::int8_t>(head);
}

void Corrected::drop_head(State& state, int node) const {
  auto& list = state[node].list;
  const std::int8_t last = list[rules_.list_length - 1];
  std::copy(list.begin() + 1, list.begin() + rules_.list_length, list.begin());
  list[rules_.list_length - 1] = rules_.mutant == Mutant::repeated_filler ? last : filler_after(last);
}

// A newer notification replaces the duty that the notified node has postponed.
void Corrected::notify(State& state, int node, int notifier) const {
  if (!state[node].member) return;
  if (!rules_.interleaved) return rectify(state, node, notifier);
  state[node].duty = Duty::rectify;
  state[node].duty_about = static_cast<std::int8_t>(notifier);
}

void Corrected::rectify(State& state, int node, int notifier) const {
  const int old = state[node].predecessor;
  const bool replaces_dead = rules_.mutant != Mutant::keep_dead_predecessor && !state[old].member;
  const bool replaces_any = rules_.mutant == Mutant::rectify_always;
  if (is_between(old, notifier, node) || replaces_dead || replaces_any)
    state[node].predecessor = static_cast<std::int8_t>(notifier);
}

bool Corrected::has_live_entry(const State& state, int node, int without) const {
  for (int i = 0; i < rules_.list_length; ++i) {
    const int entry = state[node].list[i];
    if (entry != without && state[entry].member) return true;
  }
  return false;
}

// A principal is a member that no other member's list skips.
bool Corrected::is_principal(const State& state, int node) const {
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

int Corrected::principals(const State& state) const {
  int count = 0;
  for (int n = 0; n < rules_.nodes; ++n) count += state[n].member && is_principal(state, n);
  return count;
}

bool Corrected::may_fail(const State& state, int node) const {
  if (rules_.mutant == Mutant::fail_unguarded) return true;
  for (int m = 0; m < rules_.nodes; ++m)
    if (m != node && state[m].member && !has_live_entry(state, m, node)) return false;
  return !is_principal(state, node) || principals(state) > rules_.base;
}

}  // namespace peerbed::ring::zave
