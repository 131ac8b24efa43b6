// Storage: what a holder of values does with each question about them.

#include "protocols/ring/storage/storage.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

const Address stranger = contact_at(900).address;
const Address holder = contact_at(200).address;
const std::vector<std::byte> some = bytes_of("some");

Replicate copy_of(std::uint64_t key, std::uint64_t time, std::uint32_t placement) {
  return {{.placement = placement}, Key{key}, ValueCopy::of(Key{key}, {{time, 9}}, some)};
}

class Holder : public PartSurroundings {
 public:
  void take(const Replicate& copy, Address from = holder) { storage.take(storage_context(), from, copy); }
  Value get(std::uint64_t key) {
    forget_effects();
    storage.answer(storage_context(), stranger, Get{1, Key{key}});
    return sent<Value>().at(0).message;
  }
  OfferAnswer offer(Offer::Purpose purpose, std::uint64_t key, std::uint64_t time, Address from) {
    forget_effects();
    Offer offer{.context = {3, 4}, .purpose = purpose, .begin = Key{0}, .end = Key{1000}};
    offer.offered.add({Key{key}, {time, 9}});
    storage.answer(storage_context(), from, offer);
    return sent<OfferAnswer>().at(0).message;
  }
  Verdict::Want verdict(Offer::Purpose purpose, std::uint64_t key, std::uint64_t time, Address from) {
    return offer(purpose, key, time, from).verdicts[0].want;
  }
  // Both holders say that they have it.
  void settle(std::uint64_t key, std::uint64_t time) {
    for (const Contact each : {contact_at(200), contact_at(300)})
      storage.note_holder(storage_context(), each.address,
                          {.context = {0, storage.store().placement()}, .key = Key{key}, .stamp = {time, 9}});
  }

  Storage storage;
};

}  // namespace

TEST_CASE("an owner is certain of what it holds and lacks, and names others for what it lacks") {
  Holder owner;
  owner.take(copy_of(60, 5, 0));
  Value answer = owner.get(60);
  CHECK(answer.here);
  CHECK(answer.certain);
  CHECK(answer.copy.is_intact(Key{60}));
  answer = owner.get(61);
  CHECK_FALSE(answer.here);
  CHECK(answer.certain);
  CHECK(answer.elsewhere.size() == 4);
  owner.storage.forget_past(owner.now);
  CHECK_FALSE(owner.get(60).certain);
}

TEST_CASE("an owner that has yet to read its disk is not certain") {
  Holder owner;
  owner.storage.store().expect(1);
  CHECK_FALSE(owner.get(60).certain);
  owner.storage.store().take_content(owner.storage_context(), {.key = {60}, .bytes = {}});
  CHECK(owner.get(60).certain);
}

TEST_CASE("a holder is certain for two periods after its owner confirmed the copy") {
  Holder other;
  other.take(copy_of(40, 5, 0));
  CHECK_FALSE(other.get(40).certain);
  other.take(copy_of(40, 5, 1));
  CHECK(other.get(40).certain);
  other.now += 2 * other.options.repair_period;
  CHECK_FALSE(other.get(40).certain);
  CHECK(other.get(40).here);
}

TEST_CASE("an owner's copy is confirmed to it, an older one is answered by the newer, and a stray one by nothing") {
  Holder other;
  other.take(copy_of(40, 5, 1));
  CHECK(other.sent<Replicated>().at(0).message.stamp.time == 5);
  other.forget_effects();
  other.take(copy_of(40, 4, 1));
  CHECK(other.sent<Replicated>().at(0).message.stamp.time == 5);
  CHECK(other.sent<Replicate>().at(0).message.copy.state.stamp.time == 5);
  other.forget_effects();
  other.take(copy_of(40, 6, 0));
  CHECK(other.sent<Replicated>().empty());
  other.options.maximum_values = 1;
  other.take(copy_of(41, 6, 1));
  CHECK(other.sent<Replicated>().at(0).message.stamp.time == 0);
}

TEST_CASE("an owner that is given a newer state outdates its puts and sees to the other holders soon") {
  Holder owner;
  owner.storage.accept(owner.storage_context(), stranger, {1, Key{60}, ValueCopy::of(Key{60}, {{5, 8}}, some)});
  owner.forget_effects();
  owner.take(copy_of(60, 6, 0));
  CHECK(owner.sent<PutDone>().at(0).message.outcome == PutDone::Outcome::outdated);
  CHECK(owner.storage.is_repair_hastened(owner.now));
}

TEST_CASE("a holder's word counts when it is about the state and the neighbours of now") {
  Holder owner;
  owner.take(copy_of(60, 5, 0));
  const auto counts = [&](Address from, std::uint32_t placement, std::uint64_t time) {
    return owner.storage.note_holder(owner.storage_context(), from,
                                     {.context = {0, placement}, .key = Key{60}, .stamp = {time, 9}});
  };
  const std::uint32_t placement = owner.storage.store().placement();
  CHECK(counts(holder, placement, 5));
  CHECK_FALSE(counts(holder, placement, 4));
  CHECK_FALSE(counts(holder, placement + 1, 5));
  CHECK_FALSE(counts(stranger, placement, 5));
}

TEST_CASE("what is offered is wanted, held, or there in a newer state") {
  Holder other;
  other.take(copy_of(40, 5, 0));
  CHECK(other.verdict(Offer::Purpose::hold, 41, 5, holder) == Verdict::Want::send);
  CHECK(other.verdict(Offer::Purpose::hold, 40, 6, holder) == Verdict::Want::send);
  CHECK_FALSE(other.get(40).certain);
  CHECK(other.verdict(Offer::Purpose::hold, 40, 5, holder) == Verdict::Want::held);
  CHECK(other.get(40).certain);
  CHECK(other.verdict(Offer::Purpose::hold, 40, 4, holder) == Verdict::Want::newer);
  CHECK(other.sent<Replicate>().size() == 1);
}

TEST_CASE("what is handed off is refused by others than the owner, and by it when all holders have it") {
  Holder owner;
  owner.take(copy_of(60, 5, 0));
  CHECK(owner.verdict(Offer::Purpose::hand_off, 40, 5, stranger) == Verdict::Want::not_mine);
  CHECK(owner.verdict(Offer::Purpose::hand_off, 60, 4, stranger) == Verdict::Want::newer);
  CHECK(owner.sent<Replicate>().empty());
  owner.settle(60, 5);
  CHECK(owner.verdict(Offer::Purpose::hand_off, 60, 5, stranger) == Verdict::Want::settled);
  CHECK(owner.verdict(Offer::Purpose::hand_off, 60, 5, holder) == Verdict::Want::held);
}

TEST_CASE("an owner that offers all it has of a range is sent what it lacks") {
  Holder other;
  for (std::uint64_t key = 1; key <= maximum_offered + 2; ++key) other.take(copy_of(500 + key, 5, 0));
  const OfferAnswer answer = other.offer(Offer::Purpose::hold, 501, 5, holder);
  CHECK(other.sent<Replicate>().size() == maximum_offered);
  CHECK(answer.more);
  CHECK_FALSE(other.offer(Offer::Purpose::leave, 501, 5, holder).more);
  CHECK(other.sent<Replicate>().empty());
}

TEST_CASE("an offer is of use to whoever may keep something of it") {
  Holder here;
  Offer offer{.purpose = Offer::Purpose::hand_off, .begin = Key{0}, .end = Key{1000}};
  CHECK_FALSE(Storage::may_keep(offer, here.storage_context().table));
  offer.offered.add({Key{40}, {5, 9}});
  CHECK_FALSE(Storage::may_keep(offer, here.storage_context().table));
  offer.offered.add({Key{60}, {5, 9}});
  CHECK(Storage::may_keep(offer, here.storage_context().table));
}

TEST_CASE("a range that is compared is answered by part, and what is alike is confirmed") {
  Holder other;
  other.take(copy_of(20, 5, 0));
  other.take(copy_of(40, 5, 0));
  other.forget_effects();
  RangeDigest wrong = other.storage.store().digest_of({Key{10}, Key{30}});
  ++wrong.digest;
  Compare compare{.context = {3, 4}, .owner = Key{50}, .begin = Key{10}};
  compare.parts.add(wrong);
  compare.parts.add(other.storage.store().digest_of({Key{30}, Key{50}}));
  other.storage.answer(other.storage_context(), holder, compare);
  const Compared answer = other.sent<Compared>().at(0).message;
  CHECK(answer.same == 0b10);
  CHECK(answer.counts.size() == 2);
  CHECK(answer.counts[0] == 1);
  CHECK(answer.incarnation == 7);
  CHECK_FALSE(other.get(20).certain);
  CHECK(other.get(40).certain);
}

TEST_CASE("a newcomer is informed when all its holders are alike and know all") {
  Holder owner;
  owner.storage.forget_past(owner.now);
  REQUIRE(owner.storage.begin_repair(owner.storage_context()));
  const auto questions = owner.sent<Compare>();
  REQUIRE(questions.size() == 2);
  for (const auto& [to, question] : questions) {
    CHECK_FALSE(owner.get(60).certain);
    Compared answer{.context = question.context, .informed = true, .same = 1};
    answer.counts.add(0);
    owner.storage.take(owner.storage_context(), to, answer);
  }
  CHECK(owner.get(60).certain);
}

TEST_CASE("values that another node owns now are offered to a new predecessor, and those of others are sought for") {
  Holder owner;
  owner.storage.begin_placement(owner.storage_context());
  owner.take(copy_of(60, 5, 0));
  owner.predecessor = contact_at(80);
  owner.storage.begin_placement(owner.storage_context());
  REQUIRE(owner.storage.begin_repair(owner.storage_context()));
  owner.forget_effects();
  auto handed_over = owner.storage.hand_over(owner.storage_context());
  CHECK(handed_over.is_any);
  CHECK_FALSE(handed_over.orphan);
  const auto offers = owner.sent<Offer>();
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].to == owner.predecessor.address);
  // One at a time; when the new owner is silent the next round looks for whoever owns what is left.
  CHECK_FALSE(owner.storage.hand_over(owner.storage_context()).orphan);
  owner.storage.abandon(owner.storage_context(), owner.predecessor);
  handed_over = owner.storage.hand_over(owner.storage_context());
  CHECK(handed_over.orphan == Key{60});
  CHECK_FALSE(owner.storage.hand_over(owner.storage_context()).orphan);
  owner.forget_effects();
  owner.storage.end_search(owner.storage_context(), Key{60}, contact_at(80));
  CHECK(owner.sent<Offer>().size() == 1);
}

TEST_CASE("a node that leaves offers all it has to the next nodes until they have it") {
  Holder owner;
  owner.take(copy_of(60, 5, 0));
  owner.storage.begin_leaving(owner.storage_context());
  CHECK(owner.sent<Offer>().size() == 3);
  owner.now = owner.storage.leave_deadline();
  CHECK(owner.storage.goes_on_leaving(owner.storage_context()));
  CHECK(owner.storage.leave_deadline() > owner.now);
  owner.settle(60, 5);
  CHECK_FALSE(owner.storage.goes_on_leaving(owner.storage_context()));
}

TEST_CASE("what a holder that is another process than it was had counts no more") {
  Holder owner;
  owner.take(copy_of(60, 5, 0));
  REQUIRE(owner.storage.begin_repair(owner.storage_context()));
  owner.settle(60, 5);
  const auto is_settled = [&] {
    return owner.storage.store().is_settled(*owner.storage.store().find(Key{60}), owner.storage_context());
  };
  REQUIRE(is_settled());
  Neighbours answer{.self = Key{200}, .predecessor = {}};
  owner.storage.note_incarnations(owner.storage_context(), contact_at(200), answer);
  CHECK(is_settled());
  // Another node tells of one that is no holder, of one that is, and of one that this node does not know.
  answer.successors.add(contact_at(400));
  answer.incarnations.add(3);
  owner.storage.note_incarnations(owner.storage_context(), contact_at(200), answer);
  CHECK(is_settled());
  answer.successors.add(contact_at(300));
  answer.incarnations.add(3);
  owner.storage.note_incarnations(owner.storage_context(), contact_at(200), answer);
  CHECK_FALSE(is_settled());
  CHECK(owner.storage.incarnations().of(contact_at(300)) == 3);
}

TEST_CASE("a comparison ends when the peer's answer is that of another process") {
  Holder owner;
  owner.take(copy_of(60, 5, 0));
  REQUIRE(owner.storage.begin_repair(owner.storage_context()));
  const auto question = owner.sent<Compare>().at(0);
  Compared answer{.context = question.message.context, .incarnation = 3, .same = 1};
  answer.counts.add(1);
  owner.storage.take(owner.storage_context(), question.to, answer);
  owner.storage.take(owner.storage_context(), question.to, answer);
  owner.forget_effects();
  REQUIRE(owner.storage.begin_repair(owner.storage_context()));
  CHECK(owner.sent<Compare>().size() == 2);  // of both holders again
}

TEST_CASE("an answer is of use to a node that knows no incarnations when it tells of one of its successors") {
  Holder here;
  Neighbours answer{.self = Key{200}, .predecessor = {}};
  const auto may_note = [&] { return Storage::may_note(answer, here.storage_context().table); };
  answer.successors.add(contact_at(700));
  answer.incarnations.add(3);
  CHECK_FALSE(may_note());
  answer.successors.add(contact_at(300));
  answer.incarnations.add(3);
  CHECK(may_note());
  CHECK(Storage::may_note({.self = Key{200}, .predecessor = {}, .incarnation = 3}, here.storage_context().table));
}
