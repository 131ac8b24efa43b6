#pragma once
// What a node knows about the past of its keys: whether there may be values that it has not heard of. A node that is
// informed knows of every acknowledged put to the keys that it owns, and for a while of those to keys before them.

#include <optional>
#include <tuple>

#include "protocols/environment/time.h"
#include "protocols/ring/base/key_range.h"
#include "protocols/ring/storage/storage_context.h"

namespace peerbed::ring {

class Knowledge {
 public:
  bool informed() const noexcept { return informed_; }
  // A newcomer knows nothing of what was put before.
  void forget(Time now) noexcept {
    informed_ = false;
    joined_ = now;
  }
  // The predecessor is another one. Returns the keys that it has taken over, if it has.
  std::optional<KeyRange> note_owned_range(const StorageContext& context) noexcept;
  // All holders were found to hold the same as this node. Once they knew all, or would have told in the meantime, so
  // does this node.
  void note_alike(const StorageContext& context, bool are_informed) noexcept;
  // An informed owner before this node holds just what this node holds of its keys.
  void extend(const StorageContext& context, KeyRange range) noexcept;
  bool knows_past_of(const StorageContext& context, KeyRange range) const noexcept;

  auto fields() const { return std::tie(informed_, joined_, is_bounded_, owned_from_, held_from_, held_at_); }

 private:
  Key known_from(const StorageContext& context) const noexcept;

  bool informed_ = true;
  Time joined_ = Time::min();  // when it began to be otherwise
  bool is_bounded_ = false;    // it has had a predecessor, so that it owned not all keys but those from
  Key owned_from_;             // here on
  Key held_from_;              // it knows as much of the keys from here on, which others owned then
  Time held_at_ = Time::min();
};

}  // namespace peerbed::ring
