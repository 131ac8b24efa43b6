#pragma once
// Runs the handlers of real nodes and remembers what came of each: a process that has met an input once is not run on
// it again. Draws are fixed: a process draws the same numbers in each handler, as if it had never drawn before.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "check/canonical/questions.h"
#include "check/nodes/intern_table.h"
#include "check/nodes/message.h"
#include "check/nodes/node_options.h"
#include "check/nodes/process.h"
#include "host/dispatch_effects.h"
#include "host/draw_key.h"
#include "host/node_index.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/node.h"
#include "protocols/environment/random.h"
#include "protocols/environment/state.h"

namespace peerbed::check {

// What a process is given. A message's id is the argument of a delivery.
struct Input {
  ActionKind kind{};
  std::uint32_t argument = 0;
};

// A fact that a node traced.
struct TracedEvent {
  std::uint16_t event = 0;
  TraceValues values{};
};

struct NodeTrace {
  NodeIndex node = 0;
  TracedEvent event{};
};

struct Outcome {
  InternId process = 0;
  std::vector<InternId> sent;  // messages, in their order
  std::vector<TracedEvent> traced;
};

// Outcomes by process and input, shared by threads.
class OutcomeTable {
 public:
  const Outcome* find(std::uint64_t key) const {
    const Part& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    for (std::size_t place = mix(key) & part.mask(); part.entries[place].outcome; place = (place + 1) & part.mask())
      if (part.entries[place].key == key) return part.entries[place].outcome;
    return nullptr;
  }
  // Keeps the first outcome that is entered under a key, and returns it.
  const Outcome& enter(std::uint64_t key, Outcome&& outcome) {
    Part& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    if (4 * (part.outcomes.size() + 1) > 3 * part.entries.size()) part.grow();
    std::size_t place = mix(key) & part.mask();
    for (; part.entries[place].outcome; place = (place + 1) & part.mask())
      if (part.entries[place].key == key) return *part.entries[place].outcome;
    part.outcomes.push_back(std::move(outcome));
    part.entries[place] = {key, &part.outcomes.back()};
    return part.outcomes.back();
  }
  // In bytes, with about four words for what each outcome owns.
  std::size_t memory() const {
    std::size_t bytes = 0;
    for (const Part& part : parts_)
      bytes += part.entries.size() * sizeof(Entry) + part.outcomes.size() * (sizeof(Outcome) + 32);
    return bytes;
  }

 private:
  struct Entry {
    std::uint64_t key = 0;
    const Outcome* outcome = nullptr;
  };
  struct Part {
    mutable std::mutex mutex;
    std::deque<Outcome> outcomes;  // they do not move
    std::vector<Entry> entries = std::vector<Entry>(64);

    std::size_t mask() const noexcept { return entries.size() - 1; }
    void grow() {
      std::vector<Entry> old(entries.size() * 2);
      old.swap(entries);
      for (const Entry& entry : old) {
        if (!entry.outcome) continue;
        std::size_t place = mix(entry.key) & mask();
        while (entries[place].outcome) place = (place + 1) & mask();
        entries[place] = entry;
      }
    }
  };

  const Part& part_of(std::uint64_t key) const noexcept { return parts_[mix(key) >> 58]; }
  Part& part_of(std::uint64_t key) noexcept { return parts_[mix(key) >> 58]; }

  std::array<Part, 64> parts_;
};

template <Node N, class Form>
class Handlers {
 public:
  // What a thread needs to run handlers.
  struct Workspace {
    Effects effects;
    std::vector<std::byte> bytes;
    std::vector<std::pair<std::uint64_t, const Outcome*>> recent;  // by a hash of the key
  };

  Handlers(const NodeOptions<N>& options, Form form) : options_(options), form_(std::move(form)) {
    for (NodeIndex node = 0; node < options_.nodes.size(); ++node)
      addresses_.push_back(options_.addresses.empty() ? Address::ipv4(0x0A00'0001, 4000).plus(node)
                                                      : options_.addresses[node]);
  }

  const InternTable<Process<N>>& processes() const noexcept { return processes_; }
  const InternTable<Message>& messages() const noexcept { return messages_; }
  const std::vector<Address>& addresses() const noexcept { return addresses_; }
  const Form& form() const noexcept { return form_; }

  // A node that has not been started.
  InternId absent(NodeIndex node) const {
    std::vector<std::byte> bytes;
    return enter(node, Process<N>{.node = options_.nodes[node]}, bytes);
  }

  const Outcome& after(Workspace& workspace, InternId process, NodeIndex node, Input input) const {
    PEERBED_CONTRACT(input.argument < 1u << 28, "there are fewer than 2^28 messages");
    const std::uint64_t key =
        std::uint64_t{process} << 32 | static_cast<std::uint32_t>(input.kind) << 28 | input.argument;
    if (workspace.recent.empty()) workspace.recent.resize(8192);
    auto& recent = workspace.recent[mix(key) % workspace.recent.size()];
    if (recent.second && recent.first == key) return *recent.second;
    const Outcome* outcome = outcomes_.find(key);
    if (!outcome) {
      Process<N> changed = processes_[process];
      outcome = &outcomes_.enter(key, handle(workspace, changed, node, input));
    }
    recent = {key, outcome};
    return *outcome;
  }

  InternId enter_message(Message&& message) const {
    if constexpr (QuestioningNode<N>)
      if (options_.names_questions) name_questions(message);
    return messages_.enter(message.fingerprint(), [&] { return std::move(message); });
  }

  // The same process with other ids of questions.
  InternId renamed(Workspace& workspace, InternId process, NodeIndex node, const Renaming& renaming) const {
    workspace.bytes.clear();
    append_state(workspace.bytes, renaming);
    const InternId id = renamings_.enter(fingerprint_of(workspace.bytes, 7), [&] { return renaming; });
    return after(workspace, process, node, {ActionKind::rename, id}).process;
  }
  // The same message; with an empty renaming, this one.
  InternId renamed(const Message& message, InternId id, const Renaming& renaming) const requires QuestioningNode<N> {
    if (renaming.empty()) return id;
    Message changed{message.from, message.to, message.age, message.bytes};
    QuestionRenamer<N> renamer({}, {}, renaming);
    N::visit_questions(addresses_[message.from], addresses_[message.to], changed.bytes, renamer);
    return enter_message(std::move(changed));
  }

  InternId enter(NodeIndex node, const Process<N>& process) const {
    std::vector<std::byte> bytes;
    return enter(node, process, bytes);
  }

  // Gives an input to a process of its own, which is not normalised, and remembers nothing: for tests of the form.
  Outcome handle(Workspace& workspace, Process<N>& process, NodeIndex node, Input input) const {
    Outcome outcome;
    workspace.effects.clear();
    if (give(workspace, process, node, input)) {
      Executor executor{*this, process, outcome, node};
      if (dispatch_effects(workspace.effects, executor)) stop(process, node, ProcessStatus::left);
    }
    outcome.process = enter(node, process, workspace.bytes);
    return outcome;
  }

  std::size_t memory() const { return processes_.memory() + messages_.memory() + outcomes_.memory(); }

 private:
  // Carries out effects on a process.
  struct Executor {
    const Handlers& handlers;
    Process<N>& process;
    Outcome& outcome;
    NodeIndex node;

    void send_datagram(Address to, Bytes bytes) {
      if (const auto receiver = handlers.node_at(to))
        outcome.sent.push_back(handlers.enter_message({node, *receiver, 0, {bytes.begin(), bytes.end()}}));
    }
    void set_timer(TimerId timer, std::uint64_t nanoseconds) {
      PEERBED_CONTRACT(timer < N::timer_count, "a timer is numbered below the node's timer_count");
      process.due[timer] = nanoseconds_since_start(process.clock) + static_cast<std::int64_t>(nanoseconds);
    }
    void cancel_timer(TimerId timer) {
      PEERBED_CONTRACT(timer < N::timer_count, "a timer is numbered below the node's timer_count");
      process.due[timer] = Process<N>::unset;
    }
    void trace(std::uint16_t event, const TraceValues& values) { outcome.traced.push_back({event, values}); }
    void print(std::string_view) {}
    void refuse(std::string_view, std::string_view) {}
    void apply_content_effect(const Effect& effect, Bytes bytes) {
      const ContentKey key{effect.argument};
      if (effect.kind == EffectKind::write_content)
        process.disk[key].assign(bytes.begin(), bytes.end());
      else if (effect.kind == EffectKind::erase_content)
        process.disk.erase(key);
      else
        PEERBED_CONTRACT(false, "a checked node writes and erases content, and does nothing else with it");
    }
    void apply_stream_effect(const Effect&, Bytes) { PEERBED_CONTRACT(false, "a checked node opens no streams"); }
  };

  // Calls the node's handler. Returns false if there is none for this input.
  bool give(Workspace& workspace, Process<N>& process, NodeIndex node, Input input) const {
    switch (input.kind) {
      case ActionKind::tick:
        process.clock += options_.tick;
        return false;
      case ActionKind::age:
        process.clock += options_.age;
        return false;
      case ActionKind::crash_keep:
      case ActionKind::crash_wipe:
        stop(process, node, ProcessStatus::absent);
        if (input.kind == ActionKind::crash_wipe) process.disk.clear();
        return false;
      case ActionKind::quiet:
        if constexpr (QuietNode<N>) process.node.note_quiet();
        return false;
      case ActionKind::rename:
        if constexpr (QuestioningNode<N>) {
          QuestionRenamer<N> renamer(addresses_[node], process.clock, renamings_[input.argument]);
          process.node.visit_questions(renamer);
        }
        return false;
      case ActionKind::start:
        if (input.argument > 0) process.node = options_.restarts[node][input.argument - 1];
        process.status = ProcessStatus::running;
        ++process.starts;
        break;
      case ActionKind::fire:
        process.clock = std::max(process.clock, Time(Duration(process.due[input.argument])));
        process.due[input.argument] = Process<N>::unset;
        if (options_.ages_at_timers) process.clock += options_.age;
        break;
      default:
        break;
    }
    DrawCounts draws{};
    Environment environment(process.clock, addresses_[node], draw_key(options_.draws_anew ? process.starts : 0, node),
                            draws, workspace.effects);
    switch (input.kind) {
      case ActionKind::start: {
        std::vector<ContentKey> stored;
        for (const auto& [key, content] : process.disk) stored.push_back(key);
        process.node.on_start(environment, Start{stored});
        break;
      }
      case ActionKind::deliver: {
        const Message& message = messages_[input.argument];
        process.node.on_datagram(environment, addresses_[message.from], message.bytes);
        break;
      }
      case ActionKind::fire:
        process.node.on_timer(environment, static_cast<TimerId>(input.argument));
        break;
      case ActionKind::leave:
        process.node.on_leave(environment);
        break;
      case ActionKind::command:
        process.node.on_command(environment, options_.commands[input.argument].line);
        break;
      default:
        PEERBED_CONTRACT(false, "a node handles starts, messages, timers, commands and requests to leave");
    }
    return true;
  }

  void stop(Process<N>& process, NodeIndex node, ProcessStatus status) const {
    process.node = options_.nodes[node];
    process.status = status;
    process.clock = {};
    process.due = Process<N>::no_timers();
  }

  InternId enter(NodeIndex node, Process<N> process, std::vector<std::byte>& bytes) const {
    form_.normalise(process);
    if constexpr (QuestioningNode<N>) {
      process.questions = {};
      QuestionCollector collector(addresses_[node], process.questions);
      if (options_.names_questions && process.runs()) process.node.visit_questions(collector);
    }
    bytes.clear();
    form_.append(bytes, std::as_const(process), options_.clock);
    return processes_.enter(fingerprint_of(bytes, key_of(2, node)), [&] { return std::move(process); });
  }

  void name_questions(Message& message) const {
    const Address from = addresses_[message.from];
    const Address to = addresses_[message.to];
    message.questions = {};
    QuestionCollector collector(from, message.questions);
    N::visit_questions(from, to, message.bytes, collector);
    std::vector<std::byte> bytes = message.bytes;
    QuestionEraser eraser;
    N::visit_questions(from, to, bytes, eraser);
    message.shape = fingerprint_of(bytes, key_of(8, message.from, message.to, message.age));
  }

  std::optional<NodeIndex> node_at(Address address) const {
    const auto place = std::find(addresses_.begin(), addresses_.end(), address);
    if (place == addresses_.end()) return std::nullopt;
    return static_cast<NodeIndex>(place - addresses_.begin());
  }

  const NodeOptions<N>& options_;
  Form form_;
  std::vector<Address> addresses_;
  // What is remembered does not change what a handler does.
  mutable InternTable<Process<N>> processes_;
  mutable InternTable<Message> messages_;
  mutable InternTable<Renaming> renamings_;
  mutable OutcomeTable outcomes_;
};

}  // namespace peerbed::check
