#pragma once
// The copies of values that a node holds, in memory and on the disk: the newest state of each key that came its way,
// at most Options::maximum_values of them, tombstones among them. It also knows which of the next successors hold the
// own values too, as far as they said so since the node's neighbours last changed. Who changes the neighbours says so.

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/environment/time.h"
#include "protocols/ring/base/key_range.h"
#include "protocols/ring/storage/storage_context.h"
#include "protocols/ring/wire/parts.h"
#include "protocols/ring/wire/storage_messages.h"

namespace peerbed::ring {

constexpr std::size_t maximum_superseded = 64;  // the one noted first gives way

// A copy of a value.
struct StoredValue {
  ValueState state;
  std::vector<std::byte> bytes;
  Time confirmed = Time::min();  // when its owner last told this node to hold it
  // The next successors, by place, that are known to hold it too; of use while `placement` is the store's.
  std::uint32_t holders = 0;
  std::uint32_t placement = 0;
  std::uint32_t change = 0;  // the store's count of changes when it came
  auto fields() const { return std::tie(state, bytes, confirmed, holders, placement, change); }
};

// Parts of a large value whose record was replaced: they go when the new state is with all holders.
struct Superseded {
  Key key;
  PartSet parts;
  auto fields() const { return std::tie(key, parts); }
};

class Store {
 public:
  enum class Kept : std::uint8_t {
    newer,     // than what was there before
    no_newer,  // than what is there
    spent,     // a tombstone that nobody needs to remember any more
    full,      // there is no room for another value
  };

  std::size_t size() const noexcept { return values_.size(); }
  bool empty() const noexcept { return values_.empty(); }
  const std::map<Key, StoredValue>& values() const noexcept { return values_; }
  const StoredValue* find(Key key) const noexcept;  // nothing when there is none
  ValueStamp stamp_of(Key key) const noexcept;      // time 0 when there is none

  // Keeps a copy that is intact if it is newer than what is there, on the disk too.
  Kept keep(const StorageContext& context, Key key, const ValueState& state, Bytes bytes);
  // Lets go of a copy, on the disk too.
  void drop(const StorageContext& context, Key key);
  // What has expired becomes a tombstone, and a tombstone that is spent goes.
  void bury(const StorageContext& context);
  // Shows copies with these stamps and no others, without their bytes, in a store that is never used.
  void show(const std::map<Key, ValueStamp>& stamps);

  // Copies that an earlier process left on the disk are asked for, and come one by one.
  void expect(std::size_t count) noexcept { unread_ = static_cast<std::uint32_t>(count); }
  void take_content(const StorageContext& context, const ContentReady& ready);
  bool has_read_disk() const noexcept { return unread_ == 0; }

  // What others hold. The holders' answers from before the neighbours changed count no more.
  std::uint32_t placement() const noexcept { return placement_; }
  void begin_placement() noexcept { ++placement_; }
  bool is_settled(const StoredValue& value, const StorageContext& context) const noexcept;  // with all holders
  bool is_all_settled(const StorageContext& context) const noexcept;
  void note_holder(Key key, unsigned index) noexcept;
  // The holder has what this node had in the range when it had counted so many changes.
  void note_alike(KeyRange range, unsigned index, std::uint32_t change) noexcept;
  std::uint32_t changes() const noexcept { return changes_; }
  // Whether the value changed after so many changes were counted.
  static bool has_changed(const StoredValue& value, std::uint32_t since) noexcept {
    return static_cast<std::int32_t>(value.change - since) > 0;
  }
  // To those holders that are not known to have the value.
  void replicate(const StorageContext& context, Key key) const;

  // Which owners have told this node to hold what it holds.
  void confirm(Key key, Time now) noexcept;
  void confirm(KeyRange range, Time now) noexcept;
  void disown(KeyRange range) noexcept;  // as if nobody ever had
  // Whether the value has been left behind by changes of the ring: no owner has confirmed it for long.
  bool is_orphan(const StorageContext& context, Key key, const StoredValue& value) const noexcept;
  std::optional<Key> first_orphan(const StorageContext& context, KeyRange range) const noexcept;

  RangeDigest digest_of(KeyRange range) const noexcept;

  // The owner of a record that was replaced has to discard its parts, once the new state is with all holders: until
  // then the old one may come back.
  bool has_superseded() const noexcept { return !superseded_.empty(); }
  void forget_superseded_of_others(const StorageContext& context);
  std::optional<Superseded> take_superseded(const StorageContext& context);

  auto fields() const { return std::tie(values_, placement_, changes_, unread_, superseded_); }

 private:
  void note_replaced(const StorageContext& context, Key key, Bytes before, Bytes after);
  void write_record(const StorageContext& context, Key key, const StoredValue& value) const;
  void note_holder(StoredValue& value, unsigned index) noexcept;

  std::map<Key, StoredValue> values_;
  std::uint32_t placement_ = 1;  // counts changes of the neighbours that hold the own values
  std::uint32_t changes_ = 0;    // of values
  std::uint32_t unread_ = 0;     // records on the disk that were asked for
  std::vector<Superseded> superseded_;
};

}  // namespace peerbed::ring
