#pragma once
// Who was a member of the ring when, derived from all that its nodes trace and all that is done to them. Checks ask it
// what the ring can be held to, and lookups are judged by it. A member is a running node that has joined since it was
// started.

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "scenarios/ring/ring_layout.h"

namespace peerbed::scenarios {

class RingHistory {
 public:
  explicit RingHistory(std::shared_ptr<const RingLayout> layout);

  void note_start(Time time, NodeIndex node);
  void note_joined(Time time, NodeIndex node);
  void note_end(Time time, NodeIndex node);  // of its process
  void note_suspicion(Time time, NodeIndex by, ring::Key suspected);

  bool is_member(NodeIndex node) const { return record(node).member; }
  bool is_member_since(NodeIndex node, Time time) const { return is_member(node) && record(node).since <= time; }
  // How many processes of members ended so far.
  std::uint64_t ends() const noexcept { return ends_; }
  // When a member was last suspected: wrong failure detectors break what is proved. Time::min() if none ever was.
  Time last_wrong_suspicion() const noexcept { return last_wrong_suspicion_; }
  // When a node last joined the ring; Time::min() if none did.
  Time last_join() const noexcept { return last_join_; }
  // Two members of which one suspected the other may be all that is left of the way between two parts of the ring. The
  // last such suspicion after which one of the two has stopped; Time::min() if there is none.
  Time last_lost_way() const noexcept { return last_lost_way_; }

  // Whether the node with the key `owner` was, at some instant of [from, until], the first member at or after `key`.
  bool owned(ring::Key owner, ring::Key key, Time from, Time until) const;
  // Whether the node was a member at some instant of [from, until] at which none of the others was.
  bool was_member_without(NodeIndex node, std::span<const NodeIndex> others, Time from, Time until) const;
  // Whether a member that knew the `list_length` members after it at `from` must still know one: some node is a member
  // throughout, and fewer than that many before it have stopped since.
  bool must_know_another(ring::Key key, std::size_t list_length, Time from) const;
  // Whether all nodes that some member knew then may have stopped since.
  bool may_be_stranded(std::size_t list_length, Time from) const;
  // Whether members stopped after `from`, and nobody who was a member by then is left. What newcomers knew may have
  // gone with those that stopped, before they heard of one another.
  bool are_newcomers_alone(Time from) const;
  // The most newcomers that joined after `since` between two older members, in one gap of the ring.
  std::size_t most_newcomers_in_a_gap(Time since) const;
  // Whether one of the nodes that this node's process knew when it started is a member.
  bool knows_a_member(NodeIndex node) const;
  // When the process of a node that has not joined was started; Time::min() if it never was.
  Time started(NodeIndex node) const { return record(node).since; }

 private:
  // A membership that ended before the last one is taken to have begun with the run.
  struct Record {
    Time since = Time::min();  // when it joined; of a process that has not, when it was started
    Time ended = Time::min();
    Time doubted = Time::min();  // when it last suspected a member wrongly, or was so suspected
    std::uint32_t starts = 0;
    bool member = false;
  };

  // Those after a place, up to the first that is a member from `from` on, or to the one at which the limit is reached.
  struct Followers {
    std::size_t stopped = 0;
    bool lasting = false;  // there is one such
  };

  using Instants = std::vector<std::pair<Time, Time>>;  // closed intervals
  Instants memberships_of(NodeIndex node, Time from, Time until) const;
  void take_out(NodeIndex node, Instants& open) const;
  Followers followers_of(std::size_t index, std::size_t limit, Time from) const;
  const Record& record(NodeIndex node) const;
  Record& changed(NodeIndex node);
  std::size_t first_at_or_after(ring::Key key) const;

  std::shared_ptr<const RingLayout> layout_;
  std::vector<Record> records_;  // by node, from the ring's first; empty until one differs from how it began
  Record established_;           // of the nodes that form the ring as the run begins
  Record absent_;                // of the others
  NodeIndex first_ = 0;
  std::size_t count_ = 0;
  std::uint64_t ends_ = 0;
  Time last_wrong_suspicion_ = Time::min();
  Time last_lost_way_ = Time::min();
  Time last_join_ = Time::min();
};

}  // namespace peerbed::scenarios
