#include "protocols/ring/storage/comparisons.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Contact holder = contact_at(200);
constexpr KeyRange own_range{Key{50}, Key{100}};
const std::vector<std::byte> some = bytes_of("some");

class Asker : public PartSurroundings {
 public:
  Asker() { options.replicas = 2; }

  void keep(std::uint64_t key) { store.keep(storage_context(), Key{key}, {{5, 9}}, some); }
  auto start(Offer::Purpose purpose = Offer::Purpose::hold, KeyRange range = own_range, Contact peer = holder) {
    return comparisons.start(storage_context(), holdings(), peer, purpose, range);
  }
  auto take(const Compared& answer) { return comparisons.take(storage_context(), holdings(), holder.address, answer); }
  auto take(const OfferAnswer& answer) {
    return comparisons.take(storage_context(), holdings(), holder.address, answer);
  }
  auto note_delivery(std::uint32_t question) {
    return comparisons.note_delivery(storage_context(), holdings(), holder.address, question);
  }
  auto handle_overdue() { return comparisons.handle_overdue(storage_context(), holdings()); }
  // The questions since the last time.
  template <class Question>
  std::vector<Question> asked() {
    std::vector<Question> result;
    for (const auto& letter : sent<Question>()) result.push_back(letter.message);
    forget_effects();
    return result;
  }
  bool is_settled(std::uint64_t key) { return store.is_settled(*store.find(Key{key}), storage_context()); }

  Store store;
  AcceptedPuts puts;
  Knowledge knowledge;
  Comparisons comparisons;

 private:
  Comparisons::Holdings holdings() { return {store, puts, knowledge}; }
};

Compared same(const Compare& question, bool informed = false) {
  Compared answer{.context = question.context, .informed = informed};
  for (std::size_t i = 0; i < question.parts.size(); ++i) {
    answer.same |= 1u << i;
    answer.counts.add(question.parts[i].count);
  }
  return answer;
}

Compared different(const Compare& question, std::uint32_t theirs) {
  Compared answer{.context = question.context};
  for (std::size_t i = 0; i < question.parts.size(); ++i) answer.counts.add(theirs);
  return answer;
}

OfferAnswer verdicts(const Offer& offer, Verdict::Want want) {
  OfferAnswer answer{.context = offer.context, .next{}};
  for (const Offered& offered : offer.offered.all()) answer.verdicts.add({offered.key, want});
  return answer;
}

}  // namespace

TEST_CASE("copies that are alike cost one question, and are settled by its answer") {
  Asker asker;
  asker.keep(60);
  CHECK_FALSE(asker.start());
  const auto questions = asker.asked<Compare>();
  REQUIRE(questions.size() == 1);
  CHECK(questions[0].whole);
  CHECK(questions[0].parts.size() == 1);
  CHECK(asker.comparisons.peer_of(holder.address, questions[0].context.question) == holder);
  const auto progress = asker.take(same(questions[0], true));
  CHECK(progress.is_informed);
  REQUIRE(progress.ended);
  CHECK(progress.ended->is_alike);
  CHECK(progress.ended->peer == holder);
  CHECK(asker.is_settled(60));
  CHECK(asker.comparisons.size() == 0);
  CHECK_FALSE(asker.comparisons.peer_of(holder.address, questions[0].context.question));
}

TEST_CASE("a comparison with a peer for a purpose is not begun twice") {
  Asker asker;
  asker.keep(60);
  asker.start();
  asker.start();
  CHECK(asker.asked<Compare>().size() == 1);
  CHECK(asker.comparisons.size() == 1);
}

TEST_CASE("a few values that differ are offered, sent, and compared once more") {
  Asker asker;
  asker.keep(60);
  asker.keep(70);
  asker.start();
  CHECK_FALSE(asker.take(different(asker.asked<Compare>().at(0), 0)).ended);
  const auto offers = asker.asked<Offer>();
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].offered.size() == 2);
  const std::uint32_t question = offers[0].context.question;
  CHECK_FALSE(asker.take(verdicts(offers[0], Verdict::Want::send)));
  CHECK(asker.asked<Replicate>().size() == 2);
  CHECK_FALSE(asker.note_delivery(question));
  CHECK(asker.asked<Compare>().empty());
  CHECK_FALSE(asker.note_delivery(question));
  const auto again = asker.asked<Compare>();
  REQUIRE(again.size() == 1);
  CHECK(again[0].whole);
  CHECK(asker.take(same(again[0])).ended->is_alike);
}

TEST_CASE("many values that differ are compared in parts, a few questions at a time") {
  Asker asker;
  asker.self = Key{100'000};
  for (std::uint64_t key = 1; key <= 2000; ++key) asker.keep(50 * key);
  asker.start(Offer::Purpose::hold, {Key{0}, Key{100'000}});
  asker.take(different(asker.asked<Compare>().at(0), 0));
  const auto questions = asker.asked<Compare>();
  CHECK(questions.size() == maximum_questions);
  for (const Compare& question : questions) CHECK(question.parts.size() == maximum_parts);
}

TEST_CASE("a comparison that differs in every round ends after eight, and is not taken for alike") {
  Asker asker;
  asker.keep(60);
  asker.start();
  std::optional<Comparisons::Ended> ended;
  int rounds = 0;
  while (!ended && rounds < 100) {
    ++rounds;
    asker.take(different(asker.asked<Compare>().at(0), 1));
    ended = asker.take(verdicts(asker.asked<Offer>().at(0), Verdict::Want::held));
  }
  CHECK(rounds == 8);
  REQUIRE(ended);
  CHECK_FALSE(ended->is_alike);
}

TEST_CASE("answers to what was asked before the neighbours changed count for nothing") {
  Asker asker;
  asker.keep(60);
  asker.start();
  const Compare question = asker.asked<Compare>().at(0);
  asker.store.begin_placement();
  const auto progress = asker.take(same(question, true));
  CHECK_FALSE(progress.is_informed);
  CHECK_FALSE(progress.ended);
  CHECK_FALSE(asker.is_settled(60));
}

TEST_CASE("a put that is under way is answered when a comparison shows that its last holder has the value") {
  Asker asker;
  const Address client = contact_at(900).address;
  asker.puts.accept(asker.storage_context(), asker.store, client, {1, Key{60}, ValueCopy::of(Key{60}, {{5, 9}}, some)});
  asker.start();
  const Compare question = asker.asked<Compare>().at(0);
  asker.take(same(question));
  const auto done = asker.sent<PutDone>();
  REQUIRE(done.size() == 1);
  CHECK(done[0].to == client);
}

TEST_CASE("orphans are handed off in offers of what fits one, and dropped when their owner says they are settled") {
  Asker asker;
  for (std::uint64_t key = 1; key <= maximum_offered + 1; ++key) asker.keep(1000 + key);
  asker.keep(60);  // its own
  CHECK_FALSE(asker.start(Offer::Purpose::hand_off, {Key{100}, Key{200'000}}, holder));
  CHECK(asker.comparisons.is_handing_off());
  const auto offers = asker.asked<Offer>();
  REQUIRE(offers.size() == 2);
  CHECK(offers[0].offered.size() == maximum_offered);
  CHECK(offers[1].offered.size() == 1);
  OfferAnswer answer = verdicts(offers[0], Verdict::Want::settled);
  answer.next = contact_at(400'000);
  CHECK_FALSE(asker.take(answer));
  const auto ended = asker.take(verdicts(offers[1], Verdict::Want::not_mine));
  REQUIRE(ended);
  CHECK(ended->purpose == Offer::Purpose::hand_off);
  CHECK(ended->next == contact_at(400'000));
  CHECK(asker.count_of(TraceEvent::value_dropped) == maximum_offered);
  CHECK(asker.store.size() == 2);
}

TEST_CASE("a hand-off of nothing ends at once") {
  Asker asker;
  const auto ended = asker.start(Offer::Purpose::hand_off, {Key{100}, Key{200}});
  REQUIRE(ended);
  CHECK(ended->peer == holder);
  CHECK(asker.comparisons.size() == 0);
}

TEST_CASE("a silent peer is asked again with backoff, and then named to be abandoned") {
  Asker asker;
  asker.keep(60);
  asker.start();
  std::vector<Contact> silent;
  int questions = 1;
  while (silent.empty() && questions < 100) {
    asker.forget_effects();
    asker.now = asker.comparisons.earliest_deadline();
    silent = asker.handle_overdue();
    questions += static_cast<int>(asker.asked<Compare>().size());
  }
  CHECK(questions == 8);
  REQUIRE(silent.size() == 1);
  CHECK(silent[0] == holder);
  CHECK_FALSE(asker.comparisons.abandon(holder));
  CHECK(asker.comparisons.earliest_deadline() == never);
}

TEST_CASE("comparisons with holders are abandoned when these change, and others go on") {
  Asker asker;
  asker.keep(60);
  asker.keep(150);
  asker.start();
  asker.start(Offer::Purpose::leave, {Key{100}, Key{100}});
  asker.start(Offer::Purpose::hand_off, {Key{100}, Key{200}});
  asker.comparisons.abandon_holders();
  CHECK(asker.comparisons.size() == 2);
  CHECK(asker.comparisons.abandon(holder));
  CHECK(asker.comparisons.size() == 0);
}
