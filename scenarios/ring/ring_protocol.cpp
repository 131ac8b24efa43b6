#include "scenarios/ring/ring_protocol.h"

#include <algorithm>

#include "protocols/ring/commands.h"
#include "protocols/ring/node.h"
#include "scenarios/protocol/population.h"
#include "scenarios/protocol/value_history.h"
#include "scenarios/ring/find_costs.h"
#include "scenarios/ring/ring_abstraction.h"
#include "scenarios/ring/ring_checks.h"
#include "scenarios/ring/ring_demands.h"
#include "scenarios/ring/ring_history.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/ring/ring_like.h"
#include "scenarios/ring/ring_members.h"
#include "scenarios/ring/ring_options.h"
#include "scenarios/ring/ring_overlap.h"
#include "scenarios/ring/ring_recorder.h"
#include "scenarios/ring/ring_shape.h"

namespace peerbed::scenarios {
namespace {

OwnMetrics ring_metrics() {
  OwnMetrics own{.names = RingShape::metrics(), .properties = {}};
  own.names.emplace_back("ring.lost_values.share", Unit::flag);
  own.names.emplace_back("lookup.done.correct.share", Unit::flag);
  own.names.emplace_back("ring.acknowledged_values", Unit::count);
  own.names.emplace_back("ring.guests", Unit::count);
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

// The node as its process starts after `incarnation` earlier ones.
ring::Node node_of(const RingLayout& layout, const GroupPlan& group, NodeIndex node, std::uint32_t incarnation) {
  const auto& options = ring_options_of(group).options;
  const ring::Contact self = layout.contact_of(group, node);
  if (RingLayout::is_established(group, node) && incarnation == 0)
    return ring::Node::converged(options, layout.established(), layout.place_in_established(self));
  std::vector<Address> addresses;
  for (const ring::Contact& contact : layout.bootstrap_contacts(node, incarnation))
    addresses.push_back(contact.address);
  if (group.is_established(node) && incarnation == 0 && !addresses.empty())
    return ring::Node::guest(options, addresses);
  return ring::Node::joining(options, self.key, addresses);
}

bool stores_values(std::span<const std::string> commands) {
  return std::any_of(commands.begin(), commands.end(), [](const std::string& line) { return line.starts_with("put"); });
}

// What docs/ring.md promises. Fewer nodes than a list has entries stop before the others have noticed, and fewer than
// hold a value before it is copied again.
Tolerance tolerance_of_ring(const ring::Options& options, std::size_t nodes, bool stores) {
  Tolerance tolerance;
  tolerance.deaths = options.successor_list_length - 1;
  tolerance.notice = time_to_mend(options, 2 * options.rpc_timeout);
  tolerance.survivors = std::min<std::size_t>(nodes, 2);
  if (stores) {
    tolerance.deaths = std::min(tolerance.deaths, options.replicas - 1);
    tolerance.notice = std::max(tolerance.notice, 2 * options.repair_period + tolerance.notice);
    tolerance.survivors = std::min(nodes, options.replicas + 1);
    tolerance.counts_cuts = true;
  }
  // Who waited for an answer waits for the next one less than four times as long: the timeout of RFC 6298 is at most
  // 3.52 times the longest round trip, whatever the others were. A question to a dead peer takes as many such waits as
  // its attempts come to. As many in a row are dead as may die at a time; who comes after them notices meanwhile.
  constexpr int longest_timeout = 4;
  tolerance.patience =
      longest_timeout * waits_of_question(options) * static_cast<int>(std::max<std::size_t>(tolerance.deaths, 1));
  // One that joins asks more and more seldom; one that lost a peer, too.
  constexpr int longest_round = 32;
  tolerance.recovery = time_to_mend(options, 2 * options.rpc_timeout) + longest_round * options.lookup_timeout +
                       static_cast<std::int64_t>(nodes) * options.stabilize_period + options.initial_timeout;
  return tolerance;
}

class RingRun final : public ProtocolRun {
 public:
  RingRun(std::span<const GroupPlan> groups, std::uint64_t seed)
      : layout_(std::make_shared<const RingLayout>(groups, seed)),
        options_(ring_options_of(layout_->groups().front()).options) {}

  std::unique_ptr<Population> populate(const GroupPlan& group) override {
    // How often each node was made belongs to the world's state: a copy of the world counts on by itself.
    return population<ring::Node>(
        group.count, [layout = layout_, group, made = std::vector<std::uint32_t>(group.count)](NodeIndex node) mutable {
          return node_of(*layout, group, node, made[node - group.first]++);
        });
  }

  void on_step(const Step& step) override {
    if (step.kind == StepKind::datagram) return find_costs_.note(step);
    if (step.kind == StepKind::start) history_.note_start(step.time, step.destination);
    if (step.kind == StepKind::crash) history_.note_end(step.time, step.destination);
    abstraction_.note(step.destination, step.kind == StepKind::start);
  }

  void on_exit(Time time, NodeIndex node) override {
    history_.note_end(time, node);
    abstraction_.note(node, false);
  }

  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    now_ = time;
    const auto event = static_cast<ring::TraceEvent>(type);
    value_history_.note(time, node, type, values);
    switch (event) {
      case ring::TraceEvent::joined:
        return history_.note_joined(time, node);
      case ring::TraceEvent::peer_suspected:
        return history_.note_suspicion(time, node, ring::Key{values[0]});
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
    const auto members = RingMembers::seen<ring::Node>(states, layout_->groups());
    if (!members.are_all_seen()) return;
    shape_.look(members);
    promises_.look(members, report);
    check_live_successors(members, promises_, report);
    check_principals(members, promises_, report);
    check_values_survive(members, acknowledged_, report);
    overlap_.look(now_, members);
    check_value_history(report);
    check_demands(members, promises_.list_length(), report);
    if (!promises_.is_settled()) return;
    check_ring_order(members, report);
    check_membership(members, history_, promises_.joins_since(), report);
    check_successor_lists(members, promises_.list_length(), report);
    check_placement(members, acknowledged_, options_->replicas, report);
  }

  std::uint64_t abstract_state(const StateView& states, NodeIndex node) const override {
    return abstraction_.of<ring::Node>(states, node);
  }

  void measure(const StateView& states, analysis::Metrics& metrics) override {
    find_costs_.write_to(metrics);
    metrics.set("ring.acknowledged_values", acknowledged_.size());
    if (lookups_ > 0)
      metrics.set("lookup.done.correct.share", static_cast<double>(right_answers_) / static_cast<double>(lookups_),
                  Unit::flag, Better::more);
    const auto members = RingMembers::seen<ring::Node>(states, layout_->groups());
    if (!members.are_all_seen()) return;
    if (!acknowledged_.empty()) {
      const auto lost = static_cast<double>(lost_values(members, acknowledged_).size());
      metrics.set("ring.lost_values.share", lost / static_cast<double>(acknowledged_.size()), Unit::flag, Better::less);
    }
    shape_.write_to(members, metrics);
    if (options_->check_reachability) metrics.set("ring.guests", members.guests());
  }

  std::unique_ptr<ProtocolRecorder> recorder(Duration duration) const override {
    return std::make_unique<RingRecorder>(layout_, duration);
  }

 private:
  // While the network is divided, or ownership is in dispute, one owner may not know what the other one acknowledges.
  void check_value_history(CheckReport& report) {
    const ValueHistory::WrongGets wrong = value_history_.take_wrong_gets();
    if (!acknowledged_.empty() && report.silence_means_death() && !overlap_.disturbs(now_))
      report.expect("gets return what was acknowledged", wrong.count == 0, [&wrong] {
        const std::string more = " (and " + std::to_string(wrong.count - 1) + " more)";
        return wrong.first + (wrong.count > 1 ? more : std::string());
      });
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

  std::shared_ptr<const RingLayout> layout_;
  std::shared_ptr<const ring::Options> options_;
  RingHistory history_{layout_};
  RingPromises promises_{history_, *layout_};
  AcknowledgedValues acknowledged_;
  ValueHistory value_history_{ring::Node::trace_events, ValueHistory::Gets::forgotten};
  RingOverlap overlap_{*options_};
  FindCosts find_costs_;
  RingShape shape_;
  RingAbstraction abstraction_{*layout_};
  Time now_{};  // of what was traced last
  std::uint64_t lookups_ = 0;
  std::uint64_t right_answers_ = 0;  // of these
};

class RingProtocol final : public RingLike<ring_check> {
 public:
  std::string_view name() const override { return "ring"; }
  std::string_view summary() const override { return "a circular DHT that stores values by key"; }
  std::span<const TraceEventType> trace_events() const override { return ring::Node::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return ring::Node::message_kinds; }
  std::span<const TimerType> timers(const GroupOptions&) const override { return ring::Node::timers; }

  std::span<const CommandForm> commands(const GroupOptions&) const override { return ring::commands; }
  std::string fault_of_command(const GroupOptions& group, std::string_view line) const override {
    std::string fault = Protocol::fault_of_command(group, line);
    if (!fault.empty()) return fault;
    const ring::KeySpace space(static_cast<const RingOptions&>(group).key_bits);
    const std::string answer = ring::fault_of_command(line, space);
    return answer.empty() ? "" : "they would answer '" + answer + "'";
  }
  std::optional<OwnMetrics> own_metrics() const override { return ring_metrics(); }

  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t count) const override {
    return read_ring_group(map, count);
  }
  std::shared_ptr<const GroupOptions> among_gateways(std::shared_ptr<const GroupOptions> options) const override {
    return scenarios::among_gateways(std::static_pointer_cast<const RingOptions>(std::move(options)));
  }
  void check_together(std::span<const GroupInFile> groups) const override { check_ring_groups(groups); }

  Tolerance tolerance(std::span<const GroupPlan> groups, std::span<const std::string> commands) const override {
    std::size_t nodes = 0;
    for (const GroupPlan& group : groups) nodes += group.count;
    Tolerance all = tolerance_of_ring(*ring_options_of(groups.front()).options, nodes, stores_values(commands));
    for (const GroupPlan& group : groups.subspan(1)) {
      const Tolerance one = tolerance_of_ring(*ring_options_of(group).options, nodes, stores_values(commands));
      all.deaths = std::min(all.deaths, one.deaths);
      all.notice = std::max(all.notice, one.notice);
      all.survivors = std::max(all.survivors, one.survivors);
      all.recovery = std::max(all.recovery, one.recovery);
    }
    return all;
  }
  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t seed) const override {
    return std::make_unique<RingRun>(groups, seed);
  }
};

}  // namespace

std::shared_ptr<const Protocol> ring_protocol() { return std::make_shared<RingProtocol>(); }

}  // namespace peerbed::scenarios
