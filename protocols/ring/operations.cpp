// This node's own puts and gets: locate the owner, ask it, and after it the other holders; again with backoff when that
// fails; and in the end say how it went.

#include <algorithm>

#include "protocols/ring/node.h"
#include "protocols/ring/words.h"

namespace peerbed::ring {

namespace {
constexpr unsigned rounds_until_absent = 2;  // in which the owner of a key was sure that there is no such value
constexpr unsigned maximum_restamps = 32;    // of a put that others overtake again and again
}  // namespace

// The name that tells an operation from all others, of any node, and a put from its copies.
std::uint64_t Node::name_operation(const Environment& environment) {
  const std::uint32_t count = ++cold_state_.get_or_create().store.last_operation;
  return key_of(environment.self().value, incarnation_, count);
}

// A time for a stamp: by the clock, but later than all that this node has given, and than `known`.
std::uint64_t Node::next_stamp_time(const Environment& environment, std::uint64_t known) {
  std::uint64_t& last = cold_state_.get_or_create().store.last_time;
  const std::uint64_t time = std::max(clock(environment), last + 1);
  // A stamp that is far ahead moves the one that has to follow it, and not this node's later ones.
  if (known >= time) return known + 1;
  last = time;
  return time;
}

Operation Node::operation_on(std::string_view name, Operation::Kind kind) const {
  Operation operation;
  operation.kind = kind;
  operation.key = key_of_name(name, space());
  operation.name = name;
  return operation;
}

// One that goes on with another has its id and its beginning.
std::uint32_t Node::start_operation(Environment& environment, Operation operation) {
  auto& operations = cold_state_.get_or_create().store.operations;
  if (operation.id == 0) {
    operation.id = next_id();
    operation.started = environment.now();
  }
  operation.name_of_all = name_operation(environment);
  operation.deadline = never;
  if (operation.is_get()) {
    environment.trace(index_of(TraceEvent::get_begun), {operation.name_of_all, operation.key.value});
  } else {
    ValueState& state = operation.state;
    state.stamp = {next_stamp_time(environment, state.stamp.time), operation.name_of_all};
    if (operation.lifetime > Duration{0})
      state.until = state.stamp.time + static_cast<std::uint64_t>(operation.lifetime.count());
    if (operation.kind == Operation::Kind::remove) state.until = operation.transfer != 0 ? ValueState::discarded : 0;
    environment.trace(index_of(TraceEvent::put_begun),
                      {operation.name_of_all, operation.key.value, state.until, state.stamp.time});
  }
  const std::uint32_t id = operation.id;
  operations.push_back(std::move(operation));
  if (operations.size() > maximum_operations)
    finish_operation(environment, id, false);
  else
    locate(environment, id);
  return id;
}

Operation* Node::operation_of(std::uint32_t id) {
  if (!cold_state_) return nullptr;
  auto& operations = cold_state_->store.operations;
  const auto place =
      std::find_if(operations.begin(), operations.end(), [id](const auto& entry) { return entry.id == id; });
  return place == operations.end() ? nullptr : &*place;
}

// The lookup has retries and an end of its own; until then the operation waits for it.
void Node::locate(Environment& environment, std::uint32_t id) {
  Operation* operation = operation_of(id);
  ++operation->attempts;
  operation->stage = Operation::Stage::locating;
  operation->deadline = never;
  start_lookup(environment, operation->key, LookupReason::operation, id);
}

void Node::continue_operation(Environment& environment, std::uint32_t id, std::span<const Contact> holders) {
  Operation* operation = operation_of(id);
  if (operation == nullptr || operation->stage != Operation::Stage::locating) return;
  if (holders.empty()) return finish_operation(environment, id, false);
  operation->owner = holders.front();
  operation->owner_answered = false;
  operation->owner_stamp = {};
  operation->holders.assign(holders.rbegin(), holders.rend());
  if (!operation->is_get()) operation->holders.erase(operation->holders.begin(), operation->holders.end() - 1);
  operation->stage = Operation::Stage::asking;
  operation->in_question = 0;
  if (!operation->is_get() || !hedges()) return ask_holder(environment, *operation);
  // Those that are late come last in turn, which is first in the list.
  std::stable_partition(operation->holders.begin(), operation->holders.end(),
                        [this](Contact holder) { return is_late(holder); });
  ask_more_holders(environment, *operation);
}

// A put waits as long as its owner may need to replace a holder; a get goes on to the next holder soon.
Duration Node::put_patience(Address owner) const noexcept {
  return std::max(options_->lookup_timeout, 4 * response_timeout(owner, options_->hop_timeout));
}

void Node::ask_holder(Environment& environment, Operation& operation) {
  const Address holder = operation.holders.back().address;
  operation.asked = holder;
  operation.asked_at = environment.now();
  operation.in_question = 1;
  operation.deadline = environment.now() + 2 * response_timeout(holder, options_->hop_timeout);
  await(environment, operation.deadline);
  if (operation.is_get()) return environment.send(holder, Get{.id = operation.id, .key = operation.key});
  send_put(environment, operation);
}

void Node::send_put(Environment& environment, Operation& operation) {
  if (operation.copies < UINT8_MAX) ++operation.copies;
  const ValueCopy copy = copy_of(operation.key, operation.state, operation.bytes);
  environment.send(operation.asked, Put{.id = operation.id, .key = operation.key, .copy = copy});
}

// The put or its answer may be lost: the owner, which knows a put by its operation, is asked again, after twice the
// time of the copy before.
bool Node::repeat_put(Environment& environment, Operation& operation) {
  const Time now = environment.now();
  const Time end = operation.asked_at + put_patience(operation.asked);
  if (now >= end || !retry_budget_.spend()) return false;
  operation.deadline = std::min(end, now + (now - operation.asked_at));
  send_put(environment, operation);
  return true;
}

void Node::retry_operation(Environment& environment, Operation& operation) {
  if (operation.attempts >= options_->operation_attempts || operation.absences >= rounds_until_absent)
    return finish_operation(environment, operation.id, false);
  operation.stage = Operation::Stage::waiting;
  operation.deadline = environment.now() + backoff(operation.attempts);
  await(environment, operation.deadline);
}

void Node::handle_overdue_operations(Environment& environment) {
  const Time now = environment.now();
  std::vector<std::uint32_t> overdue;
  for (const Operation& operation : cold_state_->store.operations)
    if (operation.deadline <= now) overdue.push_back(operation.id);
  for (const std::uint32_t id : overdue) {
    Operation& operation = *operation_of(id);
    if (operation.stage == Operation::Stage::waiting) {
      locate(environment, id);
    } else if (!operation.is_get()) {
      if (!repeat_put(environment, operation)) ask_next_holder(environment, operation);
    } else if (!hedges()) {
      ask_next_holder(environment, operation);
    } else {
      handle_late_holders(environment, operation);
    }
  }
}

void Node::ask_next_holder(Environment& environment, Operation& operation) {
  operation.holders.pop_back();
  if (operation.holders.empty()) return end_round(environment, operation);
  ask_holder(environment, operation);
}

// A hedging get asks one holder, and as long as none answers in the usual time as many more as it has asked so far:
// dead ones cost it a time that grows with the logarithm of their number.
void Node::ask_more_holders(Environment& environment, Operation& operation) {
  const Time now = environment.now();
  const std::size_t asked = operation.in_question;
  const std::size_t count = std::min(std::max<std::size_t>(asked, 1), operation.holders.size() - asked);
  for (std::size_t i = 1; i <= count; ++i) {
    const Contact holder = *(operation.holders.end() - static_cast<std::ptrdiff_t>(asked + i));
    environment.send(holder.address, Get{.id = operation.id, .key = operation.key});
  }
  if (asked == 0) {
    operation.asked = operation.holders.back().address;
    operation.asked_at = now;
  }
  operation.in_question = static_cast<std::uint8_t>(asked + count);
  const bool is_last = operation.in_question == operation.holders.size();
  operation.deadline =
      now + (is_last ? 2 * response_timeout(operation.holders.front().address, options_->hop_timeout) : hedge_delay());
  await(environment, operation.deadline);
}

void Node::handle_late_holders(Environment& environment, Operation& operation) {
  const auto in_question = std::span(operation.holders).last(operation.in_question);
  for (const Contact holder : in_question) note_late(environment.now(), holder.address);
  if (in_question.size() < operation.holders.size()) return ask_more_holders(environment, operation);
  operation.holders.clear();
  end_round(environment, operation);
}

// All that were to be asked have answered or are silent: the newest that was seen is the answer.
void Node::end_round(Environment& environment, Operation& operation) {
  if (operation.is_get() && operation.state.stamp.time > 0) return finish_operation(environment, operation.id, true);
  if (operation.is_absent) ++operation.absences;
  operation.is_absent = false;
  operation.in_question = 0;
  retry_operation(environment, operation);
}

void Node::handle(Environment& environment, Address from, const PutDone& done) {
  Operation* operation = operation_of(done.id);
  if (operation == nullptr || operation->is_get() || operation->asked != from) return;
  if (done.outcome == PutDone::Outcome::stored) {
    environment.trace(index_of(TraceEvent::value_acknowledged),
                      {operation->key.value, done.stamp.time, operation->name_of_all, operation->state.until});
    return finish_operation(environment, done.id, true);
  }
  if (operation->stage != Operation::Stage::asking) return;
  if (done.outcome == PutDone::Outcome::outdated) return stamp_anew(environment, *operation, done.stamp);
  retry_operation(environment, *operation);
}

// The key holds a newer stamp, though perhaps from an earlier put by a clock that is ahead: this put has to go above
// it.
void Node::stamp_anew(Environment& environment, Operation& operation, ValueStamp present) {
  ValueStamp& stamp = operation.state.stamp;
  if (present < stamp) return;  // the answer to an earlier stamp
  if (operation.restamps == maximum_restamps || present.time == UINT64_MAX)
    return retry_operation(environment, operation);
  if (!operation.whole.empty() && operation.copies > 1) {
    if (operation.rounds + 1u >= maximum_transfer_rounds) return finish_operation(environment, operation.id, false);
    return put_again(environment, take_operation(operation.id), present.time);
  }
  ++operation.restamps;
  operation.copies = 0;
  stamp.time = next_stamp_time(environment, present.time);
  ask_holder(environment, operation);
}

// A value that does not fit its checksum is as good as none: another holder may have the right one.
void Node::handle(Environment& environment, Address from, const Value& value) {
  Operation* operation = operation_of(value.id);
  if (operation == nullptr || !operation->is_get() || operation->stage != Operation::Stage::asking) return;
  const auto first = operation->holders.end() - operation->in_question;
  const auto holder =
      std::find_if(first, operation->holders.end(), [from](Contact asked) { return asked.address == from; });
  if (holder == operation->holders.end()) return;
  if (from == operation->asked && operation->attempts == 1) rtt_.note(from, environment.now() - operation->asked_at);
  const bool is_here = value.here && is_intact(operation->key, value.copy);
  note_seen(*operation, from, value, is_here);
  if (is_here && value.certain) return finish_operation(environment, value.id, true);
  if (!hedges()) return ask_next_holder(environment, *operation);
  operation->holders.erase(std::find_if(operation->holders.begin(), operation->holders.end(),
                                        [from](Contact asked) { return asked.address == from; }));
  --operation->in_question;
  if (operation->holders.empty()) return end_round(environment, *operation);
  if (operation->in_question == 0) ask_more_holders(environment, *operation);
}

void Node::note_seen(Operation& operation, Address from, const Value& value, bool is_here) const {
  const ValueCopy& copy = value.copy;
  if (is_here && operation.state.stamp < copy.state.stamp) {
    operation.state = copy.state;
    operation.bytes.assign(copy.bytes.bytes.begin(), copy.bytes.bytes.end());
  }
  if (from == operation.owner.address) {
    operation.owner_answered = true;
    operation.owner_stamp = is_here ? copy.state.stamp : ValueStamp{};
  }
  if (value.here) return;
  if (value.certain) {
    operation.is_absent = true;
    return;
  }
  for (const Contact other : value.elsewhere.all()) {
    const auto& holders = operation.holders;
    const bool is_known = std::find(holders.begin(), holders.end(), other) != holders.end();
    if (is_valid(other) && !is_known && holders.size() < maximum_asked)
      operation.holders.insert(operation.holders.begin(), other);
  }
}

// An owner that gave less than another node is told.
void Node::repair_read(Environment& environment, const Operation& operation) const {
  if (!operation.owner_answered || operation.owner_stamp >= operation.state.stamp) return;
  const ValueCopy copy = copy_of(operation.key, operation.state, operation.bytes);
  environment.send(operation.owner.address, Replicate{.context = {}, .key = operation.key, .copy = copy});
}

Operation Node::take_operation(std::uint32_t id) {
  auto& operations = cold_state_->store.operations;
  Operation* found = operation_of(id);
  Operation taken = std::move(*found);
  operations.erase(operations.begin() + (found - operations.data()));
  return taken;
}

// A get that was successful has seen a value, or a tombstone.
void Node::finish_operation(Environment& environment, std::uint32_t id, bool success) {
  const Operation operation = take_operation(id);
  if (operation.is_get()) return finish_get(environment, operation);
  if (operation.transfer != 0) return end_part(environment, operation, success);
  const std::string_view done = operation.kind == Operation::Kind::put ? "stored" : "removed";
  report_put(environment, done, operation.name, operation.key, operation.started, operation.attempts, success);
  if (!success) return;
  for (const PartSet& parts : operation.abandoned) discard(environment, operation.key, parts);
}

void Node::report_put(Environment& environment, std::string_view done, std::string_view name, Key key, Time started,
                      unsigned attempts, bool success) {
  const auto latency = static_cast<std::uint64_t>((environment.now() - started).count());
  environment.trace(index_of(TraceEvent::put_done), {key.value, latency, attempts, success ? 1u : 0u});
  if (success) return environment.print(shown(name) + " is " + std::string(done));
  environment.refuse("not-" + std::string(done), shown(name) + " could not be " + std::string(done));
}

void Node::finish_get(Environment& environment, const Operation& operation) {
  const ValueState& state = operation.state;
  const bool is_seen = state.stamp.time > 0;
  const bool is_here = is_seen && !state.is_gone(clock(environment));
  const bool is_absent = !is_here && (is_seen || operation.absences >= rounds_until_absent);
  if (is_seen) repair_read(environment, operation);
  if (is_here || is_absent) {
    environment.trace(index_of(TraceEvent::get_returned), {operation.name_of_all, operation.key.value,
                                                           is_here ? state.stamp.time : 0, state.stamp.operation});
  }
  if (operation.transfer != 0) return end_part(environment, operation, is_here);
  if (is_here) {
    if (const auto parts = PartSet::read(operation.bytes)) return fetch_parts(environment, operation, *parts);
    return hand_over(environment, operation, operation.bytes);
  }
  trace_get(environment, operation, false);
  if (is_absent) return environment.refuse("not-found", shown(operation.name) + " was not found");
  environment.refuse("not-fetched", shown(operation.name) + " could not be fetched");
}

void Node::trace_get(Environment& environment, const Operation& operation, bool is_here) {
  const auto latency = static_cast<std::uint64_t>((environment.now() - operation.started).count());
  environment.trace(index_of(TraceEvent::get_done),
                    {operation.key.value, latency, operation.attempts, is_here ? 1u : 0u});
}

// A value that does not fit into a line is not printed, but said to be there.
void Node::hand_over(Environment& environment, const Operation& operation, std::vector<std::byte> bytes) {
  trace_get(environment, operation, true);
  if (operation.kept) return cold_state_->transfers.get_or_create().fetched.push_back({operation.id, std::move(bytes)});
  if (bytes.size() > maximum_value_size)
    return environment.print(shown(operation.name) + " has " + std::to_string(bytes.size()) + " bytes");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  environment.print(shown(operation.name) + " = " + shown(text));
}

std::size_t Node::pending_operations() const noexcept { return cold_state_ ? cold_state_->store.operations.size() : 0; }

}  // namespace peerbed::ring
