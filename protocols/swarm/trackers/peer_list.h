#pragma once
// The other peers that a peer knows: the union of its trackers' lists, kept up to date by changes and, after a gap,
// page by page. If there are more than it may hold, it keeps a random sample of its own, so that peers differ in what
// they keep.

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/random.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/wire/tracker_messages.h"

namespace peerbed::swarm {

// Of a long list a peer keeps those of least weight to it; a tracker tells it of no others. As good as drawn.
constexpr std::uint32_t weight_to(Address self, Address peer) noexcept {
  return static_cast<std::uint32_t>(key_of(self.value, peer.value) >> 32);
}

class PeerList {
 public:
  PeerList() = default;
  PeerList(std::span<const Address> trackers, std::size_t limit);

  std::size_t trackers() const noexcept { return trackers_.size(); }
  Address tracker(std::size_t index) const noexcept { return trackers_[index].address; }
  std::optional<std::size_t> index_of(Address tracker) const noexcept;

  std::size_t size() const noexcept { return entries_.size(); }
  Address operator[](std::size_t index) const noexcept { return entries_[index].peer; }
  bool contains(Address peer) const noexcept;

  // The node itself, which is never listed; also what its sample depends on.
  Address self() const noexcept { return self_; }
  void set_self(Address self) noexcept {
    self_ = self;
    heaviest_.reset();
    std::erase_if(entries_, [self](const Entry& entry) { return entry.peer == self; });
    for (Entry& entry : entries_) entry.weight = weight_to(self, entry.peer);
  }

  // The tracker is at another address, where it has not been heard yet; the peers it listed stay until it lists anew.
  void move_tracker(std::size_t index, Address to) { trackers_[index] = {.address = to}; }

  // When a tracker was heard last; the beginning when never.
  Time heard(std::size_t tracker) const noexcept { return trackers_[tracker].heard; }
  void set_heard(std::size_t tracker, Time now) noexcept { trackers_[tracker].heard = now; }

  // What a tracker says. Each returns what to ask it next, if anything.
  std::optional<ListQuery> on_heartbeat(std::size_t tracker, const Heartbeat& heartbeat);
  std::optional<ListQuery> on_page(std::size_t tracker, const ListPage& page);
  std::optional<ListQuery> on_changes(std::size_t tracker, const ListChanges& changes);
  // The question that is still open because an answer was lost.
  std::optional<ListQuery> open_question(std::size_t tracker) const;

  auto fields() const { return std::tie(self_, limit_, trackers_, entries_); }

 private:
  struct Entry {
    Address peer{};
    std::uint32_t weight = 0;   // which follows from the peer, and from who this one is
    std::uint8_t trackers = 0;  // a bit for each that lists it
    auto fields() const { return std::tie(peer, trackers); }
  };
  struct TrackerView {
    Address address{};
    Time heard{};
    ListVersion held{};
    // While pages come in: the version of the first of them, and the last peer so far.
    ListVersion paged{};
    Address cursor{};
    bool paging = false;
    auto fields() const { return std::tie(address, heard, held, paged, cursor, paging); }
  };

  // A message lists and unlists in turn; newcomers wait in `news` until settle(), which is to precede unlist().
  void list(std::size_t tracker, Address peer, std::vector<Entry>& news);
  void settle(std::vector<Entry>& news);
  void unlist(std::size_t tracker, Address peer);
  void unlist_absent(std::size_t tracker, const ListPage& page);
  void keep_lightest();
  std::vector<Entry>::iterator place_of(Address peer) noexcept;

  Address self_{};
  std::size_t limit_ = 0;
  std::vector<TrackerView> trackers_;
  std::vector<Entry> entries_;  // in the order of addresses
  // The most weight in the list, when it was full and has lost nobody since: no state, for it follows from the entries.
  std::optional<std::uint32_t> heaviest_{};
};

}  // namespace peerbed::swarm
