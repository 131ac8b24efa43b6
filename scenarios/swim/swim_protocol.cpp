#include "scenarios/swim/swim_protocol.h"

#include <algorithm>

#include "protocols/swim/commands.h"
#include "protocols/swim/node.h"
#include "scenarios/protocol/population.h"
#include "scenarios/ring/ring_checks.h"
#include "scenarios/ring/ring_history.h"
#include "scenarios/swim/swim_detections.h"
#include "scenarios/swim/swim_members.h"
#include "scenarios/swim/swim_options.h"
#include "scenarios/swim/swim_recorder.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

using swim::Node;

constexpr Duration longest_join = std::chrono::minutes(2);  // of a node that knows a member
constexpr int periods_to_notice = 20;                       // that a silent member is probed by somebody, at most

// How long a group needs until all know of a crash or a heal, if nobody is slow.
Duration time_to_agree(const swim::Options& options, std::size_t members) {
  return swim::Patience::of(options, members).longest + periods_to_notice * options.probe_period +
         2 * options.sync_period;
}

class SwimRun final : public ProtocolRun {
 public:
  SwimRun(std::span<const GroupPlan> groups, std::uint64_t seed)
      : places_(std::make_shared<const RingLayout>(groups, seed)) {
    std::vector<Address> established;
    for (const ring::Contact& place : places_->established()) established.push_back(place.address);
    std::sort(established.begin(), established.end());
    established_ = std::make_shared<const std::vector<Address>>(std::move(established));
    for (const GroupPlan& group : groups)
      patience_ = std::max(patience_, time_to_agree(*swim_options_of(group), places_->everyone().size()));
  }

  std::unique_ptr<Population> populate(const GroupPlan& group) override {
    // How often each node was made belongs to the world's state: a copy of the world counts on by itself.
    return population<Node>(group.count, [places = places_, established = established_, group,
                                          made = std::vector<std::uint32_t>(group.count)](NodeIndex node) mutable {
      const std::uint32_t incarnation = made[node - group.first]++;
      if (group.is_established(node) && incarnation == 0)
        return Node::converged(swim_options_of(group), group.address_of(node), *established);
      std::vector<Address> bootstrap;
      for (const ring::Contact& known : places->bootstrap_contacts(node, incarnation))
        bootstrap.push_back(known.address);
      return Node::joining(swim_options_of(group), group.address_of(node), bootstrap);
    });
  }

  void on_step(const Step& step) override {
    const NodeIndex node = step.destination;
    if (step.kind == StepKind::start) {
      history_.note_start(step.time, node);
      detections_.note_start(step.time, node);
      if (history_.is_member(node)) detections_.note_joined(node);
    }
    if (step.kind == StepKind::crash) note_end(step.time, node, true);
  }
  void on_exit(Time time, NodeIndex node) override { note_end(time, node, false); }
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    switch (static_cast<swim::TraceEvent>(type)) {
      case swim::TraceEvent::joined:
        history_.note_joined(time, node);
        return detections_.note_joined(node);
      case swim::TraceEvent::member_suspected:
        if (values[1] != 0) detections_.note_suspicion(node_at(values[0]));
        return;
      case swim::TraceEvent::member_dead:
        if (values[1] != 0)
          detections_.note_burial(time, node_at(values[0]), Duration(static_cast<std::int64_t>(values[2])));
        return detections_.note_death(time, node, node_at(values[0]));
      default:
        return;
    }
  }

  void begin_measuring() override { detections_.begin_measuring(); }

  void check(const StateView& states, CheckReport& report) override {
    if (!report.settled() || report.calm() < longest_join) return;
    const SwimMembers members(states, *places_);
    if (!members.are_all_seen()) return;
    check_outsiders(members.outsiders(), members.all().size(), history_, report);
    if (report.calm() >= patience_) members.check_lists(report);
  }

  std::uint64_t abstract_state(const StateView& states, NodeIndex node) const override {
    if (!states.is_up(node)) return 1;
    const Node* const state = states.node<Node>(node);
    if (state == nullptr) return 0;
    std::uint64_t hash = state->joined() ? 3 : 2;
    std::array<std::size_t, 3> standings{};
    for (const swim::Member& member : state->members().all()) ++standings[static_cast<std::size_t>(member.standing)];
    for (const std::size_t count : standings) hash = hash * 67 + std::min<std::size_t>(count, 8);
    return hash * 67 + state->local_health();
  }

  void measure(const StateView& states, analysis::Metrics& metrics) override {
    detections_.measure(metrics);
    const SwimMembers members(states, *places_);
    if (members.are_all_seen()) members.measure(metrics);
  }

  std::unique_ptr<ProtocolRecorder> recorder(Duration) const override {
    return std::make_unique<SwimRecorder>(places_);
  }

 private:
  void note_end(Time time, NodeIndex node, bool is_crash) {
    history_.note_end(time, node);
    detections_.note_end(time, node, is_crash);
  }
  NodeIndex node_at(std::uint64_t address) const { return places_->node_of({.key = {}, .address = {address}}); }

  std::shared_ptr<const RingLayout> places_;
  std::shared_ptr<const std::vector<Address>> established_;  // sorted
  RingHistory history_{places_};
  SwimDetections detections_;
  Duration patience_{};
};

class SwimProtocol final : public Protocol {
 public:
  std::string_view name() const override { return "swim"; }
  std::string_view summary() const override { return "group membership by gossip, with Lifeguard"; }
  std::span<const TraceEventType> trace_events() const override { return Node::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return Node::message_kinds; }
  std::span<const TimerType> timers(const GroupOptions&) const override { return Node::timers; }
  bool knows_bootstrap() const override { return true; }
  bool runs_until_told() const override { return true; }

  std::span<const CommandForm> commands(const GroupOptions&) const override { return swim::commands; }
  std::optional<OwnMetrics> own_metrics() const override {
    OwnMetrics own{.names = SwimMembers::metrics(),
                   .properties = std::vector<std::string>{"every running node is a member",
                                                          "every member lists the members and nobody else"}};
    for (auto& name : SwimDetections::metrics()) own.names.push_back(std::move(name));
    return own;
  }

  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t) const override {
    return read_swim_group(map);
  }
  void check_together(std::span<const GroupInFile> groups) const override {
    std::size_t count = 0;
    for (const GroupInFile& group : groups) count += group.plan->count;
    for (const GroupInFile& group : groups)
      if (swim_options_of(*group.plan)->maximum_members < count)
        group.options.fail("there are " + show_counted(count, "member") +
                           ", more than a list has room for; set maximum_members");
  }
  // Nodes at real addresses join through one another.
  bool has_members() const override { return true; }
  std::unique_ptr<Population> members(std::shared_ptr<const GroupOptions> options,
                                      std::shared_ptr<const std::vector<Address>> addresses) const override {
    const auto& shared = static_cast<const SwimOptions&>(*options).options;
    return population<Node>(addresses->size(), [shared, addresses](NodeIndex node) {
      std::vector<Address> others;
      for (std::size_t i = 1; i < addresses->size() && others.size() < swim::maximum_bootstrap; ++i)
        others.push_back((*addresses)[(node + i) % addresses->size()]);
      return Node::joining(shared, (*addresses)[node], others);
    });
  }
  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t seed) const override {
    return std::make_unique<SwimRun>(groups, seed);
  }
};

}  // namespace

std::shared_ptr<const Protocol> swim_protocol() { return std::make_shared<SwimProtocol>(); }

}  // namespace peerbed::scenarios
