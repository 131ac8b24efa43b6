#include "protocols/ring/storage/storage.h"

#include <algorithm>

namespace peerbed::ring {

namespace {

void send_copy(const StorageContext& context, Address to, Key key, const StoredValue& value) {
  context.environment.send(to, Replicate{{}, key, ValueCopy::of(key, value.state, value.bytes)});
}

// Calls `visit(successor, incarnation)` for those of this node's successors of which the answer tells.
template <class Visitor>
void for_each_told(const Neighbours& answer, const RoutingTable& table, const Visitor& visit) {
  const auto& successors = table.successors();
  for (std::size_t i = 0; i < std::min(answer.incarnations.size(), answer.successors.size()); ++i) {
    const Contact successor = answer.successors[i];
    const bool is_own = std::find(successors.begin(), successors.end(), successor) != successors.end();
    if (is_own) visit(successor, answer.incarnations[i]);
  }
}

}  // namespace

// An owner is sure when it is informed of its keys' past, and a holder as long as the owner has lately confirmed its
// copy. For what a node lacks only its owner can speak.
bool Storage::is_certain_of(const StorageContext& context, Key key, const StoredValue* value) const noexcept {
  if (context.table.owns_key(key)) return knowledge_.informed() && store_.has_read_disk();
  return value != nullptr && value->confirmed != Time::min() &&
         value->confirmed > context.now() - 2 * context.options.repair_period;
}

void Storage::answer(const StorageContext& context, Address from, const Get& get) const {
  const StoredValue* value = store_.find(get.key);
  Value answer{.id = get.id, .certain = is_certain_of(context, get.key, value)};
  if (value != nullptr) {
    const bool is_gone = value->state.is_gone(context.clock);
    answer.here = true;
    answer.copy = ValueCopy::of(get.key, value->state, is_gone ? Bytes{} : Bytes{value->bytes});
  } else if (context.table.owns_key(get.key)) {
    for (const Contact successor : context.table.successors()) answer.elsewhere.add(successor);
    if (context.table.predecessor()) answer.elsewhere.add(context.table.predecessor());
  }
  context.environment.send(from, answer);
}

void Storage::take(const StorageContext& context, Address from, const Replicate& copy) {
  const bool is_of_owner = copy.context.placement != 0;
  const Store::Kept kept = store_.keep(context, copy.key, copy.copy.state, copy.copy.bytes.bytes);
  Replicated answer{.context = copy.context, .key = copy.key, .stamp = copy.copy.state.stamp};
  if (const StoredValue* value = store_.find(copy.key)) {
    answer.stamp = value->state.stamp;
    if (is_of_owner) store_.confirm(copy.key, context.now());
    if (context.table.owns_key(copy.key) && kept == Store::Kept::newer) {
      puts_.outdate(context, copy.key, value->state.stamp);
      // An owner that was given what it lacked has to see to the other holders.
      if (!store_.is_settled(*value, context)) repair_.hasten(context);
    }
    const bool is_newer = copy.copy.state.stamp < value->state.stamp;
    if (is_newer && is_of_owner) send_copy(context, from, copy.key, *value);
  } else if (kept == Store::Kept::full) {
    answer.stamp = {};
  }
  if (is_of_owner) context.environment.send(from, answer);
}

// An answer to what was asked before the neighbours changed says nothing of those of now: the holder may have lost all
// since. One that holds a newer state sends it by itself.
bool Storage::note_holder(const StorageContext& context, Address from, const Replicated& done) {
  const StoredValue* value = store_.find(done.key);
  const auto index = context.index_of(from);
  const bool is_current = done.context.placement == store_.placement();
  if (value == nullptr || !index || !is_current || done.stamp != value->state.stamp) return false;
  store_.note_holder(done.key, *index);
  puts_.settle(context, store_, done.key);
  return true;
}

Storage::Orphan Storage::note_delivery(const StorageContext& context, Address from, const Replicated& done) {
  if (done.context.question == 0) return std::nullopt;
  return follow(context, comparisons_.note_delivery(context, holdings(), from, done.context.question));
}

bool Storage::may_keep(const Offer& offer, const RoutingTable& table) noexcept {
  const auto offered = offer.offered.all();
  return std::any_of(offered.begin(), offered.end(), [&](const Offered& entry) {
    return offer.purpose != Offer::Purpose::hand_off || table.owns_key(entry.key);
  });
}

void Storage::answer(const StorageContext& context, Address from, const Offer& offer) {
  OfferAnswer answer{.context = offer.context, .incarnation = context.incarnation, .next{}};
  if (!context.table.successors().empty()) answer.next = context.table.successors().front();
  for (const Offered& offered : offer.offered.all())
    answer.verdicts.add({offered.key, judge(context, from, offer.purpose, offered)});
  if (offer.purpose == Offer::Purpose::hold) answer.more = send_missing(context, from, offer);
  context.environment.send(from, answer);
}

Verdict::Want Storage::judge(const StorageContext& context, Address from, Offer::Purpose purpose,
                             const Offered& offered) {
  const bool is_hand_off = purpose == Offer::Purpose::hand_off;
  if (is_hand_off && !context.table.owns_key(offered.key)) return Verdict::Want::not_mine;
  const StoredValue* value = store_.find(offered.key);
  if (value == nullptr || value->state.stamp < offered.stamp) return Verdict::Want::send;
  const auto holder = context.index_of(from);
  if (is_hand_off && !holder && store_.is_settled(*value, context)) return Verdict::Want::settled;
  if (offered.stamp < value->state.stamp) {
    // Another copy of the same is not sent to one that only wants to be rid of its own.
    if (!is_hand_off || holder) send_copy(context, from, offered.key, *value);
    return Verdict::Want::newer;
  }
  if (!is_hand_off) store_.confirm(offered.key, context.now());
  if (is_hand_off && holder) store_.note_holder(offered.key, *holder);
  return Verdict::Want::held;
}

// Sends the owner of a range what it lacks of it. Returns whether there is more.
bool Storage::send_missing(const StorageContext& context, Address from, const Offer& offer) const {
  std::size_t sent = 0;
  bool is_more = false;
  for_each_in(store_.values(), {offer.begin, offer.end}, [&](Key key, const StoredValue& value) {
    const auto offered = offer.offered.all();
    const auto is_same = [key](const Offered& entry) { return entry.key == key; };
    if (std::any_of(offered.begin(), offered.end(), is_same)) return true;
    is_more = sent == maximum_offered;
    if (is_more) return false;
    send_copy(context, from, key, value);
    ++sent;
    return true;
  });
  return is_more;
}

void Storage::answer(const StorageContext& context, Address from, const Compare& compare) {
  PEERBED_CONTRACT(!compare.parts.empty(), "a comparison is about some range");
  const KeyRange all{compare.begin, compare.parts[compare.parts.size() - 1].end};
  Compared answer{.context = compare.context,
                  .incarnation = context.incarnation,
                  .informed = knowledge_.knows_past_of(context, all)};
  Key begin = compare.begin;
  std::uint32_t bit = 1;
  for (const RangeDigest& part : compare.parts.all()) {
    const KeyRange range{begin, part.end};
    const RangeDigest own = store_.digest_of(range);
    answer.counts.add(own.count);
    if (own == part) {
      answer.same |= bit;
      store_.confirm(range, context.now());
    }
    begin = part.end;
    bit <<= 1;
  }
  if (compare.whole && answer.same == 1 && compare.informed) knowledge_.extend(context, all);
  context.environment.send(from, answer);
}

bool Storage::expects(const StorageContext& context, Address from, QuestionContext asked, std::uint32_t incarnation) {
  const auto peer = comparisons_.peer_of(from, asked.question);
  if (peer) note_incarnation(context, *peer, incarnation, true);
  return peer && comparisons_.peer_of(from, asked.question);
}

Storage::Orphan Storage::take(const StorageContext& context, Address from, const Compared& answer) {
  if (!expects(context, from, answer.context, answer.incarnation)) return std::nullopt;
  const Comparisons::Progress progress = comparisons_.take(context, holdings(), from, answer);
  const auto index = context.index_of(from);
  if (progress.is_informed && index) repair_.note_informed(*index);
  return follow(context, progress.ended);
}

Storage::Orphan Storage::take(const StorageContext& context, Address from, const OfferAnswer& answer) {
  if (!expects(context, from, answer.context, answer.incarnation)) return std::nullopt;
  return follow(context, comparisons_.take(context, holdings(), from, answer));
}

Storage::Orphan Storage::follow(const StorageContext& context, const std::optional<Comparisons::Ended>& ended) {
  if (!ended) return std::nullopt;
  if (ended->purpose == Offer::Purpose::hand_off)
    return follow(context, handover_.proceed(context, store_, ended->peer, ended->next));
  const auto index = context.index_of(ended->peer.address);
  if (ended->purpose != Offer::Purpose::hold || !ended->is_alike || !index) return std::nullopt;
  repair_.note_alike(*index);
  note_informed(context);
  return std::nullopt;
}

Storage::Orphan Storage::follow(const StorageContext& context, Handover::Step step) {
  while (step.owner) {
    const auto ended = comparisons_.start(context, holdings(), step.owner, Offer::Purpose::hand_off, step.range);
    if (!ended) return std::nullopt;
    step = handover_.proceed(context, store_, ended->peer, ended->next);
  }
  return step.orphan;
}

void Storage::begin_placement(const StorageContext& context) {
  store_.begin_placement();
  repair_.begin_placement();
  comparisons_.abandon_holders();
  if (const auto lost = knowledge_.note_owned_range(context)) {
    store_.disown(*lost);
    handover_.note_lost_range(*lost);
  }
  if (has_to_repair()) repair_.hasten(context);
}

void Storage::note_incarnation(const StorageContext& context, Contact peer, std::uint32_t incarnation, bool direct) {
  if (!incarnations_.is_news(peer, incarnation, direct)) return;
  incarnations_.note(peer, incarnation, context.table.predecessor(), context.table.successors());
  if (context.index_of(peer.address)) begin_placement(context);
}

void Storage::note_incarnations(const StorageContext& context, Contact peer, const Neighbours& answer) {
  note_incarnation(context, peer, answer.incarnation, true);
  for_each_told(answer, context.table, [&](Contact successor, std::uint32_t incarnation) {
    note_incarnation(context, successor, incarnation, false);
  });
}

bool Storage::may_note(const Neighbours& answer, const RoutingTable& table) noexcept {
  bool is_any = answer.incarnation != 0;
  for_each_told(answer, table, [&](Contact, std::uint32_t incarnation) { is_any = is_any || incarnation != 0; });
  return is_any;
}

// Holders that are not known to be alike are compared with. Nobody confirms to an owner what it holds: when another one
// takes a key over, the old owner's copy is an orphan at once, and offered to the new one.
bool Storage::begin_repair(const StorageContext& context) {
  // A node without values has nothing to compare, unless others hold what it has yet to learn of.
  if (!has_to_repair()) return false;
  store_.bury(context);
  if (!context.table.knows_own_range()) return false;  // what is owned is not known just now
  repair_.begin_run(context);
  store_.disown(context.table.own_range());
  for (unsigned index = 0; index < context.holders().size(); ++index) {
    if (repair_.is_alike(index)) continue;
    const auto ended = comparisons_.start(context, holdings(), context.holders()[index], Offer::Purpose::hold,
                                          context.table.own_range());
    PEERBED_CONTRACT(!ended, "a comparison with a holder begins with a question");
  }
  note_informed(context);
  return true;
}

void Storage::note_informed(const StorageContext& context) noexcept {
  const std::uint32_t all = context.all_places();
  if (repair_.are_alike(all)) knowledge_.note_alike(context, repair_.are_informed(all));
}

Storage::HandedOver Storage::hand_over(const StorageContext& context) {
  if (!store_.first_orphan(context, {context.self, context.self})) return {};
  if (handover_.is_seeking() || comparisons_.is_handing_off()) return {.is_any = true};
  return {.is_any = true, .orphan = follow(context, handover_.begin(context, store_))};
}

void Storage::end_repair(const StorageContext& context, bool has_orphans) {
  const bool is_complete = repair_.are_alike(context.all_places()) && knowledge_.informed();
  repair_.end_run(context, is_complete && !has_orphans);
}

Storage::Orphan Storage::end_search(const StorageContext& context, Key orphan, Contact owner) {
  return follow(context, handover_.end_search(context, orphan, owner, comparisons_.is_handing_off()));
}

void Storage::begin_leaving(const StorageContext& context) {
  repair_.begin_leaving(context);
  offer_all(context);
}

bool Storage::goes_on_leaving(const StorageContext& context) {
  if (store_.empty() || !repair_.may_wait_again(context) || store_.is_all_settled(context)) return false;
  repair_.wait_again(context);
  offer_all(context);
  return true;
}

void Storage::offer_all(const StorageContext& context) {
  const std::size_t count = std::min(context.table.successors().size(), context.options.replicas);
  for (const Contact receiver : std::span(context.table.successors()).first(count))
    comparisons_.start(context, holdings(), receiver, Offer::Purpose::leave, {context.self, context.self});
}

std::vector<Contact> Storage::handle_overdue(const StorageContext& context) {
  puts_.handle_overdue(context, store_);
  return comparisons_.handle_overdue(context, holdings());
}

Storage::Orphan Storage::abandon(const StorageContext& context, Contact peer) {
  if (!comparisons_.abandon(peer)) return std::nullopt;
  return follow(context, handover_.proceed(context, store_, peer, {}));
}

Time Storage::earliest_deadline() const noexcept {
  return std::min({puts_.earliest_deadline(), comparisons_.earliest_deadline(), repair_.leave_deadline()});
}

}  // namespace peerbed::ring
