#pragma once
// Compares states in which questions are named with the concrete states that they stand for.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "check/nodes/node_system.h"
#include "protocols/environment/random.h"
#include "tests/check/shipped/forms.h"

namespace peerbed::check {

// Random ways through the concrete states: of how many states the successors stand for others than those of the state
// that stands for them.
template <class N, class Form>
std::size_t states_that_differ(NodeOptions<N> options, const Form& form, std::size_t steps, std::uint64_t seed) {
  const NodeSystem<N, Form> canonical(options, form);
  options.names_questions = false;
  options.draws_anew = true;
  const NodeSystem<N, ConcreteForm<N>> concrete(options);
  typename NodeSystem<N, Form>::Workspace workspace;
  typename NodeSystem<N, ConcreteForm<N>>::Workspace concrete_workspace;
  KeyedStream draws(seed);
  NodeState state;
  std::size_t differing = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    if (step % 150 == 0) state = concrete.initial_states().front();
    std::vector<NodeState> next;
    std::vector<Fingerprint> forms;
    concrete.successors(concrete_workspace, state, [&](Action, const NodeState& one) {
      next.push_back(one);
      forms.push_back(canonical.fingerprint(canonical.adopt(concrete, one)));
    });
    std::vector<Fingerprint> expected;
    canonical.successors(workspace, canonical.adopt(concrete, state),
                         [&](Action, const NodeState& one) { expected.push_back(canonical.fingerprint(one)); });
    std::sort(forms.begin(), forms.end());
    std::sort(expected.begin(), expected.end());
    if (forms != expected) ++differing;
    if (next.empty())
      state = concrete.initial_states().front();
    else
      state = next[draws.below(next.size())];
  }
  return differing;
}

}  // namespace peerbed::check
