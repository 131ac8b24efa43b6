// Repair: the owner of a value sees that all its holders have it, and a holder that is no longer one lets go, but only
// once the owner has said that it is cared for.

#include <algorithm>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {
// A copy that no owner has confirmed for so many periods has been left behind by changes of the ring.
constexpr int periods_until_orphaned = 3;
// Repair runs in quick succession after a change, before the ordinary period suffices again.
constexpr std::uint32_t hurried_runs = 8;
}  // namespace

// The neighbours changed, and with them the holders of the own values or the values that are owned.
void Node::placement_changed(Environment& environment) {
  if (!occasional_) return;
  Store& store = occasional_->store;
  ++store.placement;
  store.hurry = 0;
  if (!store.values.empty()) hasten_repair(environment);
}

void Node::hasten_repair(Environment& environment) {
  Store& store = occasional_->store;
  if (!is_member() || options_->repair_period <= Duration{0} || store.hastened > environment.now()) return;
  const auto soon = static_cast<std::uint64_t>(options_->rpc_timeout.count());
  const Duration delay{static_cast<std::int64_t>(environment.draw_below(draw_hurry, soon))};
  store.hastened = environment.now() + delay;
  environment.set_timer(repair_timer, delay);
}

void Node::repair(Environment& environment) {
  if (!is_member() || value_count() == 0) return;
  if (!predecessor_ && !is_alone()) return;  // what is owned is not known just now
  const bool complete = offer_own_values(environment);
  seek_owner_of_orphan(environment);
  Store& store = occasional_->store;
  if (complete) {
    store.hurry = 0;
  } else if (store.hurry < hurried_runs) {
    ++store.hurry;
    environment.set_timer(repair_timer, std::min(options_->repair_period, backoff(store.hurry)));
  }
}

// Returns whether all holders were already known to have all values. Nobody confirms to an owner what it holds: when
// another one takes a key over, the old owner's copy is an orphan at once, and offered to the new one.
bool Node::offer_own_values(Environment& environment) {
  bool complete = true;
  for (const Contact holder : replica_holders()) {
    Offer offer{.purpose = Offer::Purpose::confirm};
    for (auto& [key, value] : occasional_->store.values) {
      if (!owns_key(key)) continue;
      value.confirmed = Time::min();
      complete = complete && is_settled(value);
      offer.offered.add({key, value.stamp});
      if (!offer.offered.full()) continue;
      environment.send(holder.address, offer);
      offer.offered = {};
    }
    if (!offer.offered.empty()) environment.send(holder.address, offer);
  }
  return complete;
}

bool Node::is_orphan(Time now, Key key, const StoredValue& value) const {
  if (owns_key(key)) return false;
  return value.confirmed == Time::min() || value.confirmed < now - periods_until_orphaned * options_->repair_period;
}

// Looks up the owner of the first orphan; surrender() then offers it all orphans that it seems to own.
void Node::seek_owner_of_orphan(Environment& environment) {
  const auto seeks = [](const PendingLookup& lookup) { return lookup.reason == LookupReason::surrender; };
  if (std::any_of(lookups_.begin(), lookups_.end(), seeks)) return;
  const auto& values = occasional_->store.values;
  const auto orphan = std::find_if(values.begin(), values.end(), [&](const auto& entry) {
    return is_orphan(environment.now(), entry.first, entry.second);
  });
  if (orphan != values.end()) start_lookup(environment, orphan->first, LookupReason::surrender, 0);
}

void Node::surrender(Environment& environment, Key from, Contact owner) {
  if (!occasional_ || owner.key == self_) return;
  Offer offer{.purpose = Offer::Purpose::surrender};
  for (const auto& [key, value] : occasional_->store.values) {
    const bool is_its = key == from || between(from, key, owner.key) || key == owner.key;
    if (!is_its || !is_orphan(environment.now(), key, value)) continue;
    if (!offer.offered.add({key, value.stamp})) break;
  }
  if (!offer.offered.empty()) environment.send(owner.address, offer);
}

// Before leaving: everything to the next nodes, among which the holders of all of it will be.
void Node::offer_all_values(Environment& environment) {
  const auto receivers = std::span(successors_).first(std::min(successors_.size(), options_->replicas));
  for (const Contact receiver : receivers) {
    Offer offer{.purpose = Offer::Purpose::leave};
    for (const auto& [key, value] : occasional_->store.values) {
      offer.offered.add({key, value.stamp});
      if (!offer.offered.full()) continue;
      environment.send(receiver.address, offer);
      offer.offered = {};
    }
    if (!offer.offered.empty()) environment.send(receiver.address, offer);
  }
}

void Node::handle(Environment& environment, Address from, const Offer& offer) {
  if (!is_member()) return;
  Store& store = occasional_.made().store;
  const auto replicas = replica_holders();
  const auto replica =
      std::find_if(replicas.begin(), replicas.end(), [from](Contact contact) { return contact.address == from; });
  const bool is_replica = replica != replicas.end();
  OfferAnswer answer;
  for (const Offered& offered : offer.offered.all()) {
    const auto place = store.values.find(offered.key);
    const bool here = place != store.values.end();
    const bool is_surrender = offer.purpose == Offer::Purpose::surrender;
    if (is_surrender && !owns_key(offered.key)) {
      answer.verdicts.add({offered.key, Verdict::Want::not_mine});
    } else if (!here || place->second.stamp < offered.stamp) {
      answer.verdicts.add({offered.key, Verdict::Want::send});
    } else {
      StoredValue& value = place->second;
      if (!is_surrender) value.confirmed = environment.now();
      if (is_surrender && is_replica) note_holder(offered.key, *replica);
      const bool settled = is_surrender && !is_replica && is_settled(value);
      answer.verdicts.add({offered.key, settled ? Verdict::Want::settled : Verdict::Want::held});
      const bool is_newer = offered.stamp < value.stamp;
      if (is_newer) environment.send(from, Replicate{offered.key, value.stamp, {value.bytes}});
    }
  }
  environment.send(from, answer);
}

void Node::handle(Environment& environment, Address from, const OfferAnswer& answer) {
  if (!occasional_ || !is_member()) return;
  Store& store = occasional_->store;
  const auto holder =
      std::find_if(successors_.begin(), successors_.end(), [from](Contact contact) { return contact.address == from; });
  for (const Verdict& verdict : answer.verdicts.all()) {
    const auto place = store.values.find(verdict.key);
    if (place == store.values.end()) continue;
    const StoredValue& value = place->second;
    switch (verdict.want) {
      case Verdict::Want::send:
        environment.send(from, Replicate{verdict.key, value.stamp, {value.bytes}});
        break;
      case Verdict::Want::held:
        if (holder != successors_.end()) note_holder(verdict.key, *holder);
        break;
      case Verdict::Want::settled:
        if (!is_orphan(environment.now(), verdict.key, value)) break;
        environment.trace(index_of(TraceEvent::value_dropped), {verdict.key.value});
        environment.erase_content(ContentKey{verdict.key.value});
        store.values.erase(place);
        break;
      case Verdict::Want::not_mine:
        break;
    }
    if (verdict.want == Verdict::Want::held) settle_puts(environment, verdict.key);
  }
}

}  // namespace peerbed::ring
