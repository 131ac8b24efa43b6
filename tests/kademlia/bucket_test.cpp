#include "protocols/kademlia/routing/bucket.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::kademlia;
using namespace std::chrono_literals;

namespace {

constexpr Contact contact(std::uint64_t number, std::uint16_t port = 1) {
  return {{number, 0, 0}, Address::ipv4(static_cast<std::uint32_t>(number), port)};
}

struct Filled {
  Options options{.bucket_size = 3, .replacement_cache = 2, .stale_after = 2};
  Bucket bucket;
  std::optional<Contact> evicted;

  Filled() {
    for (const std::uint64_t number : {1, 2, 3}) answer(contact(number), number);
  }
  bool answer(const Contact& of, std::uint64_t second) {
    return bucket.note_answer(options, of, time_zero + std::chrono::seconds(second), evicted);
  }
  void silence(const Contact& of, int times) {
    for (int i = 0; i < times; ++i) bucket.note_silence(of);
  }
  std::vector<std::uint64_t> order() const {
    std::vector<std::uint64_t> order;
    for (const Entry& entry : bucket.entries()) order.push_back(entry.contact.id.high);
    return order;
  }
};

}  // namespace

TEST_CASE("a contact that is heard again moves to the end") {
  Filled filled;
  CHECK_FALSE(filled.answer(contact(1), 4));
  CHECK(filled.order() == std::vector<std::uint64_t>{2, 3, 1});
  CHECK(filled.bucket.note_request(contact(2), time_zero + 5s));
  CHECK(filled.order() == std::vector<std::uint64_t>{3, 1, 2});
}

TEST_CASE("a newcomer does not push out a contact that answers, and waits in the cache") {
  Filled filled;
  CHECK_FALSE(filled.answer(contact(4), 4));
  CHECK(filled.order() == std::vector<std::uint64_t>{1, 2, 3});
  CHECK_FALSE(filled.evicted.has_value());
  REQUIRE(filled.bucket.replacements().size() == 1);
  CHECK(filled.bucket.replacements().front() == contact(4));
}

TEST_CASE("the cache keeps the newest contacts and gives the newest first") {
  Filled filled;
  for (const std::uint64_t number : {4, 5, 6, 5}) filled.answer(contact(number), number);
  CHECK(filled.bucket.replacements().size() == 2);
  CHECK(filled.bucket.take_replacement() == contact(5));
  CHECK(filled.bucket.take_replacement() == contact(6));
  CHECK_FALSE(filled.bucket.take_replacement().has_value());
}

TEST_CASE("the contact that was silent most often gives its place to the next one that answers") {
  Filled filled;
  CHECK_FALSE(filled.bucket.has_place(filled.options));
  CHECK(filled.bucket.note_silence(contact(1)));
  CHECK(filled.bucket.has_place(filled.options));
  filled.silence(contact(2), 2);
  CHECK(filled.answer(contact(4), 4));
  CHECK(filled.evicted == contact(2));
  CHECK(filled.answer(contact(5), 5));
  CHECK(filled.evicted == contact(1));
  CHECK(filled.order() == std::vector<std::uint64_t>{3, 4, 5});
  CHECK_FALSE(filled.answer(contact(6), 6));
}

TEST_CASE("an answer, but not a request, makes a stale contact a good one") {
  Filled filled;
  filled.silence(contact(2), 2);
  CHECK(filled.bucket.note_request(contact(2), time_zero + 9s));
  CHECK(filled.bucket.has_place(filled.options));
  filled.answer(contact(2), 9);
  CHECK_FALSE(filled.bucket.has_place(filled.options));
}

TEST_CASE("an identifier that is known at one address is not taken over by another while that answers") {
  Filled filled;
  CHECK_FALSE(filled.answer(contact(2, 99), 4));
  CHECK_FALSE(filled.bucket.note_request(contact(2, 99), time_zero + 4s));
  CHECK(filled.bucket.entries()[1].contact == contact(2));
  filled.silence(contact(2), 2);
  CHECK(filled.answer(contact(2, 99), 5));
  CHECK(filled.evicted == contact(2));
  CHECK(filled.order() == std::vector<std::uint64_t>{1, 3, 2});
}

TEST_CASE("a contact that is silent leaves the cache") {
  Filled filled;
  filled.answer(contact(4), 4);
  CHECK_FALSE(filled.bucket.note_silence(contact(4)));
  CHECK(filled.bucket.replacements().empty());
}
