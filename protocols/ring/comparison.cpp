// Comparisons: two nodes make their copies of a range alike. The one that began asks; where digests differ it asks for
// those of parts, down to parts with few values, which it offers one by one. A few questions are under way at a time,
// so that values move as fast as they are confirmed and no faster; copies that are alike cost one question in all.

#include <algorithm>
#include <bit>

#include "protocols/ring/node.h"

namespace peerbed::ring {

namespace {

constexpr std::uint8_t maximum_rounds = 8;  // of one comparison; the next repair run goes on
constexpr unsigned attempts_of_a_question = 8;

}  // namespace

RangeDigest Node::digest_of(KeyRange range) const {
  RangeDigest result{.end = range.end};
  if (!cold_state_) return result;
  for_each_in(cold_state_->store.values, range, [&](Key key, const StoredValue& value) {
    ++result.count;
    result.digest += key_of(key.value, value.state.stamp.time, value.state.stamp.operation);
    return true;
  });
  return result;
}

Comparison* Node::comparison_with(Address peer, std::uint32_t question) noexcept {
  if (!cold_state_) return nullptr;
  auto& comparisons = cold_state_->store.comparisons;
  const auto place = std::find_if(comparisons.begin(), comparisons.end(), [&](const Comparison& comparison) {
    return comparison.peer.address == peer &&
           std::any_of(comparison.asked.begin(), comparison.asked.end(),
                       [&](const RangeQuestion& asked) { return asked.id == question; });
  });
  return place == comparisons.end() ? nullptr : &*place;
}

RangeQuestion& Node::question_of(Comparison& comparison, std::uint32_t id) noexcept {
  return *std::find_if(comparison.asked.begin(), comparison.asked.end(),
                       [id](const RangeQuestion& asked) { return asked.id == id; });
}

void Node::start_comparison(Environment& environment, Contact peer, Offer::Purpose purpose, KeyRange range) {
  auto& comparisons = cold_state_->store.comparisons;
  const bool is_under_way = std::any_of(comparisons.begin(), comparisons.end(), [&](const Comparison& comparison) {
    return comparison.peer == peer && comparison.purpose == purpose;
  });
  if (is_under_way) return;
  comparisons.push_back({.peer = peer, .purpose = purpose, .next{}, .ranges = {range}, .asked = {}});
  continue_comparison(environment, comparisons.back());
}

// Asks on, as far as questions may be under way; ends the comparison when nothing is left to ask.
void Node::continue_comparison(Environment& environment, Comparison& comparison) {
  while (comparison.asked.size() < maximum_questions && !comparison.ranges.empty()) {
    const KeyRange range = comparison.ranges.back();
    comparison.ranges.pop_back();
    ask_about(environment, comparison, range);
  }
  if (comparison.asked.empty()) end_comparison(environment, comparison);
}

void Node::ask_about(Environment& environment, Comparison& comparison, KeyRange range) {
  RangeQuestion question{.id = next_id(), .range = range, .deadline{}, .attempts = 1};
  if (comparison.purpose == Offer::Purpose::hold) {
    question.is_whole = !comparison.begun;
    question.is_offer = comparison.begun && digest_of(range).count <= maximum_offered;
  } else {
    const auto offered = take_offered_range(environment.now(), comparison, range);
    if (!offered) return;
    question.range = *offered;
    question.is_offer = true;
  }
  comparison.begun = true;
  comparison.asked.push_back(question);
  send_question(environment, comparison, comparison.asked.back());
}

// The first part of the range, with as many values as one offer takes; the rest has to wait.
std::optional<KeyRange> Node::take_offered_range(Time now, Comparison& comparison, KeyRange range) const {
  std::size_t count = 0;
  Key last = range.begin;
  for_each_in(cold_state_->store.values, range, [&](Key key, const StoredValue& value) {
    if (!is_offered(now, comparison, key, value)) return true;
    if (++count <= maximum_offered) last = key;
    return count <= maximum_offered;
  });
  if (count == 0) return std::nullopt;
  if (count > maximum_offered) comparison.ranges.push_back({last, range.end});
  return KeyRange{range.begin, last};
}

bool Node::is_offered(Time now, const Comparison& comparison, Key key, const StoredValue& value) const {
  return comparison.purpose != Offer::Purpose::hand_off || is_orphan(now, key, value);
}

void Node::send_question(Environment& environment, const Comparison& comparison, RangeQuestion& question) {
  question.deadline = environment.now() + backoff(question.attempts);
  question.change = cold_state_->store.changes;
  question.awaited = 0;
  question.is_answered = false;
  await(environment, question.deadline);
  const Store& store = cold_state_->store;
  const QuestionContext context{question.id, store.placement};
  if (question.is_offer) {
    Offer offer{
        .context = context, .purpose = comparison.purpose, .begin = question.range.begin, .end = question.range.end};
    for_each_in(store.values, question.range, [&](Key key, const StoredValue& value) {
      return !is_offered(environment.now(), comparison, key, value) || offer.offered.add({key, value.state.stamp});
    });
    return environment.send(comparison.peer.address, offer);
  }
  Compare compare{.context = context,
                  .whole = question.is_whole,
                  .informed = store.knowledge.informed,
                  .owner = table_.self(),
                  .begin = question.range.begin};
  for (const KeyRange part : parts_of(question.range, question.is_whole ? 1 : maximum_parts))
    compare.parts.add(digest_of(part));
  environment.send(comparison.peer.address, compare);
}

// At most `count` parts, of about the same size.
std::vector<KeyRange> Node::parts_of(KeyRange range, std::size_t count) const {
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t distance = space().distance(range.begin, range.end);
  const Wide size = distance == 0 ? Wide{1} << space().bits() : Wide{distance};
  const auto parts = static_cast<std::size_t>(std::min<Wide>(count, size));
  std::vector<KeyRange> result;
  Key begin = range.begin;
  for (std::size_t i = 1; i <= parts; ++i) {
    const Key end =
        i == parts ? range.end : space().wrap(range.begin.value + static_cast<std::uint64_t>(size * i / parts));
    result.push_back({begin, end});
    begin = end;
  }
  return result;
}

void Node::handle(Environment& environment, Address from, const Compare& compare) {
  if (!is_member() || !space().contains(compare.begin) || !is_valid({compare.owner, from}) || compare.parts.empty())
    return;
  // Who owns the keys just before this node's precedes it, as it would say in a notification.
  const bool precedes = table_.predecessor() && between(table_.predecessor().key, compare.owner, table_.self());
  if (compare.owner != table_.self() && precedes) handle(environment, from, Notify{compare.owner});
  const KeyRange all{compare.begin, compare.parts[compare.parts.size() - 1].end};
  Compared answer{.context = compare.context, .incarnation = incarnation_, .informed = knows_past_of(environment, all)};
  Key begin = compare.begin;
  std::uint32_t bit = 1;
  for (const RangeDigest& part : compare.parts.all()) {
    const KeyRange range{begin, part.end};
    const RangeDigest own = digest_of(range);
    const bool is_same = own == part;
    answer.counts.add(own.count);
    if (is_same) {
      answer.same |= bit;
      confirm_values(environment.now(), range);
    }
    begin = part.end;
    bit <<= 1;
  }
  if (compare.whole && answer.same == 1 && compare.informed) extend_knowledge(environment, all);
  environment.send(from, answer);
}

void Node::confirm_values(Time now, KeyRange range) {
  if (!cold_state_) return;
  for_each_in(cold_state_->store.values, range, [&](Key, StoredValue& value) {
    value.confirmed = now;
    return true;
  });
}

void Node::handle(Environment& environment, Address from, const Compared& answer) {
  Comparison* comparison = comparison_with(from, answer.context.question);
  if (comparison == nullptr || !is_member()) return;
  const Contact peer = comparison->peer;
  note_incarnation(environment, peer, answer.incarnation, true);
  comparison = comparison_with(from, answer.context.question);  // its end, when that is new
  if (comparison == nullptr || answer.context.placement != cold_state_->store.placement) return;
  const RangeQuestion question = question_of(*comparison, answer.context.question);
  if (question.is_offer) return;
  std::erase_if(comparison->asked, [&](const RangeQuestion& asked) { return asked.id == question.id; });
  const auto parts = parts_of(question.range, question.is_whole ? 1 : maximum_parts);
  if (parts.size() != answer.counts.size()) return continue_comparison(environment, *comparison);
  std::uint32_t differing = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if ((answer.same >> i & 1) != 0) {
      note_alike(environment, from, parts[i], question.change);
    } else {
      ++differing;
      look_closer(*comparison, parts[i], answer.counts[i]);
    }
  }
  if (differing > 0) comparison->differs = true;
  if (question.is_whole && answer.informed)
    if (const auto place = holder_place(from)) cold_state_->store.peers_informed |= 1u << *place;
  continue_comparison(environment, *comparison);
}

// A range that differs, of which the peer has `theirs`: if there are few on both sides they are offered one by one.
void Node::look_closer(Comparison& comparison, KeyRange range, std::uint32_t theirs) const {
  const std::size_t most = std::max<std::size_t>(digest_of(range).count, theirs);
  const std::size_t wanted = std::clamp<std::size_t>(most / (maximum_offered / 2), 1, maximum_parts);
  const auto parts = parts_of(range, wanted);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part)
    if (comparison.ranges.size() < maximum_ranges) comparison.ranges.push_back(*part);
}

// The peer holds these values as they were when it was asked.
void Node::note_alike(Environment& environment, Address peer, KeyRange range, std::uint32_t change) {
  const auto place = holder_place(peer);
  if (!place) return;
  Store& store = cold_state_->store;
  for_each_in(store.values, range, [&](Key, StoredValue& value) {
    if (static_cast<std::int32_t>(value.change - change) <= 0) note_holder(value, *place);
    return true;
  });
  std::vector<Key> under_way;
  for (const AcceptedPut& put : store.accepted) under_way.push_back(put.key);
  for (const Key key : under_way) settle_puts(environment, key);
}

void Node::handle(Environment& environment, Address from, const Offer& offer) {
  if (!is_member() || !space().contains(offer.begin) || !space().contains(offer.end)) return;
  OfferAnswer answer{.context = offer.context, .incarnation = incarnation_, .next{}};
  if (!table_.successors().empty()) answer.next = table_.successors().front();
  for (const Offered& offered : offer.offered.all())
    answer.verdicts.add({offered.key, judge_offer(environment, from, offer.purpose, offered)});
  if (offer.purpose == Offer::Purpose::hold) answer.more = send_missing(environment, from, offer);
  environment.send(from, answer);
}

Verdict::Want Node::judge_offer(Environment& environment, Address from, Offer::Purpose purpose,
                                const Offered& offered) {
  const bool is_hand_off = purpose == Offer::Purpose::hand_off;
  if (is_hand_off && !owns_key(offered.key)) return Verdict::Want::not_mine;
  Store& store = cold_state_.get_or_create().store;
  const auto place = store.values.find(offered.key);
  if (place == store.values.end() || place->second.state.stamp < offered.stamp) return Verdict::Want::send;
  StoredValue& value = place->second;
  const auto holder = holder_place(from);
  const bool is_newer = offered.stamp < value.state.stamp;
  if (is_hand_off && !holder && is_settled(value)) return Verdict::Want::settled;
  if (is_newer) {
    // Another copy of the same is not sent to one that only wants to be rid of its own.
    if (!is_hand_off || holder)
      environment.send(from, Replicate{{}, offered.key, copy_of(offered.key, value.state, value.bytes)});
    return Verdict::Want::newer;
  }
  if (!is_hand_off) value.confirmed = environment.now();
  if (is_hand_off && holder) note_holder(value, *holder);
  return Verdict::Want::held;
}

// Sends the owner of a range what it lacks of it. Returns whether there is more.
bool Node::send_missing(Environment& environment, Address from, const Offer& offer) {
  if (!cold_state_) return false;
  std::size_t sent = 0;
  bool is_more = false;
  for_each_in(cold_state_->store.values, {offer.begin, offer.end}, [&](Key key, const StoredValue& value) {
    const auto offered = offer.offered.all();
    const auto is_same = [key](const Offered& entry) { return entry.key == key; };
    if (std::any_of(offered.begin(), offered.end(), is_same)) return true;
    is_more = sent == maximum_offered;
    if (is_more) return false;
    environment.send(from, Replicate{{}, key, copy_of(key, value.state, value.bytes)});
    ++sent;
    return true;
  });
  return is_more;
}

void Node::handle(Environment& environment, Address from, const OfferAnswer& answer) {
  Comparison* comparison = comparison_with(from, answer.context.question);
  if (comparison == nullptr || !is_member()) return;
  note_incarnation(environment, comparison->peer, answer.incarnation, true);
  comparison = comparison_with(from, answer.context.question);
  if (comparison == nullptr || answer.context.placement != cold_state_->store.placement) return;
  RangeQuestion& question = question_of(*comparison, answer.context.question);
  if (!question.is_offer || question.is_answered) return;
  question.is_answered = true;
  const KeyRange range = question.range;
  if (answer.more)
    for (const KeyRange part : parts_of(range, maximum_parts))
      if (part != range && comparison->ranges.size() < maximum_ranges) comparison->ranges.push_back(part);
  if (comparison->purpose == Offer::Purpose::hand_off && is_valid(answer.next)) comparison->next = answer.next;
  take_verdicts(environment, *comparison, question, answer);
  if (question.awaited > 0) return;
  end_question(environment, from, answer.context.question);
}

// What has changed since the question was asked is passed over.
void Node::take_verdicts(Environment& environment, const Comparison& comparison, RangeQuestion& question,
                         const OfferAnswer& answer) {
  Store& store = cold_state_->store;
  const auto place = holder_place(comparison.peer.address);
  for (const Verdict& verdict : answer.verdicts.all()) {
    const auto found = store.values.find(verdict.key);
    if (found == store.values.end() || static_cast<std::int32_t>(found->second.change - question.change) > 0) continue;
    StoredValue& value = found->second;
    switch (verdict.want) {
      case Verdict::Want::send:
        ++question.awaited;
        environment.send(comparison.peer.address,
                         Replicate{answer.context, verdict.key, copy_of(verdict.key, value.state, value.bytes)});
        break;
      case Verdict::Want::held:
        if (place) note_holder(value, *place);
        settle_puts(environment, verdict.key);
        break;
      case Verdict::Want::settled:
        if (comparison.purpose != Offer::Purpose::hand_off || !is_orphan(environment.now(), verdict.key, value)) break;
        environment.trace(index_of(TraceEvent::value_dropped), {verdict.key.value});
        environment.erase_content(ContentKey{verdict.key.value});
        store.values.erase(found);
        break;
      case Verdict::Want::newer:
      case Verdict::Want::not_mine:
        break;
    }
  }
}

// A value that the question led to has arrived.
void Node::note_delivery(Environment& environment, Address from, std::uint32_t id) {
  Comparison* comparison = comparison_with(from, id);
  if (comparison == nullptr) return;
  RangeQuestion& question = question_of(*comparison, id);
  if (question.awaited == 0) return;
  question.attempts = 1;
  question.deadline = environment.now() + backoff(1);
  if (--question.awaited == 0) end_question(environment, from, id);
}

void Node::end_question(Environment& environment, Address peer, std::uint32_t id) {
  Comparison* comparison = comparison_with(peer, id);
  std::erase_if(comparison->asked, [id](const RangeQuestion& asked) { return asked.id == id; });
  continue_comparison(environment, *comparison);
}

// A round without differences shows that all is alike; after another one the whole is looked at again.
void Node::end_comparison(Environment& environment, Comparison& comparison) {
  Store& store = cold_state_->store;
  const bool goes_on = comparison.differs && ++comparison.rounds < maximum_rounds && knows_own_range();
  if (comparison.purpose == Offer::Purpose::hold && goes_on) {
    comparison.begun = comparison.differs = false;
    comparison.ranges = {own_range()};
    return continue_comparison(environment, comparison);
  }
  const Comparison ended = std::move(comparison);
  store.comparisons.erase(store.comparisons.begin() + (&comparison - store.comparisons.data()));
  if (ended.purpose == Offer::Purpose::hand_off) return continue_giving_up(environment, ended.peer, ended.next);
  const auto place = holder_place(ended.peer.address);
  if (ended.purpose != Offer::Purpose::hold || ended.differs || !place) return;
  store.alike |= 1u << *place;
  note_informed(environment);
}

// Asks again; a peer that stays silent is left to the next repair run, when it may have been found dead.
void Node::handle_overdue_comparisons(Environment& environment) {
  const Time now = environment.now();
  std::vector<Contact> silent;
  for (Comparison& comparison : cold_state_->store.comparisons) {
    for (RangeQuestion& question : comparison.asked) {
      if (question.deadline > now) continue;
      if (question.attempts == attempts_of_a_question) {
        silent.push_back(comparison.peer);
        break;
      }
      ++question.attempts;
      send_question(environment, comparison, question);
    }
  }
  for (const Contact peer : silent) abandon_comparison(environment, peer);
}

void Node::abandon_comparison(Environment& environment, Contact peer) {
  auto& comparisons = cold_state_->store.comparisons;
  bool gave_up = false;
  std::erase_if(comparisons, [&](const Comparison& comparison) {
    if (comparison.peer != peer) return false;
    gave_up = gave_up || comparison.purpose == Offer::Purpose::hand_off;
    return true;
  });
  if (gave_up) continue_giving_up(environment, peer, {});
}

}  // namespace peerbed::ring
