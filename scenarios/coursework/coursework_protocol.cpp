#include "scenarios/coursework/coursework_protocol.h"

#include <algorithm>

#include "protocols/coursework/commands.h"
#include "protocols/coursework/node.h"
#include "scenarios/coursework/coursework_check.h"
#include "scenarios/coursework/coursework_options.h"
#include "scenarios/protocol/population.h"
#include "scenarios/ring/ring_abstraction.h"
#include "scenarios/ring/ring_checks.h"
#include "scenarios/ring/ring_demands.h"
#include "scenarios/ring/ring_history.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/ring/ring_like.h"
#include "scenarios/ring/ring_members.h"
#include "scenarios/ring/ring_pictures.h"
#include "scenarios/ring/ring_shape.h"

namespace peerbed::scenarios {
namespace {

RingMembers members_in(const StateView& states, const RingLayout& layout) {
  return RingMembers::seen<coursework::Node>(states, layout.groups());
}

// The node as its process starts after `incarnation` earlier ones.
coursework::Node node_of(const RingLayout& layout, const GroupPlan& group, NodeIndex node, std::uint32_t incarnation) {
  const CourseworkOptions& options = coursework_options_of(group);
  const ring::Contact self = layout.contact_of(group, node);
  if (group.is_established(node) && incarnation == 0) {
    const auto ring = layout.established();
    const std::size_t index = layout.place_in_established(self);
    return coursework::Node::established(options.options, self, ring[(index + 1) % ring.size()],
                                         ring[(index + 2) % ring.size()]);
  }
  const auto everyone = layout.everyone();
  const auto named = std::find_if(everyone.begin(), everyone.end(),
                                  [&](const ring::Contact& contact) { return options.known == contact.key; });
  const std::vector<ring::Contact> bootstrap = layout.bootstrap_contacts(node, incarnation);
  if (named == everyone.end() && bootstrap.empty())
    return coursework::Node::established(options.options, self, self, self);
  return coursework::Node::joining(options.options, self, named != everyone.end() ? *named : bootstrap.front());
}

// Its section has the form of the ring's.
class CourseworkRecorder final : public ProtocolRecorder {
 public:
  explicit CourseworkRecorder(std::shared_ptr<const RingLayout> layout)
      : layout_(std::move(layout)), pictures_(layout_, coursework::peer_space.bits()) {}

  std::string_view name() const override { return "ring"; }
  void measure(const StateView& states, Duration, IntervalValues& values) override {
    const RingMembers members = members_in(states, *layout_);
    if (members.are_all_seen()) pictures_.measure(members, values);
  }
  void take_snapshot(const StateView& states, Duration now) override {
    pictures_.take(members_in(states, *layout_), now);
  }
  void write(analysis::JsonText& out) const override {
    out.open_object();
    pictures_.write(out);
    out.key("lookups").open_list().close_list();
    pictures_.write_hops_in_theory(out);
    out.close_object();
  }

 private:
  std::shared_ptr<const RingLayout> layout_;
  RingPictures pictures_;
};

class CourseworkRun final : public ProtocolRun {
 public:
  CourseworkRun(std::span<const GroupPlan> groups, std::uint64_t seed)
      : layout_(std::make_shared<const RingLayout>(groups, seed)) {}

  std::unique_ptr<Population> populate(const GroupPlan& group) override {
    // How often each node was made belongs to the world's state: a copy of the world counts on by itself.
    return population<coursework::Node>(
        group.count, [layout = layout_, group, made = std::vector<std::uint32_t>(group.count)](NodeIndex node) mutable {
          return node_of(*layout, group, node, made[node - group.first]++);
        });
  }

  void on_step(const Step& step) override {
    if (step.kind == StepKind::start) history_.note_start(step.time, step.destination);
    if (step.kind == StepKind::crash) history_.note_end(step.time, step.destination);
    if (step.kind != StepKind::datagram) abstraction_.note(step.destination, step.kind == StepKind::start);
  }
  void on_exit(Time time, NodeIndex node) override {
    history_.note_end(time, node);
    abstraction_.note(node, false);
  }
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues&) override {
    const auto event = static_cast<ring::TraceEvent>(type);
    if (event == ring::TraceEvent::joined) history_.note_joined(time, node);
    was_cut_off_ = was_cut_off_ || event == ring::TraceEvent::cut_off;
  }

  void check(const StateView& states, CheckReport& report) override {
    const RingMembers members = members_in(states, *layout_);
    if (!members.are_all_seen()) return;
    shape_.look(members);
    check_demands(members, 2, report);
    // A peer that has lost both successors cannot find its way back, and says so.
    if (was_cut_off_ || !report.settled()) return;
    check_ring_order(members, report);
    check_membership(members, history_, Time::min(), report);
    check_successor_lists(members, 2, report);
  }

  std::uint64_t abstract_state(const StateView& states, NodeIndex node) const override {
    return abstraction_.of<coursework::Node>(states, node);
  }

  void measure(const StateView& states, analysis::Metrics& metrics) override {
    const RingMembers members = members_in(states, *layout_);
    if (members.are_all_seen()) shape_.write_to(members, metrics);
  }

  std::unique_ptr<ProtocolRecorder> recorder(Duration) const override {
    return std::make_unique<CourseworkRecorder>(layout_);
  }

 private:
  std::shared_ptr<const RingLayout> layout_;
  RingHistory history_{layout_};
  RingShape shape_;
  RingAbstraction abstraction_{*layout_};
  bool was_cut_off_ = false;
};

class CourseworkProtocol final : public RingLike<coursework_check> {
 public:
  std::string_view name() const override { return "coursework"; }
  std::string_view summary() const override { return "the small ring of an assignment, with two successors each"; }
  std::span<const TraceEventType> trace_events() const override { return coursework::Node::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return coursework::Node::message_kinds; }
  std::span<const TimerType> timers(const GroupOptions&) const override { return coursework::Node::timers; }

  std::span<const CommandForm> commands(const GroupOptions&) const override { return coursework::commands; }
  std::string fault_of_command(const GroupOptions& group, std::string_view line) const override {
    std::string fault = Protocol::fault_of_command(group, line);
    if (!fault.empty()) return fault;
    const std::string answer(coursework::read_command(line).fault);
    return answer.empty() ? "" : "they would answer '" + answer + "'";
  }
  std::optional<OwnMetrics> own_metrics() const override {
    return OwnMetrics{
        .names = RingShape::metrics(),
        .properties = std::vector<std::string>{"one cycle in the order of keys", "no appendages",
                                               "every running node is a member", "successor lists are complete"}};
  }

  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t count) const override {
    return read_coursework_group(map, count);
  }
  void check_together(std::span<const GroupInFile> groups) const override { check_coursework_groups(groups); }
  // A peer that is thought dead cannot come back, so nothing may be slow or lost, and one stops at a time.
  Tolerance tolerance(std::span<const GroupPlan> groups, std::span<const std::string>) const override {
    Tolerance tolerance;
    for (const SearchFault fault :
         {SearchFault::pause, SearchFault::partition, SearchFault::clog, SearchFault::loss, SearchFault::clock})
      tolerance.faults.erase(fault);
    tolerance.deaths = 1;
    tolerance.survivors = 3;
    for (const GroupPlan& group : groups) {
      const coursework::Options& options = *coursework_options_of(group).options;
      Duration letters{};
      for (unsigned attempt = 0; attempt < options.rpc_attempts; ++attempt)
        letters += options.rpc_timeout * (1 << std::min(attempt, 2u));
      const Duration noticed = options.ping_interval * (options.missed_pings + 1);
      tolerance.notice = std::max(tolerance.notice, noticed + letters + options.ping_interval);
      tolerance.away = tolerance.notice;
      tolerance.recovery = std::max(tolerance.recovery, 2 * (noticed + letters));
    }
    return tolerance;
  }
  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t seed) const override {
    return std::make_unique<CourseworkRun>(groups, seed);
  }
};

}  // namespace

std::shared_ptr<const Protocol> coursework_protocol() { return std::make_shared<CourseworkProtocol>(); }

}  // namespace peerbed::scenarios
