#include "scenarios/ring_protocol.h"

#include <algorithm>
#include <array>
#include <set>

#include "analysis/overlay.h"
#include "protocols/ring/node.h"
#include "scenarios/find_costs.h"
#include "scenarios/ring_checks.h"
#include "scenarios/ring_chronicle.h"
#include "scenarios/ring_history.h"
#include "scenarios/ring_layout.h"
#include "scenarios/ring_members.h"
#include "scenarios/ring_overlap.h"
#include "scenarios/value_history.h"

namespace peerbed::scenarios {
namespace {

void read_periods(OptionReader& option, ring::Options& options) {
  option("stabilize_period", options.stabilize_period);
  option("check_predecessor_period", options.check_predecessor_period);
  option("fix_finger_period", options.fix_finger_period);
  option("lookup_period", options.lookup_period);
  option("repair_period", options.repair_period);
  option("tombstone_lifetime", options.tombstone_lifetime);
  option("maximum_clock_lead", options.maximum_clock_lead);
  option("ping_interval", options.ping_interval);
  option("initial_timeout", options.initial_timeout);
  option("rpc_timeout", options.rpc_timeout);
  option("hop_timeout", options.hop_timeout);
  option("hedge_after", options.hedge_after);
  option("lookup_timeout", options.lookup_timeout);
}

void read_numbers(OptionReader& option, ring::Options& options) {
  option("key_bits", options.key_bits, 8, 64);
  option("successor_list_length", options.successor_list_length, 1, ring::maximum_successors);
  option("period_jitter_percent", options.period_jitter_percent, 0, 100);
  option("rpc_attempts", options.rpc_attempts, 1, 16);
  option("hop_attempts", options.hop_attempts, 1, 16);
  option("lookup_attempts", options.lookup_attempts, 1, 16);
  option("operation_attempts", options.operation_attempts, 1, 16);
  option("fingers_per_run", options.fingers_per_run, 0, 64);
  option("replicas", options.replicas, 1, ring::maximum_replicas);
  option("maximum_values", options.maximum_values, 1, 10'000'000);
  option("missed_pings", options.missed_pings, 1, 1000);
}

void read_switches(OptionReader& option, ring::Options& options) {
  option("notify_on_leave", options.notify_on_leave);
  option("successor_list_as_fingers", options.successor_list_as_fingers);
  option("acknowledge_hops", options.acknowledge_hops);
  option("forget_silent_fingers", options.forget_silent_fingers);
  option("gets_end_early", options.gets_end_early);
}

void refuse_zero_periods(const MapReader& map) {
  for (const char* key :
       {"stabilize_period", "check_predecessor_period", "fix_finger_period", "repair_period", "tombstone_lifetime",
        "maximum_clock_lead", "ping_interval", "initial_timeout", "rpc_timeout", "hop_timeout", "lookup_timeout"})
    if (const Value* value = map.field().value().find(key))
      Field(map.field().document(), *value, map.field().path() + "." + key).positive_duration();
}

// The owner knows nobody beyond its successor list.
void refuse_too_many_replicas(const MapReader& map, const ring::Options& options) {
  const Value* replicas = map.field().value().find("replicas");
  if (replicas == nullptr || options.replicas <= options.successor_list_length + 1) return;
  Field(map.field().document(), *replicas, map.field().path() + ".replicas")
      .fail("the owner and a list of " + std::to_string(options.successor_list_length) + " successors are at most " +
            std::to_string(options.successor_list_length + 1) +
            " holders; take fewer replicas or a longer successor_list_length");
}

std::vector<ring::Key> read_identifiers(const Field& field, ring::KeySpace space, std::size_t count) {
  std::vector<ring::Key> keys;
  std::set<ring::Key> seen;
  for (const Field& element : field.elements()) {
    const ring::Key key{element.count(0, space.wrap(UINT64_MAX).value)};
    if (!seen.insert(key).second) element.fail("the identifier " + element.text() + " stands here twice");
    keys.push_back(key);
  }
  if (keys.size() != count)
    field.fail("there are " + std::to_string(keys.size()) + " identifiers for " + std::to_string(count) +
               " nodes; give one for each");
  return keys;
}

class RingRun final : public ProtocolRun {
 public:
  RingRun(std::span<const GroupPlan> groups, std::uint64_t seed)
      : layout_(std::make_shared<const RingLayout>(groups, seed)),
        options_(RingLayout::options_of(layout_->groups().front()).options) {}

  std::unique_ptr<Population> populate(const GroupPlan& group) override {
    // How often each node was made belongs to the world's state: a copy of the world counts on by itself.
    return population<ring::Node>(
        group.count,
        [layout = layout_, group, made = std::vector<std::uint32_t>(group.count)](sim::NodeIndex node) mutable {
          return layout->make(group, node, made[node - group.first]++);
        });
  }

  void on_step(const sim::Step& step) override {
    if (step.kind == sim::StepKind::datagram) return find_costs_.note(step);
    if (step.kind == sim::StepKind::start) history_.note_start(step.time, step.destination);
    if (step.kind == sim::StepKind::crash) history_.note_end(step.time, step.destination);
  }

  void on_exit(Time time, sim::NodeIndex node) override { history_.note_end(time, node); }

  void on_trace(Time time, sim::NodeIndex node, std::uint16_t type, const TraceValues& values) override {
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
      case ring::TraceEvent::value_acknowledged:
        return note_acknowledged(values);
      default:
        return;
    }
  }

  void begin_measuring() override {
    lookups_ = right_answers_ = 0;
    find_costs_.begin();
  }

  void check(const Scene& scene, CheckReport& report) override {
    const RingMembers members(scene, layout_->groups());
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

  void measure(const Scene& scene, analysis::Metrics& metrics) override {
    find_costs_.write_to(metrics);
    metrics.set("ring.acknowledged_values", acknowledged_.size());
    if (lookups_ > 0)
      metrics.set("lookup.done.correct.share", static_cast<double>(right_answers_) / static_cast<double>(lookups_),
                  Unit::flag, Better::more);
    const RingMembers members(scene, layout_->groups());
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

  std::unique_ptr<ProtocolChronicle> chronicle(Duration duration) const override {
    return std::make_unique<RingChronicle>(layout_, duration);
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
  std::string_view summary() const override { return "a circular DHT, in the profiles chord and coursework"; }
  std::span<const TraceEventType> trace_events() const override { return ring::Node::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return ring::Node::message_kinds; }
  bool knows_bootstrap() const override { return true; }

  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t count) const override {
    ring::Options options;
    if (const auto profile = map.find("profile"); profile && profile->choice({"chord", "coursework"}) == 1) {
      options.profile = ring::Profile::coursework;
      options.key_bits = 8;
    }
    read_ring_options(map, options);
    const ring::KeySpace space(options.key_bits);
    if (options.key_bits < 64 && count > std::uint64_t{1} << (options.key_bits - 1))
      map.field().fail("a ring of " + std::to_string(options.key_bits) + " bits is too small for " +
                       std::to_string(count) + " nodes; take fewer nodes or more key_bits");
    auto read = std::make_shared<RingOptions>();
    if (const auto identifiers = map.find("identifiers"))
      read->identifiers = read_identifiers(*identifiers, space, count);
    if (const auto known = map.find("known")) read->known = ring::Key{known->count(0, space.wrap(UINT64_MAX).value)};
    read->options = std::make_shared<const ring::Options>(options);
    return read;
  }

  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t seed) const override {
    return std::make_unique<RingRun>(groups, seed);
  }
};

}  // namespace

void read_ring_options(MapReader& map, ring::Options& options) {
  if (const auto mode = map.find("lookup_mode"); mode && mode->choice({"recursive", "iterative"}) == 1)
    options.lookup_mode = ring::LookupMode::iterative;
  OptionReader reader(map);
  read_periods(reader, options);
  refuse_zero_periods(map);
  read_numbers(reader, options);
  read_switches(reader, options);
  refuse_too_many_replicas(map, options);
}

std::shared_ptr<const Protocol> ring_protocol() { return std::make_shared<RingProtocol>(); }

}  // namespace peerbed::scenarios
