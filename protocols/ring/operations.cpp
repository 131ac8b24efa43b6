// This node's own puts and gets: locate the owner, ask it, and after it the other holders; again with backoff when that
// fails; and in the end say how it went.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

void Node::start_operation(Environment& environment, Operation operation) {
  auto& operations = occasional_.made().store.operations;
  operation.id = next_id();
  operation.started = environment.now();
  operation.deadline = never;
  const std::uint32_t id = operation.id;
  operations.push_back(std::move(operation));
  if (operations.size() > maximum_operations) return finish_operation(environment, id, false, {});
  locate(environment, id);
}

Operation* Node::operation_of(std::uint32_t id) {
  if (!occasional_) return nullptr;
  auto& operations = occasional_->store.operations;
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
  if (holders.empty()) return finish_operation(environment, id, false, {});
  operation->holders.assign(holders.rbegin(), holders.rend());
  if (operation->is_put) operation->holders.erase(operation->holders.begin(), operation->holders.end() - 1);
  operation->stage = Operation::Stage::asking;
  operation->in_question = 0;
  if (operation->is_put || !hedges()) return ask_holder(environment, *operation);
  // Those that are late come last in turn, which is first in the list.
  std::stable_partition(operation->holders.begin(), operation->holders.end(),
                        [this](Contact holder) { return is_late(holder); });
  ask_more_holders(environment, *operation);
}

// A put waits as long as its owner may need to replace a holder; a get goes on to the next holder soon.
void Node::ask_holder(Environment& environment, Operation& operation) {
  const Address holder = operation.holders.back().address;
  operation.asked = holder;
  operation.asked_at = environment.now();
  operation.in_question = 1;
  const Duration answer = response_timeout(holder, options_->hop_timeout);
  const Duration patience = operation.is_put ? std::max(options_->lookup_timeout, 4 * answer) : 2 * answer;
  operation.deadline = environment.now() + patience;
  await(environment, operation.deadline);
  if (operation.is_put) {
    environment.send(holder, Put{.id = operation.id, .key = operation.key, .bytes = {operation.bytes}});
  } else {
    environment.send(holder, Get{.id = operation.id, .key = operation.key});
  }
}

void Node::retry_operation(Environment& environment, Operation& operation) {
  if (operation.attempts >= options_->operation_attempts || operation.absences >= 2)
    return finish_operation(environment, operation.id, false, {});
  operation.stage = Operation::Stage::waiting;
  operation.deadline = environment.now() + backoff(operation.attempts);
  await(environment, operation.deadline);
}

void Node::handle_overdue_operations(Environment& environment) {
  const Time now = environment.now();
  std::vector<std::uint32_t> overdue;
  for (const Operation& operation : occasional_->store.operations)
    if (operation.deadline <= now) overdue.push_back(operation.id);
  for (const std::uint32_t id : overdue) {
    Operation& operation = *operation_of(id);
    if (operation.stage == Operation::Stage::waiting) {
      locate(environment, id);
    } else if (operation.is_put || !hedges()) {
      ask_next_holder(environment, operation);
    } else {
      handle_late_holders(environment, operation);
    }
  }
}

void Node::ask_next_holder(Environment& environment, Operation& operation) {
  operation.holders.pop_back();
  if (operation.holders.empty()) return retry_operation(environment, operation);
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

void Node::end_round(Environment& environment, Operation& operation) {
  if (operation.is_absent) ++operation.absences;
  operation.is_absent = false;
  operation.in_question = 0;
  retry_operation(environment, operation);
}

void Node::handle(Environment& environment, Address from, const PutDone& done) {
  Operation* operation = operation_of(done.id);
  if (operation == nullptr || !operation->is_put || operation->asked != from) return;
  if (done.outcome != PutDone::Outcome::stored) {
    if (operation->stage == Operation::Stage::asking) retry_operation(environment, *operation);
    return;
  }
  environment.trace(index_of(TraceEvent::value_acknowledged),
                    {operation->key.value, done.stamp.version, done.stamp.checksum});
  finish_operation(environment, done.id, true, {});
}

// A value that does not fit its checksum is as good as none: another holder may have the right one.
void Node::handle(Environment& environment, Address from, const Value& value) {
  Operation* operation = operation_of(value.id);
  if (operation == nullptr || operation->is_put || operation->stage != Operation::Stage::asking) return;
  const auto first = operation->holders.end() - operation->in_question;
  const auto holder =
      std::find_if(first, operation->holders.end(), [from](Contact asked) { return asked.address == from; });
  if (holder == operation->holders.end()) return;
  if (from == operation->asked && operation->attempts == 1) rtt_.note(from, environment.now() - operation->asked_at);
  if (value.here && is_intact(operation->key, value.stamp, value.bytes.bytes))
    return finish_operation(environment, value.id, true, value.bytes.bytes);
  if (!hedges()) {
    if (!value.here && operation->holders.size() == 1) ++operation->absences;
    return ask_next_holder(environment, *operation);
  }
  if (!value.here) operation->is_absent = true;
  operation->holders.erase(holder);
  --operation->in_question;
  if (operation->holders.empty()) return end_round(environment, *operation);
  if (operation->in_question == 0) ask_more_holders(environment, *operation);
}

void Node::finish_operation(Environment& environment, std::uint32_t id, bool success, Bytes bytes) {
  Operation* found = operation_of(id);
  const Operation operation = std::move(*found);
  auto& operations = occasional_->store.operations;
  operations.erase(operations.begin() + (found - operations.data()));
  const auto latency = static_cast<std::uint64_t>((environment.now() - operation.started).count());
  const TraceEvent event = operation.is_put ? TraceEvent::put_done : TraceEvent::get_done;
  environment.trace(index_of(event), {operation.key.value, latency, operation.attempts, success ? 1u : 0u});
  if (operation.is_put) {
    environment.print(operation.name + (success ? " is stored" : " could not be stored"));
  } else if (success) {
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    environment.print(operation.name + " = " + std::string(text, bytes.size()));
  } else {
    environment.print(operation.name + (operation.absences >= 2 ? " was not found" : " could not be fetched"));
  }
}

std::size_t Node::pending_operations() const noexcept {
  if (coursework_) return coursework_->pending();
  return occasional_ ? occasional_->store.operations.size() : 0;
}

}  // namespace peerbed::ring
