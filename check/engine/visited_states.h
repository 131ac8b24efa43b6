#pragma once
// The states seen so far: for each its fingerprint, and the state and action from which it was first reached. 24 bytes
// a state, and an index of 8 bytes a slot, of which at most three quarters are used.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "check/engine/exploration_file.h"
#include "check/engine/fingerprint.h"
#include "check/engine/system.h"

namespace peerbed::check {

class VisitedStates {
 public:
  struct Entry {
    Fingerprint fingerprint;
    StateNumber parent = no_state;  // none for an initial state
    Action action = 0;
  };

  VisitedStates();

  std::size_t size() const noexcept { return size_; }
  const Entry& operator[](StateNumber number) const noexcept {
    return chunks_[number / chunk_size][number % chunk_size];
  }
  // `no_state` if it is new. May be called from several threads as long as none inserts.
  StateNumber find(const Fingerprint& fingerprint) const noexcept;
  // Returns the state's number, which is size() before the call if it was new.
  StateNumber insert(const Entry& entry);
  // Fetch what `find` and `insert` will read: first the index, and once that is there, the entry.
  void prefetch(const Fingerprint& fingerprint) const noexcept { __builtin_prefetch(&index_[place_of(fingerprint)]); }
  void prefetch_entry(const Fingerprint& fingerprint) const noexcept;

  void put(ExplorationWriter& file) const;
  // Of a file whose states are distinct; replaces what is here.
  void get(ExplorationReader& file);

  // In bytes.
  std::size_t memory() const noexcept;

 private:
  static constexpr std::size_t chunk_size = 65'536;
  static constexpr std::uint64_t tag_mask = 0xFFFF'FFFF'0000'0000;  // of a slot

  std::size_t place_of(const Fingerprint& fingerprint) const noexcept { return fingerprint.low & (index_.size() - 1); }
  // The upper half of a slot, never zero.
  static std::uint64_t tag_of(const Fingerprint& fingerprint) noexcept { return (fingerprint.high >> 32 | 1) << 32; }
  void grow_index();

  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::size_t size_ = 0;
  std::vector<std::uint64_t> index_;  // a tag and a number; 0 is free. The size is a power of two.
};

}  // namespace peerbed::check
