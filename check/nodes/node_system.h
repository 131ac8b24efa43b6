#pragma once
// A system made of real nodes. A state is a process for each node and the messages under way between them; an action
// gives one input to one node, or does something to a message. See NodeOptions for what may happen.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/engine/fingerprint.h"
#include "check/engine/system.h"
#include "check/nodes/action.h"
#include "check/nodes/budget_words.h"
#include "check/nodes/describe_action.h"
#include "check/nodes/handlers.h"
#include "check/nodes/identity.h"
#include "check/nodes/intern_table.h"
#include "check/nodes/message.h"
#include "check/nodes/node_options.h"
#include "check/nodes/node_state.h"
#include "check/nodes/process.h"
#include "check/nodes/question_names.h"
#include "check/nodes/stream_steps.h"
#include "check/nodes/timing.h"
#include "check/nodes/view.h"
#include "check/nodes/watch.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/node.h"
#include "protocols/environment/random.h"
#include "protocols/environment/state.h"

namespace peerbed::check {

template <Node N, class Form = PlainForm<N>, class Watch = NoWatch>
class NodeSystem {
 public:
  using State = NodeState;
  using QuestionNames = QuestionNamesOf<N>;
  struct Workspace {
    typename Handlers<N, Form>::Workspace handlers;
    NodeState next;
    std::vector<InternId> queue;  // messages of an exchange that are not yet delivered
    std::vector<std::byte> bytes;
    std::vector<NodeTrace>* traced = nullptr;  // takes what nodes trace in the action that is visited, if it is wanted
    QuestionNames names;
    StreamSteps::Workspace streams;
  };

  // Throws std::invalid_argument if the options contradict each other.
  explicit NodeSystem(NodeOptions<N> options, Form form = {}, Watch watch = {})
      : options_(std::move(options)), handlers_(options_, std::move(form)), watch_(std::move(watch)) {
    validate(options_);
    for (const auto& property : options_.always) names_.push_back(property.name);
    if constexpr (PromisingWatch<Watch>) names_.emplace_back(Watch::promise);
    head_ = options_.nodes.size() + budget_words_of(options_) + words_of_watch + words_of_streams;
  }
  NodeSystem(const NodeSystem&) = delete;
  NodeSystem& operator=(const NodeSystem&) = delete;

  const NodeOptions<N>& options() const noexcept { return options_; }
  const Handlers<N, Form>& handlers() const noexcept { return handlers_; }
  View<N> view(const State& state) const {
    std::span<const InternId> streams;
    if constexpr (StreamNode<N>) streams = streams_.list(state[head_ - 1]);
    return {state.words().first(options_.nodes.size()),
            handlers_.processes(),
            state.words().subspan(head_),
            handlers_.messages(),
            streams,
            streams_.connections()};
  }
  const Watch& watch(const State& state) const { return watches_[state[watch_place()]]; }

  // The nodes that are started at first have been, one after another. Throws std::runtime_error if they are to settle
  // and do not.
  std::vector<State> initial_states() const {
    Workspace workspace;
    State state;
    auto& words = state.edit();
    for (NodeIndex node = 0; node < options_.nodes.size(); ++node) words.push_back(handlers_.absent(node));
    append_budget(words, options_);
    if constexpr (Watch::watches) words.push_back(enter_watch(Watch(watch_), workspace));
    if constexpr (StreamNode<N>) words.push_back(streams_.none());
    const bool in_exchanges = options_.granularity == Granularity::exchange || options_.settles_first;
    for (const NodeIndex node : options_.started) {
      if (in_exchanges)
        exchange(workspace, state, {ActionKind::start, node});
      else
        give(workspace, state, node, {ActionKind::start});
    }
    if (options_.settles_first) settle(workspace, state);
    name_questions(workspace, state);
    return {state};
  }

  // A state of another system of such nodes as a state of this one: for tests, which compare forms.
  template <class Other>
  State adopt(const Other& other, const State& state) const {
    Workspace workspace;
    State adopted = state;
    const auto seen = other.view(state);
    auto& words = adopted.edit();
    for (NodeIndex node = 0; node < seen.size(); ++node) words[node] = handlers_.enter(node, seen.process(node));
    if constexpr (StreamNode<N>)
      words[head_ - 1] = streams_.adopt(seen, [&](NodeIndex node) { return handlers_.streams_of(seen.process(node)); });
    words.resize(head_);
    for (std::size_t i = 0; i < seen.messages(); ++i)
      put_under_way(adopted, handlers_.enter_message(Message(seen.message(i))));
    name_questions(workspace, adopted);
    return adopted;
  }

  template <class Visit>
  bool successors(Workspace& workspace, const State& state, const Visit& visit) const {
    bool is_complete = true;
    const auto take = [&](const NodeAction& action) {
      workspace.next.assign(state.words());
      if (workspace.traced) workspace.traced->clear();
      if (!apply(workspace, workspace.next, action, is_complete)) return;
      name_questions(workspace, workspace.next);
      if (workspace.next.words().size() > head_ + options_.most_under_way)
        is_complete = false;
      else
        visit(action.packed(), std::as_const(workspace.next));
    };
    const auto messages = state.words().subspan(head_);
    for (std::uint32_t place = 0; place < messages.size(); ++place) {
      if (place > 0 && messages[place] == messages[place - 1]) continue;
      const Message& message = handlers_.messages()[messages[place]];
      const NodeIndex receiver = message.to;
      if (options_.clock != Clock::ticks || message.age > 0) take({ActionKind::deliver, receiver, place});
      if (left(state, drop_place) > 0) take({ActionKind::drop, receiver, place});
      if (left(state, duplicate_place) > 0) take({ActionKind::duplicate, receiver, place});
    }
    if constexpr (StreamNode<N>)
      streams_.visit_actions(state[head_ - 1], running(state), [&](NodeIndex node, const StreamAction& action) {
        take({ActionKind::stream, node, action.packed()});
      });
    const View<N> seen = view(state);
    const bool is_quiet = nothing_is_under_way(state);
    bool is_due = false;
    for (NodeIndex node = 0; node < options_.nodes.size(); ++node) {
      const Process<N>& process = seen.process(node);
      if (process.runs()) {
        if (!process.disk.requests.empty()) take({ActionKind::disk, node});
        for (std::uint32_t timer = 0; timer < N::timer_count; ++timer) {
          if (!process.is_set(timer)) continue;
          const bool due = process.due[timer] <= nanoseconds_since_start(process.clock);
          is_due = is_due || due;
          const bool is_deadline = options_.is_deadline[timer];
          if (may_fire(options_, timer, due, is_quiet) && (is_deadline || left(state, fire_place) > 0) &&
              (is_deadline || may_pass(messages, node, timer)))
            take({ActionKind::fire, node, timer});
        }
        for (std::uint32_t command = 0; command < options_.commands.size(); ++command)
          if (options_.commands[command].node == node && left(state, budget_places + command) > 0)
            take_allowed(seen, take, {ActionKind::command, node, command});
        if (left(state, crash_place) > 0)
          take_allowed(seen, take, {options_.wipes_disks ? ActionKind::crash_wipe : ActionKind::crash_keep, node});
        if (left(state, leave_place) > 0) take_allowed(seen, take, {ActionKind::leave, node});
        if (left(state, age_place) > 0) take_allowed(seen, take, {ActionKind::age, node});
      } else if (left(state, start_place) > 0 && may_pass(messages, node, N::timer_count)) {
        if (options_.restarts.empty()) take_allowed(seen, take, {ActionKind::start, node});
        for (std::uint32_t choice = 1; choice <= choices_of(node); ++choice)
          take_allowed(seen, take, {ActionKind::start, node, choice});
      }
    }
    const auto is_late = [&](const Message& message) { return message.age >= options_.most_delay; };
    if (options_.clock == Clock::ticks && !is_due && !is_any(messages, is_late)) take({ActionKind::tick});
    return is_complete;
  }

  // A sum, so that neither the order of messages nor the ids of anything matter.
  Fingerprint fingerprint(const State& state) const noexcept {
    const std::size_t nodes = options_.nodes.size();
    Fingerprint sum;
    for (std::size_t i = 0; i < nodes; ++i) sum += handlers_.processes().fingerprint(state[i]);
    for (std::size_t i = nodes; i < head_ - words_of_watch - words_of_streams; ++i)
      sum += {key_of(3, i, state[i]), key_of(4, i, state[i])};
    if constexpr (Watch::watches) sum += watches_.fingerprint(state[watch_place()]);
    if constexpr (StreamNode<N>) sum += streams_.fingerprint(state[head_ - 1]);
    for (const InternId message : state.words().subspan(head_)) sum += handlers_.messages().fingerprint(message);
    return sum;
  }

  std::vector<std::string> property_names() const { return names_; }
  Properties broken(const State& state) const {
    const View<N> seen = view(state);
    Properties broken = 0;
    for (std::size_t i = 0; i < options_.always.size(); ++i)
      if (!options_.always[i].holds(seen)) broken |= Properties{1} << i;
    if constexpr (PromisingWatch<Watch>)
      if (!watch(state).holds()) broken |= Properties{1} << options_.always.size();
    return broken;
  }
  bool is_ideal(const State& state) const { return options_.ideal && options_.ideal(view(state)); }
  bool is_maintenance(Action action) const { return check::is_maintenance(NodeAction::from(action).kind); }
  // A message that stays under way is delivered at some time, and so is a timer fired that stays set.
  std::uint32_t fairness_class(const State& state, Action action) const {
    const NodeAction what = NodeAction::from(action);
    if constexpr (StreamNode<N>)
      if (what.kind == ActionKind::stream) return streams_.fairness_class(state[head_ - 1], what);
    if (what.kind != ActionKind::deliver) return action;
    const InternId message = state[head_ + what.argument];
    const Fingerprint& its =
        options_.names_questions ? handlers_.messages()[message].shape : handlers_.messages().fingerprint(message);
    return static_cast<std::uint32_t>(its.high) & 0x0FFF'FFFF;
  }

  // What an action does, in words: "node 2 receives notify from node 1".
  std::string describe(const State& state, Action action) const {
    return describe_action(view(state), NodeAction::from(action), options_);
  }

  Fingerprint identity() const noexcept { return identity_of(options_); }
  std::size_t memory() const { return handlers_.memory() + watches_.memory() + streams_.memory(); }

 private:
  static constexpr std::size_t words_of_watch = Watch::watches ? 1 : 0;
  static constexpr std::size_t words_of_streams = StreamNode<N> ? 1 : 0;  // the last ones before the messages

  std::size_t watch_place() const noexcept { return head_ - words_of_streams - 1; }
  auto running(const State& state) const {
    return [this, &state](NodeIndex node) { return handlers_.processes()[state[node]].runs(); };
  }
  bool nothing_is_under_way(const State& state) const {
    if (state.words().size() > head_) return false;
    for (NodeIndex node = 0; node < options_.nodes.size(); ++node)
      if (!handlers_.processes()[state[node]].disk.requests.empty()) return false;
    if constexpr (StreamNode<N>) return !streams_.is_under_way(state[head_ - 1], running(state));
    return true;
  }

  std::uint32_t left(const State& state, std::size_t place) const noexcept {
    return left_of(state.words().subspan(options_.nodes.size()), place);
  }
  void spend(State& state, std::size_t place) const {
    if (left(state, place) != Budget::any) spend_of(std::span(state.edit()).subspan(options_.nodes.size()), place);
  }

  std::uint32_t choices_of(NodeIndex node) const noexcept {
    return options_.restarts.empty() ? 0 : static_cast<std::uint32_t>(options_.restarts[node].size());
  }
  template <class Take>
  void take_allowed(const View<N>& seen, const Take& take, const NodeAction& action) const {
    if (!options_.allows || options_.allows(seen, action)) take(action);
  }

  template <class Is>
  bool is_any(std::span<const InternId> messages, const Is& is) const {
    return std::any_of(messages.begin(), messages.end(), [&](InternId one) { return is(handlers_.messages()[one]); });
  }

  // Whether something may happen that lasts longer than a message is under way: what age_bit tells.
  bool may_pass(std::span<const InternId> messages, NodeIndex node, std::size_t what) const {
    return !options_.messages_outpace_periods ||
           !is_any(messages, [&](const Message& message) { return (message.age & age_bit<N>(node, what)) != 0; });
  }
  void pass(State& state, NodeIndex node, std::size_t what) const {
    if (options_.messages_outpace_periods)
      age_messages(state, [&](std::uint64_t age) { return age | age_bit<N>(node, what); });
  }
  template <class Age>
  void age_messages(State& state, const Age& age) const {
    const std::vector<InternId> messages(state.words().begin() + static_cast<std::ptrdiff_t>(head_),
                                         state.words().end());
    state.edit().resize(head_);
    for (const InternId id : messages) {
      Message message = handlers_.messages()[id];
      message.age = age(message.age);
      put_under_way(state, handlers_.enter_message(std::move(message)));
    }
  }
  void name_questions(Workspace& workspace, State& state) const {
    if constexpr (QuestioningNode<N>)
      if (options_.names_questions) {
        const std::span<InternId> words(state.edit());
        workspace.names.rename(handlers_, workspace.handlers, words.first(options_.nodes.size()), words.subspan(head_));
      }
  }

  // Changes the state. Returns false if the action is not enabled after all.
  bool apply(Workspace& workspace, State& state, const NodeAction& action, bool& is_complete) const {
    switch (action.kind) {
      case ActionKind::deliver:
        return deliver(workspace, state, action.argument);
      case ActionKind::drop:
        spend(state, drop_place);
        state.edit().erase(state.edit().begin() + static_cast<std::ptrdiff_t>(head_ + action.argument));
        return true;
      case ActionKind::duplicate:
        spend(state, duplicate_place);
        put_under_way(state, state[head_ + action.argument]);
        return true;
      case ActionKind::tick:
        tick(workspace, state);
        return true;
      case ActionKind::stream:
      case ActionKind::disk:
        break;
      case ActionKind::fire:
        if (options_.is_deadline[action.argument]) break;
        spend(state, fire_place);
        pass(state, action.node, action.argument);
        break;
      case ActionKind::start:
        spend(state, start_place);
        pass(state, action.node, N::timer_count);
        break;
      case ActionKind::crash_keep:
      case ActionKind::crash_wipe:
        spend(state, crash_place);
        break;
      case ActionKind::leave:
        spend(state, leave_place);
        break;
      case ActionKind::age:
        spend(state, age_place);
        break;
      case ActionKind::command:
        spend(state, budget_places + action.argument);
        break;
      case ActionKind::quiet:
      case ActionKind::rename:
        return false;
    }
    if (options_.granularity == Granularity::message) {
      give(workspace, state, action.node, {action.kind, action.argument});
      return true;
    }
    const bool ends = exchange(workspace, state, action);
    is_complete = is_complete && (ends || options_.skips_endless);
    return ends || !options_.skips_endless;
  }

  bool deliver(Workspace& workspace, State& state, std::uint32_t place) const {
    const InternId id = state[head_ + place];
    const NodeIndex receiver = handlers_.messages()[id].to;
    const bool arrives = handlers_.processes()[state[receiver]].runs();
    if (options_.leaves_ineffective) {
      if (!arrives) return false;
      const Outcome& outcome =
          handlers_.after(workspace.handlers, state[receiver], receiver, {ActionKind::deliver, id});
      if (outcome.process == state[receiver] && outcome.sent.empty() && outcome.traced.empty()) return false;
    }
    state.edit().erase(state.edit().begin() + static_cast<std::ptrdiff_t>(head_ + place));
    if (arrives) give(workspace, state, receiver, {ActionKind::deliver, id});
    return true;
  }

  void give(Workspace& workspace, State& state, NodeIndex node, Input input) const {
    for (const InternId message : feed(workspace, state, node, input).sent) put_under_way(state, message);
  }
  // Without what the node sends. The argument of what is heard of a stream is a StreamAction.
  const Outcome& feed(Workspace& workspace, State& state, NodeIndex node, Input input) const {
    const Process<N>& before = handlers_.processes()[state[node]];
    const bool hears = input.kind == ActionKind::stream;
    StreamSteps::Heard heard;
    if constexpr (StreamNode<N>)
      if (hears) {
        heard = streams_.take(workspace.streams, state[head_ - 1], StreamAction::from(input.argument), before,
                              running(state));
        input.argument = handlers_.enter_stream_input(StreamInput(heard.input));
      }
    const Outcome& outcome = handlers_.after(workspace.handlers, state[node], node, input);
    if constexpr (StreamNode<N>) {
      const bool is_crash = input.kind == ActionKind::crash_keep || input.kind == ActionKind::crash_wipe;
      state.edit()[head_ - 1] =
          streams_.after(workspace.streams, state[head_ - 1], node, before, handlers_.processes()[outcome.process],
                         outcome, hears ? &heard : nullptr, is_crash, running(state));
    }
    state.edit()[node] = outcome.process;
    observe(workspace, state, node, input, outcome);
    return outcome;
  }

  // One input, and then whatever was sent, in that order; a deadline passes when nothing else is left to happen, unless
  // the clock is hasty. Returns false if that does not end.
  bool exchange(Workspace& workspace, State& state, const NodeAction& action) const {
    std::vector<InternId>& queue = workspace.queue;
    queue.clear();
    NodeIndex node = action.node;
    Input input{action.kind, action.argument};
    const auto runs = running(state);
    std::size_t delivered = 0;
    for (std::uint32_t inputs = 0; inputs < options_.longest_exchange; ++inputs) {
      const Outcome& outcome = feed(workspace, state, node, input);
      queue.insert(queue.end(), outcome.sent.begin(), outcome.sent.end());
      while (delivered < queue.size() && !runs(handlers_.messages()[queue[delivered]].to)) ++delivered;
      if (delivered < queue.size()) {
        node = handlers_.messages()[queue[delivered]].to;
        input = {ActionKind::deliver, queue[delivered++]};
      } else if (find_ready(state, node, input)) {
        // Streams and disks come behind all messages.
      } else if (!find_deadline(state, node, input)) {
        note_quiet(workspace, state);
        return true;
      }
    }
    return false;
  }
  void note_quiet(Workspace& workspace, State& state) const {
    if constexpr (QuietNode<N>) {
      for (NodeIndex node = 0; node < options_.nodes.size(); ++node)
        if (handlers_.processes()[state[node]].runs())
          state.edit()[node] = handlers_.after(workspace.handlers, state[node], node, {ActionKind::quiet}).process;
    }
  }
  bool find_ready(const State& state, NodeIndex& node, Input& input) const {
    for (NodeIndex candidate = 0; candidate < options_.nodes.size(); ++candidate)
      if (!handlers_.processes()[state[candidate]].disk.requests.empty()) {
        node = candidate;
        input = {ActionKind::disk};
        return true;
      }
    if constexpr (StreamNode<N>)
      if (const auto first = streams_.first_action(state[head_ - 1], running(state))) {
        node = first->node;
        input = {first->kind, first->argument};
        return true;
      }
    return false;
  }
  bool find_deadline(const State& state, NodeIndex& node, Input& input) const {
    if (options_.clock != Clock::patient) return false;
    for (NodeIndex candidate = 0; candidate < options_.nodes.size(); ++candidate) {
      const Process<N>& process = handlers_.processes()[state[candidate]];
      for (std::uint32_t timer = 0; timer < N::timer_count; ++timer) {
        if (!process.runs() || !options_.is_deadline[timer] || !process.is_set(timer)) continue;
        node = candidate;
        input = {ActionKind::fire, timer};
        return true;
      }
    }
    return false;
  }

  void settle(Workspace& workspace, State& state) const {
    for (int round = 0; round < 1000; ++round) {
      const Fingerprint before = fingerprint(state);
      for (NodeIndex node = 0; node < options_.nodes.size(); ++node)
        for (std::uint32_t timer = 0; timer < N::timer_count; ++timer)
          if (view(state).runs(node) && view(state).process(node).is_set(timer))
            exchange(workspace, state, {ActionKind::fire, node, timer});
      name_questions(workspace, state);
      if (fingerprint(state) == before) return;
    }
    throw std::runtime_error(
        "the nodes of the check do not settle: something changes in each of 1000 rounds of timers");
  }

  void tick(Workspace& workspace, State& state) const {
    for (NodeIndex node = 0; node < options_.nodes.size(); ++node)
      if (handlers_.processes()[state[node]].runs())
        state.edit()[node] = handlers_.after(workspace.handlers, state[node], node, {ActionKind::tick}).process;
    age_messages(state, [](std::uint64_t age) { return age + 1; });
  }

  void put_under_way(State& state, InternId message) const {
    const auto& table = handlers_.messages();
    auto& words = state.edit();
    const auto place =
        std::lower_bound(words.begin() + static_cast<std::ptrdiff_t>(head_), words.end(), table.fingerprint(message),
                         [&](InternId one, const Fingerprint& other) { return table.fingerprint(one) < other; });
    words.insert(place, message);
  }

  void observe(Workspace& workspace, State& state, NodeIndex node, Input input, const Outcome& outcome) const {
    if (workspace.traced)
      for (const TracedEvent& event : outcome.traced) workspace.traced->push_back({node, event});
    if constexpr (Watch::watches) {
      Watch watch = watches_[state[watch_place()]];
      if (input.kind == ActionKind::deliver) watch.on_delivery(handlers_.messages()[input.argument]);
      for (const InternId message : outcome.sent) watch.on_send(handlers_.messages()[message]);
      for (const TracedEvent& traced : outcome.traced) watch.on_trace(node, traced.event, traced.values);
      state.edit()[watch_place()] = enter_watch(std::move(watch), workspace);
    }
  }
  InternId enter_watch(Watch&& watch, Workspace& workspace) const {
    workspace.bytes.clear();
    append_state(workspace.bytes, watch.fields());
    return watches_.enter(fingerprint_of(workspace.bytes, 5), [&] { return std::move(watch); });
  }

  NodeOptions<N> options_;
  Handlers<N, Form> handlers_;
  Watch watch_;  // before anything happened
  mutable InternTable<Watch> watches_;
  StreamSteps streams_;
  std::vector<std::string> names_;
  std::size_t head_ = 0;  // the words before the messages
};

}  // namespace peerbed::check
