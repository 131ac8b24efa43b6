#include "scenarios/ring/ring_protocol.h"

#include <algorithm>
#include <array>

#include "analysis/statistics/overlay.h"
#include "protocols/ring/commands.h"
#include "protocols/ring/node.h"
#include "scenarios/ring/find_costs.h"
#include "scenarios/ring/ring_checks.h"
#include "scenarios/ring/ring_history.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/ring/ring_members.h"
#include "scenarios/ring/ring_options.h"
#include "scenarios/ring/ring_overlap.h"
#include "scenarios/ring/ring_recorder.h"
#include "scenarios/ring/value_history.h"

namespace peerbed::scenarios {
namespace {

OwnMetrics ring_metrics() {
  OwnMetrics own;
  for (const char* name : {"ring.lost_values.share", "ring.wrong_first_successors.share",
                           "ring.dead_first_successors.share", "lookup.done.correct.share"})
    own.names.emplace_back(name, Unit::flag);
  for (const char* name : {"ring.acknowledged_values", "ring.members", "overlay.strong_components",
                           "overlay.largest_component", "overlay.diameter", "overlay.distance.mean",
                           "overlay.in_degree.min", "overlay.in_degree.mean", "overlay.in_degree.max"})
    own.names.emplace_back(name, Unit::count);
  for (const char* cost : {"lookup.finds", "join.finds", "value.finds"})
    for (const char* part : {".mean", ".p50", ".p99", ".max"})
      own.names.emplace_back(std::string(cost) + part, Unit::count);
  own.properties = std::vector<std::string>{"every member has a live successor", "enough principal members",
                                            "one cycle in the order of keys",    "no appendages",
                                            "every running node is a member",    "successor lists are complete",
                                            "acknowledged values survive",       "values are where they belong",
                                            "gets return what was acknowledged"};
  return own;
}

class RingRun final : public ProtocolRun {
 public:
  RingRun(std::span<const GroupPlan> groups, std::uint64_t seed)
      : layout_(std::make_shared<const RingLayout>(groups, seed)),
        options_(RingLayout::options_of(layout_->groups().front()).options) {}

  std::unique_ptr<Population> populate(const GroupPlan& group) override {
    // How often each node was made belongs to the world's state: a copy of the world counts on by itself.
    return population<ring::Node>(
        group.count, [layout = layout_, group, made = std::vector<std::uint32_t>(group.count)](NodeIndex node) mutable {
          return layout->make(group, node, made[node - group.first]++);
        });
  }

  void on_step(const Step& step) override {
    if (step.kind == StepKind::datagram) return find_costs_.note(step);
    if (step.kind == StepKind::start) history_.note_start(step.time, step.destination);
    if (step.kind == StepKind::crash) history_.note_end(step.time, step.destination);
  }

  void on_exit(Time time, NodeIndex node) override { history_.note_end(time, node); }

  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    now_ = time;
    const auto event = static_cast<ring::TraceEvent>(type);
    value_history_.note(time, event, values);
    switch (event) {
      case ring::TraceEvent::joined:
        return history_.note_joined(time, node);
      case ring::TraceEvent::peer_suspected:
        return history_.note_suspicion(time, ring::Key{values[0]});
      case ring::TraceEvent::cut_off:
        was_cut_off_ = true;
        return;
      case ring::TraceEvent::lookup_answered:
        return judge_answer(time, values);
      case ring::TraceEvent::lookup_done:
        ++lookups_;
        return;
      case ring::TraceEvent::put_begun:  // a part that is discarded may be forgotten
        if (values[2] == ring::ValueState::discarded) acknowledged_.erase(ring::Key{values[1]});
        return;
      case ring::TraceEvent::value_acknowledged:
        if (values[3] == ring::ValueState::discarded) return;
        return note_acknowledged(values);
      default:
        return;
    }
  }

  void begin_measuring() override {
    lookups_ = right_answers_ = 0;
    find_costs_.begin();
  }

  void check(const StateView& states, CheckReport& report) override {
    const RingMembers members(states, layout_->groups());
    if (!members.are_all_seen()) return;
    count_successors(members);
    if (options_->profile == ring::Profile::coursework) return check_coursework(members, report);
    promises_.look(members, report);
    check_live_successors(members, promises_, report);
    check_principals(members, promises_, report);
    check_values_survive(members, acknowledged_, report);
    overlap_.look(now_, members);
    check_value_history(report);
    if (!promises_.is_settled()) return;
    check_ring_order(members, report);
    check_membership(members, history_, report);
    check_successor_lists(members, promises_.list_length(), report);
    check_placement(members, acknowledged_, options_->replicas, report);
  }

  void measure(const StateView& states, analysis::Metrics& metrics) override {
    find_costs_.write_to(metrics);
    metrics.set("ring.acknowledged_values", acknowledged_.size());
    if (lookups_ > 0)
      metrics.set("lookup.done.correct.share", static_cast<double>(right_answers_) / static_cast<double>(lookups_),
                  Unit::flag, Better::more);
    const RingMembers members(states, layout_->groups());
    if (!members.are_all_seen()) return;
    metrics.set("ring.members", members.all().size());
    if (!acknowledged_.empty()) {
      const auto lost = static_cast<double>(lost_values(members, acknowledged_).size());
      metrics.set("ring.lost_values.share", lost / static_cast<double>(acknowledged_.size()), Unit::flag, Better::less);
    }
    if (looked_at_ > 0) {
      const auto all = static_cast<double>(looked_at_);
      metrics.set("ring.wrong_first_successors.share", static_cast<double>(wrong_first_) / all, Unit::flag,
                  Better::less);
      metrics.set("ring.dead_first_successors.share", static_cast<double>(dead_first_) / all, Unit::flag, Better::less);
    }
    measure_overlay(members, metrics);
  }

  std::unique_ptr<ProtocolRecorder> recorder(Duration duration) const override {
    return std::make_unique<RingRecorder>(layout_, duration);
  }

 private:
  // While the network is divided, or ownership is in dispute, one owner may not know what the other one acknowledges.
  void check_value_history(CheckReport& report) {
    if (!acknowledged_.empty() && report.silence_means_death() && !overlap_.disturbs(now_))
      report.expect("gets return what was acknowledged", value_history_.wrong_gets() == 0, [this] {
        return std::to_string(value_history_.wrong_gets()) + ", the first: " + value_history_.first_wrong();
      });
    value_history_.forget_wrong_gets();
  }

  // A peer that has lost both successors cannot find its way back, and says so.
  void check_coursework(const RingMembers& members, CheckReport& report) const {
    if (was_cut_off_ || !report.settled()) return;
    check_ring_order(members, report);
    check_membership(members, history_, report);
    check_successor_lists(members, 2, report);
  }

  void note_acknowledged(const TraceValues& values) {
    if (acknowledged_.size() >= maximum_acknowledged_values) return;
    ring::ValueState& state = acknowledged_[ring::Key{values[0]}];
    const ring::ValueStamp stamp{values[1], values[2]};
    if (state.stamp < stamp) state = {stamp, values[3]};
  }

  // Right if it was at some instant of the lookup.
  void judge_answer(Time time, const TraceValues& values) {
    const Time began = std::max(time_zero, time - Duration(static_cast<std::int64_t>(values[2])));
    if (history_.owned(ring::Key{values[1]}, ring::Key{values[0]}, began, time)) ++right_answers_;
  }

  // First successors that are dead, or not the next member, summed over all looks.
  void count_successors(const RingMembers& members) {
    const std::size_t count = members.all().size();
    for (std::size_t i = 0; i < count && count > 1; ++i) {
      const auto successors = members.all()[i].state->successors();
      const std::size_t first = successors.empty() ? count : members.place_of(successors.front());
      ++looked_at_;
      if (first == count) ++dead_first_;
      if (first != (i + 1) % count) ++wrong_first_;
    }
  }

  static void measure_overlay(const RingMembers& members, analysis::Metrics& metrics) {
    std::vector<analysis::Edge> edges;
    const std::size_t count = members.all().size();
    for (std::size_t i = 0; i < count; ++i) {
      std::set<std::size_t> known;
      for (const ring::Contact& contact : members.all()[i].state->successors()) known.insert(members.place_of(contact));
      for (const ring::Contact& contact : members.all()[i].state->fingers()) known.insert(members.place_of(contact));
      for (const std::size_t place : known)
        if (place < count && place != i)
          edges.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(place));
    }
    const analysis::OverlayHealth health = analysis::overlay_health(count, edges);
    metrics.set("overlay.strong_components", health.strong_components, Unit::count, Better::less);
    metrics.set("overlay.largest_component", health.largest_component);
    metrics.set("overlay.diameter", health.diameter, Unit::count, Better::less);
    metrics.set("overlay.distance.mean", health.mean_distance, Unit::none, Better::less);
    metrics.set("overlay.in_degree.min", health.in_degree_minimum);
    metrics.set("overlay.in_degree.mean", health.in_degree_mean);
    metrics.set("overlay.in_degree.max", health.in_degree_maximum);
  }

  std::shared_ptr<const RingLayout> layout_;
  std::shared_ptr<const ring::Options> options_;
  RingHistory history_{layout_};
  RingPromises promises_{history_, *layout_};
  AcknowledgedValues acknowledged_;
  ValueHistory value_history_;
  RingOverlap overlap_{*options_};
  FindCosts find_costs_;
  Time now_{};  // of what was traced last
  bool was_cut_off_ = false;
  std::uint64_t lookups_ = 0;
  std::uint64_t right_answers_ = 0;  // of these
  std::uint64_t looked_at_ = 0;
  std::uint64_t wrong_first_ = 0;
  std::uint64_t dead_first_ = 0;
};

class RingProtocol final : public Protocol {
 public:
  std::string_view name() const override { return "ring"; }
  std::string_view summary() const override { return "a circular DHT with the profiles chord and coursework"; }
  std::span<const TraceEventType> trace_events() const override { return ring::Node::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return ring::Node::message_kinds; }
  bool knows_bootstrap() const override { return true; }

  std::span<const CommandForm> commands(const GroupOptions& group) const override {
    if (is_coursework(group)) return ring::coursework::commands;
    return ring::commands;
  }
  std::string fault_of_command(const GroupOptions& group, std::string_view line) const override {
    std::string fault = Protocol::fault_of_command(group, line);
    if (!fault.empty()) return fault;
    const ring::KeySpace space(static_cast<const RingOptions&>(group).options->key_bits);
    const std::string answer = is_coursework(group) ? std::string(ring::coursework::fault_of_command(line))
                                                    : ring::fault_of_command(line, space);
    return answer.empty() ? "" : "they would answer '" + answer + "'";
  }
  std::optional<OwnMetrics> own_metrics() const override { return ring_metrics(); }
  bool runs_until_told() const override { return true; }

  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t count) const override {
    return read_ring_group(map, count);
  }
  void check_together(std::span<const GroupInFile> groups) const override { check_ring_groups(groups); }

  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t seed) const override {
    return std::make_unique<RingRun>(groups, seed);
  }

 private:
  static bool is_coursework(const GroupOptions& group) {
    return static_cast<const RingOptions&>(group).options->profile == ring::Profile::coursework;
  }
};

}  // namespace

std::shared_ptr<const Protocol> ring_protocol() { return std::make_shared<RingProtocol>(); }

}  // namespace peerbed::scenarios
