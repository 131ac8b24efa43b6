#include "protocols/ring/storage/handover.h"

#include <utility>

namespace peerbed::ring {

Handover::Step Handover::begin(const StorageContext& context, const Store& store) {
  PEERBED_CONTRACT(!is_seeking_, "one step of a handover is under way at a time");
  given_up_to_ = context.self;
  const bool is_taken_over = has_lost_range_ && context.table.predecessor().key == lost_range_.end;
  has_lost_range_ = false;
  if (is_taken_over) return {.owner = context.table.predecessor(), .range = lost_range_};
  return next_step(context, store, {});
}

Handover::Step Handover::proceed(const StorageContext& context, const Store& store, Contact owner, Contact next) {
  if (!context.table.is_member() || owner == context.table.predecessor()) return {};
  if (between(given_up_to_, owner.key, context.self)) given_up_to_ = owner.key;
  return next_step(context, store, next);
}

// To `next`, if it is the owner of orphans; else to the owner of the first orphan, which is looked up.
Handover::Step Handover::next_step(const StorageContext& context, const Store& store, Contact next) {
  const auto orphan = store.first_orphan(context, {given_up_to_, context.self});
  if (!orphan) return {};
  if (next && next.key != context.self && owns(given_up_to_, *orphan, next.key))
    return {.owner = next, .range = {given_up_to_, next.key}};
  is_seeking_ = true;
  return {.orphan = orphan};
}

Handover::Step Handover::end_search(const StorageContext& context, Key orphan, Contact owner, bool is_handing_off) {
  is_seeking_ = false;
  if (!owner || owner.key == context.self || is_handing_off) return {};
  return {.owner = owner, .range = {context.space().wrap(orphan.value - 1), owner.key}};
}

}  // namespace peerbed::ring
