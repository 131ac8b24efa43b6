#include "protocols/ring/storage/knowledge.h"

namespace peerbed::ring {

// Who owns more keys than before has yet to learn of them, unless their owner has shown it all of them lately. Who owns
// fewer still knows of the others for a while, and hands their values over.
std::optional<KeyRange> Knowledge::note_owned_range(const StorageContext& context) noexcept {
  if (!context.table.predecessor()) return std::nullopt;
  const Key self = context.self;
  const Key begin = context.table.predecessor().key;
  const Key known = known_from(context);
  const bool is_more = begin != known && !between(known, begin, self);
  const Key owned = is_bounded_ ? owned_from_ : self;
  const bool is_less = between(owned, begin, self) && (is_bounded_ || informed_);
  if (informed_ && is_more) forget(context.now());
  if (is_less && informed_) {
    held_from_ = known;
    held_at_ = context.now();
  }
  owned_from_ = begin;
  is_bounded_ = true;
  return is_less ? std::optional(KeyRange{owned, begin}) : std::nullopt;
}

// Where the keys begin of which an informed node knows all that was acknowledged.
Key Knowledge::known_from(const StorageContext& context) const noexcept {
  const bool is_fresh = held_at_ != Time::min() && held_at_ > context.now() - 2 * context.options.repair_period;
  if (is_fresh) return held_from_;
  return is_bounded_ ? owned_from_ : context.self;
}

bool Knowledge::knows_past_of(const StorageContext& context, KeyRange range) const noexcept {
  if (!informed_) return false;
  const KeyRange known{known_from(context), context.self};
  if (known.begin == known.end) return true;
  const KeySpace space = context.space();
  return (range.begin == known.begin || known.contains(range.begin)) && known.contains(range.end) &&
         space.distance(range.begin, known.end) >= space.distance(range.end, known.end);
}

void Knowledge::extend(const StorageContext& context, KeyRange range) noexcept {
  const Key self = context.self;
  const Key known = known_from(context);
  if (!informed_ || known == self || range.end == self) return;
  const bool touches = range.end == known || between(known, range.end, self);
  const bool reaches_further = range.begin == known || !between(known, range.begin, self);
  if (!touches || !reaches_further) return;
  held_from_ = range.begin;
  held_at_ = context.now();
}

void Knowledge::note_alike(const StorageContext& context, bool are_informed) noexcept {
  if (informed_ || !context.table.knows_own_range()) return;
  const bool had_time = context.now() - joined_ > 2 * context.options.repair_period;
  if (are_informed || had_time) informed_ = true;
}

}  // namespace peerbed::ring
