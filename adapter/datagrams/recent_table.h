#pragma once
// A table that forgets: when it is full, an entry that has been unused for about the longest time is replaced.

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

namespace peerbed::adapter {

template <class Key, class Value, class Hash = std::hash<Key>>
class RecentTable {
 public:
  explicit RecentTable(std::size_t limit) : limit_(limit) {}

  // Null if there is no such entry. Valid until the next insert().
  Value* find(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    found->second.used = true;
    return &found->second.value;
  }
  // The entry must not exist yet.
  void insert(const Key& key, Value value) {
    if (keys_.size() < limit_) {
      keys_.push_back(key);
    } else {
      forget_one();
      keys_[hand_] = key;
      hand_ = (hand_ + 1) % limit_;
    }
    entries_.emplace(key, Entry{std::move(value), true});
  }
  std::size_t size() const noexcept { return entries_.size(); }
  std::size_t forgotten() const noexcept { return forgotten_; }

 private:
  struct Entry {
    Value value;
    bool used = false;  // since the hand last passed it
  };

  // The clock algorithm: evicts the first entry that was not used since the hand last passed it.
  void forget_one() {
    auto entry = entries_.find(keys_[hand_]);
    while (std::exchange(entry->second.used, false)) {
      hand_ = (hand_ + 1) % limit_;
      entry = entries_.find(keys_[hand_]);
    }
    entries_.erase(entry);
    ++forgotten_;
  }

  std::size_t limit_;
  std::unordered_map<Key, Entry, Hash> entries_;
  std::vector<Key> keys_;  // in the clock's order
  std::size_t hand_ = 0;
  std::size_t forgotten_ = 0;
};

}  // namespace peerbed::adapter
