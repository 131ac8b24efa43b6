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

#include "check/engine/exploration.h"
#include "check/engine/exploration_file.h"
#include "check/engine/fingerprint.h"
#include "check/engine/frontier.h"
#include "check/engine/packed_states.h"
#include "check/engine/state_graph.h"
#include "check/engine/system.h"
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
      if (states.empty() && visited_.find(fingerprint(state, scratch_)) == path.front().state) states.push_back(state);
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
    if (!make_waiting_again()) file.refuse("belongs to another version of this check");
  }

  std::size_t memory() const {
    std::size_t bytes = visited_.memory() + graph_.memory() + broken_.capacity() * sizeof(Properties) +
                        current_.memory() + next_.memory();
    if constexpr (MeasuredSystem<S>) bytes += system_.memory();
    return bytes;
  }

 private:
  static constexpr std::size_t batch_blocks = 32;

  // What the states of a block lead to that was new when the block was expanded.
  struct Found {
    Fingerprint fingerprint;
    StateNumber parent;
    Action action;
    Properties broken;
    bool is_ideal;
  };
  // A step of maintenance: to a known state, or to one that the block found.
  struct FoundStep {
    StateNumber target;  // a state, or the index of what was found
    std::uint32_t fairness_class;
    bool is_found;
  };
  struct Block {
    std::vector<Found> found;
    PackedStates<State> states;            // of what was found
    std::vector<FoundStep> steps;          // all states' steps, one state after another
    std::vector<std::uint32_t> step_ends;  // for each state, the end of its steps
    std::uint64_t transitions = 0;
    bool is_complete = true;
  };
  // Remembers what a block has found lately, so that most of what it finds twice is entered once.
  struct Recent {
    std::array<std::uint32_t, 1024> found{};  // an index plus 1 for each hash
  };

  static Fingerprint fingerprint_by(const S& system, const State& state, std::vector<std::byte>& scratch) {
    if constexpr (FingerprintedSystem<S>) {
      return system.fingerprint(state);
    } else {
      static_assert(CanonicalSystem<S>, "a system has fingerprint() or append_canonical()");
      scratch.clear();
      system.append_canonical(scratch, state);
      return fingerprint_of(scratch);
    }
  }
  Fingerprint fingerprint(const State& state, std::vector<std::byte>& scratch) const {
    return fingerprint_by(system_, state, scratch);
  }

  bool is_ideal(const State& state) const {
    if constexpr (ConvergingSystem<S>) return options_.records_graph && system_.is_ideal(state);
    return false;
  }

  void enter_initial(const State& state) {
    const Found found{fingerprint(state, scratch_), no_state, 0, system_.broken(state), is_ideal(state)};
    if (!enter(found).second) return;
    if (layers_.empty()) layers_.push_back(0);
    next_.append(state);
  }

  // Returns the state's number and whether it is new.
  std::pair<StateNumber, bool> enter(const Found& found) {
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
    for (const State& state : system_.initial_states()) identity += fingerprint(state, scratch_);
    for (const PropertyResult& property : result_.properties)
      identity += fingerprint_of(std::as_bytes(std::span(property.name)), 1);
    if constexpr (IdentifiedSystem<S>) identity += system_.identity();
    return identity;
  }

  // Makes the states again that were found and not yet expanded, by following the ways to them, layer by layer. Returns
  // whether all were found.
  bool make_waiting_again() {
    current_.clear();
    next_.clear();
    std::vector<bool> needed(visited_.size());
    for (auto number = static_cast<StateNumber>(visited_.size()); number-- > 0;) {
      needed[number] = needed[number] || number >= next_to_expand_;
      if (needed[number] && visited_[number].parent != no_state) needed[visited_[number].parent] = true;
    }
    std::uint64_t missing = visited_.size() - next_to_expand_;
    std::vector<StateNumber> numbers;  // of the states of this layer that are needed
    Frontier<State> states;
    const auto take = [&](StateNumber number, const State& state, std::vector<StateNumber>& into_numbers,
                          Frontier<State>& into_states) {
      if (number >= next_to_expand_) {
        (number < layers_.back() ? current_ : next_).append(state);
        --missing;
      } else {
        into_numbers.push_back(number);
        into_states.append(state);
      }
    };
    for (const State& state : system_.initial_states()) {
      const StateNumber number = visited_.find(fingerprint(state, scratch_));
      if (number != no_state && needed[number]) take(number, state, numbers, states);
    }
    State state{};
    while (!numbers.empty()) {
      std::vector<StateNumber> next_numbers;
      Frontier<State> next_states;
      for (std::size_t at = 0, block = 0; block < states.blocks(); ++block) {
        typename PackedStates<State>::Cursor cursor(states.block(block));
        for (std::size_t i = 0; i < states.block(block).size(); ++i, ++at) {
          cursor.read(state);
          system_.successors(workspaces_[0], std::as_const(state), [&](Action action, const State& successor) {
            const StateNumber number = visited_.find(fingerprint(successor, scratch_));
            if (number == no_state || !needed[number] || visited_[number].parent != numbers[at] ||
                visited_[number].action != action)
              return;
            needed[number] = false;
            take(number, successor, next_numbers, next_states);
          });
        }
      }
      numbers.swap(next_numbers);
      std::swap(states, next_states);
    }
    return missing == 0;
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
      expand(workspaces_[worker], blocks_[i], current_.block(i), first[i]);
    });
    for (std::size_t i = 0; i < count; ++i) enter_block(blocks_[i]);
    current_.drop_blocks(count);
  }

  void expand(Workspace& workspace, Block& block, const PackedStates<State>& states, StateNumber first) const {
    block.found.clear();
    block.states.clear();
    block.steps.clear();
    block.step_ends.clear();
    block.transitions = 0;
    block.is_complete = true;
    Recent recent;
    State state{};
    std::vector<std::byte> scratch;
    typename PackedStates<State>::Cursor cursor(states);
    for (std::size_t i = 0; i < states.size(); ++i) {
      cursor.read(state);
      const auto number = first + static_cast<StateNumber>(i);
      const auto visit = [&](Action action, const State& successor) {
        ++block.transitions;
        const Fingerprint its = fingerprint(successor, scratch);
        FoundStep step{visited_.find(its), 0, false};
        if (step.target == no_state) {
          step.is_found = true;
          std::uint32_t& place = recent.found[its.high % recent.found.size()];
          if (place == 0 || block.found[place - 1].fingerprint != its) {
            block.found.push_back({its, number, action, system_.broken(successor), is_ideal(successor)});
            block.states.append(successor);
            place = static_cast<std::uint32_t>(block.found.size());
          }
          step.target = place - 1;
        }
        if constexpr (ConvergingSystem<S>) {
          if (!options_.records_graph || !system_.is_maintenance(action)) return;
          step.fairness_class = system_.fairness_class(state, action);
          block.steps.push_back(step);
        }
      };
      if (!system_.successors(workspace, std::as_const(state), visit)) block.is_complete = false;
      block.step_ends.push_back(static_cast<std::uint32_t>(block.steps.size()));
    }
  }

  void enter_block(const Block& block) {
    result_.transitions += block.transitions;
    is_complete_ = is_complete_ && block.is_complete;
    numbers_.clear();
    typename PackedStates<State>::Cursor cursor(block.states);
    for (std::size_t i = 0; i < block.found.size(); ++i) {
      if (i + 8 < block.found.size()) visited_.prefetch(block.found[i + 8].fingerprint);
      const auto [number, is_new] = enter(block.found[i]);
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
    for (const std::uint32_t step_end : block.step_ends) {
      graph_.begin_steps();
      for (; at < step_end; ++at) {
        const FoundStep& step = block.steps[at];
        graph_.add_step({step.is_found ? numbers_[step.target] : step.target, step.fairness_class});
      }
    }
  }

  std::optional<State> successor(const State& state, const PathStep& step) const {
    std::optional<State> found;
    Workspace workspace{};
    system_.successors(workspace, state, [&](Action action, const State& next) {
      if (!found && action == step.action && visited_[step.state].fingerprint == fingerprint(next, scratch_))
        found = next;
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
  std::array<Block, batch_blocks> blocks_;
  std::vector<StateNumber> numbers_;  // of what a block found
  mutable std::vector<std::byte> scratch_;
};

}  // namespace peerbed::check
