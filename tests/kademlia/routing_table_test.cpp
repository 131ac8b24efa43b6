#include "protocols/kademlia/routing/routing_table.h"

#include <algorithm>

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::kademlia;
using namespace std::chrono_literals;

namespace {

std::vector<Contact> members(std::size_t count, std::uint64_t seed) {
  KeyedStream draws(seed);
  std::vector<Contact> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back({expanded(draws.next()), Address::ipv4(static_cast<std::uint32_t>(i + 1), 1)});
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("each bucket of a converged table holds as many members of its range as it can") {
  const Options options{.bucket_size = 8};
  const std::vector<Contact> all = members(500, 1);
  for (const std::size_t own : {0, 77, 499}) {
    const RoutingTable table = RoutingTable::converged(options, all, own, KeyedStream(own));
    for (unsigned prefix = 0; prefix < id_bits; ++prefix) {
      const auto there = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Contact& member) {
        return common_prefix(member.id, table.self()) == prefix;
      }));
      const std::size_t held = prefix < table.buckets().size() ? table.buckets()[prefix].entries().size() : 0;
      CHECK(held == std::min<std::size_t>(there, 8));
      if (prefix >= table.buckets().size()) continue;
      for (const Entry& entry : table.buckets()[prefix].entries())
        CHECK(common_prefix(entry.contact.id, table.self()) == prefix);
    }
  }
}

TEST_CASE("the closest contacts are those of all buckets that are closest, in order, without the stale and the asker") {
  const Options options{.bucket_size = 8, .stale_after = 1};
  const std::vector<Contact> all = members(300, 2);
  RoutingTable table = RoutingTable::converged(options, all, 150, KeyedStream(1));
  KeyedStream draws(3);
  for (int round = 0; round < 300; ++round) {
    // Any target, and targets that share many bits with the node.
    const Id noise = expanded(draws.next());
    const Id target = round % 2 == 0 ? noise : with_prefix_of(table.self(), static_cast<unsigned>(round % 12), noise);
    std::vector<Contact> known;
    for (const Bucket& bucket : table.buckets())
      for (const Entry& entry : bucket.entries()) known.push_back(entry.contact);
    std::sort(known.begin(), known.end(),
              [&](const Contact& one, const Contact& other) { return is_closer(one.id, other.id, target); });
    const Contact asker = known[static_cast<std::size_t>(round % 9)];
    const Contact stale = known[static_cast<std::size_t>(round % 5) + 1];
    RoutingTable with_stale = table;
    with_stale.note_silence(stale);
    std::erase(known, asker);
    std::erase(known, stale);
    const ContactList closest = with_stale.closest(options, target, asker.id);
    REQUIRE(closest.size() == 8);
    for (std::size_t i = 0; i < 8; ++i) CHECK(closest[i] == known[i]);
  }
}

TEST_CASE("a node does not list itself") {
  RoutingTable table({1, 2, 3});
  CHECK_FALSE(table.note_answer({}, {{1, 2, 3}, Address::ipv4(1, 1)}, time_zero).is_new);
  CHECK_FALSE(table.note_request({}, {{1, 2, 3}, Address::ipv4(1, 1)}, time_zero).has_value());
  CHECK(table.empty());
}

TEST_CASE(
    "a newcomer that asks is pinged if it would get a place, else the oldest contact if that was silent for long") {
  const Options options{.bucket_size = 1, .ping_after = 10s};
  RoutingTable table({0, 0, 0});
  const Contact first{{1ULL << 63, 0, 1}, Address::ipv4(1, 1)};
  const Contact second{{1ULL << 63, 0, 2}, Address::ipv4(2, 1)};
  CHECK(table.note_request(options, first, time_zero) == first);
  CHECK(table.empty());  // its address may be forged
  CHECK(table.note_answer(options, first, time_zero).is_new);
  CHECK_FALSE(table.note_request(options, first, time_zero + 1s).has_value());
  CHECK_FALSE(table.note_request(options, second, time_zero + 2s).has_value());
  CHECK(table.note_request(options, second, time_zero + 11s) == first);
  // It is silent, and the newcomer is asked whether it is there.
  CHECK(table.note_silence(first) == second);
  CHECK(table.note_answer(options, second, time_zero + 12s).evicted == first);
}

TEST_CASE("ranges are refreshed the oldest first, and the nearest contacts are one range") {
  const Options options{.bucket_size = 4, .refresh_period = 60s};
  const std::vector<Contact> all = members(64, 4);
  RoutingTable table = RoutingTable::converged(options, all, 20, KeyedStream(1));
  unsigned second = 0;
  table.stagger([&] { return time_zero + std::chrono::seconds(second++); });
  const auto first = table.next_refresh(options);
  REQUIRE(first.has_value());
  CHECK(first->bucket == 0);
  CHECK(first->due == time_zero + 60s);
  // Looking up every range once in turn comes back to the first, and the last one is the neighbourhood.
  unsigned ranges = 0;
  bool was_neighbourhood = false;
  for (auto next = first; next->due < time_zero + 100s + 60s; next = table.next_refresh(options), ++ranges) {
    was_neighbourhood = next->is_neighbourhood;
    table.note_lookup(options, next->is_neighbourhood ? table.self() : with_prefix_of(table.self(), next->bucket, {}),
                      time_zero + 100s);
  }
  CHECK(was_neighbourhood);
  CHECK(ranges >= 3);
  CHECK(ranges <= table.buckets().size());
}
