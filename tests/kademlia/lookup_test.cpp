#include "protocols/kademlia/lookups/lookup.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::kademlia;
using namespace std::chrono_literals;

namespace {

// The target is 0, so that a contact's number is its distance.
constexpr Contact contact(std::uint64_t number) {
  return {{number, 0, 0}, Address::ipv4(static_cast<std::uint32_t>(number), 1)};
}
constexpr Id self{1ULL << 40, 0, 0};

std::vector<Contact> contacts(std::initializer_list<std::uint64_t> numbers) {
  std::vector<Contact> all;
  for (const std::uint64_t number : numbers) all.push_back(contact(number));
  return all;
}

struct Search {
  Options options{.bucket_size = 4, .concurrency = 2, .resiliency = 4};
  Lookup lookup{1, {}, LookupReason::command, 0, time_zero};

  explicit Search(std::initializer_list<std::uint64_t> known) { lookup.add(contacts(known), self, 0); }
  std::vector<std::uint64_t> asked() {
    std::vector<std::uint64_t> numbers;
    while (const auto next = lookup.next(options)) numbers.push_back(next->id.high);
    return numbers;
  }
  void answer(std::uint64_t from, std::initializer_list<std::uint64_t> named) {
    const auto depth = lookup.note_answer(contact(from), 1, time_zero + 1s);
    REQUIRE(depth.has_value());
    lookup.add(contacts(named), self, *depth);
  }
};

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a lookup asks the closest contacts first, so many at a time") {
  Search search({50, 20, 40, 30});
  CHECK(search.asked() == Numbers{20, 30});
  search.answer(20, {10, 25});
  CHECK(search.asked() == Numbers{10});
  CHECK_FALSE(search.lookup.is_over(search.options));
}

TEST_CASE("a lookup in rounds waits for the whole round") {
  Search search({50, 20, 40, 30});
  search.options.lookup_mode = LookupMode::rounds;
  CHECK(search.asked() == Numbers{20, 30});
  search.answer(20, {10, 25});
  CHECK(search.asked().empty());
  search.answer(30, {});
  CHECK(search.asked() == Numbers{10, 25});
  CHECK(search.lookup.rounds() == 2);
}

TEST_CASE("a lookup is over when the closest contacts that are not silent have answered") {
  Search search({1, 2, 3, 4, 5, 6});
  CHECK(search.asked() == Numbers{1, 2});
  search.answer(1, {});
  CHECK(search.asked() == Numbers{3});
  search.lookup.note_silent(contact(2));
  CHECK(search.asked() == Numbers{4});
  search.answer(3, {});
  CHECK(search.asked() == Numbers{5});
  search.answer(4, {});
  CHECK_FALSE(search.lookup.is_over(search.options));
  search.answer(5, {});
  CHECK(search.asked().empty());
  CHECK(search.lookup.is_over(search.options));
  CHECK(search.lookup.requests() == 5);
  CHECK(search.lookup.timeouts() == 1);
  CHECK(search.lookup.closest()->contact == contact(1));
}

TEST_CASE("a contact that is late holds up nobody, and its answer counts") {
  Search search({1, 2, 3});
  search.asked();
  search.lookup.note_late(contact(1));
  CHECK(search.asked() == Numbers{3});
  search.answer(2, {});
  search.answer(3, {});
  CHECK_FALSE(search.lookup.is_over(search.options));
  search.answer(1, {});
  CHECK(search.lookup.is_over(search.options));
  CHECK(search.lookup.requests() == 4);
}

TEST_CASE("a contact that is late is not waited for when a closer one has answered, unless it is to hold a value") {
  for (const LookupReason reason : {LookupReason::command, LookupReason::store}) {
    Search search({});
    search.lookup = Lookup(1, {}, reason, 1, time_zero);
    search.lookup.add(contacts({1, 2, 3, 4, 5}), self, 0);
    search.asked();
    search.lookup.note_late(contact(2));
    search.answer(1, {});
    for (const std::uint64_t next : {3, 4, 5}) {
      search.asked();
      if (next < 5 || reason == LookupReason::command) search.answer(next, {});
    }
    CHECK(search.lookup.is_over(search.options) == (reason == LookupReason::command));
  }
}

TEST_CASE("a lookup that ends with one answer still asks several contacts at a time") {
  Search search({1, 2, 3});
  search.options.resiliency = 1;
  CHECK(search.asked() == Numbers{1, 2});
  search.answer(2, {});
  CHECK_FALSE(search.lookup.is_over(search.options));
  search.answer(1, {});
  CHECK(search.lookup.is_over(search.options));
}

TEST_CASE("the depth of a contact is that of the first who named it, and one") {
  Search search({10, 20});
  search.asked();
  search.answer(10, {5});
  search.answer(20, {5});
  search.asked();
  search.answer(5, {1});
  search.asked();
  search.answer(1, {});
  CHECK(search.lookup.closest()->depth == 3);
}

TEST_CASE("who was not asked cannot answer, and nobody answers twice") {
  Search search({1, 2, 3});
  search.asked();
  CHECK_FALSE(search.lookup.note_answer(contact(3), 1, time_zero).has_value());
  CHECK_FALSE(search.lookup.note_answer(contact(99), 1, time_zero).has_value());
  search.answer(1, {});
  CHECK_FALSE(search.lookup.note_answer(contact(1), 1, time_zero).has_value());
}

TEST_CASE("liars that name ever closer contacts do not keep a lookup from ending, or make it grow") {
  Search search({1'000'000});
  search.options = {.bucket_size = 32, .resiliency = 32};
  std::uint64_t next = 999'999;
  std::size_t asked = 0;
  while (!search.lookup.is_over(search.options)) {
    const auto contact_asked = search.lookup.next(search.options);
    REQUIRE(contact_asked.has_value());
    ++asked;
    std::vector<Contact> lies;
    for (int i = 0; i < 32; ++i) lies.push_back(contact(next--));
    const auto depth = search.lookup.note_answer(*contact_asked, 1, time_zero);
    search.lookup.add(lies, self, *depth);
    REQUIRE(search.lookup.candidates().size() <= maximum_candidates);
  }
  CHECK(asked == maximum_lookup_requests);
}

TEST_CASE("a lookup for a value ends when enough contacts had it") {
  Search search({1, 2, 3});
  search.lookup = Lookup(1, {}, LookupReason::get, 1, time_zero);
  search.lookup.add(contacts({1, 2, 3}), self, 0);
  search.asked();
  CHECK(search.lookup.note_value(contact(2), time_zero));
  CHECK(search.lookup.is_over(search.options));
  search.options.read_quorum = 2;
  CHECK_FALSE(search.lookup.is_over(search.options));
  CHECK(search.lookup.note_value(contact(1), time_zero));
  CHECK(search.lookup.is_over(search.options));
}
