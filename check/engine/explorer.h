#pragma once
// Explores all states of a system, nearest first. Threads expand the states of a batch; what they found is then entered
// in the order of the states and of their actions. So states have the numbers that a search with one thread gives them,
// and counts and paths are the same for any number of threads. Only the states that wait to be expanded are kept; of
// the others remain a fingerprint and the way to them.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "check/engine/expansion.h"
#include "check/engine/exploration.h"
#include "check/engine/exploration_file.h"
#include "check/engine/fingerprint.h"
#include "check/engine/frontier.h"
#include "check/engine/packed_states.h"
#include "check/engine/state_graph.h"
#include "check/engine/system.h"
#include "check/engine/unexpanded_states.h"
#include "check/engine/visited_states.h"
#include "check/engine/workers.h"
#include "protocols/environment/contract.h"

namespace peerbed::check {

template <System S>
class Explorer {
 public:
  using State = typename S::State;
  using Workspace = typename S::Workspace;

  // The system outlives the explorer.
  Explorer(const S& system, ExplorerOptions options)
      : system_(system),
        options_(std::move(options)),
        workers_(std::max<std::size_t>(options_.jobs, 1)),
        workspaces_(workers_.size()) {
    for (std::string& name : system_.property_names()) result_.properties.push_back({.name = std::move(name)});
    PEERBED_CONTRACT(result_.properties.size() <= 32, "a system has at most 32 properties");
    for (const State& state : system_.initial_states()) enter_initial(state);
    PEERBED_CONTRACT(visited_.size() > 0, "a system has an initial state");
  }

  // Explores until the end, a bound or an interruption. Called again, it goes on from there.
  const Exploration& run() {
    while (!ends()) {
      expand_batch();
      if (options_.on_progress && !options_.on_progress(progress())) {
        if (!ends()) result_.ending = Ending::interrupted;
        break;
      }
    }
    result_.states = visited_.size();
    result_.depth = static_cast<std::uint32_t>(layers_.size()) - 1;
    return result_;
  }

  const Exploration& result() const noexcept { return result_; }
  const VisitedStates& visited() const noexcept { return visited_; }
  // Empty unless options.records_graph. Marks of broken properties are kept with it.
  const StateGraph& graph() const noexcept { return graph_; }
  Properties broken(StateNumber state) const noexcept { return broken_[state]; }

  std::uint32_t depth_of(StateNumber state) const noexcept {
    return static_cast<std::uint32_t>(std::upper_bound(layers_.begin(), layers_.end(), state) - layers_.begin()) - 1;
  }
  // The shortest way to a state, from an initial state, which is the first element and has no action.
  std::vector<PathStep> path_to(StateNumber state) const {
    std::vector<PathStep> path;
    for (StateNumber at = state; at != no_state; at = visited_[at].parent) path.push_back({visited_[at].action, at});
    std::reverse(path.begin(), path.end());
    return path;
  }
  // The states along a path, made again.
  std::vector<State> states_along(const std::vector<PathStep>& path) const {
    std::vector<State> states;
    for (const State& state : system_.initial_states())
      if (states.empty() && visited_.find(fingerprint(state)) == path.front().state) states.push_back(state);
    for (std::size_t i = 1; i < path.size(); ++i) states.push_back(*successor(states.back(), path[i]));
    return states;
  }
  State state(StateNumber number) const { return states_along(path_to(number)).back(); }

  // The nearest state that breaks a property or, if none does, the nearest divergence; none if nothing was found.
  std::optional<Finding> finding(Fairness fairness = Fairness::strong) const {
    Finding finding;
    if (const auto nearest = result_.nearest_broken()) {
      for (const PropertyResult& property : result_.properties)
        if (property.nearest == *nearest && finding.property.empty()) finding.property = property.name;
      finding.path = path_to(*nearest);
    } else {
      // If a bound of the system left steps out, a state may only look stuck.
      const auto divergence = is_complete_ ? graph_.divergence(fairness) : std::nullopt;
      if (!divergence) return std::nullopt;
      const bool is_stuck = divergence->kind == Divergence::Kind::stuck;
      finding.kind = is_stuck ? Finding::Kind::stuck : Finding::Kind::cycle;
      finding.path = path_to(divergence->states.front());
      if (!is_stuck) finding.cycle = divergence->states;
    }
    if (options_.records_graph && result_.ending == Ending::exhausted) {
      const std::vector<bool> recoverable = graph_.recoverable();
      std::size_t place = finding.path.size();
      while (place > 0 && !recoverable[finding.path[place - 1].state]) --place;
      if (place < finding.path.size()) finding.critical = place;
    }
    return finding;
  }
  // Of the properties and, if the graph was recorded, of convergence too.
  Verdict verdict(Fairness fairness = Fairness::strong) const {
    return finding(fairness) ? Verdict::refuted : result_.verdict();
  }

  // Writes what a later run needs to go on from here. Throws std::system_error.
  void save(const std::filesystem::path& path) const {
    ExplorationWriter file(path);
    file.put(identity());
    file.put(result_.transitions);
    file.put(next_to_expand_);
    file.put(is_complete_);
    file.put(result_.broken_states);
    for (const PropertyResult& property : result_.properties) {
      file.put(property.broken_states);
      file.put(property.nearest);
    }
    file.put_all(layers_);
    file.put_all(broken_);
    visited_.put(file);
    graph_.put(file);
    file.commit();
  }
  // Goes on from where an exploration of the same system was saved. Throws std::system_error, or std::runtime_error if
  // the file is of no use here.
  void resume(const std::filesystem::path& path) {
    ExplorationReader file(path);
    Fingerprint saved;
    file.get(saved);
    if (saved != identity()) file.refuse("belongs to another check, or to another version of it");
    file.get(result_.transitions);
    file.get(next_to_expand_);
    file.get(is_complete_);
    file.get(result_.broken_states);
    for (PropertyResult& property : result_.properties) {
      file.get(property.broken_states);
      file.get(property.nearest);
    }
    file.get_all(layers_);
    file.get_all(broken_);
    visited_.get(file);
    graph_.get(file);
    file.check_end();
    current_.clear();
    next_.clear();
    const bool is_whole = for_each_unexpanded(
        system_, visited_, next_to_expand_,
        [this](StateNumber number, const State& state) { (number < layers_.back() ? current_ : next_).append(state); });
    if (!is_whole) file.refuse("belongs to another version of this check");
  }

  std::size_t memory() const {
    std::size_t bytes = visited_.memory() + graph_.memory() + broken_.capacity() * sizeof(Properties) +
                        current_.memory() + next_.memory();
    if constexpr (MeasuredSystem<S>) bytes += system_.memory();
    return bytes;
  }

 private:
  static constexpr std::size_t batch_blocks = 32;

  Fingerprint fingerprint(const State& state) const { return fingerprint_by(system_, state, scratch_); }

  void enter_initial(const State& state) {
    const FoundState found{fingerprint(state), no_state, 0, system_.broken(state),
                           options_.records_graph && is_ideal_in(system_, state)};
    if (!enter(found).second) return;
    if (layers_.empty()) layers_.push_back(0);
    next_.append(state);
  }

  // Returns the state's number and whether it is new.
  std::pair<StateNumber, bool> enter(const FoundState& found) {
    const std::size_t before = visited_.size();
    const StateNumber number = visited_.insert({found.fingerprint, found.parent, found.action});
    if (number != before) return {number, false};
    if (options_.records_graph) {
      graph_.add_state(found.is_ideal);
      broken_.push_back(found.broken);
    }
    if (found.broken != 0) {
      ++result_.broken_states;
      for (std::size_t i = 0; i < result_.properties.size(); ++i) {
        if ((found.broken >> i & 1) == 0) continue;
        ++result_.properties[i].broken_states;
        result_.properties[i].nearest = std::min(result_.properties[i].nearest, number);
      }
    }
    return {number, true};
  }

  // Whether to stop before the next batch; sets the ending.
  bool ends() {
    if (options_.stops_when_broken && result_.broken_states > 0) return end(Ending::broken);
    if (current_.empty() && next_.empty()) return end(is_complete_ ? Ending::exhausted : Ending::cut);
    if (current_.empty() && layers_.size() > options_.at_most_depth) return end(Ending::depth_bound);
    if (visited_.size() >= options_.at_most_states) return end(Ending::states_bound);
    if (options_.at_most_memory != UINT64_MAX && memory() >= options_.at_most_memory) return end(Ending::memory_bound);
    return false;
  }
  bool end(Ending ending) {
    result_.ending = ending;
    return true;
  }

  // What a saved exploration must agree on: where it starts, what it judges, and whether it records the graph.
  Fingerprint identity() const {
    Fingerprint identity{options_.records_graph, 0};
    for (const State& state : system_.initial_states()) identity += fingerprint(state);
    for (const PropertyResult& property : result_.properties)
      identity += fingerprint_of(std::as_bytes(std::span(property.name)), 1);
    if constexpr (IdentifiedSystem<S>) identity += system_.identity();
    return identity;
  }

  Progress progress() const {
    const std::size_t layers = layers_.size() - (next_.empty() ? 0 : 1);
    return {visited_.size(), result_.transitions, static_cast<std::uint32_t>(layers) - 1,
            current_.size() + next_.size(), memory()};
  }

  void expand_batch() {
    if (current_.empty()) std::swap(current_, next_);
    const std::size_t count = std::min(batch_blocks, current_.blocks());
    std::array<StateNumber, batch_blocks> first{};
    for (std::size_t i = 0; i < count; ++i) {
      first[i] = next_to_expand_;
      next_to_expand_ += static_cast<StateNumber>(current_.block(i).size());
    }
    workers_.run(count, [&](std::size_t worker, std::size_t i) {
      expansions_[i].expand(system_, workspaces_[worker], visited_, options_.records_graph, current_.block(i),
                            first[i]);
    });
    for (std::size_t i = 0; i < count; ++i) enter_all(expansions_[i]);
    current_.drop_blocks(count);
  }

  // What a block was found to lead to, in its order.
  void enter_all(const Expansion<S>& expansion) {
    result_.transitions += expansion.transitions();
    is_complete_ = is_complete_ && expansion.is_complete();
    numbers_.clear();
    typename PackedStates<State>::Cursor cursor(expansion.states());
    const std::vector<FoundState>& found = expansion.found();
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (i + 8 < found.size()) visited_.prefetch(found[i + 8].fingerprint);
      const auto [number, is_new] = enter(found[i]);
      numbers_.push_back(number);
      if (!is_new) {
        cursor.skip();
        continue;
      }
      if (next_.empty()) layers_.push_back(number);
      next_.append_from(cursor);
    }
    if (!options_.records_graph) return;
    std::size_t at = 0;
    for (const std::uint32_t step_end : expansion.step_ends()) {
      graph_.begin_steps();
      for (; at < step_end; ++at) {
        const FoundStep& step = expansion.steps()[at];
        graph_.add_step({step.is_found ? numbers_[step.target] : step.target, step.fairness_class});
      }
    }
  }

  std::optional<State> successor(const State& state, const PathStep& step) const {
    std::optional<State> found;
    Workspace workspace{};
    system_.successors(workspace, state, [&](Action action, const State& next) {
      if (!found && action == step.action && visited_[step.state].fingerprint == fingerprint(next)) found = next;
    });
    PEERBED_CONTRACT(found, "an action leads from a state to the same states each time");
    return found;
  }

  const S& system_;
  ExplorerOptions options_;
  Workers workers_;
  std::vector<Workspace> workspaces_;  // one for each worker
  VisitedStates visited_;
  StateGraph graph_;
  std::vector<Properties> broken_;
  Frontier<State> current_;          // the rest of the layer that is being expanded
  Frontier<State> next_;             // the layer after it, as far as it is known
  std::vector<StateNumber> layers_;  // for each depth, the number of its first state
  StateNumber next_to_expand_ = 0;
  bool is_complete_ = true;
  Exploration result_;
  std::array<Expansion<S>, batch_blocks> expansions_;
  std::vector<StateNumber> numbers_;  // of what an expansion found
  mutable std::vector<std::byte> scratch_;
};

}  // namespace peerbed::check
