#pragma once
// What a chord ring is held to at one look, given its options and what happened to it. docs/ring.md, "Properties", has
// the same as a table.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "scenarios/ring/ring_history.h"
#include "scenarios/ring/ring_members.h"
#include "scenarios/ring/ring_options.h"

namespace peerbed::scenarios {

// A node that lost a peer retries less and less often, but at least this often. Two parts of a ring find one another
// within the time for which they were cut, and never later than this.
constexpr Duration longest_reunion = std::chrono::minutes(10);

// How many members are principals: skipped by no member's extended successor list (Zave 2017, section 4).
std::size_t count_principals(const RingMembers& members);

// All waits for the answer of a dead peer, in lengths of the first.
int waits_of_question(const ring::Options& options) noexcept;

// A ring that is left alone detects its dead and completes all its lists within this time. `wait` is the longest that
// any node first waits for an answer.
Duration time_to_mend(const ring::Options& options, Duration wait);

class RingPromises {
 public:
  // The history outlives it.
  RingPromises(const RingHistory& history, const RingLayout& layout);

  // Called before the checks of each look.
  void look(const RingMembers& members, const CheckReport& report);

  // Whether the proved invariant may be demanded: for the time to mend, no node was suspected wrongly, nor could have
  // been given what happened to the nodes, no member lost all the nodes it knew at once, and the ring is not in parts
  // that do not know of one another.
  bool invariant_may_hold() const noexcept {
    return detectors_are_right_ && may_be_whole_ && !may_be_apart_ && !is_recent(stranded_at_);
  }
  // Nothing disturbed the ring for long enough to mend, for parts of it that were cut off to find one another, and for
  // newcomers to find their places: where many share a gap, each period brings one of them into order. With lists of
  // one entry, fewer than the proof asks for, nothing is promised any more once a member has stopped whom another knew.
  bool is_settled() const noexcept { return is_settled_; }
  // A node that cannot join asks each node it knows again within as much time as it has been trying, and never later
  // than within the longest round. So in a ring that has settled, one that was started since then has joined: half of
  // the time since, members were there to be asked.
  Time joins_since() const noexcept { return joins_since_; }
  // The shortest of any group: a list is built from the next member's, so none is promised to be longer.
  std::size_t list_length() const noexcept { return list_length_; }
  // Whether the member must know another, given what happened to those that followed it. Asked while the invariant may
  // hold.
  bool has_live_successor(ring::Key member) const;
  // Principals are lost by their own death only. So at least r + 1 of them, the base, remain if the last look saw r + 1
  // more than have stopped since, and several looks before it saw the base. A newcomer does not count there: a list
  // that was sent before others knew it may still come, and skip it.
  bool base_stands() const noexcept { return base_stands_; }
  std::size_t base() const noexcept { return list_length_ + 1; }
  std::size_t principals() const noexcept { return principals_; }  // at this look, if the base stands

 private:
  static constexpr unsigned looks_that_establish = 2;
  struct LastLooks {
    std::size_t principals = 0;  // that are no newcomers
    std::uint64_t ends = 0;      // of members' processes by then
    unsigned in_a_row = 0;       // looks with enough of them
  };

  void note_waits(const RingMembers& members);
  void note_calm(Duration calm);
  void note_joins(Duration calm);
  void look_for_strandings();
  void look_for_cut_off(const RingMembers& members);
  void look_for_parts(const RingMembers& members);
  void look_for_base(const RingMembers& members);
  bool is_within(Time time, Duration past) const noexcept { return time != Time::min() && now_ - time < past; }
  bool is_recent(Time time) const noexcept { return is_within(time, time_to_mend_); }

  const RingHistory* history_;
  std::vector<const ring::Options*> options_;  // of the groups; the layout's
  std::size_t list_length_ = 0;
  bool is_uniform_ = true;  // all lists are as long as one another, as they are where the base is proved
  Duration time_to_mend_{};
  Duration longest_mend_{};  // the longest time to mend at any look since the calm began
  Time calm_began_ = Time::min();
  Duration period_{};  // of stabilization, at its longest
  Duration lookup_timeout_{};
  Time now_{};
  Time joins_since_ = Time::min();
  Time looked_at_ = time_zero;               // the look before
  Time settled_at_ = Time::min();            // the last look at which the ring had settled
  std::uint64_t settled_ends_ = 0;           // of members' processes by then
  Time stranded_at_ = Time::min();           // the last look at which somebody may have been stranded
  std::map<NodeIndex, Time> cut_off_since_;  // who look for the ring at the last look, and the first look of each
  Time cut_off_at_ = Time::min();            // the last look at which one did that had not had its time
  Duration longest_search_{};                // for which one was seen to do so, since the ring had settled
  Time alone_at_ = Time::min();              // the last look at which only newcomers were left
  Time whole_at_ = Time::min();              // the last look at which the ring was asked for, and seen to be, whole
  bool may_be_whole_ = true;
  bool may_be_apart_ = false;
  bool detectors_are_right_ = false;
  bool is_settled_ = false;
  bool base_stands_ = false;
  std::size_t principals_ = 0;
  LastLooks last_looks_;
};

}  // namespace peerbed::scenarios
