#include "protocols/ring/storage/accepted_puts.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Address asker = contact_at(900).address;
const std::vector<std::byte> some = bytes_of("some");

class Owner : public PartSurroundings {
 public:
  bool accept(std::uint32_t id, ValueStamp stamp, Key key = Key{60}) {
    return puts.accept(storage_context(), store, asker, {id, key, ValueCopy::of(key, {stamp}, some)});
  }
  void hear_holder(unsigned place, Key key = Key{60}) {
    store.note_holder(key, place);
    puts.settle(storage_context(), store, key);
  }
  // What the asker was told since the last time.
  std::vector<PutDone> answers() {
    std::vector<PutDone> result;
    for (const auto& letter : sent<PutDone>()) {
      CHECK(letter.to == asker);
      result.push_back(letter.message);
    }
    forget_effects();
    return result;
  }

  Store store;
  AcceptedPuts puts;
};

}  // namespace

TEST_CASE("a put is answered when the last holder has the value") {
  Owner owner;
  CHECK(owner.accept(1, {5, 9}));
  const auto copies = owner.sent<Replicate>();
  REQUIRE(copies.size() == 2);
  CHECK(copies[0].to == contact_at(200).address);
  CHECK(copies[1].to == contact_at(300).address);
  owner.hear_holder(0);
  CHECK(owner.answers().empty());
  owner.hear_holder(1);
  const auto answers = owner.answers();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0] == PutDone{1, PutDone::Outcome::stored, {5, 9}});
  CHECK(owner.puts.size() == 0);
  CHECK(owner.puts.earliest_deadline() == never);
}

TEST_CASE("an owner without other holders answers a put at once") {
  Owner owner;
  owner.options.replicas = 1;
  CHECK(owner.accept(1, {5, 9}));
  REQUIRE(owner.answers().size() == 1);
}

TEST_CASE("a put that is older than what is there is outdated, and says by what") {
  Owner owner;
  owner.accept(1, {5, 9});
  CHECK_FALSE(owner.accept(2, {4, 8}));
  const auto answers = owner.answers();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0] == PutDone{2, PutDone::Outcome::outdated, {5, 9}});
}

TEST_CASE("a put that is ahead of the clock by more than is allowed is refused, unless it follows what is there") {
  Owner owner;
  const auto lead = static_cast<std::uint64_t>(owner.options.maximum_clock_lead.count());
  const std::uint64_t latest = owner.clock() + lead;
  CHECK_FALSE(owner.accept(1, {latest + 1, 9}));
  CHECK(owner.answers().at(0).outcome == PutDone::Outcome::refused);
  CHECK(owner.accept(2, {latest, 9}));
  CHECK(owner.accept(3, {latest + lead, 10}));
}

TEST_CASE("a copy of a put that is under way is passed over, and one of a put that is done is answered") {
  Owner owner;
  owner.accept(1, {5, 9});
  CHECK_FALSE(owner.accept(1, {5, 9}));
  CHECK(owner.answers().empty());
  owner.hear_holder(0);
  owner.hear_holder(1);
  CHECK(owner.answers().size() == 1);
  CHECK(owner.accept(1, {5, 9}));
  CHECK(owner.answers().at(0).outcome == PutDone::Outcome::stored);
}

TEST_CASE("a put is sent again with backoff, and given up in the end") {
  Owner owner;
  owner.accept(1, {5, 9});
  std::size_t repetitions = 0;
  std::vector<PutDone> answers;
  while (owner.puts.size() > 0 && repetitions < 100) {
    owner.forget_effects();
    owner.now = owner.puts.earliest_deadline();
    owner.puts.handle_overdue(owner.storage_context(), owner.store);
    repetitions += owner.sent<Replicate>().size() / 2;
    answers = owner.answers();
  }
  CHECK(repetitions == 2 * owner.options.rpc_attempts);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].outcome == PutDone::Outcome::refused);
}

TEST_CASE("an owner that is no longer one says so when a put is overdue") {
  Owner owner;
  owner.accept(1, {5, 9});
  owner.predecessor = contact_at(80);
  owner.now = owner.puts.earliest_deadline();
  owner.puts.handle_overdue(owner.storage_context(), owner.store);
  CHECK(owner.answers().at(0).outcome == PutDone::Outcome::not_owner);
}

TEST_CASE("a put has to go above a newer state that came from elsewhere, but not above itself") {
  Owner owner;
  owner.accept(1, {5, 9});
  owner.puts.outdate(owner.storage_context(), Key{60}, {6, 9});
  CHECK(owner.answers().empty());
  owner.puts.outdate(owner.storage_context(), Key{60}, {6, 10});
  const auto answers = owner.answers();
  REQUIRE(answers.size() == 1);
  CHECK(answers[0] == PutDone{1, PutDone::Outcome::outdated, {6, 10}});
}

TEST_CASE("an owner with too many puts under way refuses more, and so does one whose store is full") {
  Owner owner;
  owner.self = Key{1'000'000};
  for (std::uint32_t i = 1; i <= maximum_accepted_puts; ++i) REQUIRE(owner.accept(i, {5, 9}, Key{1000 + i}));
  owner.forget_effects();
  CHECK_FALSE(owner.accept(5000, {5, 9}, Key{60}));
  CHECK(owner.answers().at(0).outcome == PutDone::Outcome::refused);

  Owner full;
  full.options.maximum_values = 0;
  CHECK_FALSE(full.accept(1, {5, 9}));
  CHECK(full.answers().at(0).outcome == PutDone::Outcome::refused);
}
