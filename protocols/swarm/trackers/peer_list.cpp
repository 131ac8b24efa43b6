#include "protocols/swarm/trackers/peer_list.h"

#include <algorithm>

#include "protocols/swarm/base/options.h"

namespace peerbed::swarm {

PeerList::PeerList(std::span<const Address> trackers, std::size_t limit) : limit_(limit) {
  for (const Address tracker : trackers)
    if (trackers_.size() < maximum_trackers && !index_of(tracker)) trackers_.push_back({.address = tracker});
}

std::optional<std::size_t> PeerList::index_of(Address tracker) const noexcept {
  for (std::size_t i = 0; i < trackers_.size(); ++i)
    if (trackers_[i].address == tracker) return i;
  return std::nullopt;
}

bool PeerList::contains(Address peer) const noexcept {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), peer,
                                      [](const Entry& entry, Address wanted) { return entry.peer < wanted; });
  return found != entries_.end() && found->peer == peer;
}

std::optional<ListQuery> PeerList::on_heartbeat(std::size_t tracker, const Heartbeat& heartbeat) {
  TrackerView& view = trackers_[tracker];
  const bool missed_some = heartbeat.version.epoch != view.held.epoch || heartbeat.version.changes > view.held.changes;
  if (!missed_some || view.paging) return std::nullopt;
  return ListQuery{view.held, Address{}};
}

// Pages come in the order of addresses, so each says all about the stretch of addresses that it covers. What changes
// meanwhile behind the cursor is asked for at the end.
std::optional<ListQuery> PeerList::on_page(std::size_t tracker, const ListPage& page) {
  TrackerView& view = trackers_[tracker];
  if (!page.after) {
    view.paging = true;
    view.paged = page.version;
    view.cursor = Address{};
  }
  if (!view.paging || page.after != view.cursor) return std::nullopt;  // an old one, or one that nobody asked for
  if (page.version.epoch != view.paged.epoch || (!page.last && page.peers.empty())) {
    view.paging = false;
    return ListQuery{{}, Address{}};
  }
  unlist_absent(tracker, page);
  for (const Address peer : page.peers.all()) list(tracker, peer);
  if (!page.last) {
    view.cursor = page.peers.all().back();
    return ListQuery{view.held, view.cursor};
  }
  view.paging = false;
  view.held = view.paged;
  if (page.version.changes == view.held.changes) return std::nullopt;
  return ListQuery{view.held, Address{}};
}

std::optional<ListQuery> PeerList::on_changes(std::size_t tracker, const ListChanges& message) {
  TrackerView& view = trackers_[tracker];
  if (view.paging) return std::nullopt;
  if (message.from.epoch != view.held.epoch || message.from.changes > view.held.changes)
    return ListQuery{view.held, Address{}};
  const std::uint64_t known = view.held.changes - message.from.changes;
  for (std::size_t i = known; i < message.changes.size(); ++i) {
    const ListChange& change = message.changes[i];
    change.listed ? list(tracker, change.peer) : unlist(tracker, change.peer);
    ++view.held.changes;
  }
  return std::nullopt;
}

std::optional<ListQuery> PeerList::open_question(std::size_t tracker) const {
  const TrackerView& view = trackers_[tracker];
  if (!view.paging) return std::nullopt;
  return ListQuery{view.held, view.cursor};
}

// A full list keeps the peers of least weight; the weights are this peer's own.
void PeerList::list(std::size_t tracker, Address peer) {
  if (peer == self_ || !peer) return;
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), peer,
                                      [](const Entry& entry, Address wanted) { return entry.peer < wanted; });
  const auto bit = static_cast<std::uint8_t>(1U << tracker);
  if (found != entries_.end() && found->peer == peer) {
    found->trackers |= bit;
    return;
  }
  // Of a list without an end most are turned away here.
  if (entries_.size() == limit_ && heaviest_ && weight(peer) > *heaviest_) return;
  const auto position = found - entries_.begin();
  entries_.insert(entries_.begin() + position, Entry{peer, bit});
  if (entries_.size() <= limit_) return;
  entries_.erase(heaviest());
  heaviest_ = entries_.empty() ? std::nullopt : std::optional(weight(heaviest()->peer));
}

std::vector<PeerList::Entry>::const_iterator PeerList::heaviest() const {
  return std::max_element(entries_.begin(), entries_.end(), [this](const Entry& one, const Entry& other) {
    return weight(one.peer) < weight(other.peer);
  });
}

void PeerList::unlist(std::size_t tracker, Address peer) {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), peer,
                                      [](const Entry& entry, Address wanted) { return entry.peer < wanted; });
  if (found == entries_.end() || found->peer != peer) return;
  found->trackers &= static_cast<std::uint8_t>(~(1U << tracker));
  if (found->trackers != 0) return;
  entries_.erase(found);
  heaviest_.reset();
}

void PeerList::unlist_absent(std::size_t tracker, const ListPage& page) {
  const auto bit = static_cast<std::uint8_t>(1U << tracker);
  const auto listed = page.peers.all();
  const auto erased = std::erase_if(entries_, [&](Entry& entry) {
    const bool covered = page.after < entry.peer && (page.last || entry.peer <= listed.back());
    if (covered && std::find(listed.begin(), listed.end(), entry.peer) == listed.end())
      entry.trackers &= static_cast<std::uint8_t>(~bit);
    return entry.trackers == 0;
  });
  if (erased > 0) heaviest_.reset();
}

}  // namespace peerbed::swarm
