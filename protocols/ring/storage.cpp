// Holding values: copies in memory and on the disk, and what is said of them to those who ask.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {

// On the disk a copy is this number, the members of its state, its checksum, and its bytes.
constexpr std::uint32_t record_format = 0x50425632;  // "PBV2"
constexpr int periods_of_discarded = 4;              // then they are forgotten
constexpr std::size_t record_head = sizeof(std::uint32_t) + 4 * sizeof(std::uint64_t);

std::uint64_t checksum_of(Key key, const ValueState& state, Bytes bytes) noexcept {
  return hash_bytes(bytes, key_of(key.value, state.stamp.time, state.stamp.operation, state.until));
}

}  // namespace

ValueCopy Node::copy_of(Key key, const ValueState& state, Bytes bytes) noexcept {
  return {.state = state, .checksum = checksum_of(key, state, bytes), .bytes = {bytes}};
}

bool Node::is_intact(Key key, const ValueCopy& copy) noexcept {
  return copy.state.stamp.time > 0 && copy.bytes.bytes.size() <= maximum_value_size &&
         copy.checksum == checksum_of(key, copy.state, copy.bytes.bytes);
}

// The clock of stamps, which hosts agree on as far as their clocks are right.
std::uint64_t Node::clock(const Environment& environment) const noexcept {
  const Duration offset = cold_state_ ? cold_state_->clock_offset : Duration{0};
  const Duration since_epoch = environment.now() - time_zero + offset;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch.count(), 1));
}

// A tombstone that has outlived the longest absence, after which no older copy is promised to be refused.
bool Node::is_spent(const ValueState& state, std::uint64_t clock) const noexcept {
  const std::uint64_t gone = std::max(state.until, state.stamp.time);
  const bool is_part = state.until == ValueState::discarded;  // of a name that nobody uses again
  const Duration memory = is_part ? periods_of_discarded * options_->repair_period : options_->tombstone_lifetime;
  const auto lifetime = static_cast<std::uint64_t>(std::min(memory, options_->tombstone_lifetime).count());
  return state.until != ValueState::forever && gone < clock && clock - gone > lifetime;
}

// Where a node stands among the holders; nothing when it is none.
std::optional<unsigned> Node::holder_place(Address address) const noexcept {
  const auto holders = replica_holders();
  const auto place =
      std::find_if(holders.begin(), holders.end(), [&](Contact holder) { return holder.address == address; });
  if (place == holders.end()) return std::nullopt;
  return static_cast<unsigned>(place - holders.begin());
}

// Keeps a copy if it is newer than what is there, on the disk too. Returns what is kept then; nothing when full.
StoredValue* Node::keep(Environment& environment, Key key, const ValueState& state, Bytes bytes) {
  Store& store = cold_state_.get_or_create().store;
  auto place = store.values.find(key);
  if (place == store.values.end()) {
    if (store.values.size() >= options_->maximum_values || is_spent(state, clock(environment))) return nullptr;
    place = store.values.emplace(key, StoredValue{}).first;
  }
  StoredValue& value = place->second;
  if (state.stamp <= value.state.stamp) return &value;
  note_replaced(key, value.bytes, bytes);
  value.state = state;
  value.holders = 0;
  value.change = ++store.changes;
  const bool is_gone = state.is_gone(clock(environment));
  value.bytes.assign(bytes.begin(), is_gone ? bytes.begin() : bytes.end());
  write_record(environment, key, value);
  return &value;
}

void Node::write_record(Environment& environment, Key key, const StoredValue& value) const {
  std::byte record[record_head + maximum_value_size];
  Writer writer(record);
  writer.integer(record_format);
  writer.integers(value.state.stamp.time, value.state.stamp.operation, value.state.until,
                  checksum_of(key, value.state, value.bytes));
  writer.bytes(value.bytes);
  environment.write_content(ContentKey{key.value}, writer.written());
}

// A copy that an earlier process left on the disk. Nobody has confirmed it since: repair will find out who owns it.
void Node::on_content(Environment& environment, const ContentReady& ready) {
  if (cold_state_ && ready.action == ContentAction::read && cold_state_->store.unread > 0) --cold_state_->store.unread;
  if (!ready.found) return;
  Reader reader(ready.bytes);
  const auto format = reader.integer<std::uint32_t>();
  ValueCopy copy;
  copy.state.stamp.time = reader.integer<std::uint64_t>();
  copy.state.stamp.operation = reader.integer<std::uint64_t>();
  copy.state.until = reader.integer<std::uint64_t>();
  copy.checksum = reader.integer<std::uint64_t>();
  copy.bytes = {reader.bytes(reader.remaining())};
  const Key key{ready.key.value};
  const bool is_record = reader.ok() && format == record_format && space().contains(key) && is_intact(key, copy);
  if (!is_record || is_spent(copy.state, clock(environment))) return environment.erase_content(ready.key);
  keep(environment, key, copy.state, copy.bytes.bytes);
}

// What has expired becomes a tombstone, and a tombstone that is spent goes.
void Node::bury_values(Environment& environment) {
  Store& store = cold_state_->store;
  const std::uint64_t now = clock(environment);
  for (auto place = store.values.begin(); place != store.values.end();) {
    auto& [key, value] = *place;
    if (is_spent(value.state, now)) {
      environment.erase_content(ContentKey{key.value});
      place = store.values.erase(place);
      continue;
    }
    if (value.state.is_gone(now) && !value.bytes.empty()) {
      environment.trace(index_of(TraceEvent::value_expired), {key.value, value.state.stamp.time});
      value.bytes = {};
      write_record(environment, key, value);
    }
    ++place;
  }
}

void Node::handle(Environment& environment, Address from, const Replicate& copy) {
  if (!is_member() || !space().contains(copy.key) || !is_intact(copy.key, copy.copy)) return;
  const ValueStamp before = holds(copy.key).value_or(ValueStamp{});
  StoredValue* value = keep(environment, copy.key, copy.copy.state, copy.copy.bytes.bytes);
  Replicated answer{.context = copy.context, .key = copy.key, .stamp = copy.copy.state.stamp};
  if (value != nullptr) {
    answer.stamp = value->state.stamp;
    if (copy.context.placement != 0) value->confirmed = environment.now();
    if (owns_key(copy.key) && before < value->state.stamp) {
      outdate_puts(environment, copy.key);
      // An owner that was given what it lacked has to see to the other holders.
      if (!is_settled(*value)) seek_repair(environment);
    }
    const bool is_newer = copy.copy.state.stamp < value->state.stamp;
    if (is_newer && copy.context.placement != 0)
      environment.send(from, Replicate{{}, copy.key, copy_of(copy.key, value->state, value->bytes)});
  } else if (!is_spent(copy.copy.state, clock(environment))) {
    answer.stamp = {};
  }
  if (copy.context.placement != 0) environment.send(from, answer);
}

// An owner is sure when it is informed of its keys' past, and a holder as long as the owner has lately confirmed its
// copy. For what a node lacks only its owner can speak.
bool Node::is_certain_of(Time now, Key key, const StoredValue* value) const noexcept {
  if (owns_key(key)) return cold_state_->store.knowledge.informed && cold_state_->store.unread == 0;
  return value != nullptr && value->confirmed != Time::min() && value->confirmed > now - 2 * options_->repair_period;
}

void Node::handle(Environment& environment, Address from, const Get& get) {
  if (!is_member()) return;
  Value answer{.id = get.id, .certain = owns_key(get.key)};
  if (cold_state_) {
    const auto place = cold_state_->store.values.find(get.key);
    const StoredValue* value = place == cold_state_->store.values.end() ? nullptr : &place->second;
    answer.certain = is_certain_of(environment.now(), get.key, value);
    if (value != nullptr) {
      const bool is_gone = value->state.is_gone(clock(environment));
      answer.here = true;
      answer.copy = copy_of(get.key, value->state, is_gone ? Bytes{} : Bytes{value->bytes});
    }
  }
  if (!answer.here && owns_key(get.key)) {
    for (const Contact successor : table_.successors()) answer.elsewhere.add(successor);
    if (table_.predecessor()) answer.elsewhere.add(table_.predecessor());
  }
  environment.send(from, answer);
}

std::optional<ValueStamp> Node::holds(Key key) const {
  if (!cold_state_) return std::nullopt;
  const auto value = cold_state_->store.values.find(key);
  return value == cold_state_->store.values.end() ? std::nullopt : std::optional(value->second.state.stamp);
}

void Node::for_each_value(const std::function<void(Key, ValueStamp)>& visit) const {
  if (!cold_state_) return;
  for (const auto& [key, value] : cold_state_->store.values) visit(key, value.state.stamp);
}

std::size_t Node::value_count() const noexcept { return cold_state_ ? cold_state_->store.values.size() : 0; }

}  // namespace peerbed::ring
