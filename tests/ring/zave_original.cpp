#include "tests/ring/zave_original.h"

namespace peerbed::ring::zave {

namespace {

using State = Original::State;

bool lives(const State& state, int node) { return node != nobody && state.nodes[node].successor != nobody; }

void be_notified(State& state, int node, int notifier) {
  if (!lives(state, node)) return;
  std::int8_t& predecessor = state.nodes[node].predecessor;
  if (predecessor == nobody || is_between(predecessor, notifier, node))
    predecessor = static_cast<std::int8_t>(notifier);
}

}  // namespace

Original::Original(const Rules& rules) : rules_(rules) {
  for (int n = 0; n < rules_.nodes; ++n) {
    events_.insert(events_.end(),
                   {zave::stabilize(n), zave::flush(n), zave::update(n), zave::reconcile(n), zave::fail(n)});
    for (int other = 0; other < rules_.nodes; ++other) {
      if (other != n) events_.push_back(zave::join(n, other));
      if (rules_.delayed_notify) events_.push_back(notified(n, other));
    }
  }
}

State Original::initial() const {
  State state;
  state.nodes[0].successor = 0;
  return state;
}

std::optional<State> Original::after(State state, Event event) const {
  if (!happen(state, event)) return std::nullopt;
  return state;
}

Overlay Original::overlay(const State& state) const {
  Overlay overlay;
  overlay.best.fill(nobody);
  for (int n = 0; n < rules_.nodes; ++n) {
    overlay.members[n] = lives(state, n);
    const Node& node = state.nodes[n];
    for (const int entry : {node.second, node.successor})
      if (lives(state, entry)) overlay.best[n] = entry;
  }
  return overlay;
}

bool Original::happen(State& state, Event event) const {
  const int node = event.node;
  if (event.kind == Event::Kind::notified) return deliver(state, node, event.other);
  if (lives(state, node) == (event.kind == Event::Kind::join)) return false;
  switch (event.kind) {
    case Event::Kind::join:
      return join(state, node, event.other);
    case Event::Kind::stabilize:
      return stabilize(state, node);
    case Event::Kind::flush:
      return flush(state, node);
    case Event::Kind::update:
      return update(state, node);
    case Event::Kind::reconcile:
      return reconcile(state, node);
    case Event::Kind::fail:
      if (!may_fail(state, node)) return false;
      state.nodes[node] = Node{};  // it forgets everything
      return true;
    default:
      return false;
  }
}

bool Original::join(State& state, int node, int via) const {
  if (!lives(state, via)) return false;
  const std::int8_t successor = state.nodes[via].successor;
  if (!is_between(via, node, successor)) return false;
  if (rules_.joins_check_life && !lives(state, successor)) return false;
  state.nodes[node].successor = successor;
  return true;
}

bool Original::stabilize(State& state, int node) const {
  std::int8_t& successor = state.nodes[node].successor;
  if (!lives(state, successor)) return false;
  const std::int8_t candidate = state.nodes[successor].predecessor;
  const bool acceptable = candidate != nobody && (!rules_.stabilize_checks_life || lives(state, candidate));
  if (acceptable && is_between(node, candidate, successor)) successor = candidate;
  if (rules_.delayed_notify) {
    state.notifiers[successor] = static_cast<std::int8_t>(state.notifiers[successor] | 1 << node);
  } else {
    be_notified(state, successor, node);
  }
  return true;
}

// A notification that reaches no node is lost.
bool Original::deliver(State& state, int node, int notifier) const {
  if ((state.notifiers[node] >> notifier & 1) == 0) return false;
  state.notifiers[node] = static_cast<std::int8_t>(state.notifiers[node] & ~(1 << notifier));
  be_notified(state, node, notifier);
  return true;
}

bool Original::flush(State& state, int node) const {
  std::int8_t& predecessor = state.nodes[node].predecessor;
  if (predecessor == nobody || lives(state, predecessor)) return false;
  predecessor = nobody;
  return true;
}

bool Original::update(State& state, int node) const {
  auto& [successor, second, predecessor] = state.nodes[node];
  if (lives(state, successor) || second == nobody) return false;
  successor = second;
  second = nobody;
  return true;
}

bool Original::reconcile(State& state, int node) const {
  const std::int8_t successor = state.nodes[node].successor;
  if (!lives(state, successor)) return false;
  const std::int8_t following = state.nodes[successor].successor;
  if (following == successor && successor != node) return false;
  state.nodes[node].second = following;
  return true;
}

// The last member may fail too: that leaves no network, and so no wrong one.
bool Original::may_fail(const State& state, int node) const {
  for (int m = 0; m < rules_.nodes; ++m) {
    if (m == node || !lives(state, m)) continue;
    const auto& [successor, second, predecessor] = state.nodes[m];
    const auto remains = [&](int entry) { return lives(state, entry) && (rules_.literal_guard || entry != node); };
    if (successor == node && !remains(second)) return false;
    if (second == node && !remains(successor)) return false;
  }
  return true;
}

}  // namespace peerbed::ring::zave
