#include "scenarios/ring/ring_recorder.h"

#include <algorithm>

#include "protocols/ring/base/trace.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t values_watched = 20;  // whose copies are counted

}  // namespace

RingRecorder::RingRecorder(std::shared_ptr<const RingLayout> layout, Duration duration)
    : layout_(std::move(layout)),
      options_(*ring_options_of(layout_->groups().front()).options),
      part_(std::max(duration / static_cast<std::int64_t>(lookups_spread), Duration(1))),
      pictures_(layout_, options_.key_bits),
      trails_(layout_->groups().front().address, options_.lookup_period > Duration::zero()) {}

bool RingRecorder::LessRemarkable::operator()(const Lookup& one, const Lookup& other) const noexcept {
  if (one.success != other.success) return one.success;
  if (one.latency != other.latency) return one.latency < other.latency;
  return one.number > other.number;
}

void RingRecorder::on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  if (type == ring::index_of(ring::TraceEvent::lookup_done)) {
    const Duration latency(static_cast<std::int64_t>(values[1]));
    note_lookup({.number = lookups_++,
                 .began = time - latency,
                 .latency = latency,
                 .node = node,
                 .hops = values[0],
                 .timeouts = values[2],
                 .success = values[3] != 0,
                 .trail = {}});
  }
  if (type == ring::index_of(ring::TraceEvent::value_acknowledged) && values_.size() < values_watched)
    if (known_values_.insert(ring::Key{values[0]}).second) values_.push_back(ring::Key{values[0]});
}

void RingRecorder::note_lookup(const Lookup& lookup) {
  const auto part = [this](const Lookup& one) { return (one.began + one.latency - time_zero) / part_; };
  const bool is_first = spread_.empty() || part(lookup) > part(spread_.back());
  const bool is_bad = worst_.size() < lookups_worst || LessRemarkable{}(*worst_.begin(), lookup);
  if (!is_first && !is_bad) return;
  Lookup kept = lookup;
  kept.trail = trails_.ended(lookup.began + lookup.latency, lookup.node, lookup.hops, lookup.latency, lookup.success);
  if (is_first) spread_.push_back(kept);
  if (is_bad) worst_.insert(std::move(kept));
  if (worst_.size() > lookups_worst) worst_.erase(worst_.begin());
}

void RingRecorder::measure(const StateView& states, Duration, IntervalValues& values) {
  const auto members = RingMembers::seen<ring::Node>(states, layout_->groups());
  if (!members.are_all_seen()) return;
  pictures_.measure(members, values);
  if (!members.all().empty() && !values_.empty()) measure_copies(members, values);
}

void RingRecorder::take_snapshot(const StateView& states, Duration now) {
  pictures_.take(RingMembers::seen<ring::Node>(states, layout_->groups()), now);
}

// Copies that a lookup of the owner leads to: with the owner and the members after it.
void RingRecorder::measure_copies(const RingMembers& members, IntervalValues& values) const {
  const std::size_t count = members.all().size();
  const std::size_t looked_at = std::min(2 * options_.replicas, count);
  std::size_t fewest = SIZE_MAX;
  std::size_t all = 0;
  for (const ring::Key key : values_) {
    const std::size_t owner = members.place_of_owner(key);
    std::size_t copies = 0;
    for (std::size_t k = 0; k < looked_at; ++k)
      if (members.all()[(owner + k) % count].state->holds(key)) ++copies;
    fewest = std::min(fewest, copies);
    all += copies;
  }
  values.set("ring.replicas.min", static_cast<double>(fewest), "count");
  values.set("ring.replicas.mean", static_cast<double>(all) / static_cast<double>(values_.size()), "count");
}

void RingRecorder::write(analysis::JsonText& out) const {
  out.open_object();
  pictures_.write(out);
  write_lookups(out);
  pictures_.write_hops_in_theory(out);
  out.close_object();
}

void RingRecorder::write_lookups(analysis::JsonText& out) const {
  std::vector<const Lookup*> kept;
  for (const Lookup& lookup : spread_) kept.push_back(&lookup);
  for (const Lookup& lookup : worst_) kept.push_back(&lookup);
  const auto place = [](const Lookup* lookup) { return std::pair(lookup->began, lookup->number); };
  std::sort(kept.begin(), kept.end(),
            [place](const Lookup* one, const Lookup* other) { return place(one) < place(other); });
  kept.erase(std::unique(kept.begin(), kept.end(),
                         [](const Lookup* one, const Lookup* other) { return one->number == other->number; }),
             kept.end());
  out.key("lookups").open_list();
  for (const Lookup* lookup : kept) write_lookup(*lookup, out);
  out.close_list();
  if (kept.size() < lookups_)
    out.thinned("lookups", kept.size(), lookups_,
                "the first of each of " + std::to_string(lookups_spread) + " parts of the run, and the " +
                    std::to_string(lookups_worst) + " that failed or were slowest");
}

void RingRecorder::write_lookup(const Lookup& lookup, analysis::JsonText& out) const {
  out.open_object().key("seconds").seconds(lookup.began - time_zero).key("node").number(lookup.node);
  if (lookup.trail.key) out.key("key").number(pictures_.place_of(*lookup.trail.key));
  if (!lookup.trail.path.empty()) {
    out.key("path").open_list();
    for (const NodeIndex node : lookup.trail.path) out.number(node);
    out.close_list();
  }
  out.key("hops").number(lookup.hops).key("latency").seconds(lookup.latency);
  out.key("success").boolean(lookup.success).key("timeouts").number(lookup.timeouts).close_object();
}

}  // namespace peerbed::scenarios
