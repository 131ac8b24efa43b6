#include "scenarios/ring/ring_history.h"

#include <algorithm>
#include <utility>

namespace peerbed::scenarios {

RingHistory::RingHistory(std::shared_ptr<const RingLayout> layout) : layout_(std::move(layout)) {
  first_ = layout_->groups().front().first;
  const GroupPlan& last = layout_->groups().back();
  count_ = last.first + last.count - first_;
  established_.member = true;
  established_.starts = 1;
}

void RingHistory::note_start(Time time, NodeIndex node) {
  // All that a converged ring begins with is in place before its nodes are started.
  if (const Record& known = record(node); known.member && known.ended == Time::min()) return;
  Record& record = changed(node);
  if (!record.member) record.since = time;
  if (layout_->is_founder(node, record.starts++)) note_joined(time, node);
}

void RingHistory::note_joined(Time time, NodeIndex node) {
  Record& record = changed(node);
  if (record.member) return;
  record.member = true;
  record.since = last_join_ = time;
}

void RingHistory::note_end(Time time, NodeIndex node) {
  if (!record(node).member) return;
  Record& record = changed(node);
  record.member = false;
  record.ended = time;
  last_lost_way_ = std::max(last_lost_way_, std::exchange(record.doubted, Time::min()));
  ++ends_;
}

void RingHistory::note_suspicion(Time time, NodeIndex by, ring::Key suspected) {
  const auto everyone = layout_->everyone();
  const std::size_t index = first_at_or_after(suspected);
  if (index >= everyone.size() || everyone[index].key != suspected) return;
  const NodeIndex node = layout_->node_of(everyone[index]);
  if (!is_member(node)) return;
  last_wrong_suspicion_ = changed(by).doubted = changed(node).doubted = time;
}

// What is left of [from, until] when the memberships of those between the key and the owner are taken out of the
// owner's. Mostly nobody is between, and the owner was a member all the time.
bool RingHistory::owned(ring::Key owner, ring::Key key, Time from, Time until) const {
  const auto everyone = layout_->everyone();
  const std::size_t first = first_at_or_after(key) % everyone.size();
  std::size_t index = first;
  for (std::size_t steps = 0; everyone[index].key != owner; index = (index + 1) % everyone.size())
    if (++steps == everyone.size()) return false;
  Instants open = memberships_of(layout_->node_of(everyone[index]), from, until);
  for (std::size_t other = first; other != index && !open.empty(); other = (other + 1) % everyone.size())
    take_out(layout_->node_of(everyone[other]), open);
  return !open.empty();
}

bool RingHistory::was_member_without(NodeIndex node, std::span<const NodeIndex> others, Time from, Time until) const {
  Instants open = memberships_of(node, from, until);
  for (const NodeIndex other : others) take_out(other, open);
  return !open.empty();
}

RingHistory::Instants RingHistory::memberships_of(NodeIndex node, Time from, Time until) const {
  Instants open;
  const Record& own = record(node);
  if (own.ended >= from) open.emplace_back(from, std::min(own.ended, until));
  if (own.member && own.since <= until) open.emplace_back(std::max(own.since, from), until);
  return open;
}

void RingHistory::take_out(NodeIndex node, Instants& open) const {
  const Record& other = record(node);
  for (auto& [begin, end] : open) {
    begin = std::max(begin, other.ended);
    if (other.member) end = std::min(end, other.since);
  }
  std::erase_if(open, [](const auto& interval) { return interval.first > interval.second; });
}

bool RingHistory::must_know_another(ring::Key key, std::size_t list_length, Time from) const {
  const Followers followers = followers_of(first_at_or_after(key), list_length, from);
  return followers.lasting && followers.stopped < list_length;
}

bool RingHistory::may_be_stranded(std::size_t list_length, Time from) const {
  if (ends_ == 0) return false;
  const auto everyone = layout_->everyone();
  for (std::size_t i = 0; i < everyone.size(); ++i) {
    if (!is_member(layout_->node_of(everyone[i]))) continue;
    const Followers followers = followers_of(i, list_length, from);
    if (followers.stopped >= list_length || (followers.stopped > 0 && !followers.lasting)) return true;
  }
  return false;
}

RingHistory::Followers RingHistory::followers_of(std::size_t index, std::size_t limit, Time from) const {
  const auto everyone = layout_->everyone();
  Followers followers;
  for (std::size_t steps = 1; steps < everyone.size() && followers.stopped < limit && !followers.lasting; ++steps) {
    const Record& other = record(layout_->node_of(everyone[(index + steps) % everyone.size()]));
    if (other.ended > from) ++followers.stopped;
    followers.lasting = other.member && other.ended <= from && other.since <= from;
  }
  return followers;
}

bool RingHistory::are_newcomers_alone(Time from) const {
  const auto is_lasting = [from](const Record& each) { return each.member && each.since <= from; };
  if (ends_ == 0 || std::any_of(records_.begin(), records_.end(), is_lasting)) return false;
  return std::any_of(records_.begin(), records_.end(), [from](const Record& each) { return each.ended > from; });
}

std::size_t RingHistory::most_newcomers_in_a_gap(Time since) const {
  const auto everyone = layout_->everyone();
  std::size_t most = 0;
  std::size_t run = 0;
  // Twice around, for the gap that the ring's first place lies in.
  for (std::size_t i = 0; i < 2 * everyone.size() && run < everyone.size(); ++i) {
    const Record& other = record(layout_->node_of(everyone[i % everyone.size()]));
    if (!other.member) continue;
    run = other.since > since ? run + 1 : 0;
    most = std::max(most, run);
  }
  return std::min(most, everyone.size());
}

bool RingHistory::knows_a_member(NodeIndex node) const {
  const std::uint32_t starts = record(node).starts;
  const auto bootstrap = layout_->bootstrap_contacts(node, starts == 0 ? 0 : starts - 1);
  return std::any_of(bootstrap.begin(), bootstrap.end(),
                     [this](const ring::Contact& door) { return is_member(layout_->node_of(door)); });
}

const RingHistory::Record& RingHistory::record(NodeIndex node) const {
  if (!records_.empty()) return records_[node - first_];
  const auto& groups = layout_->groups();
  std::size_t group = 0;
  while (node - groups[group].first >= groups[group].count) ++group;
  return RingLayout::is_established(groups[group], node) ? established_ : absent_;
}

RingHistory::Record& RingHistory::changed(NodeIndex node) {
  if (records_.empty()) {
    records_.resize(count_);
    for (const GroupPlan& group : layout_->groups())
      for (NodeIndex other = group.first; other < group.first + group.count; ++other)
        if (RingLayout::is_established(group, other)) records_[other - first_] = established_;
  }
  return records_[node - first_];
}

std::size_t RingHistory::first_at_or_after(ring::Key key) const {
  const auto everyone = layout_->everyone();
  return static_cast<std::size_t>(
      std::lower_bound(everyone.begin(), everyone.end(), key,
                       [](const ring::Contact& contact, ring::Key wanted) { return contact.key < wanted; }) -
      everyone.begin());
}

}  // namespace peerbed::scenarios
