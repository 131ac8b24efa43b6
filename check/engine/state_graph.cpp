#include "check/engine/state_graph.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

namespace peerbed::check {

namespace {

// Finds strongly connected components (Tarjan 1972, without recursion).
class Components {
 public:
  explicit Components(const StateGraph& graph) : graph_(graph), order_(graph.size()), lowest_(graph.size()) {}

  // Calls take(component) for each component of these states and the steps between them, after all components that it
  // leads to.
  template <class Take>
  void among(std::span<const StateNumber> states, Take take) {
    for (const StateNumber state : states) order_[state] = unseen;
    for (const StateNumber root : states) {
      if (order_[root] != unseen) continue;
      enter(root);
      while (!visits_.empty()) {
        if (look_on()) continue;
        const StateNumber state = visits_.back().state;
        visits_.pop_back();
        if (!visits_.empty()) lower(visits_.back().state, lowest_[state]);
        if (lowest_[state] != order_[state]) continue;
        const auto first = std::find(open_.rbegin(), open_.rend(), state).base() - 1;
        const std::vector<StateNumber> component(first, open_.end());
        open_.erase(first, open_.end());
        for (const StateNumber member : component) order_[member] = outside;
        take(component);
      }
    }
  }

 private:
  static constexpr std::uint32_t outside = 0;  // not among the states, or in a component that has been taken
  static constexpr std::uint32_t unseen = UINT32_MAX;
  struct Visit {
    StateNumber state;
    std::size_t next_step;
  };

  void enter(StateNumber state) {
    order_[state] = lowest_[state] = ++count_;
    open_.push_back(state);
    visits_.push_back({state, 0});
  }
  void lower(StateNumber state, std::uint32_t order) { lowest_[state] = std::min(lowest_[state], order); }
  // Follows the next step of the visited state. Returns false if there is none.
  bool look_on() {
    const StateNumber state = visits_.back().state;
    const auto steps = graph_.steps(state);
    if (visits_.back().next_step == steps.size()) return false;
    const StateNumber target = steps[visits_.back().next_step++].target;
    if (order_[target] == unseen)
      enter(target);
    else if (order_[target] != outside)
      lower(state, order_[target]);
    return true;
  }

  const StateGraph& graph_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> lowest_;
  std::vector<StateNumber> open_;
  std::vector<Visit> visits_;
  std::uint32_t count_ = 0;
};

std::vector<StateNumber> all_states(const StateGraph& graph) {
  std::vector<StateNumber> states(graph.size());
  std::iota(states.begin(), states.end(), StateNumber{0});
  return states;
}

}  // namespace

std::span<const StateGraph::Step> StateGraph::steps(StateNumber state) const noexcept {
  if (state >= first_step_.size()) return {};
  const std::uint64_t end = state + std::size_t{1} < first_step_.size() ? first_step_[state + 1] : steps_.size();
  return std::span(steps_).subspan(first_step_[state], end - first_step_[state]);
}

std::size_t StateGraph::ideal_states() const noexcept {
  return static_cast<std::size_t>(std::count(ideal_.begin(), ideal_.end(), 1));
}

bool StateGraph::is_stuck(StateNumber state) const {
  const auto its_steps = steps(state);
  return !is_ideal(state) &&
         std::all_of(its_steps.begin(), its_steps.end(), [state](const Step& step) { return step.target == state; });
}

std::size_t StateGraph::stuck_states() const {
  std::size_t count = 0;
  for (std::size_t state = 0; state < first_step_.size(); ++state) count += is_stuck(static_cast<StateNumber>(state));
  return count;
}

// Whether maintenance can stay in a component for ever. If fairness forces it to leave, `remains` becomes those states
// of it that a class does not force to be left: it may still stay among them.
bool StateGraph::may_stay_within(const std::vector<StateNumber>& component, Fairness fairness,
                                 std::vector<StateNumber>& remains) const {
  struct Class {
    std::size_t enabled_in = 0;  // states
    StateNumber last = no_state;
    bool stays = false;
  };
  const auto is_inside = [&](StateNumber state) {
    return std::binary_search(component.begin(), component.end(), state);
  };
  std::map<std::uint32_t, Class> classes;
  bool moves = false;
  for (const StateNumber state : component) {
    for (const Step& step : steps(state)) {
      Class& its_class = classes[step.fairness_class];
      if (its_class.last != state) ++its_class.enabled_in;
      its_class.last = state;
      if (!is_inside(step.target)) continue;
      its_class.stays = true;
      moves = true;
    }
  }
  remains.clear();
  if (!moves) return false;
  const auto forces = [&](const Class& its_class) {
    return !its_class.stays && (fairness == Fairness::strong || its_class.enabled_in == component.size());
  };
  if (std::none_of(classes.begin(), classes.end(), [&](const auto& entry) { return forces(entry.second); }))
    return true;
  std::copy_if(component.begin(), component.end(), std::back_inserter(remains), [&](StateNumber state) {
    const auto its_steps = steps(state);
    return std::none_of(its_steps.begin(), its_steps.end(),
                        [&](const Step& step) { return forces(classes[step.fairness_class]); });
  });
  return false;
}

std::optional<Divergence> StateGraph::divergence(Fairness fairness) const {
  std::optional<Divergence> nearest;
  const auto take = [&](Divergence::Kind kind, const std::vector<StateNumber>& states) {
    if (!nearest || states.front() < nearest->states.front()) nearest = {kind, states};
  };
  Components components(*this);
  std::vector<std::vector<StateNumber>> waiting(1);
  for (std::size_t state = 0; state < first_step_.size(); ++state)
    if (!is_ideal(static_cast<StateNumber>(state))) waiting[0].push_back(static_cast<StateNumber>(state));
  std::vector<StateNumber> remains;
  while (!waiting.empty()) {
    const std::vector<StateNumber> states = std::move(waiting.back());
    waiting.pop_back();
    components.among(states, [&](std::vector<StateNumber> component) {
      std::sort(component.begin(), component.end());
      if (is_stuck(component.front()))
        take(Divergence::Kind::stuck, component);
      else if (may_stay_within(component, fairness, remains))
        take(Divergence::Kind::cycle, component);
      else if (!remains.empty())
        waiting.push_back(remains);
    });
  }
  return nearest;
}

std::vector<bool> StateGraph::recoverable() const {
  std::vector<bool> recovers(size());
  Components(*this).among(all_states(*this), [&](const std::vector<StateNumber>& component) {
    const bool some = std::any_of(component.begin(), component.end(), [&](StateNumber state) {
      const auto its_steps = steps(state);
      return is_ideal(state) || std::any_of(its_steps.begin(), its_steps.end(),
                                            [&](const Step& step) { return bool{recovers[step.target]}; });
    });
    for (const StateNumber state : component) recovers[state] = some;
  });
  return recovers;
}

std::optional<std::size_t> StateGraph::longest_run() const {
  std::vector<std::uint32_t> lengths(size());
  bool ends = true;
  std::size_t longest = 0;
  Components(*this).among(all_states(*this), [&](const std::vector<StateNumber>& component) {
    ends = ends && component.size() == 1;
    const StateNumber state = component.front();
    for (const Step& step : steps(state))
      if (step.target != state) lengths[state] = std::max(lengths[state], lengths[step.target] + 1);
    longest = std::max<std::size_t>(longest, lengths[state]);
  });
  if (!ends) return std::nullopt;
  return longest;
}

void StateGraph::put(ExplorationWriter& file) const {
  file.put_all(ideal_);
  file.put_all(first_step_);
  file.put_all(steps_);
}

void StateGraph::get(ExplorationReader& file) {
  file.get_all(ideal_);
  file.get_all(first_step_);
  file.get_all(steps_);
}

std::size_t StateGraph::memory() const noexcept {
  return ideal_.capacity() + first_step_.capacity() * sizeof(std::uint64_t) + steps_.capacity() * sizeof(Step);
}

}  // namespace peerbed::check
