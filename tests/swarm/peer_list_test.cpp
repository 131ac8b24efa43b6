#include "protocols/swarm/trackers/peer_list.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <utility>
#include <vector>

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

constexpr std::array two_trackers{Stage::other(1), Stage::other(2)};

// A list that is changed entry by entry, each found by looking at all of them.
class SimpleList {
 public:
  explicit SimpleList(std::size_t limit) : limit_(limit) {}

  void take(std::size_t tracker, const ListChange& change) {
    const unsigned bit = 1U << tracker;
    if (change.peer == Stage::self) return;
    if (!change.listed) {
      if (const auto found = entries_.find(change.peer); found != entries_.end() && (found->second &= ~bit) == 0)
        entries_.erase(found);
      return;
    }
    entries_[change.peer] |= bit;
    if (entries_.size() <= limit_) return;
    entries_.erase(std::max_element(entries_.begin(), entries_.end(), [](const auto& one, const auto& other) {
      return std::pair(weight_to(Stage::self, one.first), one.first) <
             std::pair(weight_to(Stage::self, other.first), other.first);
    }));
  }
  std::vector<Address> all() const {
    std::vector<Address> peers;
    for (const auto& [peer, trackers] : entries_) peers.push_back(peer);
    return peers;
  }

 private:
  std::size_t limit_;
  std::map<Address, unsigned> entries_;
};

std::vector<Address> all_of(const PeerList& list) {
  std::vector<Address> peers;
  for (std::size_t i = 0; i < list.size(); ++i) peers.push_back(list[i]);
  return peers;
}

PeerList empty_list(std::size_t limit) {
  PeerList list(two_trackers, limit);
  list.set_self(Stage::self);
  for (std::size_t tracker = 0; tracker < two_trackers.size(); ++tracker)
    list.on_page(tracker, ListPage{.version = {1, 0}, .after = {}, .last = true, .peers = {}});
  return list;
}

}  // namespace

TEST_CASE("the changes of one message together leave what they leave one by one") {
  CHECK(rc::check([] {
    const auto limit = *rc::gen::inRange<std::size_t>(1, 20);
    PeerList list = empty_list(limit);
    SimpleList simple(limit);
    std::array<std::uint64_t, 2> versions{};
    for (auto messages = *rc::gen::inRange(0, 20); messages > 0; --messages) {
      const auto tracker = *rc::gen::inRange<std::size_t>(0, 2);
      ListChanges message{.from = {1, versions[tracker]}, .changes = {}};
      for (auto changes = *rc::gen::inRange(0, 30); changes > 0; --changes) {
        const ListChange change{Stage::other(*rc::gen::inRange<NodeIndex>(0, 50)), *rc::gen::inRange(0, 4) > 0};
        message.changes.add(change);
        simple.take(tracker, change);
      }
      versions[tracker] += message.changes.size();
      RC_ASSERT(!list.on_changes(tracker, message));
      RC_ASSERT(all_of(list) == simple.all());
      for (NodeIndex node = 0; node < 50; ++node)
        RC_ASSERT(list.contains(Stage::other(node)) == std::ranges::binary_search(simple.all(), Stage::other(node)));
    }
  }));
}

TEST_CASE("pages of a long list leave a peer with those of least weight to it, whatever their order") {
  constexpr std::size_t limit = 30;
  SimpleList simple(limit);
  PeerList paged = empty_list(limit);
  PeerList told = empty_list(limit);
  Address after{};
  for (NodeIndex first = 10; first < 1010; first += 100) {
    ListPage page{.version = {2, 1000}, .after = after, .last = first == 910, .peers = {}};
    ListChanges changes{.from = {1, first - 10}, .changes = {}};
    for (NodeIndex i = 0; i < 100; ++i) {
      page.peers.add(Stage::other(first + i));
      changes.changes.add({Stage::other(1019 - first - i), true});
      simple.take(0, {Stage::other(first + i), true});
    }
    after = page.peers.all().back();
    paged.on_page(0, page);
    told.on_changes(1, changes);
  }
  CHECK(all_of(paged) == simple.all());
  CHECK(all_of(told) == simple.all());
  CHECK(paged.size() == limit);
}

TEST_CASE("a page takes away who is not on it, of the stretch that it covers and of its tracker alone") {
  PeerList list = empty_list(100);
  const auto tell = [&](std::size_t tracker, std::initializer_list<NodeIndex> peers) {
    ListChanges message{.from = {1, 0}, .changes = {}};
    for (const NodeIndex peer : peers) message.changes.add({Stage::other(peer), true});
    list.on_changes(tracker, message);
  };
  tell(0, {10, 11, 12, 13, 14, 15});
  tell(1, {12});
  ListPage page{.version = {2, 9}, .after = {}, .last = false, .peers = {}};
  page.peers.add(Stage::other(11));
  page.peers.add(Stage::other(13));
  REQUIRE(list.on_page(0, page).has_value());
  CHECK(all_of(list) ==
        std::vector{Stage::other(11), Stage::other(12), Stage::other(13), Stage::other(14), Stage::other(15)});
  ListPage last{.version = {2, 9}, .after = Stage::other(13), .last = true, .peers = {}};
  last.peers.add(Stage::other(15));
  list.on_page(0, last);
  CHECK(all_of(list) == std::vector{Stage::other(11), Stage::other(12), Stage::other(13), Stage::other(15)});
}

TEST_CASE("a peer that learns its own address keeps those of least weight to that") {
  PeerList list(two_trackers, 5);
  list.set_self(Stage::other(3));
  list.on_page(0, ListPage{.version = {1, 0}, .after = {}, .last = true, .peers = {}});
  ListChanges first{.from = {1, 0}, .changes = {}};
  for (NodeIndex i = 10; i < 15; ++i) first.changes.add({Stage::other(i), true});
  list.on_changes(0, first);
  list.set_self(Stage::self);
  SimpleList simple(5);
  ListChanges second{.from = {1, 5}, .changes = {}};
  for (NodeIndex i = 10; i < 100; ++i) {
    if (i >= 15) second.changes.add({Stage::other(i), true});
    simple.take(0, {Stage::other(i), true});
  }
  list.on_changes(0, second);
  CHECK(all_of(list) == simple.all());
}
