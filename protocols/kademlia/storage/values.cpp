#include "protocols/kademlia/storage/values.h"

#include <algorithm>
#include <string>
#include <utility>

#include "protocols/kademlia/base/purpose.h"
#include "protocols/kademlia/base/trace.h"

namespace peerbed::kademlia {
namespace {

using Kind = Operation::Kind;
using TargetState = Target::State;

std::vector<std::byte> bytes_of(std::string_view text) {
  const Bytes bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

// What a terminal may be given: bytes from anywhere can be anything.
std::string shown(const std::vector<std::byte>& bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    const char c = static_cast<char>(byte);
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  return text;
}

}  // namespace

void Values::start(Environment& environment) {
  const std::uint64_t low = environment.draw(draw_secret);
  tokens_ = Tokens(low, environment.draw(draw_secret));
}

std::optional<Copy> Values::copy_of(const ValueContext& context, const Id& key) const noexcept {
  const StoredValue* const value = store_.find(key, context.now());
  if (value == nullptr) return std::nullopt;
  const auto left = static_cast<std::uint64_t>((value->expires - context.now()).count());
  return Copy{.stamp = value->stamp, .lifetime = left, .bytes = {value->bytes}};
}

Stored Values::take(const ValueContext& context, Address from, const StoreValue& request) {
  Stored answer{.id = request.id, .self = context.self, .outcome = Stored::Outcome::refused};
  if (!tokens_.is_good(from, request.token, context.now()))
    answer.outcome = Stored::Outcome::bad_token;
  else if (request.copy.is_valid())
    answer.outcome = store_.put(context.options, request.key, request.copy.stamp, request.copy.bytes.bytes,
                                Duration(static_cast<std::int64_t>(request.copy.lifetime)), context.now(),
                                after(context, context.options.replicate_period));
  if (const StoredValue* const value = store_.find(request.key, context.now())) answer.stamp = value->stamp;
  if (answer.outcome != Stored::Outcome::stored)
    context.environment.trace(index_of(TraceEvent::store_refused),
                              {request.key.high, from.value, static_cast<std::uint64_t>(answer.outcome)});
  return answer;
}

std::uint32_t Values::put(const ValueContext& context, std::string_view name, std::string_view value) {
  const Id key = key_of_name(name);
  if (operations_.is_full() || (!publications_.contains(key) && publications_.size() >= maximum_publications)) {
    context.environment.refuse("busy", std::string(name) + " was not stored: too many values are under way or kept");
    return 0;
  }
  const auto now = static_cast<std::uint64_t>(nanoseconds_since_start(context.now()));
  const std::uint64_t identity = context.environment.draw(draw_operation);
  const Stamp stamp{std::max<std::uint64_t>(now, 1), identity};
  const Operation& operation = operations_.begin({.kind = Kind::put,
                                                  .name = std::string(name),
                                                  .key = key,
                                                  .stamp = stamp,
                                                  .identity = identity,
                                                  .started = context.now(),
                                                  .expires = context.now() + context.options.value_lifetime,
                                                  .bytes = bytes_of(value)});
  context.environment.trace(index_of(TraceEvent::put_begun), {identity, key.high});
  return operation.number;
}

std::uint32_t Values::get(const ValueContext& context, std::string_view name) {
  if (operations_.is_full()) {
    context.environment.refuse("busy", std::string(name) + " was not fetched: too many operations are under way");
    return 0;
  }
  const Id key = key_of_name(name);
  Operation& operation = operations_.begin({.kind = Kind::get,
                                            .name = std::string(name),
                                            .key = key,
                                            .identity = context.environment.draw(draw_operation),
                                            .started = context.now()});
  context.environment.trace(index_of(TraceEvent::get_begun), {operation.identity, key.high});
  const std::uint32_t number = operation.number;
  if (const auto own = copy_of(context, key)) {
    note_met(number, *own);
    if (context.options.read_quorum == 1) {
      end_get(context, operation, 0);
      operations_.end(number);
      return 0;
    }
  }
  return number;
}

Time Values::next_chore() const noexcept {
  if (operations_.count(Kind::replicate) + operations_.count(Kind::republish) >= maximum_chores ||
      operations_.is_full())
    return Time::max();
  Time next = store_.next_turn();
  for (const auto& [key, publication] : publications_) next = std::min(next, publication.republish_at);
  return next;
}

std::optional<std::uint32_t> Values::begin_chore(const ValueContext& context) {
  const Time now = context.now();
  while (next_chore() <= now) {
    const auto due = std::find_if(publications_.begin(), publications_.end(),
                                  [now](const auto& entry) { return entry.second.republish_at <= now; });
    if (due != publications_.end()) {
      Publication& publication = due->second;
      publication.republish_at = after(context, context.options.republish_period);
      return operations_
          .begin({.kind = Kind::republish,
                  .key = due->first,
                  .stamp = publication.stamp,
                  .started = now,
                  .expires = now + context.options.value_lifetime,
                  .bytes = publication.bytes})
          .number;
    }
    const auto turn = store_.take_turn(now, after(context, context.options.replicate_period));
    if (turn->has_expired) {
      context.environment.trace(index_of(TraceEvent::value_expired), {turn->key.high});
      continue;
    }
    const StoredValue& value = *store_.find(turn->key, now);
    return operations_
        .begin({.kind = Kind::replicate,
                .key = turn->key,
                .stamp = value.stamp,
                .started = now,
                .expires = value.expires,
                .bytes = value.bytes})
        .number;
  }
  return std::nullopt;
}

// The keys that are closer to the newcomer share its next bit after those that it shares with this node: they stand
// together.
std::vector<std::uint32_t> Values::welcome(const ValueContext& context, const Contact& newcomer, std::uint64_t token) {
  std::vector<std::uint32_t> begun;
  const unsigned prefix = common_prefix(context.self, newcomer.id);
  const auto& values = store_.values();
  for (auto entry = values.lower_bound(with_prefix_of(context.self, prefix, {}));
       entry != values.end() && common_prefix(context.self, entry->first) == prefix; ++entry) {
    if (operations_.is_full() || operations_.count(Kind::transfer) >= maximum_transfers) break;
    if (entry->second.expires <= context.now()) continue;
    begun.push_back(operations_
                        .begin({.kind = Kind::transfer,
                                .key = entry->first,
                                .stamp = entry->second.stamp,
                                .started = context.now(),
                                .expires = entry->second.expires,
                                .bytes = entry->second.bytes,
                                .targets = {{.contact = newcomer, .token = token}}})
                        .number);
  }
  return begun;
}

void Values::abandon(const ValueContext& context, std::uint32_t number) {
  const Operation* const operation = operations_.find(number);
  if (operation == nullptr || operation->kind != Kind::get) return end_if_done(context, number);
  end_get(context, *operation, 0);
  operations_.end(number);
}

void Values::note_met(std::uint32_t number, const Copy& copy) {
  Operation* const operation = operations_.find(number);
  if (operation == nullptr || copy.stamp <= operation->stamp) return;
  operation->stamp = copy.stamp;
  operation->bytes.assign(copy.bytes.bytes.begin(), copy.bytes.bytes.end());
}

void Values::found(const ValueContext& context, const Lookup& lookup) {
  Operation* const operation = operations_.find(lookup.subject());
  if (operation == nullptr) return;
  if (operation->kind != Kind::get) return aim(context, *operation, lookup);
  end_get(context, *operation, lookup.requests());
  operations_.end(lookup.subject());
}

// The value belongs to the bucket_size closest nodes, of which this one may be one.
void Values::aim(const ValueContext& context, Operation& operation, const Lookup& lookup) {
  std::size_t closer = 0;  // than this node
  for (const Candidate& candidate : lookup.candidates()) {
    if (candidate.state != Candidate::State::answered) continue;
    if (is_closer(candidate.contact.id, context.self, operation.key)) ++closer;
    operation.targets.push_back({.contact = candidate.contact, .token = candidate.token});
    if (operation.targets.size() == context.options.bucket_size) break;
  }
  const bool is_holder = closer < context.options.bucket_size;
  if (is_holder && operation.targets.size() == context.options.bucket_size) operation.targets.pop_back();
  if (operation.is_own() && is_holder)
    store_.put(context.options, operation.key, operation.stamp, operation.bytes, operation.expires - context.now(),
               context.now(), after(context, context.options.replicate_period));
  if (operation.kind == Kind::replicate && !is_holder) store_.retire(operation.key);
}

std::optional<Contact> Values::next_target(std::uint32_t number) noexcept {
  Operation* const operation = operations_.find(number);
  if (operation == nullptr) return std::nullopt;
  for (Target& target : operation->targets) {
    if (target.state != TargetState::unasked) continue;
    target.state = TargetState::asked;
    return target.contact;
  }
  return std::nullopt;
}

bool Values::has_unasked(std::uint32_t number) noexcept {
  const Operation* const operation = operations_.find(number);
  return operation != nullptr && std::any_of(operation->targets.begin(), operation->targets.end(),
                                             [](const Target& t) { return t.state == TargetState::unasked; });
}

std::optional<StoreValue> Values::request(const ValueContext& context, std::uint32_t number,
                                          const Contact& target) noexcept {
  Operation* const operation = operations_.find(number);
  const Target* const asked = operation == nullptr ? nullptr : operation->target(target);
  if (asked == nullptr) return std::nullopt;
  return operation->request(*asked, context.now());
}

void Values::note_answer(std::uint32_t number, const Contact& target, const Stored& answer) noexcept {
  Operation* const operation = operations_.find(number);
  Target* const asked = operation == nullptr ? nullptr : operation->target(target);
  if (asked == nullptr || asked->state != TargetState::asked) return;
  asked->state = answer.outcome == Stored::Outcome::stored ? TargetState::stored : TargetState::failed;
  if (answer.outcome == Stored::Outcome::outdated) operation->newest = std::max(operation->newest, answer.stamp);
}

void Values::note_silence(std::uint32_t number, const Contact& target) noexcept {
  Operation* const operation = operations_.find(number);
  if (operation == nullptr) return;
  if (Target* const asked = operation->target(target)) asked->state = TargetState::failed;
}

void Values::end_if_done(const ValueContext& context, std::uint32_t number) {
  Operation* const operation = operations_.find(number);
  if (operation == nullptr || operation->is_waiting()) return;
  const bool is_outdated = operation->newest > operation->stamp;
  if (operation->kind == Kind::put && is_outdated && operation->stampings < maximum_stampings &&
      operation->newest.time < UINT64_MAX) {
    ++operation->stampings;
    operation->stamp.time = operation->newest.time + 1;
    for (Target& target : operation->targets) target.state = TargetState::unasked;
    if (store_.find(operation->key, context.now()) != nullptr)
      store_.put(context.options, operation->key, operation->stamp, operation->bytes,
                 operation->expires - context.now(), context.now(), after(context, context.options.replicate_period));
    return;
  }
  if (operation->kind == Kind::put) end_put(context, *operation);
  // Somebody else has put a newer value.
  if (operation->kind == Kind::republish && is_outdated) publications_.erase(operation->key);
  operations_.end(number);
}

void Values::end_put(const ValueContext& context, const Operation& operation) {
  const StoredValue* const own = store_.find(operation.key, context.now());
  const std::size_t holders = operation.stored() + (own != nullptr && own->stamp == operation.stamp ? 1 : 0);
  const bool success = holders > 0 && operation.newest < operation.stamp;
  if (success) {
    publications_[operation.key] = {operation.stamp, after(context, context.options.republish_period), operation.bytes};
    context.environment.print(operation.name + " is stored");
    context.environment.trace(index_of(TraceEvent::value_acknowledged),
                              {operation.key.high, operation.stamp.time, operation.stamp.operation});
  } else {
    context.environment.refuse("not-stored", operation.name + " was not stored");
  }
  const auto latency = static_cast<std::uint64_t>((context.now() - operation.started).count());
  context.environment.trace(index_of(TraceEvent::put_done), {operation.key.high, latency, holders, success ? 1U : 0U});
}

void Values::end_get(const ValueContext& context, const Operation& operation, unsigned requests) {
  const bool success = operation.stamp.time > 0;
  if (success)
    context.environment.print(operation.name + " = " + shown(operation.bytes));
  else
    context.environment.refuse("not-found", operation.name + " was not found");
  const auto latency = static_cast<std::uint64_t>((context.now() - operation.started).count());
  context.environment.trace(index_of(TraceEvent::get_returned),
                            {operation.identity, operation.key.high, operation.stamp.time, operation.stamp.operation});
  context.environment.trace(index_of(TraceEvent::get_done), {operation.key.high, latency, requests, success ? 1U : 0U});
}

Time Values::after(const ValueContext& context, Duration period) {
  if (period == Duration::zero()) return Time::max();
  return context.now() + jittered(context.environment, context.options, period);
}

}  // namespace peerbed::kademlia
