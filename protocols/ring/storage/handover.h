#pragma once
// Handing over: copies of values that a node is not to hold any more go to their owners, range by range: first to a new
// predecessor, which has just taken its range over, then clockwise round the ring. They are dropped only when their
// owner says that all holders have them.
//
// One step is under way at a time; the caller does what each returns, and says what came of it.

#include <optional>
#include <tuple>

#include "protocols/ring/base/key_range.h"
#include "protocols/ring/storage/storage_context.h"
#include "protocols/ring/storage/store.h"

namespace peerbed::ring {

class Handover {
 public:
  // What to do next; nothing at all when both are unset.
  struct Step {
    Contact owner{};  // of this range, which is to be offered what this node has of it
    KeyRange range{};
    std::optional<Key> orphan{};  // whose owner is to be looked up
  };

  // The predecessor has taken these keys over.
  void note_lost_range(KeyRange range) noexcept {
    lost_range_ = range;
    has_lost_range_ = true;
  }
  // Begins a round, of a store with orphans, while no step is under way.
  Step begin(const StorageContext& context, const Store& store);
  // Whoever was thought to be an owner is done with; `next`, if known, owns what follows. Each range has its turn once
  // in a round: values that are not dropped yet have theirs again in the next one.
  Step proceed(const StorageContext& context, const Store& store, Contact owner, Contact next);
  bool is_seeking() const noexcept { return is_seeking_; }
  // The owner of an orphan was looked up, and found or not.
  Step end_search(const StorageContext& context, Key orphan, Contact owner, bool is_handing_off);

  auto fields() const { return std::tie(given_up_to_, lost_range_, has_lost_range_, is_seeking_); }

 private:
  Step next_step(const StorageContext& context, const Store& store, Contact next);

  Key given_up_to_;      // how far the ring was gone through
  KeyRange lost_range_;  // what the predecessor has just taken over
  bool has_lost_range_ = false;
  bool is_seeking_ = false;  // an owner
};

}  // namespace peerbed::ring
