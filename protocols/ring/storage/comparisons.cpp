#include "protocols/ring/storage/comparisons.h"

#include <algorithm>

#include "protocols/ring/base/trace.h"

namespace peerbed::ring {

namespace {

using Holdings = Comparisons::Holdings;

constexpr std::uint8_t maximum_rounds = 8;  // of one comparison; the next repair run goes on
constexpr unsigned attempts_of_a_question = 8;

// At most `count` parts, of about the same size.
std::vector<KeyRange> parts_of(KeySpace space, KeyRange range, std::size_t count) {
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t distance = space.distance(range.begin, range.end);
  const Wide size = distance == 0 ? Wide{1} << space.bits() : Wide{distance};
  const auto parts = static_cast<std::size_t>(std::min<Wide>(count, size));
  std::vector<KeyRange> result;
  Key begin = range.begin;
  for (std::size_t i = 1; i <= parts; ++i) {
    const Key end =
        i == parts ? range.end : space.wrap(range.begin.value + static_cast<std::uint64_t>(size * i / parts));
    result.push_back({begin, end});
    begin = end;
  }
  return result;
}

std::vector<KeyRange> parts_of(KeySpace space, const RangeQuestion& question) {
  return parts_of(space, question.range, question.is_whole ? 1 : maximum_parts);
}

// The one of these comparisons to which a question to this peer belongs; nothing when there is none.
template <class AllComparisons>
auto comparison_with(AllComparisons& comparisons, Address peer, std::uint32_t question) noexcept {
  const auto found = std::find_if(comparisons.begin(), comparisons.end(), [&](const Comparison& comparison) {
    return comparison.peer.address == peer &&
           std::any_of(comparison.asked.begin(), comparison.asked.end(),
                       [&](const RangeQuestion& asked) { return asked.id == question; });
  });
  return found == comparisons.end() ? nullptr : &*found;
}

RangeQuestion& question_of(Comparison& comparison, std::uint32_t id) noexcept {
  return *std::find_if(comparison.asked.begin(), comparison.asked.end(),
                       [id](const RangeQuestion& asked) { return asked.id == id; });
}

void remove_question(Comparison& comparison, std::uint32_t id) {
  std::erase_if(comparison.asked, [id](const RangeQuestion& asked) { return asked.id == id; });
}

bool is_offered(const StorageContext& context, const Store& store, const Comparison& comparison, Key key,
                const StoredValue& value) {
  return comparison.purpose != Offer::Purpose::hand_off || store.is_orphan(context, key, value);
}

// The first part of the range, with as many values as one offer takes; the rest has to wait.
std::optional<KeyRange> take_offered_range(const StorageContext& context, const Store& store, Comparison& comparison,
                                           KeyRange range) {
  std::size_t count = 0;
  Key last = range.begin;
  for_each_in(store.values(), range, [&](Key key, const StoredValue& value) {
    if (!is_offered(context, store, comparison, key, value)) return true;
    if (++count <= maximum_offered) last = key;
    return count <= maximum_offered;
  });
  if (count == 0) return std::nullopt;
  if (count > maximum_offered) comparison.ranges.push_back({last, range.end});
  return KeyRange{range.begin, last};
}

void send_question(const StorageContext& context, const Holdings& holdings, const Comparison& comparison,
                   RangeQuestion& question) {
  const Store& store = holdings.store;
  question.deadline = context.now() + context.backoff(question.attempts);
  question.change = store.changes();
  question.awaited = 0;
  question.is_answered = false;
  context.await(question.deadline);
  const QuestionContext about{question.id, store.placement()};
  if (question.is_offer) {
    Offer offer{
        .context = about, .purpose = comparison.purpose, .begin = question.range.begin, .end = question.range.end};
    for_each_in(store.values(), question.range, [&](Key key, const StoredValue& value) {
      return !is_offered(context, store, comparison, key, value) || offer.offered.add({key, value.state.stamp});
    });
    return context.environment.send(comparison.peer.address, offer);
  }
  Compare compare{.context = about,
                  .whole = question.is_whole,
                  .informed = holdings.knowledge.informed(),
                  .owner = context.self,
                  .begin = question.range.begin};
  for (const KeyRange part : parts_of(context.space(), question)) compare.parts.add(store.digest_of(part));
  context.environment.send(comparison.peer.address, compare);
}

void ask_about(const StorageContext& context, const Holdings& holdings, Comparison& comparison, KeyRange range) {
  RangeQuestion question{.id = context.ids.next(), .range = range, .deadline{}, .attempts = 1};
  if (comparison.purpose == Offer::Purpose::hold) {
    question.is_whole = !comparison.begun;
    question.is_offer = comparison.begun && holdings.store.digest_of(range).count <= maximum_offered;
  } else {
    const auto offered = take_offered_range(context, holdings.store, comparison, range);
    if (!offered) return;
    question.range = *offered;
    question.is_offer = true;
  }
  comparison.begun = true;
  comparison.asked.push_back(question);
  send_question(context, holdings, comparison, comparison.asked.back());
}

// A range that differs, of which the peer has `theirs`: if there are few on both sides they are offered one by one.
void look_closer(KeySpace space, const Store& store, Comparison& comparison, KeyRange range, std::uint32_t theirs) {
  const std::size_t most = std::max<std::size_t>(store.digest_of(range).count, theirs);
  const std::size_t wanted = std::clamp<std::size_t>(most / (maximum_offered / 2), 1, maximum_parts);
  const auto parts = parts_of(space, range, wanted);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part)
    if (comparison.ranges.size() < maximum_ranges) comparison.ranges.push_back(*part);
}

// What has changed since the question was asked is passed over.
void take_verdicts(const StorageContext& context, const Holdings& holdings, const Comparison& comparison,
                   RangeQuestion& question, const OfferAnswer& answer) {
  Store& store = holdings.store;
  const auto index = context.index_of(comparison.peer.address);
  for (const Verdict& verdict : answer.verdicts.all()) {
    const StoredValue* value = store.find(verdict.key);
    if (value == nullptr || Store::has_changed(*value, question.change)) continue;
    switch (verdict.want) {
      case Verdict::Want::send: {
        ++question.awaited;
        const ValueCopy copy = ValueCopy::of(verdict.key, value->state, value->bytes);
        context.environment.send(comparison.peer.address, Replicate{answer.context, verdict.key, copy});
        break;
      }
      case Verdict::Want::held:
        if (index) store.note_holder(verdict.key, *index);
        holdings.puts.settle(context, store, verdict.key);
        break;
      case Verdict::Want::settled:
        if (comparison.purpose != Offer::Purpose::hand_off || !store.is_orphan(context, verdict.key, *value)) break;
        context.environment.trace(index_of(TraceEvent::value_dropped), {verdict.key.value});
        store.drop(context, verdict.key);
        break;
      case Verdict::Want::newer:
      case Verdict::Want::not_mine:
        break;
    }
  }
}

}  // namespace

std::optional<Comparisons::Ended> Comparisons::start(const StorageContext& context, const Holdings& holdings,
                                                     Contact peer, Offer::Purpose purpose, KeyRange range) {
  PEERBED_CONTRACT(peer && peer.key != context.self, "a node compares its copies with those of another");
  const bool is_under_way = std::any_of(comparisons_.begin(), comparisons_.end(), [&](const Comparison& comparison) {
    return comparison.peer == peer && comparison.purpose == purpose;
  });
  if (is_under_way) return std::nullopt;
  comparisons_.push_back({.peer = peer, .purpose = purpose, .next{}, .ranges = {range}, .asked = {}});
  return proceed(context, holdings, comparisons_.back());
}

// Asks on, as far as questions may be under way; ends the comparison when nothing is left to ask.
std::optional<Comparisons::Ended> Comparisons::proceed(const StorageContext& context, const Holdings& holdings,
                                                       Comparison& comparison) {
  while (comparison.asked.size() < maximum_questions && !comparison.ranges.empty()) {
    const KeyRange range = comparison.ranges.back();
    comparison.ranges.pop_back();
    ask_about(context, holdings, comparison, range);
  }
  return comparison.asked.empty() ? end(context, holdings, comparison) : std::nullopt;
}

// A round without differences shows that all is alike; after another one the whole is looked at again.
std::optional<Comparisons::Ended> Comparisons::end(const StorageContext& context, const Holdings& holdings,
                                                   Comparison& comparison) {
  const bool goes_on = comparison.differs && ++comparison.rounds < maximum_rounds && context.table.knows_own_range();
  if (comparison.purpose == Offer::Purpose::hold && goes_on) {
    comparison.begun = comparison.differs = false;
    comparison.ranges = {context.table.own_range()};
    return proceed(context, holdings, comparison);
  }
  const Ended ended{comparison.purpose, comparison.peer, comparison.next, !comparison.differs};
  comparisons_.erase(comparisons_.begin() + (&comparison - comparisons_.data()));
  return ended;
}

std::optional<Comparisons::Ended> Comparisons::end_question(const StorageContext& context, const Holdings& holdings,
                                                            Comparison& comparison, std::uint32_t id) {
  remove_question(comparison, id);
  return proceed(context, holdings, comparison);
}

std::optional<Contact> Comparisons::peer_of(Address from, std::uint32_t question) const noexcept {
  const Comparison* comparison = comparison_with(comparisons_, from, question);
  return comparison == nullptr ? std::nullopt : std::optional(comparison->peer);
}

Comparisons::Progress Comparisons::take(const StorageContext& context, const Holdings& holdings, Address from,
                                        const Compared& answer) {
  Comparison* comparison = comparison_with(comparisons_, from, answer.context.question);
  if (comparison == nullptr || answer.context.placement != holdings.store.placement()) return {};
  const RangeQuestion question = question_of(*comparison, answer.context.question);
  if (question.is_offer) return {};
  remove_question(*comparison, question.id);
  const auto parts = parts_of(context.space(), question);
  if (parts.size() != answer.counts.size()) return {.ended = proceed(context, holdings, *comparison)};
  const auto index = context.index_of(from);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if ((answer.same >> i & 1) == 0) {
      comparison->differs = true;
      look_closer(context.space(), holdings.store, *comparison, parts[i], answer.counts[i]);
    } else if (index) {
      holdings.store.note_alike(parts[i], *index, question.change);
      holdings.puts.settle_all(context, holdings.store);
    }
  }
  return {.is_informed = question.is_whole && answer.informed, .ended = proceed(context, holdings, *comparison)};
}

std::optional<Comparisons::Ended> Comparisons::take(const StorageContext& context, const Holdings& holdings,
                                                    Address from, const OfferAnswer& answer) {
  Comparison* comparison = comparison_with(comparisons_, from, answer.context.question);
  if (comparison == nullptr || answer.context.placement != holdings.store.placement()) return std::nullopt;
  RangeQuestion& question = question_of(*comparison, answer.context.question);
  if (!question.is_offer || question.is_answered) return std::nullopt;
  question.is_answered = true;
  const KeyRange range = question.range;
  if (answer.more)
    for (const KeyRange part : parts_of(context.space(), range, maximum_parts))
      if (part != range && comparison->ranges.size() < maximum_ranges) comparison->ranges.push_back(part);
  if (comparison->purpose == Offer::Purpose::hand_off && context.is_valid(answer.next)) comparison->next = answer.next;
  take_verdicts(context, holdings, *comparison, question, answer);
  if (question.awaited > 0) return std::nullopt;
  return end_question(context, holdings, *comparison, question.id);
}

std::optional<Comparisons::Ended> Comparisons::note_delivery(const StorageContext& context, const Holdings& holdings,
                                                             Address from, std::uint32_t id) {
  Comparison* comparison = comparison_with(comparisons_, from, id);
  if (comparison == nullptr) return std::nullopt;
  RangeQuestion& question = question_of(*comparison, id);
  if (question.awaited == 0) return std::nullopt;
  question.attempts = 1;
  question.deadline = context.now() + context.backoff(1);
  if (--question.awaited > 0) return std::nullopt;
  return end_question(context, holdings, *comparison, id);
}

std::vector<Contact> Comparisons::handle_overdue(const StorageContext& context, const Holdings& holdings) {
  std::vector<Contact> silent;
  for (Comparison& comparison : comparisons_) {
    for (RangeQuestion& question : comparison.asked) {
      if (question.deadline > context.now()) continue;
      if (question.attempts == attempts_of_a_question) {
        silent.push_back(comparison.peer);
        break;
      }
      ++question.attempts;
      send_question(context, holdings, comparison, question);
    }
  }
  return silent;
}

bool Comparisons::abandon(Contact peer) {
  bool was_handing_off = false;
  std::erase_if(comparisons_, [&](const Comparison& comparison) {
    if (comparison.peer != peer) return false;
    was_handing_off = was_handing_off || comparison.purpose == Offer::Purpose::hand_off;
    return true;
  });
  return was_handing_off;
}

void Comparisons::abandon_holders() {
  std::erase_if(comparisons_, [](const Comparison& comparison) { return comparison.purpose == Offer::Purpose::hold; });
}

bool Comparisons::is_handing_off() const noexcept {
  return std::any_of(comparisons_.begin(), comparisons_.end(),
                     [](const Comparison& comparison) { return comparison.purpose == Offer::Purpose::hand_off; });
}

Time Comparisons::earliest_deadline() const noexcept {
  Time earliest = never;
  for (const Comparison& comparison : comparisons_)
    for (const RangeQuestion& question : comparison.asked) earliest = std::min(earliest, question.deadline);
  return earliest;
}

}  // namespace peerbed::ring
