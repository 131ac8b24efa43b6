#include "scenarios/run/run_scenario.h"

#include <algorithm>
#include <array>
#include <new>

#include "scenarios/record/chronicle.h"
#include "scenarios/run/command_stream.h"
#include "scenarios/run/judgement.h"
#include "scenarios/record/line_log.h"
#include "scenarios/plan/lower.h"
#include "scenarios/record/measurement.h"
#include "scenarios/record/observer_hub.h"
#include "scenarios/run/run_limits.h"
#include "scenarios/stages/simulated_stage.h"
#include "scenarios/record/step_text.h"
#include "scenarios/text/units.h"
#include "sim/engine/node_failure.h"
#include "sim/core/out_of_room.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t events_between_progress = 1 << 17;
constexpr std::uint64_t events_worth_a_stop = 2048;
constexpr std::size_t reserved_bytes = 4 << 20;

// What was done from outside, for the metrics.
constexpr std::array<const char*, std::variant_size_v<Deed>> deed_metrics{
    "nodes.started",        "nodes.crashed",     "nodes.asked_to_leave",  "nodes.paused", "nodes.resumed",
    "faults.commands",      "faults.partitions", "faults.heals",          "faults.clogs", "faults.network_changes",
    "faults.clock_changes", "faults.lies",       "faults.storage_changes"};

// Lets each protocol's part in the run hear of its own nodes.
class ProtocolFeed final : public Observer {
 public:
  explicit ProtocolFeed(Stage& stage) : stage_(stage) {}

  void on_step(const Step& step) override {
    if (step.kind == StepKind::datagram || step.kind == StepKind::start || step.kind == StepKind::crash)
      stage_.run_of(step.destination).on_step(step);
  }
  void on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) override {
    stage_.run_of(node).on_trace(time, node, event, values);
  }
  void on_line(Time time, NodeIndex node, std::string_view line) override {
    stage_.run_of(node).on_line(time, node, line);
  }
  void on_exit(Time time, NodeIndex node) override {
    ++exits_;
    last_exit_ = time;
    stage_.run_of(node).on_exit(time, node);
  }

  std::uint64_t exits() const noexcept { return exits_; }
  Time last_exit() const noexcept { return last_exit_; }

 private:
  Stage& stage_;
  std::uint64_t exits_ = 0;
  Time last_exit_{};
};

class Runner {
 public:
  Runner(const Scenario& scenario, Stage& stage, const RunOptions& options)
      : scenario_(scenario), options_(options), stage_(stage) {
    actions_ = group_starts(scenario);
    const std::vector<Action> faults = options.actions != nullptr ? *options.actions : lowered_actions(scenario);
    actions_.insert(actions_.end(), faults.begin(), faults.end());
    std::stable_sort(actions_.begin(), actions_.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
    for (std::size_t i = 0; i < scenario.workload.size(); ++i)
      streams_.emplace_back(scenario.workload[i], scenario.seed, i);
    next_check_ = scenario.check_period;
    observers_.add(measurement_);
    observers_.add(lines_);
    observers_.add(protocols_);
    for (Observer* observer : options.observers) observers_.add(*observer);
    if (options.chronicle != nullptr) observers_.add(*options.chronicle);
    stage_.observe(&observers_);
    if (options_.chronicle != nullptr) options_.chronicle->prepare(stage_);
  }

  RunResult run() {
    const bool complete = play_or_outgrow();
    // Of a run that was ended amidst an event nothing is promised.
    if (outgrown_.empty()) look();
    stage_.end();
    if (options_.chronicle != nullptr) options_.chronicle->end(stage_, stage_.now().time_since_epoch());
    if (outgrown_.empty()) check();
    return result(!complete && outgrown_.empty());
  }

 private:
  // Whether it was played to its end. Where memory ends, a part of it that was kept for this serves to tell of it.
  bool play_or_outgrow() {
    std::vector<std::byte> reserve;
    reserve.reserve(reserved_bytes);
    try {
      return play();
    } catch (const sim::OutOfRoom& full) {
      return end_outgrown(full.what());
    } catch (const sim::NodeFailure& failure) {
      return end_failed(failure);
    } catch (const std::bad_alloc&) {
      std::vector<std::byte>().swap(reserve);
      return end_outgrown("out of memory");
    }
  }

  bool play() {
    const Duration end = scenario_.duration;
    for (Duration at = next_time(); at < end; at = next_time()) {
      if (!advance_to(at)) return false;
      act(at);
    }
    return advance_to(end);
  }

  // When something from outside happens next, or a look is due.
  Duration next_time() const {
    Duration next = next_check_;
    if (next_action_ < actions_.size()) next = std::min(next, actions_[next_action_].at);
    for (const CommandStream& stream : streams_)
      if (stream.due()) next = std::min(next, *stream.due());
    if (options_.chronicle != nullptr) next = std::min(next, options_.chronicle->next_look());
    return next;
  }

  // False when the run was to end early.
  bool advance_to(Duration at) {
    const Time time = time_zero + at;
    ++stops_;  // looks and commands that nobody hears take time too
    while (true) {
      const std::uint64_t since = stage_.events() - events_at_progress_ + stops_ * events_worth_a_stop;
      if (since < events_between_progress && limits_.events_left(stage_) > 0) {
        const std::uint64_t limit = std::min(events_between_progress - since, limits_.events_left(stage_));
        if (stage_.run_until(time, limit)) return true;
      }
      events_at_progress_ = stage_.events();
      stops_ = 0;
      if (const auto outgrown = limits_.outgrown(stage_)) return end_outgrown(*outgrown);
      const Progress progress{stage_.now().time_since_epoch(), scenario_.duration, stage_.events()};
      if (options_.on_progress && !options_.on_progress(progress)) return false;
    }
  }

  bool end_outgrown(const std::string& why) {
    const Backlog backlog = stage_.backlog();
    suspected_ = backlog.sender;
    outgrown_ = ended_at() + why + (backlog.words.empty() ? "" : "; " + backlog.words);
    return false;
  }

  bool end_failed(const sim::NodeFailure& failure) {
    suspected_ = failure.step().destination;
    outgrown_ = ended_at() + "a node threw an exception, '" + failure.what() +
                "'; nodes must not throw; at the event " + step_text(failure.step(), scenario_);
    return false;
  }

  std::string ended_at() const {
    return "the run was ended at " + show_moment(stage_.now().time_since_epoch()) + ", after " +
           show_counted(stage_.events(), "event") + ": ";
  }

  void act(Duration at) {
    // Who is started at this instant has not done anything yet, and so nobody looks at it.
    if (next_check_ <= at) {
      look();
      check();
      next_check_ += scenario_.check_period;
    }
    Chronicle* const chronicle = options_.chronicle;
    if (chronicle != nullptr && chronicle->next_look() <= at) {
      stage_.look();
      chronicle->look(stage_, at);
    }
    for (; next_action_ < actions_.size() && actions_[next_action_].at <= at; ++next_action_) {
      const Deed& deed = actions_[next_action_].deed;
      const std::size_t befallen = stage_.apply(deed);
      deed_counts_[deed.index()] += befallen;
      if (befallen > 0 && !is_the_beginning(deed, at)) disturbances_.note(deed, at);
      if (chronicle != nullptr) chronicle->note(deed, at, befallen);
    }
    if (chronicle != nullptr && at == Duration::zero()) chronicle->begin(stage_);
    for (CommandStream& stream : streams_)
      while (stream.due() && *stream.due() <= at) commands_given_ += stream.issue(stage_, commands_skipped_);
  }

  // A converged group is not disturbed by its start.
  bool is_the_beginning(const Deed& deed, Duration at) const {
    const auto* starts = std::get_if<StartNodes>(&deed);
    return at == Duration::zero() && starts != nullptr &&
           std::all_of(starts->nodes.begin(), starts->nodes.end(),
                       [this](NodeIndex node) { return scenario_.group_of(node).plan.start == StartMode::converged; });
  }

  // Before a check. What is wrong where nodes are seen one after the other may never have been so: it is looked at
  // again.
  void look() {
    if (stage_.look()) return;
    judgement_.begin_rehearsal();
    check();
    if (judgement_.end_rehearsal()) stage_.look();
  }

  void check() {
    const Duration now = stage_.now().time_since_epoch();
    if (protocols_.exits() > 0) disturbances_.note_exit(protocols_.last_exit().time_since_epoch());
    judgement_.begin_look(now, disturbances_);
    for (const auto& run : stage_.runs()) run->check(stage_, judgement_);
  }

  RunResult result(bool interrupted) {
    RunResult result;
    result.scenario = scenario_.name;
    result.description = scenario_.description;
    if (const Value* parameters = scenario_.document.root.find("parameters"))
      for (const Entry& entry : parameters->entries)
        result.parameters.emplace_back(entry.key.scalar, entry.value.scalar);
    result.seed = scenario_.seed;
    result.digest = stage_.digest();
    result.events = stage_.events();
    result.simulated = stage_.now().time_since_epoch();
    result.nodes = stage_.size();
    result.interrupted = interrupted;
    result.outgrown = outgrown_;
    result.suspected = suspected_;
    result.is_simulated = stage_.is_simulated();
    result.remarks = stage_.remarks();
    measure(result);
    result.distributions = measurement_.distributions();
    result.reported = measurement_.reported();
    result.expectations = judge(scenario_, result.metrics, lines_);
    result.violation_count = judgement_.violation_count();
    result.violations = judgement_.violations();
    result.lines = lines_.take_lines();
    return result;
  }

  void measure(RunResult& result) {
    analysis::Metrics& metrics = result.metrics;
    measurement_.write_to(metrics);
    judgement_.write_to(metrics);
    stage_.measure(metrics);
    for (std::size_t i = 0; i < deed_counts_.size(); ++i) metrics.set(deed_metrics[i], deed_counts_[i]);
    metrics.set("nodes.left", protocols_.exits());
    metrics.set("workload.commands", commands_given_);
    metrics.set("workload.skipped", commands_skipped_);
    std::uint64_t running = 0;
    for (NodeIndex node = 0; node < stage_.size(); ++node) running += stage_.is_up(node) ? 1 : 0;
    metrics.set("nodes.up_at_end", running);
    analysis::Metrics own;
    for (const auto& run : stage_.runs()) run->measure(stage_, own);
    for (const auto& [name, metric] : own.all()) {
      result.findings.push_back(name);
      metrics.set(name, metric);
    }
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  Stage& stage_;
  Measurement measurement_{scenario_, stage_};
  LineLog lines_{scenario_};
  ProtocolFeed protocols_{stage_};
  ObserverHub observers_;
  Judgement judgement_;
  std::vector<Action> actions_;
  std::size_t next_action_ = 0;
  std::vector<CommandStream> streams_;
  Duration next_check_{};
  Disturbances disturbances_{scenario_};
  RunLimits limits_{scenario_, options_.sharers};
  std::uint64_t events_at_progress_ = 0;
  std::uint64_t stops_ = 0;  // since then
  std::string outgrown_;
  std::optional<NodeIndex> suspected_;
  std::array<std::uint64_t, std::variant_size_v<Deed>> deed_counts_{};
  std::uint64_t commands_given_ = 0;
  std::uint64_t commands_skipped_ = 0;
};

}  // namespace

RunResult run_scenario(const Scenario& scenario, Stage& stage, const RunOptions& options) {
  return Runner(scenario, stage, options).run();
}

RunResult run_scenario(const Scenario& scenario, const RunOptions& options) {
  SimulatedStage stage(scenario, options.queue);
  return run_scenario(scenario, stage, options);
}

}  // namespace peerbed::scenarios
