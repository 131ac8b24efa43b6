#pragma once
// A table that forgets: when it is full, the entry that was not used for about the longest time makes room.

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

namespace peerbed::adapter {

template <class Key, class Value, class Hash = std::hash<Key>>
class RecentTable {
 public:
  explicit RecentTable(std::size_t limit) : limit_(limit) {}

  // Null when there is no such entry. Valid until the next insert().
  Value* find(const Key& key) {
    const auto place = places_.find(key);
    if (place == places_.end()) return nullptr;
    Entry& entry = entries_[place->second];
    entry.used = true;
    return &entry.value;
  }
  // Adds an entry that is not there.
  void insert(const Key& key, Value value) {
    const std::size_t place = free_place();
    entries_[place] = {key, std::move(value), true};
    places_.emplace(key, place);
  }
  std::size_t size() const noexcept { return places_.size(); }
  std::size_t forgotten() const noexcept { return forgotten_; }

 private:
  struct Entry {
    Key key{};
    Value value{};
    bool used = false;  // since the hand passed it
  };

  // The clock algorithm: the first entry that was not used since the hand passed it last.
  std::size_t free_place() {
    if (entries_.size() < limit_) {
      entries_.emplace_back();
      return entries_.size() - 1;
    }
    while (std::exchange(entries_[hand_].used, false)) hand_ = (hand_ + 1) % limit_;
    const std::size_t place = hand_;
    hand_ = (hand_ + 1) % limit_;
    places_.erase(entries_[place].key);
    ++forgotten_;
    return place;
  }

  std::size_t limit_;
  std::vector<Entry> entries_;
  std::unordered_map<Key, std::size_t, Hash> places_;
  std::size_t hand_ = 0;
  std::size_t forgotten_ = 0;
};

}  // namespace peerbed::adapter
