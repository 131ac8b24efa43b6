#pragma once
// A peer's sessions with its trackers: it enrols, answers heartbeats, keeps the list of peers up to date, and enrols
// again with a tracker that is silent. So a tracker that lost its memory knows all peers again within a heartbeat.

#include <span>
#include <tuple>

#include "protocols/swarm/base/manifest.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/trackers/peer_list.h"
#include "protocols/swarm/wire/introduction_messages.h"

namespace peerbed::swarm {

class TrackerSessions {
 public:
  // With the first maximum_trackers of them. The list holds at most `limit` peers.
  TrackerSessions(std::span<const Address> trackers, std::size_t limit) : list_(trackers, limit) {}

  // Before anything else: who this peer is, and the first enrolments.
  void start(const Context& context);
  // When tracker_timer fires, which this sets again: enrols with those that are silent, and asks again what others have
  // left unanswered.
  void review(const Context& context);
  // Enrols with a tracker at its new address. Returns false, and does nothing, if `from` is no tracker or `to` is one.
  bool move_tracker(const Context& context, Address from, Address to);
  // What a tracker says. Each returns false, and does nothing, if the sender is none.
  bool take(const Context& context, Address from, const Heartbeat& heartbeat);
  bool take(const Context& context, Address from, const ListPage& page);
  bool take(const Context& context, Address from, const ListChanges& changes);
  bool take(Address from, const Introduced& introduced);
  void leave(const Context& context) const;
  // Asks the trackers to tell a peer of this one: it is to send a datagram here, or to open a stream for a file.
  void introduce_to(const Context& context, Address peer, const Root& root) const;

  const PeerList& list() const noexcept { return list_; }
  bool has_heard() const noexcept;  // from any tracker, ever

  auto fields() const { return std::tie(list_); }

 private:
  void ask(const Context& context, std::size_t tracker, const std::optional<ListQuery>& query) const;

  PeerList list_;
};

}  // namespace peerbed::swarm
