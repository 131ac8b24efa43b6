#pragma once
// Runs the handlers of real nodes and remembers what came of each: a process that has met an input once is not run on
// it again. Draws are fixed: a process draws the same numbers in each handler, as if it had never drawn before.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "check/canonical/canonical_form.h"
#include "check/canonical/questions.h"
#include "check/nodes/intern_table.h"
#include "check/nodes/message.h"
#include "check/nodes/node_options.h"
#include "check/nodes/outcome.h"
#include "check/nodes/process.h"
#include "check/streams/stream_effect.h"
#include "host/dispatch_effects.h"
#include "host/draw_key.h"
#include "host/node_index.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/node.h"
#include "protocols/environment/random.h"
#include "protocols/environment/state.h"

namespace peerbed::check {

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
    Process<N> process{.node = options_.nodes[node]};
    if (!options_.files.empty()) process.disk.files = options_.files[node];
    return enter(node, std::move(process), bytes);
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

  InternId enter_stream_input(StreamInput&& input) const {
    std::vector<std::byte> bytes;
    append_state(bytes, input);
    return stream_inputs_.enter(fingerprint_of(bytes, 10), [&] { return std::move(input); });
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
    bool exits = false;
    const auto carry_out = [&] {
      Executor executor{*this, process, outcome, node};
      exits = dispatch_effects(workspace.effects, executor) || exits;
    };
    if (give(workspace, process, node, input)) carry_out();
    while (!options_.disks_take_time && !process.disk.requests.empty()) {
      workspace.effects.clear();
      give(workspace, process, node, {ActionKind::disk});
      carry_out();
    }
    if (exits) stop(process, node, ProcessStatus::left);
    outcome.process = enter(node, process, workspace.bytes);
    if constexpr (StreamNode<N>)
      if (process.runs()) outcome.ids = streams_of(process);
    return outcome;
  }

  // The streams that a node keeps, in the order in which its form adds them.
  std::vector<StreamId> streams_of(const Process<N>& process) const {
    Scope scope;
    if constexpr (requires { form_.scope; }) scope = form_.scope;
    std::vector<std::byte> bytes;
    CanonicalForm form(bytes, scope, process.clock);
    form.add(process.node);
    return form.take_streams();
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
      const auto name = [&] { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
      const auto ask = [&](ContentAction action, const ContentRange& range, std::string file) {
        PEERBED_CONTRACT(ContentNode<N>, "a node that asks its disk for something hears its answers");
        process.disk.requests.push_back({action, range, std::move(file)});
      };
      switch (effect.kind) {
        case EffectKind::write_content:
          process.disk.contents[key] = StoredContent(bytes);
          break;
        case EffectKind::erase_content:
          process.disk.contents.erase(key);
          break;
        case EffectKind::hash_content:
          ask(ContentAction::hashed, range_in(bytes), {});
          break;
        case EffectKind::import_content:
          ask(ContentAction::imported, {key, 0, 0}, name());
          break;
        case EffectKind::export_content:
          ask(ContentAction::exported, {key, 0, 0}, name());
          break;
        default:
          ask(ContentAction::read, {key, 0, 0}, {});
          break;
      }
    }
    void apply_stream_effect(const Effect& effect, Bytes bytes) {
      PEERBED_CONTRACT(StreamNode<N>, "a node that uses streams hears of them");
      StreamEffect done{.kind = effect.kind, .stream = effect.stream};
      switch (effect.kind) {
        case EffectKind::open_stream:
          done.to = handlers.node_at(Address{effect.argument}).value_or(no_node);
          break;
        case EffectKind::write_stream:
          done.bytes = StoredContent(bytes);
          break;
        case EffectKind::send_content:
          done.request = {.range = range_in(bytes)};
          done.bytes = process.disk.part(done.request.range);
          if (done.bytes && !handlers.options_.liars.empty() && handlers.options_.liars[node]) done.bytes->harm();
          break;
        case EffectKind::receive_bytes:
          done.request = {.size = effect.argument};
          break;
        case EffectKind::receive_content:
          done.request = {.to_content = true, .range = range_in(bytes)};
          done.request.size = done.request.range.size;
          break;
        default:
          break;
      }
      outcome.streams.push_back(std::move(done));
    }
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
        if (input.kind == ActionKind::crash_wipe) process.disk = {};
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
        for (const auto& [key, content] : process.disk.contents) stored.push_back(key);
        process.node.on_start(environment, Start{stored});
        break;
      }
      case ActionKind::deliver: {
        const Message& message = messages_[input.argument];
        process.node.on_datagram(environment, addresses_[message.from], message.bytes);
        break;
      }
      case ActionKind::stream:
        if constexpr (StreamNode<N>) hear(environment, process, stream_inputs_[input.argument]);
        break;
      case ActionKind::disk:
        if constexpr (ContentNode<N>) {
          std::vector<std::byte> bytes;
          const ContentReady ready = process.disk.answer(bytes);
          process.node.on_content(environment, ready);
        }
        break;
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

  void hear(Environment& environment, Process<N>& process, const StreamInput& input) const requires StreamNode<N> {
    if (input.kind == StreamEventKind::accepted) ++process.accepted;
    if (input.kind == StreamEventKind::content_received)
      process.disk.contents[input.range.content].write(input.range.offset, input.bytes);
    std::vector<std::byte> bytes;
    if (input.kind == StreamEventKind::bytes_received) bytes = input.bytes.bytes();
    const Address peer = input.peer == no_node ? Address{} : addresses_[input.peer];
    process.node.on_stream(environment, {input.stream, input.kind, peer, bytes, input.range});
  }

  void stop(Process<N>& process, NodeIndex node, ProcessStatus status) const {
    process.node = options_.nodes[node];
    process.status = status;
    process.clock = {};
    process.due = Process<N>::no_timers();
    process.disk.requests.clear();
    process.accepted = 0;
  }

  InternId enter(NodeIndex node, Process<N> process, std::vector<std::byte>& bytes) const {
    form_.normalise(process);
    if constexpr (QuestioningNode<N>) {
      process.questions = {};
      QuestionCollector collector(addresses_[node], process.questions);
      if (options_.names_questions && process.runs()) process.node.visit_questions(collector);
    }
    if constexpr (StreamNode<N>) process.streams = process.runs() ? streams_of(process) : std::vector<StreamId>{};
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
  mutable InternTable<StreamInput> stream_inputs_;
  mutable OutcomeTable outcomes_;
};

}  // namespace peerbed::check
