#pragma once
// Automata with equal rules, of which it does not matter which is which: a state and the same state with its nodes
// renamed have one canonical form.

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "check/nodes/node_system.h"
#include "tests/check/automaton.h"

namespace peerbed::check {

class SymmetricAutomata {
 public:
  using Inner = NodeSystem<Automaton>;
  using State = Inner::State;
  using Workspace = Inner::Workspace;

  explicit SymmetricAutomata(const Inner& inner) : inner_(inner) {}

  std::vector<State> initial_states() const { return inner_.initial_states(); }
  template <class Visit>
  bool successors(Workspace& workspace, const State& state, const Visit& visit) const {
    return inner_.successors(workspace, state, visit);
  }
  std::vector<std::string> property_names() const { return inner_.property_names(); }
  Properties broken(const State& state) const { return inner_.broken(state); }

  // The least of the forms that the state has with all namings of its nodes.
  void append_canonical(std::vector<std::byte>& out, const State& state) const {
    const View<Automaton> view = inner_.view(state);
    std::vector<NodeIndex> names(view.size());  // the new name of each node
    std::iota(names.begin(), names.end(), 0);
    std::vector<std::byte> least;
    do {
      std::vector<std::byte> form = form_with(view, state, names);
      if (least.empty() || form < least) least = std::move(form);
    } while (std::next_permutation(names.begin(), names.end()));
    out.insert(out.end(), least.begin(), least.end());
  }

 private:
  std::vector<std::byte> form_with(const View<Automaton>& view, const State& state,
                                   const std::vector<NodeIndex>& names) const {
    std::vector<NodeIndex> bearers(names.size());
    for (NodeIndex node = 0; node < names.size(); ++node) bearers[names[node]] = node;
    std::vector<std::byte> form;
    for (const NodeIndex node : bearers) PlainForm<Automaton>().append(form, view.process(node), Clock::hasty);
    std::vector<std::vector<std::byte>> messages;
    for (std::size_t i = 0; i < view.messages(); ++i) {
      const Message& message = view.message(i);
      messages.emplace_back();
      append_state(messages.back(), std::tuple(names[message.from], names[message.to], message.bytes));
    }
    std::sort(messages.begin(), messages.end());
    append_state(form, messages);
    for (std::size_t i = view.size(); i < view.size() + 2; ++i) append_state(form, state[i]);  // the budget
    return form;
  }

  const Inner& inner_;
};

}  // namespace peerbed::check
