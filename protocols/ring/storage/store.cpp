#include "protocols/ring/storage/store.h"

#include <algorithm>

#include "protocols/ring/base/trace.h"

namespace peerbed::ring {

namespace {

// On the disk a copy is this number, the members of its state, its checksum, and its bytes.
constexpr std::uint32_t record_format = 0x50425632;  // "PBV2"
constexpr std::size_t record_head = sizeof(std::uint32_t) + 4 * sizeof(std::uint64_t);

constexpr int periods_of_discarded = 4;    // then they are forgotten
constexpr int periods_until_orphaned = 3;  // without a confirmation of a copy

// A tombstone that has outlived the longest absence, after which no older copy is promised to be refused.
bool is_spent(const StorageContext& context, const ValueState& state) noexcept {
  const std::uint64_t gone = std::max(state.until, state.stamp.time);
  const bool is_part = state.until == ValueState::discarded;  // of a name that nobody uses again
  const Options& options = context.options;
  const Duration memory = is_part ? periods_of_discarded * options.repair_period : options.tombstone_lifetime;
  const auto lifetime = static_cast<std::uint64_t>(std::min(memory, options.tombstone_lifetime).count());
  return state.until != ValueState::forever && gone < context.clock && context.clock - gone > lifetime;
}

std::optional<ValueCopy> read_record(Key key, Bytes bytes) noexcept {
  Reader reader(bytes);
  const auto format = reader.integer<std::uint32_t>();
  ValueCopy copy;
  copy.state.stamp.time = reader.integer<std::uint64_t>();
  copy.state.stamp.operation = reader.integer<std::uint64_t>();
  copy.state.until = reader.integer<std::uint64_t>();
  copy.checksum = reader.integer<std::uint64_t>();
  copy.bytes = {reader.bytes(reader.remaining())};
  const bool is_record = reader.ok() && format == record_format && copy.is_intact(key);
  return is_record ? std::optional(copy) : std::nullopt;
}

}  // namespace

const StoredValue* Store::find(Key key) const noexcept {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

ValueStamp Store::stamp_of(Key key) const noexcept {
  const StoredValue* value = find(key);
  return value == nullptr ? ValueStamp{} : value->state.stamp;
}

Store::Kept Store::keep(const StorageContext& context, Key key, const ValueState& state, Bytes bytes) {
  PEERBED_CONTRACT(state.stamp.time > 0 && bytes.size() <= maximum_value_size, "a value that is kept is intact");
  auto found = values_.find(key);
  if (found == values_.end()) {
    if (is_spent(context, state)) return Kept::spent;
    if (values_.size() >= context.options.maximum_values) return Kept::full;
    found = values_.emplace(key, StoredValue{}).first;
  }
  StoredValue& value = found->second;
  if (state.stamp <= value.state.stamp) return Kept::no_newer;
  note_replaced(context, key, value.bytes, bytes);
  value.state = state;
  value.holders = 0;
  value.change = ++changes_;
  const bool is_gone = state.is_gone(context.clock);
  value.bytes.assign(bytes.begin(), is_gone ? bytes.begin() : bytes.end());
  write_record(context, key, value);
  return Kept::newer;
}

void Store::write_record(const StorageContext& context, Key key, const StoredValue& value) const {
  std::byte record[record_head + maximum_value_size];
  Writer writer(record);
  const ValueCopy copy = ValueCopy::of(key, value.state, value.bytes);
  writer.integer(record_format);
  writer.integers(copy.state.stamp.time, copy.state.stamp.operation, copy.state.until, copy.checksum);
  writer.bytes(value.bytes);
  context.environment.write_content(ContentKey{key.value}, writer.written());
}

void Store::drop(const StorageContext& context, Key key) {
  context.environment.erase_content(ContentKey{key.value});
  values_.erase(key);
}

void Store::bury(const StorageContext& context) {
  for (auto entry = values_.begin(); entry != values_.end();) {
    auto& [key, value] = *entry;
    if (is_spent(context, value.state)) {
      context.environment.erase_content(ContentKey{key.value});
      entry = values_.erase(entry);
      continue;
    }
    if (value.state.is_gone(context.clock) && !value.bytes.empty()) {
      context.environment.trace(index_of(TraceEvent::value_expired), {key.value, value.state.stamp.time});
      value.bytes = {};
      write_record(context, key, value);
    }
    ++entry;
  }
}

void Store::show(const std::map<Key, ValueStamp>& stamps) {
  values_.clear();
  for (const auto& [key, stamp] : stamps) values_[key].state.stamp = stamp;
}

// Nobody has confirmed such a copy since: repair will find out who owns it.
void Store::take_content(const StorageContext& context, const ContentReady& ready) {
  if (ready.action == ContentAction::read && unread_ > 0) --unread_;
  if (!ready.found) return;
  const Key key{ready.key.value};
  const auto copy = context.space().contains(key) ? read_record(key, ready.bytes) : std::nullopt;
  if (!copy || is_spent(context, copy->state)) return context.environment.erase_content(ready.key);
  keep(context, key, copy->state, copy->bytes.bytes);
}

bool Store::is_settled(const StoredValue& value, const StorageContext& context) const noexcept {
  const std::uint32_t all = context.all_places();
  return all == 0 || (value.placement == placement_ && (value.holders & all) == all);
}

bool Store::is_all_settled(const StorageContext& context) const noexcept {
  return std::all_of(values_.begin(), values_.end(),
                     [&](const auto& entry) { return is_settled(entry.second, context); });
}

void Store::note_holder(Key key, unsigned index) noexcept {
  PEERBED_CONTRACT(index < maximum_replicas, "a holder has a place among at most 31");
  const auto value = values_.find(key);
  if (value != values_.end()) note_holder(value->second, index);
}

void Store::note_holder(StoredValue& value, unsigned index) noexcept {
  if (value.placement != placement_) {
    value.placement = placement_;
    value.holders = 0;
  }
  value.holders |= 1u << index;
}

void Store::note_alike(KeyRange range, unsigned index, std::uint32_t change) noexcept {
  PEERBED_CONTRACT(index < maximum_replicas, "a holder has a place among at most 31");
  for_each_in(values_, range, [&](Key, StoredValue& value) {
    if (!has_changed(value, change)) note_holder(value, index);
    return true;
  });
}

void Store::replicate(const StorageContext& context, Key key) const {
  const StoredValue* value = find(key);
  if (value == nullptr) return;
  const bool current = value->placement == placement_;
  const Replicate copy{{.placement = placement_}, key, ValueCopy::of(key, value->state, value->bytes)};
  std::uint32_t bit = 1;
  for (const Contact holder : context.holders()) {
    const bool has_it = current && (value->holders & bit) != 0;
    if (!has_it) context.environment.send(holder.address, copy);
    bit <<= 1;
  }
}

void Store::confirm(Key key, Time now) noexcept {
  const auto value = values_.find(key);
  if (value != values_.end()) value->second.confirmed = now;
}

void Store::confirm(KeyRange range, Time now) noexcept {
  for_each_in(values_, range, [now](Key, StoredValue& value) {
    value.confirmed = now;
    return true;
  });
}

void Store::disown(KeyRange range) noexcept { confirm(range, Time::min()); }

bool Store::is_orphan(const StorageContext& context, Key key, const StoredValue& value) const noexcept {
  if (context.table.owns_key(key)) return false;
  return value.confirmed == Time::min() ||
         value.confirmed < context.now() - periods_until_orphaned * context.options.repair_period;
}

std::optional<Key> Store::first_orphan(const StorageContext& context, KeyRange range) const noexcept {
  std::optional<Key> first;
  for_each_in(values_, range, [&](Key key, const StoredValue& value) {
    if (is_orphan(context, key, value)) first = key;
    return !first;
  });
  return first;
}

RangeDigest Store::digest_of(KeyRange range) const noexcept {
  RangeDigest result{.end = range.end};
  for_each_in(values_, range, [&](Key key, const StoredValue& value) {
    ++result.count;
    result.digest += key_of(key.value, value.state.stamp.time, value.state.stamp.operation);
    return true;
  });
  return result;
}

void Store::note_replaced(const StorageContext& context, Key key, Bytes before, Bytes after) {
  const auto parts = PartSet::read(before);
  if (!parts || !context.table.is_member() || !context.table.owns_key(key)) return;
  const auto next = PartSet::read(after);
  if (next && next->name == parts->name) return;
  if (superseded_.size() == maximum_superseded) superseded_.erase(superseded_.begin());
  superseded_.push_back({key, *parts});
}

void Store::forget_superseded_of_others(const StorageContext& context) {
  std::erase_if(superseded_, [&](const Superseded& entry) { return !context.table.owns_key(entry.key); });
}

std::optional<Superseded> Store::take_superseded(const StorageContext& context) {
  const auto is_safe = [&](const Superseded& entry) {
    const StoredValue* value = find(entry.key);
    return value == nullptr || is_settled(*value, context);
  };
  const auto found = std::find_if(superseded_.begin(), superseded_.end(), is_safe);
  if (found == superseded_.end()) return std::nullopt;
  const Superseded taken = *found;
  superseded_.erase(found);
  return taken;
}

}  // namespace peerbed::ring
