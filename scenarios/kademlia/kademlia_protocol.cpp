#include "scenarios/kademlia/kademlia_protocol.h"

#include <algorithm>

#include "protocols/kademlia/commands.h"
#include "protocols/kademlia/node.h"
#include "scenarios/kademlia/kademlia_checks.h"
#include "scenarios/kademlia/kademlia_layout.h"
#include "scenarios/kademlia/kademlia_members.h"
#include "scenarios/kademlia/kademlia_recorder.h"
#include "scenarios/protocol/population.h"
#include "scenarios/ring/ring_checks.h"
#include "scenarios/ring/ring_history.h"

namespace peerbed::scenarios {
namespace {

using kademlia::Node;

constexpr Duration longest_join = std::chrono::minutes(2);  // of a node that knows a member

class KademliaRun final : public ProtocolRun {
 public:
  KademliaRun(std::span<const GroupPlan> groups, std::uint64_t seed)
      : layout_(std::make_shared<const KademliaLayout>(groups, seed)) {
    for (const GroupPlan& group : groups)
      refresh_period_ = std::max(refresh_period_, kademlia_options_of(group).refresh_period);
  }

  std::unique_ptr<Population> populate(const GroupPlan& group) override {
    // How often each node was made belongs to the world's state: a copy of the world counts on by itself.
    return population<Node>(
        group.count, [layout = layout_, group, made = std::vector<std::uint32_t>(group.count)](NodeIndex node) mutable {
          return layout->make_node(group, node, made[node - group.first]++);
        });
  }

  void on_step(const Step& step) override {
    if (step.kind == StepKind::start) history_.note_start(step.time, step.destination);
    if (step.kind == StepKind::crash) history_.note_end(step.time, step.destination);
  }
  void on_exit(Time time, NodeIndex node) override { history_.note_end(time, node); }
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    switch (static_cast<kademlia::TraceEvent>(type)) {
      case kademlia::TraceEvent::joined:
        return history_.note_joined(time, node);
      case kademlia::TraceEvent::lookup_answered:
        return judge_answer(time, values);
      case kademlia::TraceEvent::lookup_done:
        ++lookups_;
        return;
      default:
        return;
    }
  }

  void begin_measuring() override { lookups_ = right_answers_ = 0; }

  void check(const StateView& states, CheckReport& report) override {
    const KademliaMembers members(states, *layout_);
    if (!members.are_all_seen()) return;
    check_tables(members, report);
    if (!report.settled() || report.calm() < longest_join) return;
    check_outsiders(members.outsiders(), members.all().size(), history_, report);
    if (report.calm() > 2 * refresh_period_) check_subtrees(members, report);
  }

  std::uint64_t abstract_state(const StateView& states, NodeIndex node) const override {
    if (!states.is_up(node)) return 1;
    const Node* const state = states.node<Node>(node);
    if (state == nullptr) return 0;
    std::uint64_t hash = state->joined() ? 3 : 2;
    const auto add = [&hash](std::uint64_t word) { hash = hash * 67 + word; };
    const kademlia::ContactList neighbours = state->table().closest(state->options(), state->self(), state->self());
    for (std::size_t i = 0; i < std::min<std::size_t>(neighbours.size(), 3); ++i)
      add(!layout_->has(neighbours[i]) ? 3 : states.is_up(layout_->node_of(neighbours[i])) ? 1 : 2);
    add(std::min<std::size_t>(state->table().size(), 32));
    add(std::min<std::size_t>(state->pending_lookups(), 2));
    add(std::min<std::size_t>(state->store().size(), 2));
    return hash;
  }

  void measure(const StateView& states, analysis::Metrics& metrics) override {
    if (lookups_ > 0)
      metrics.set("lookup.done.correct.share", static_cast<double>(right_answers_) / static_cast<double>(lookups_),
                  Unit::flag, Better::more);
    const KademliaMembers members(states, *layout_);
    if (members.are_all_seen()) members.measure(metrics);
  }

  std::unique_ptr<ProtocolRecorder> recorder(Duration) const override {
    return std::make_unique<KademliaRecorder>(layout_);
  }

 private:
  // Right if the node was the closest member at some instant of the lookup.
  void judge_answer(Time time, const TraceValues& values) {
    const auto rivals = layout_->rivals_of(values[1], values[0]);
    const Time began = std::max(time_zero, time - Duration(static_cast<std::int64_t>(values[2])));
    if (rivals && history_.was_member_without(rivals->owner, rivals->closer, began, time)) ++right_answers_;
  }

  std::shared_ptr<const KademliaLayout> layout_;
  RingHistory history_{layout_->places()};
  Duration refresh_period_{};  // the longest of all groups'
  std::uint64_t lookups_ = 0;
  std::uint64_t right_answers_ = 0;  // of these
};

class KademliaProtocol final : public Protocol {
 public:
  std::string_view name() const override { return "kademlia"; }
  std::string_view summary() const override { return "a DHT of k-buckets by the XOR metric"; }
  std::span<const TraceEventType> trace_events() const override { return Node::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return Node::message_kinds; }
  std::span<const TimerType> timers(const GroupOptions&) const override { return Node::timers; }
  bool knows_bootstrap() const override { return true; }
  bool runs_until_told() const override { return true; }

  std::span<const CommandForm> commands(const GroupOptions&) const override { return kademlia::commands; }
  std::string fault_of_command(const GroupOptions& group, std::string_view line) const override {
    std::string fault = Protocol::fault_of_command(group, line);
    if (!fault.empty()) return fault;
    const std::string answer = kademlia::fault_of_command(line);
    return answer.empty() ? "" : "they would answer '" + answer + "'";
  }
  std::optional<OwnMetrics> own_metrics() const override {
    OwnMetrics own{.names = KademliaMembers::metrics(),
                   .properties = std::vector<std::string>{"routing tables are well-formed",
                                                          "every running node is a member", "every subtree is known"}};
    own.names.emplace_back("lookup.done.correct.share", Unit::flag);
    return own;
  }

  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t) const override {
    return read_kademlia_group(map);
  }
  // Nodes at real addresses join through one another; their identifiers follow from the addresses.
  bool has_members() const override { return true; }
  std::unique_ptr<Population> members(std::shared_ptr<const GroupOptions> options,
                                      std::shared_ptr<const std::vector<Address>> addresses) const override {
    const auto& shared = static_cast<const KademliaOptions&>(*options).options;
    return population<Node>(addresses->size(), [shared, addresses](NodeIndex node) {
      std::vector<Address> others;
      for (std::size_t i = 1; i < addresses->size() && others.size() < kademlia::maximum_bootstrap; ++i)
        others.push_back((*addresses)[(node + i) % addresses->size()]);
      return Node::joining(shared, kademlia::key_of_name(to_string((*addresses)[node])), others);
    });
  }
  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t seed) const override {
    return std::make_unique<KademliaRun>(groups, seed);
  }
};

}  // namespace

std::shared_ptr<const Protocol> kademlia_protocol() { return std::make_shared<KademliaProtocol>(); }

}  // namespace peerbed::scenarios
