#include "scenarios/ring/ring_promises.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace peerbed::scenarios {
namespace {

// Counts for each member how many pairs of neighbouring list entries pass over it, by differences at the ends of arcs.
class SkipCounter {
 public:
  explicit SkipCounter(const RingMembers& members) : members_(members), difference_(members.all().size() + 1) {}

  // Every member strictly between the two, clockwise, is passed over.
  void skip_between(ring::Key from, ring::Key to) {
    if (from < to) return add(first_after(from), first_at_or_after(to));
    add(first_after(from), members_.all().size());
    add(0, first_at_or_after(to));
  }
  // Calls `visit(member)` for those that are not.
  template <class Visit>
  void visit_untouched(const Visit& visit) const {
    std::int64_t depth = 0;
    for (std::size_t i = 0; i + 1 < difference_.size(); ++i) {
      depth += difference_[i];
      if (depth == 0) visit(members_.all()[i]);
    }
  }

 private:
  std::size_t first_at_or_after(ring::Key key) const {
    const auto& all = members_.all();
    return static_cast<std::size_t>(
        std::lower_bound(all.begin(), all.end(), key,
                         [](const RingMember& member, ring::Key wanted) { return member.key < wanted; }) -
        all.begin());
  }
  std::size_t first_after(ring::Key key) const {
    const std::size_t index = first_at_or_after(key);
    return index < members_.all().size() && members_.all()[index].key == key ? index + 1 : index;
  }
  void add(std::size_t begin, std::size_t end) {
    if (begin >= end) return;
    ++difference_[begin];
    --difference_[end];
  }

  const RingMembers& members_;
  std::vector<std::int64_t> difference_;
};

SkipCounter skips_of(const RingMembers& members) {
  SkipCounter counter(members);
  for (const RingMember& member : members.all()) {
    ring::Key before = member.key;
    for (const ring::Contact& successor : member.successors) {
      counter.skip_between(before, successor.key);
      before = successor.key;
    }
  }
  return counter;
}

// A period at its longest.
Duration longest(Duration period, const ring::Options& options) {
  return period + period / 100 * options.period_jitter_percent;
}

// From one stabilization to the next, which may take two exchanges, and from one attempt at a lost peer to the next.
Duration longest_period(const ring::Options& options, Duration wait) {
  return std::max(longest(std::max(options.stabilize_period, options.check_predecessor_period), options), 2 * wait);
}

Duration time_to_notice(const ring::Options& options, Duration wait) {
  return longest_period(options, wait) + wait * waits_of_question(options);
}

}  // namespace

std::size_t count_principals(const RingMembers& members) {
  std::size_t count = 0;
  skips_of(members).visit_untouched([&count](const RingMember&) { ++count; });
  return count;
}

int waits_of_question(const ring::Options& options) noexcept {
  int waits = 0;
  for (unsigned attempt = 0; attempt < options.rpc_attempts; ++attempt) waits += 1 << std::min(attempt, 2u);
  return waits;
}

// A silent successor is noticed, and then each period brings the list one member further.
Duration time_to_mend(const ring::Options& options, Duration wait) {
  return time_to_notice(options, wait) +
         longest_period(options, wait) * static_cast<std::int64_t>(options.successor_list_length);
}

RingPromises::RingPromises(const RingHistory& history, const RingLayout& layout) : history_(&history) {
  list_length_ = ring::maximum_successors;
  for (const GroupPlan& group : layout.groups()) {
    const ring::Options& options = *ring_options_of(group).options;
    options_.push_back(&options);
    is_uniform_ = is_uniform_ && (&group == &layout.groups().front() || options.successor_list_length == list_length_);
    list_length_ = std::min(list_length_, options.successor_list_length);
    lookup_timeout_ = std::max(lookup_timeout_, options.lookup_timeout);
  }
  note_waits({});
  const std::size_t established = layout.established().size();
  if (established >= base()) last_looks_ = {established, 0, looks_that_establish};
}

// By the slowest of the groups, in a network in which answers are waited for so long. A peer that is slower than the
// others, or was so once, is waited for longer. If it died, that takes longer to notice. Lists bear one death less than
// they have entries within the time to notice, but where that is long, more may die before: a node may ask a whole list
// of dead members in turn, and then as many fingers.
void RingPromises::note_waits(const RingMembers& members) {
  Duration usual{0};
  Duration longest{0};
  for (const RingMember& member : members.all()) {
    usual = std::max(usual, member.state->usual_wait());
    longest = std::max(longest, member.state->longest_wait());
  }
  const std::uint64_t dead = std::min<std::uint64_t>(history_->ends() - settled_ends_, 2 * list_length_);
  time_to_mend_ = period_ = Duration{0};
  for (const ring::Options* options : options_) {
    const Duration wait = std::max(options->rpc_timeout, usual);
    const Duration more = std::max(longest - wait, Duration{0}) * waits_of_question(*options);
    time_to_mend_ = std::max(time_to_mend_, time_to_mend(*options, wait) + more * static_cast<std::int64_t>(dead));
    period_ = std::max(period_, longest_period(*options, wait));
  }
}

// A node that waits long for the dead learns in an instant, from the first that answer again, to wait less. The calm
// before that was as long as the waits were.
void RingPromises::note_calm(Duration calm) {
  const Time began = calm > now_ - time_zero ? time_zero : now_ - calm;
  if (began > calm_began_) longest_mend_ = Duration{0};
  calm_began_ = began;
  longest_mend_ = std::max(longest_mend_, time_to_mend_);
}

void RingPromises::look(const RingMembers& members, const CheckReport& report) {
  now_ = time_zero + report.now();
  note_waits(members);
  const bool misled = is_recent(history_->last_wrong_suspicion());
  detectors_are_right_ = !misled && report.silence_means_death() && report.candour() >= time_to_mend_;
  note_calm(report.calm());
  look_for_cut_off(members);
  const Duration reunion = std::min(std::max(report.longest_cut(), longest_search_), longest_reunion);
  const auto newcomers = static_cast<std::int64_t>(history_->most_newcomers_in_a_gap(settled_at_));
  const Duration needed = longest_mend_ + std::max(reunion, newcomers * period_);
  look_for_parts(members);
  const bool is_calm = report.settled() && report.calm() >= needed && !is_within(cut_off_at_, needed) &&
                       !is_within(history_->last_join(), longest_mend_ + newcomers * period_);
  is_settled_ = !misled && is_calm && may_be_whole_ && !may_be_apart_;
  look_for_strandings();
  look_for_base(members);
  if (is_settled_) {
    settled_at_ = now_;
    settled_ends_ = history_->ends();
    longest_search_ = Duration{0};
  }
  note_joins(report.calm());
}

// A member that has lost all others it knew looks for the ring, and neither answers nor forwards before it has found it
// or goes on alone. It is not excused for longer than its search may take.
void RingPromises::look_for_cut_off(const RingMembers& members) {
  std::map<NodeIndex, Time> still;
  for (const NodeIndex node : members.outsiders()) {
    if (!history_->is_member(node)) continue;
    const auto known = cut_off_since_.find(node);
    const Time since = known == cut_off_since_.end() ? now_ : known->second;
    still.emplace(node, since);
    if (now_ - since > members.longest_search()) continue;
    cut_off_at_ = now_;
    longest_search_ = std::max(longest_search_, now_ - since);
  }
  cut_off_since_ = std::move(still);
}

// Members are there to be asked once those that were cut off have found the ring, or have gone on alone. The waits of
// one that joins double from round to round, up to 32 times the first.
void RingPromises::note_joins(Duration calm) {
  const Duration round = lookup_timeout_ * static_cast<std::int64_t>(ring::maximum_bootstrap);
  const Duration returned = longest_mend_ + 3 * round;
  const Duration there = cut_off_at_ == Time::min() ? calm : std::min(calm, now_ - cut_off_at_);
  const Duration asked = std::max(there - returned, Duration{0});
  joins_since_ = asked >= 32 * round || now_ - time_zero < 2 * asked ? Time::min() : now_ - 2 * asked;
}

// The window reaches back to the last look at least, so that none is missed.
void RingPromises::look_for_strandings() {
  const Time window = std::min(now_ - time_to_mend_, looked_at_);
  if (history_->may_be_stranded(list_length_, window)) stranded_at_ = now_;
  const bool was_anybody_suspected = history_->last_wrong_suspicion() != Time::min();
  if (list_length_ == 1 && (stranded_at_ == now_ || was_anybody_suspected)) may_be_whole_ = false;
  looked_at_ = now_;
}

// Who suspects a member tries it again and again, and so leads two parts of a ring back together, unless one of the two
// stops before. Then they may stay apart, until the ring is seen to be whole. So may newcomers of whom nobody knew but
// those who have stopped. A member that is cut off is a part of its own.
void RingPromises::look_for_parts(const RingMembers& members) {
  if (history_->are_newcomers_alone(std::min(now_ - time_to_mend_, looked_at_))) alone_at_ = now_;
  may_be_apart_ = std::max(history_->last_lost_way(), alone_at_) > whole_at_;
  if (!may_be_apart_) return;
  const std::size_t count = members.all().size();
  bool is_whole = std::none_of(members.outsiders().begin(), members.outsiders().end(),
                               [this](NodeIndex node) { return history_->is_member(node); });
  for (std::size_t i = 0; i < count && is_whole; ++i)
    is_whole = count == 1 || members.place_of_best_successor(members.all()[i]) == (i + 1) % count;
  if (!is_whole) return;
  whole_at_ = now_;
  may_be_apart_ = false;
}

void RingPromises::look_for_base(const RingMembers& members) {
  const LastLooks before = std::exchange(last_looks_, {});
  base_stands_ = false;
  if (!is_uniform_ || !invariant_may_hold() || members.all().size() < base()) return;
  principals_ = 0;
  std::size_t lasting = 0;
  skips_of(members).visit_untouched([&](const RingMember& member) {
    ++principals_;
    if (history_->is_member_since(member.node, now_ - time_to_mend_)) ++lasting;
  });
  const std::uint64_t stopped = history_->ends() - before.ends;
  base_stands_ = before.in_a_row >= looks_that_establish && before.principals >= base() + stopped;
  if (lasting >= base()) last_looks_ = {lasting, history_->ends(), before.in_a_row + 1};
}

bool RingPromises::has_live_successor(ring::Key member) const {
  return history_->must_know_another(member, list_length_, now_ - time_to_mend_);
}

}  // namespace peerbed::scenarios
