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
  std::vector<Entry> news;
  for (const Address peer : page.peers.all()) list(tracker, peer, news);
  settle(news);
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
  std::vector<Entry> news;
  for (std::size_t i = known; i < message.changes.size(); ++i) {
    const ListChange& change = message.changes[i];
    ++view.held.changes;
    if (change.listed) {
      list(tracker, change.peer, news);
    } else {
      settle(news);
      unlist(tracker, change.peer);
    }
  }
  settle(news);
  return std::nullopt;
}

std::optional<ListQuery> PeerList::open_question(std::size_t tracker) const {
  const TrackerView& view = trackers_[tracker];
  if (!view.paging) return std::nullopt;
  return ListQuery{view.held, view.cursor};
}

std::vector<PeerList::Entry>::iterator PeerList::place_of(Address peer) noexcept {
  return std::lower_bound(entries_.begin(), entries_.end(), peer,
                          [](const Entry& entry, Address wanted) { return entry.peer < wanted; });
}

// A full list keeps the peers of least weight; the weights are this peer's own. Of a list without an end most are
// turned away by their weight alone, at a cost that does not depend on the limit.
void PeerList::list(std::size_t tracker, Address peer, std::vector<Entry>& news) {
  if (peer == self_ || !peer) return;
  const std::uint32_t weight = weight_to(self_, peer);
  if (heaviest_ && weight > *heaviest_) return;
  const auto bit = static_cast<std::uint8_t>(1U << tracker);
  const auto found = place_of(peer);
  if (found != entries_.end() && found->peer == peer)
    found->trackers |= bit;
  else
    news.push_back({peer, weight, bit});
}

// All newcomers of a message together cost one pass over the list.
void PeerList::settle(std::vector<Entry>& news) {
  if (news.empty()) return;
  const auto in_order = [](const Entry& one, const Entry& other) { return one.peer < other.peer; };
  std::sort(news.begin(), news.end(), in_order);
  news.erase(std::unique(news.begin(), news.end(),
                         [](const Entry& one, const Entry& other) { return one.peer == other.peer; }),
             news.end());
  const std::size_t before = entries_.size();
  if (before + news.size() > entries_.capacity())
    entries_.reserve(std::max(before + news.size(), std::min(2 * entries_.capacity(), limit_ + peers_per_page)));
  entries_.insert(entries_.end(), news.begin(), news.end());
  std::inplace_merge(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(before), entries_.end(),
                     in_order);
  news.clear();
  if (entries_.size() > limit_) keep_lightest();
}

void PeerList::keep_lightest() {
  if (limit_ == 0) return entries_.clear();
  std::vector<std::uint32_t> weights;
  weights.reserve(entries_.size());
  for (const Entry& entry : entries_) weights.push_back(entry.weight);
  const auto last = weights.begin() + static_cast<std::ptrdiff_t>(limit_ - 1);
  std::nth_element(weights.begin(), last, weights.end());
  const std::uint32_t bound = *last;
  heaviest_ = bound;
  // Among those of that weight the first ones stay.
  auto room = static_cast<std::size_t>(std::count(weights.begin(), last + 1, bound));
  std::erase_if(entries_, [&](const Entry& entry) {
    if (entry.weight != bound) return entry.weight > bound;
    if (room == 0) return true;
    --room;
    return false;
  });
}

void PeerList::unlist(std::size_t tracker, Address peer) {
  const auto found = place_of(peer);
  if (found == entries_.end() || found->peer != peer) return;
  found->trackers &= static_cast<std::uint8_t>(~(1U << tracker));
  if (found->trackers != 0) return;
  entries_.erase(found);
  heaviest_.reset();
}

void PeerList::unlist_absent(std::size_t tracker, const ListPage& page) {
  const auto bit = static_cast<std::uint8_t>(1U << tracker);
  const auto listed = page.peers.all();
  const auto begin = std::upper_bound(entries_.begin(), entries_.end(), page.after,
                                      [](Address wanted, const Entry& entry) { return wanted < entry.peer; });
  const auto end = page.last ? entries_.end()
                             : std::upper_bound(begin, entries_.end(), listed.back(),
                                                [](Address wanted, const Entry& entry) { return wanted < entry.peer; });
  const auto kept = std::remove_if(begin, end, [&](Entry& entry) {
    if (std::find(listed.begin(), listed.end(), entry.peer) == listed.end())
      entry.trackers &= static_cast<std::uint8_t>(~bit);
    return entry.trackers == 0;
  });
  if (kept != end) heaviest_.reset();
  entries_.erase(kept, end);
}

}  // namespace peerbed::swarm
