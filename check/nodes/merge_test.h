#pragma once
// Tests whether processes that a form calls equal are equal: nodes walk at random as they are, never normalised, and
// after each step a process is compared with the one that stands for it. Given the same inputs, both must come to equal
// processes, send the same and trace the same.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "check/nodes/handlers.h"
#include "check/nodes/intern_table.h"
#include "check/nodes/message.h"
#include "check/nodes/node_options.h"
#include "check/nodes/process.h"
#include "protocols/environment/random.h"

namespace peerbed::check {

// Two processes of a node that the form calls equal, and an input to which they answer differently.
template <class N>
struct UnlikeTwins {
  NodeIndex node = 0;
  Input input;
  Process<N> walked;
  Process<N> representative;
};

template <Node N, class Form>
class MergeTest {
 public:
  MergeTest(const NodeOptions<N>& options, Form form, std::uint64_t seed)
      : options_(options), handlers_(options_, std::move(form)), draws_(seed) {
    restart();
  }

  // Compares about this many answers. None if all are alike.
  std::optional<UnlikeTwins<N>> sample(std::size_t answers) {
    for (compared_ = 0; compared_ < answers && !found_;) step();
    return found_;
  }
  // How many of the compared processes differed from their representative in their state, clock or timers. If it is 0,
  // the test says nothing.
  std::size_t merged() const noexcept { return merged_; }

 private:
  static constexpr std::size_t longest_walk = 60;  // steps
  static constexpr std::size_t most_under_way = 12;

  struct Choice {
    NodeIndex node;
    Input input;
  };

  void restart() {
    processes_.clear();
    messages_.clear();
    for (const N& node : options_.nodes) processes_.push_back(Process<N>{.node = node});
    for (const NodeIndex node : options_.started) give({node, {ActionKind::start}});
    steps_ = 0;
  }

  void step() {
    if (++steps_ > longest_walk) restart();
    std::vector<Choice> choices;
    for (NodeIndex node = 0; node < processes_.size(); ++node) {
      if (!processes_[node].runs()) {
        choices.push_back({node, {ActionKind::start}});
        continue;
      }
      const std::vector<Input> inputs = inputs_of(node);
      for (const Input& input : inputs) choices.push_back({node, input});
      if (draws_.below(8) == 0) choices.push_back({node, {ActionKind::crash_keep}});
      if (draws_.below(8) == 0) choices.push_back({node, {ActionKind::age}});
    }
    if (choices.empty()) return restart();
    const Choice choice = choices[draws_.below(choices.size())];
    if (choice.input.kind == ActionKind::deliver && draws_.below(4) > 0) forget(choice.input.argument);
    const InternId represented = give(choice);
    if (processes_[choice.node].runs()) compare(choice.node, represented);
  }

  std::vector<Input> inputs_of(NodeIndex node) const {
    std::vector<Input> inputs;
    for (std::uint32_t timer = 0; timer < N::timer_count; ++timer)
      if (processes_[node].is_set(timer)) inputs.push_back({ActionKind::fire, timer});
    for (const InternId message : messages_)
      if (handlers_.messages()[message].to == node) inputs.push_back({ActionKind::deliver, message});
    for (std::uint32_t command = 0; command < options_.commands.size(); ++command)
      if (options_.commands[command].node == node) inputs.push_back({ActionKind::command, command});
    return inputs;
  }

  // Returns what stands for the process now.
  InternId give(const Choice& choice) {
    const Outcome outcome = handlers_.handle(workspace_, processes_[choice.node], choice.node, choice.input);
    for (const InternId message : outcome.sent)
      if (messages_.size() < most_under_way) messages_.push_back(message);
    return outcome.process;
  }
  void forget(InternId message) { messages_.erase(std::find(messages_.begin(), messages_.end(), message)); }

  void compare(NodeIndex node, InternId represented) {
    const Process<N>& representative = handlers_.processes()[represented];
    merged_ += differs(processes_[node], representative);
    for (const Input& input : inputs_of(node)) {
      // A timer that runs for one runs for the other too, or the form would tell them apart.
      Process<N> one = processes_[node];
      Process<N> other = representative;
      const Outcome ours = handlers_.handle(workspace_, one, node, input);
      const Outcome theirs = handlers_.handle(workspace_, other, node, input);
      ++compared_;
      const auto traces_alike = [](const TracedEvent& a, const TracedEvent& b) {
        return a.event == b.event && a.values == b.values;
      };
      if (ours.process == theirs.process && ours.sent == theirs.sent &&
          std::equal(ours.traced.begin(), ours.traced.end(), theirs.traced.begin(), theirs.traced.end(), traces_alike))
        continue;
      found_ = UnlikeTwins<N>{node, input, processes_[node], representative};
      return;
    }
  }

  static bool differs(const Process<N>& one, const Process<N>& other) {
    std::vector<std::byte> bytes;
    std::vector<std::byte> other_bytes;
    append_state(bytes, one.node);
    append_state(other_bytes, other.node);
    return bytes != other_bytes || one.clock != other.clock || one.due != other.due;
  }

  NodeOptions<N> options_;
  Handlers<N, Form> handlers_;
  typename Handlers<N, Form>::Workspace workspace_;
  KeyedStream draws_;
  std::vector<Process<N>> processes_;
  std::vector<InternId> messages_;  // under way
  std::size_t steps_ = 0;
  std::size_t compared_ = 0;
  std::size_t merged_ = 0;
  std::optional<UnlikeTwins<N>> found_;
};

}  // namespace peerbed::check
