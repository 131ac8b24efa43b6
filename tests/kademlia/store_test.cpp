#include "protocols/kademlia/storage/store.h"

#include <string_view>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::kademlia;
using namespace std::chrono_literals;

namespace {

struct Shelf {
  Options options{.value_lifetime = 60s, .maximum_values = 2};
  Store store;

  Store::Outcome put(std::uint64_t key, Stamp stamp, std::string_view text, Duration lifetime = 60s, Duration now = 0s,
                     Time replicate_at = Time::max()) {
    return store.put(options, {key, 0, 0}, stamp, std::as_bytes(std::span(text.data(), text.size())), lifetime,
                     time_zero + now, replicate_at);
  }
  const StoredValue* find(std::uint64_t key, Duration now) const { return store.find({key, 0, 0}, time_zero + now); }
};

}  // namespace

TEST_CASE("a value is held until its lifetime is over, which is no longer than the holder allows") {
  Shelf shelf;
  CHECK(shelf.put(1, {5, 1}, "a", 10s) == Stored::Outcome::stored);
  CHECK(shelf.put(2, {5, 1}, "b", 10h) == Stored::Outcome::stored);
  CHECK(shelf.find(1, 9s) != nullptr);
  CHECK(shelf.find(1, 10s) == nullptr);
  CHECK(shelf.find(2, 59s) != nullptr);
  CHECK(shelf.find(2, 60s) == nullptr);
}

TEST_CASE("a newer value stays, unless it has expired") {
  Shelf shelf;
  shelf.put(1, {5, 1}, "new", 10s);
  CHECK(shelf.put(1, {4, 9}, "old") == Stored::Outcome::outdated);
  CHECK(shelf.find(1, 1s)->bytes.size() == 3);
  CHECK(shelf.put(1, {4, 9}, "older", 60s, 11s) == Stored::Outcome::stored);
  CHECK(shelf.find(1, 12s)->bytes.size() == 5);
}

TEST_CASE("an old copy of what is held does not bring its end nearer") {
  Shelf shelf;
  shelf.put(1, {5, 1}, "a", 50s);
  shelf.put(1, {5, 1}, "a", 10s);
  CHECK(shelf.find(1, 49s) != nullptr);
}

TEST_CASE("more values than a node may hold, and values that are none, are refused") {
  Shelf shelf;
  shelf.put(1, {5, 1}, "a");
  shelf.put(2, {5, 1}, "b");
  CHECK(shelf.put(3, {5, 1}, "c") == Stored::Outcome::refused);
  CHECK(shelf.put(2, {6, 1}, "d") == Stored::Outcome::stored);
  CHECK(shelf.put(1, {6, 1}, std::string(maximum_value_size + 1, 'x')) == Stored::Outcome::refused);
  CHECK(shelf.put(1, {6, 1}, "e", 0s) == Stored::Outcome::refused);
  CHECK(shelf.store.size() == 2);
}

TEST_CASE("values have their turn when they are to be replicated and when they expire") {
  Shelf shelf;
  shelf.put(1, {5, 1}, "a", 40s, 0s, time_zero + 30s);
  shelf.put(2, {5, 1}, "b", 20s, 0s, time_zero + 35s);
  CHECK(shelf.store.next_turn() == time_zero + 20s);
  CHECK_FALSE(shelf.store.take_turn(time_zero + 19s, Time::max()).has_value());
  const auto expired = shelf.store.take_turn(time_zero + 20s, Time::max());
  REQUIRE(expired.has_value());
  CHECK(expired->key.high == 2);
  CHECK(expired->has_expired);
  const auto due = shelf.store.take_turn(time_zero + 30s, time_zero + 36s);
  REQUIRE(due.has_value());
  CHECK(due->key.high == 1);
  CHECK_FALSE(due->has_expired);
  CHECK(shelf.store.next_turn() == time_zero + 36s);
  shelf.store.retire({1, 0, 0});
  CHECK(shelf.store.next_turn() == time_zero + 40s);
}
