#include "protocols/ring/requests/operations.h"

#include "protocols/ring/base/patience.h"
#include "protocols/ring/base/trace.h"

namespace peerbed::ring {

namespace {

using Next = Operations::Next;

constexpr unsigned rounds_until_absent = 2;  // in which the owner of a key was sure that there is no such value
constexpr unsigned maximum_restamps = 32;    // of a put that others overtake again and again

// A put waits as long as its owner may need to replace a holder; a get goes on to the next holder soon.
Duration put_patience(const RequestContext& context, Address owner) noexcept {
  const Options& options = context.options;
  return std::max(options.lookup_timeout, 4 * context.response_timeout(owner, options.hop_timeout));
}

void send_put(const RequestContext& context, Operation& operation) {
  if (operation.copies < UINT8_MAX) ++operation.copies;
  const ValueCopy copy = ValueCopy::of(operation.key, operation.state, operation.bytes);
  context.environment.send(operation.asked, Put{.id = operation.id, .key = operation.key, .copy = copy});
}

// The put or its answer may be lost: the owner, which knows a put by its operation, is asked again, after twice the
// time of the copy before.
bool repeat_put(const RequestContext& context, Operation& operation) {
  const Time now = context.now();
  const Time end = operation.asked_at + put_patience(context, operation.asked);
  if (now >= end || !context.retry_budget.spend()) return false;
  operation.deadline = std::min(end, now + (now - operation.asked_at));
  send_put(context, operation);
  return true;
}

Next retry(const RequestContext& context, Operation& operation) {
  if (operation.attempts >= context.options.operation_attempts || Operations::is_absent(operation)) return Next::fail;
  operation.stage = Operation::Stage::waiting;
  operation.deadline = context.now() + context.backoff(operation.attempts);
  context.await(operation.deadline);
  return Next::wait;
}

// All that were to be asked have answered or are silent: the newest that was seen is the answer.
Next end_round(const RequestContext& context, Operation& operation) {
  if (operation.is_get() && operation.state.stamp.time > 0) return Next::succeed;
  if (operation.is_absent) ++operation.absences;
  operation.is_absent = false;
  operation.in_question = 0;
  return retry(context, operation);
}

void note_seen(const RequestContext& context, Operation& operation, Address from, const Value& value, bool is_here) {
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
  auto& holders = operation.holders;
  for (const Contact other : value.elsewhere.all()) {
    const bool is_known = std::find(holders.begin(), holders.end(), other) != holders.end();
    if (context.is_valid(other) && !is_known && holders.size() < maximum_asked) holders.insert(holders.begin(), other);
  }
}

}  // namespace

bool Operations::is_absent(const Operation& operation) noexcept { return operation.absences >= rounds_until_absent; }

Operation Operations::on(std::string_view name, Operation::Kind kind, KeySpace space) {
  Operation operation;
  operation.kind = kind;
  operation.key = key_of_name(name, space);
  operation.name = name;
  return operation;
}

std::uint64_t Operations::next_name(const RequestContext& context) {
  return key_of(context.environment.self().value, context.incarnation, ++last_operation_);
}

// A time for a stamp: by the clock, but later than all that this node has given, and than `known`.
std::uint64_t Operations::next_stamp_time(std::uint64_t clock, std::uint64_t known) noexcept {
  const std::uint64_t time = std::max(clock, last_time_ + 1);
  // A stamp that is far ahead moves the one that has to follow it, and not this node's later ones.
  if (known >= time) return known + 1;
  last_time_ = time;
  return time;
}

std::uint32_t Operations::begin(const RequestContext& context, Operation operation) {
  PEERBED_CONTRACT(operations_.size() <= maximum_operations, "an operation too many has ended before the next begins");
  if (operation.id == 0) {
    operation.id = context.ids.next();
    operation.started = context.now();
  }
  operation.name_of_all = next_name(context);
  operation.deadline = never;
  if (operation.is_get()) {
    context.environment.trace(index_of(TraceEvent::get_begun), {operation.name_of_all, operation.key.value});
  } else {
    ValueState& state = operation.state;
    state.stamp = {next_stamp_time(context.clock, state.stamp.time), operation.name_of_all};
    if (operation.lifetime > Duration{0})
      state.until = state.stamp.time + static_cast<std::uint64_t>(operation.lifetime.count());
    if (operation.kind == Operation::Kind::remove) state.until = operation.transfer != 0 ? ValueState::discarded : 0;
    context.environment.trace(index_of(TraceEvent::put_begun),
                              {operation.name_of_all, operation.key.value, state.until, state.stamp.time});
  }
  operations_.push_back(std::move(operation));
  return operations_.back().id;
}

Operation* Operations::operation_of(std::uint32_t id) noexcept {
  const auto found =
      std::find_if(operations_.begin(), operations_.end(), [id](const auto& entry) { return entry.id == id; });
  return found == operations_.end() ? nullptr : &*found;
}

const Operation* Operations::find(std::uint32_t id) const noexcept {
  const auto found =
      std::find_if(operations_.begin(), operations_.end(), [id](const auto& entry) { return entry.id == id; });
  return found == operations_.end() ? nullptr : &*found;
}

Operation Operations::take(std::uint32_t id) {
  Operation* found = operation_of(id);
  PEERBED_CONTRACT(found != nullptr, "an operation ends once");
  Operation taken = std::move(*found);
  operations_.erase(operations_.begin() + (found - operations_.data()));
  return taken;
}

Key Operations::locate(std::uint32_t id) {
  Operation* operation = operation_of(id);
  PEERBED_CONTRACT(operation != nullptr, "an operation that is under way is located");
  ++operation->attempts;
  operation->stage = Operation::Stage::locating;
  operation->deadline = never;
  return operation->key;
}

Next Operations::ask(const RequestContext& context, std::uint32_t id, Contact owner, std::span<const Contact> holders) {
  Operation* operation = operation_of(id);
  if (operation == nullptr || operation->stage != Operation::Stage::locating) return Next::wait;
  if (holders.empty()) return Next::fail;
  operation->owner = owner;
  operation->owner_answered = false;
  operation->owner_stamp = {};
  operation->stage = Operation::Stage::asking;
  operation->in_question = 0;
  if (!operation->is_get()) {
    operation->holders = {owner};
    return ask_holder(context, *operation);
  }
  operation->holders.assign(holders.rbegin(), holders.rend());
  return context.options.hedges() ? ask_more_holders(context, *operation) : ask_holder(context, *operation);
}

Next Operations::ask_holder(const RequestContext& context, Operation& operation) {
  const Address holder = operation.holders.back().address;
  operation.asked = holder;
  operation.asked_at = context.now();
  operation.in_question = 1;
  operation.deadline = context.now() + 2 * context.response_timeout(holder, context.options.hop_timeout);
  context.await(operation.deadline);
  if (operation.is_get()) {
    context.environment.send(holder, Get{.id = operation.id, .key = operation.key});
  } else {
    send_put(context, operation);
  }
  return Next::wait;
}

std::vector<std::uint32_t> Operations::overdue(Time now) const {
  std::vector<std::uint32_t> ids;
  for (const Operation& operation : operations_)
    if (operation.deadline <= now) ids.push_back(operation.id);
  return ids;
}

std::span<const Contact> Operations::late_holders(const RequestContext& context, std::uint32_t id) const noexcept {
  const Operation* operation = find(id);
  const bool is_asked = operation != nullptr && operation->is_get() && operation->stage == Operation::Stage::asking;
  if (!is_asked || !context.options.hedges()) return {};
  return std::span(operation->holders).last(operation->in_question);
}

Next Operations::handle_overdue(const RequestContext& context, std::uint32_t id) {
  Operation* operation = operation_of(id);
  if (operation == nullptr || operation->deadline > context.now()) return Next::wait;
  if (operation->stage == Operation::Stage::waiting) return Next::locate;
  if (!operation->is_get()) return repeat_put(context, *operation) ? Next::wait : ask_next_holder(context, *operation);
  if (!context.options.hedges()) return ask_next_holder(context, *operation);
  if (operation->in_question < operation->holders.size()) return ask_more_holders(context, *operation);
  operation->holders.clear();
  return end_round(context, *operation);
}

Next Operations::ask_next_holder(const RequestContext& context, Operation& operation) {
  operation.holders.pop_back();
  return operation.holders.empty() ? end_round(context, operation) : ask_holder(context, operation);
}

// A hedging get asks one holder, and as long as none answers in the usual time as many more as it has asked so far:
// dead ones cost it a time that grows with the logarithm of their number.
Next Operations::ask_more_holders(const RequestContext& context, Operation& operation) {
  const Time now = context.now();
  const std::size_t asked = operation.in_question;
  const std::size_t count = std::min(std::max<std::size_t>(asked, 1), operation.holders.size() - asked);
  for (std::size_t i = 1; i <= count; ++i) {
    const Contact holder = *(operation.holders.end() - static_cast<std::ptrdiff_t>(asked + i));
    context.environment.send(holder.address, Get{.id = operation.id, .key = operation.key});
  }
  if (asked == 0) {
    operation.asked = operation.holders.back().address;
    operation.asked_at = now;
  }
  operation.in_question = static_cast<std::uint8_t>(asked + count);
  const bool is_last = operation.in_question == operation.holders.size();
  const Address last = operation.holders.front().address;
  const Duration patience = 2 * context.response_timeout(last, context.options.hop_timeout);
  operation.deadline = now + (is_last ? patience : hedge_delay(context));
  context.await(operation.deadline);
  return Next::wait;
}

Next Operations::take(const RequestContext& context, Address from, const PutDone& done) {
  Operation* operation = operation_of(done.id);
  if (operation == nullptr || operation->is_get() || operation->asked != from) return Next::wait;
  if (done.outcome == PutDone::Outcome::stored) {
    context.environment.trace(index_of(TraceEvent::value_acknowledged),
                              {operation->key.value, done.stamp.time, operation->name_of_all, operation->state.until});
    return Next::succeed;
  }
  if (operation->stage != Operation::Stage::asking) return Next::wait;
  if (done.outcome == PutDone::Outcome::outdated) return stamp_anew(context, *operation, done.stamp);
  return retry(context, *operation);
}

// The key holds a newer stamp, though perhaps from an earlier put by a clock that is ahead: this put has to go above
// it.
Next Operations::stamp_anew(const RequestContext& context, Operation& operation, ValueStamp present) {
  ValueStamp& stamp = operation.state.stamp;
  if (present < stamp) return Next::wait;  // the answer to an earlier stamp
  if (operation.restamps == maximum_restamps || present.time == UINT64_MAX) return retry(context, operation);
  if (!operation.whole.empty() && operation.copies > 1) {
    if (operation.rounds + 1u >= maximum_transfer_rounds) return Next::fail;
    stamp.time = present.time;
    return Next::put_again;
  }
  ++operation.restamps;
  operation.copies = 0;
  stamp.time = next_stamp_time(context.clock, present.time);
  return ask_holder(context, operation);
}

// A value that does not fit its checksum is as good as none: another holder may have the right one.
Next Operations::take(const RequestContext& context, Address from, const Value& value) {
  Operation* operation = operation_of(value.id);
  if (operation == nullptr || !operation->is_get() || operation->stage != Operation::Stage::asking) return Next::wait;
  auto& holders = operation->holders;
  const auto is_sender = [from](Contact asked) { return asked.address == from; };
  if (std::none_of(holders.end() - operation->in_question, holders.end(), is_sender)) return Next::wait;
  if (from == operation->asked && operation->attempts == 1) context.rtt.note(from, context.now() - operation->asked_at);
  const bool is_here = value.here && value.copy.is_intact(operation->key);
  note_seen(context, *operation, from, value, is_here);
  if (is_here && value.certain) return Next::succeed;
  if (!context.options.hedges()) return ask_next_holder(context, *operation);
  holders.erase(std::find_if(holders.begin(), holders.end(), is_sender));
  --operation->in_question;
  if (holders.empty()) return end_round(context, *operation);
  return operation->in_question == 0 ? ask_more_holders(context, *operation) : Next::wait;
}

Time Operations::earliest_deadline() const noexcept {
  Time earliest = never;
  for (const Operation& operation : operations_) earliest = std::min(earliest, operation.deadline);
  return earliest;
}

}  // namespace peerbed::ring
