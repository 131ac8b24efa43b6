#include "scenarios/run/run_scenario.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "scenarios/backends/simulated_backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/record/line_log.h"
#include "scenarios/record/link_log.h"
#include "scenarios/record/measurement.h"
#include "scenarios/record/observer_hub.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/record/step_text.h"
#include "scenarios/run/command_stream.h"
#include "scenarios/run/history_judge.h"
#include "scenarios/run/property_checker.h"
#include "scenarios/run/run_limits.h"
#include "scenarios/text/units.h"
#include "sim/core/out_of_room.h"
#include "sim/engine/node_failure.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t events_between_progress = 1 << 17;
constexpr std::uint64_t events_worth_a_stop = 2048;
constexpr std::size_t reserved_bytes = 4 << 20;

// Names of actions in metrics.
constexpr std::array<const char*, std::variant_size_v<Action>> action_metrics{
    "nodes.started",        "nodes.crashed",      "nodes.asked_to_leave",   "nodes.paused",    "nodes.resumed",
    "faults.commands",      "faults.partitions",  "faults.heals",           "faults.clogs",    "faults.network_changes",
    "faults.clock_changes", "faults.lies",        "faults.storage_changes", "faults.messages", "faults.timers",
    "faults.rate_changes",  "faults.link_changes"};

// Passes each protocol's run the events of its own nodes.
class ProtocolFeed final : public Observer {
 public:
  explicit ProtocolFeed(Backend& backend) : backend_(backend) {}

  void on_step(const Step& step) override {
    if (step.kind == StepKind::datagram || step.kind == StepKind::start || step.kind == StepKind::crash)
      backend_.run_of(step.destination).on_step(step);
    if (step.kind == StepKind::start) change_running(step.time, 1);
    if (step.kind == StepKind::crash) change_running(step.time, -1);
  }
  void on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) override {
    has_changed_ = true;
    backend_.run_of(node).on_trace(time, node, event, values);
  }
  void on_line(Time time, NodeIndex node, std::string_view line) override {
    backend_.run_of(node).on_line(time, node, line);
  }
  void on_exit(Time time, NodeIndex node) override {
    has_changed_ = true;
    ++exits_;
    last_exit_ = time;
    change_running(time, -1);
    backend_.run_of(node).on_exit(time, node);
  }

  std::uint64_t exits() const noexcept { return exits_; }
  // Whether a node has traced anything or left since it was asked last.
  bool take_change() noexcept { return std::exchange(has_changed_, false); }
  Time last_exit() const noexcept { return last_exit_; }
  // For how many seconds nodes ran until now, all together.
  double node_seconds(Time now) noexcept {
    change_running(now, 0);
    return node_seconds_;
  }

 private:
  void change_running(Time time, int change) noexcept {
    node_seconds_ += std::chrono::duration<double>(time - counted_until_).count() * running_;
    counted_until_ = time;
    running_ += change;
  }

  Backend& backend_;
  std::uint64_t exits_ = 0;
  Time last_exit_{};
  Time counted_until_{};
  double node_seconds_ = 0;
  int running_ = 0;
  bool has_changed_ = false;
};

// Deeds on single messages precede what else happens at their instant, since that may send these messages.
bool takes_effect_before(const ScheduledAction& a, const ScheduledAction& b) {
  const auto rank = [](const ScheduledAction& each) {
    return std::pair(each.at, !std::holds_alternative<ChangeMessage>(each.action));
  };
  return rank(a) < rank(b);
}

class Runner {
 public:
  Runner(const Scenario& scenario, Backend& backend, const RunOptions& options)
      : scenario_(scenario), options_(options), backend_(backend) {
    actions_ = group_starts(scenario);
    const std::vector<ScheduledAction> faults =
        options.actions != nullptr ? *options.actions : lowered_actions(scenario);
    actions_.insert(actions_.end(), faults.begin(), faults.end());
    std::stable_sort(actions_.begin(), actions_.end(), takes_effect_before);
    backend_.foresee(actions_);
    for (std::size_t i = 0; i < scenario.workload.size(); ++i)
      streams_.emplace_back(scenario.workload[i], scenario.seed, i);
    next_check_ = scenario.check_period;
    observers_.add(measurement_);
    observers_.add(lines_);
    observers_.add(protocols_);
    if (scenario.judges_history) observers_.add(history_.emplace(scenario, backend));
    for (Observer* observer : options.observers) observers_.add(*observer);
    if (options.recorder != nullptr) observers_.add(*options.recorder);
    backend_.observe(&observers_);
    if (options.links != nullptr) backend_.observe_links(options.links);
    if (options_.recorder != nullptr) options_.recorder->prepare(backend_, actions_);
  }

  RunResult run() {
    const bool complete = play_or_outgrow();
    // A run that ended in the middle of an event need not satisfy any property.
    if (outgrown_.empty()) look();
    backend_.end();
    if (options_.recorder != nullptr) options_.recorder->end(backend_, backend_.now().time_since_epoch());
    if (outgrown_.empty()) check();
    return result(!complete && outgrown_.empty());
  }

 private:
  // Returns whether it ran to its end. If memory runs out, a reserve is released to report that.
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

  // The time of the next action from outside or the next check.
  Duration next_time() const {
    Duration next = next_check_;
    if (next_action_ < actions_.size()) next = std::min(next, actions_[next_action_].at);
    for (const CommandStream& stream : streams_)
      if (stream.due()) next = std::min(next, *stream.due());
    if (options_.recorder != nullptr) next = std::min(next, options_.recorder->next_look());
    return next;
  }

  // Returns false if the run must end early.
  bool advance_to(Duration at) {
    const Time time = time_zero + at;
    ++stops_;  // checks and commands without effect take time too
    while (true) {
      const std::uint64_t since = backend_.events() - events_at_progress_ + stops_ * events_worth_a_stop;
      if (since < events_between_progress && limits_.events_left(backend_) > 0) {
        const std::uint64_t limit = std::min(events_between_progress - since, limits_.events_left(backend_));
        if (looks_at_changes_ ? run_looking(time, limit) : backend_.run_until(time, limit)) return true;
      }
      events_at_progress_ = backend_.events();
      stops_ = 0;
      if (const auto outgrown = limits_.outgrown(backend_)) return end_outgrown(*outgrown);
      const Progress progress{backend_.now().time_since_epoch(), scenario_.duration, backend_.events()};
      if (options_.on_progress && !options_.on_progress(progress)) return false;
    }
  }

  // Event by event, with a look after each in which a node traced something.
  bool run_looking(Time time, std::uint64_t limit) {
    for (; limit > 0; --limit) {
      if (backend_.run_until(time, 1)) return true;
      if (protocols_.take_change()) check();
    }
    return false;
  }

  bool end_outgrown(const std::string& why) {
    const Backlog backlog = backend_.backlog();
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
    return "the run was ended at " + show_moment(backend_.now().time_since_epoch()) + ", after " +
           show_counted(backend_.events(), "event") + ": ";
  }

  void act(Duration at) {
    // Nodes that start at this instant have done nothing yet, so check first.
    if (next_check_ <= at) {
      look();
      check();
      next_check_ += scenario_.check_period;
    }
    RunRecorder* const recorder = options_.recorder;
    if (recorder != nullptr && recorder->next_look() <= at) {
      backend_.look();
      recorder->look(backend_, at);
    }
    bool acted = false;
    for (; next_action_ < actions_.size() && actions_[next_action_].at <= at; ++next_action_) {
      const Action& action = actions_[next_action_].action;
      const std::size_t affected = backend_.apply(action);
      action_counts_[action.index()] += affected;
      if (affected > 0 && !is_the_beginning(action, at)) disturbances_.note(action, at);
      acted = acted || affected > 0;
      if (recorder != nullptr) recorder->note(action, at, affected);
    }
    if (recorder != nullptr && acted) recorder->acted(backend_, at);
    if (recorder != nullptr && at == Duration::zero()) recorder->begin(backend_);
    const std::uint64_t given_before = commands_given_;
    for (CommandStream& stream : streams_)
      while (stream.due() && *stream.due() <= at) commands_given_ += stream.issue(backend_, commands_skipped_);
    const bool changed = protocols_.take_change() || acted || commands_given_ > given_before;
    if (changed && looks_at_changes_) check();
  }

  // The start of a converged group is no disturbance.
  bool is_the_beginning(const Action& action, Duration at) const {
    const auto* starts = std::get_if<StartNodes>(&action);
    return at == Duration::zero() && starts != nullptr &&
           std::all_of(starts->nodes.begin(), starts->nodes.end(),
                       [this](NodeIndex node) { return scenario_.group_of(node).plan.is_established(node); });
  }

  // Checks the properties. If nodes are read one after the other, a failure may not be real, so check twice.
  void look() {
    if (backend_.look()) return;
    checker_.begin_rehearsal();
    check();
    if (checker_.end_rehearsal()) backend_.look();
  }

  void check() {
    const Duration now = backend_.now().time_since_epoch();
    if (protocols_.exits() > 0) disturbances_.note_exit(protocols_.last_exit().time_since_epoch());
    checker_.begin_look(now, disturbances_);
    for (const auto& run : backend_.runs()) run->check(backend_, checker_);
  }

  RunResult result(bool interrupted) {
    RunResult result;
    result.scenario = scenario_.name;
    result.description = scenario_.description;
    if (const Value* parameters = scenario_.document.root.find("parameters"))
      for (const Entry& entry : parameters->entries)
        result.parameters.emplace_back(entry.key.scalar, entry.value.scalar);
    result.seed = scenario_.seed;
    result.digest = backend_.digest();
    result.events = backend_.events();
    result.simulated = backend_.now().time_since_epoch();
    result.nodes = backend_.size();
    result.interrupted = interrupted;
    result.outgrown = outgrown_;
    result.suspected = suspected_;
    result.is_simulated = backend_.is_simulated();
    result.remarks = scenario_.remarks;
    for (std::string& remark : backend_.remarks()) result.remarks.push_back(std::move(remark));
    if (history_) result.history = history_->report();
    if (result.history && options_.recorder != nullptr) options_.recorder->note_history(*result.history);
    measure(result);
    result.distributions = measurement_.distributions();
    result.reported = measurement_.reported();
    result.expectations = judge(scenario_, result.metrics, lines_);
    result.violation_count = checker_.violation_count();
    result.violations = checker_.violations();
    result.lines = lines_.take_lines();
    return result;
  }

  void measure(RunResult& result) {
    analysis::Metrics& metrics = result.metrics;
    measurement_.write_to(metrics);
    checker_.write_to(metrics);
    backend_.measure(metrics);
    measure_rates(metrics);
    for (std::size_t i = 0; i < action_counts_.size(); ++i) metrics.set(action_metrics[i], action_counts_[i]);
    metrics.set("nodes.left", protocols_.exits());
    metrics.set("workload.commands", commands_given_);
    metrics.set("workload.skipped", commands_skipped_);
    std::uint64_t running = 0;
    for (NodeIndex node = 0; node < backend_.size(); ++node) running += backend_.is_up(node) ? 1 : 0;
    metrics.set("nodes.up_at_end", running);
    if (result.history) write_history(*result.history, metrics);
    analysis::Metrics own;
    for (const auto& run : backend_.runs()) run->measure(backend_, own);
    for (const auto& [name, metric] : own.all()) {
      result.findings.push_back(name);
      metrics.set(name, metric);
    }
  }

  void measure_rates(analysis::Metrics& metrics) {
    const double node_seconds = protocols_.node_seconds(backend_.now());
    if (node_seconds <= 0) return;
    metrics.set("messages.per_node_second", metrics.find("messages.sent")->value / node_seconds);
    metrics.set("messages.bytes_per_node_second", metrics.find("messages.bytes")->value / node_seconds);
  }

  const Scenario& scenario_;
  const RunOptions& options_;
  Backend& backend_;
  Measurement measurement_{scenario_, backend_};
  LineLog lines_{scenario_};
  ProtocolFeed protocols_{backend_};
  std::optional<HistoryJudge> history_;
  ObserverHub observers_;
  PropertyChecker checker_{scenario_};
  std::vector<ScheduledAction> actions_;
  std::size_t next_action_ = 0;
  std::vector<CommandStream> streams_;
  Duration next_check_{};
  // Real nodes change while they are looked at.
  bool looks_at_changes_ = scenario_.checks_changes && backend_.is_simulated();
  Disturbances disturbances_{scenario_};
  RunLimits limits_{scenario_, options_.sharers};
  std::uint64_t events_at_progress_ = 0;
  std::uint64_t stops_ = 0;  // since then
  std::string outgrown_;
  std::optional<NodeIndex> suspected_;
  std::array<std::uint64_t, std::variant_size_v<Action>> action_counts_{};
  std::uint64_t commands_given_ = 0;
  std::uint64_t commands_skipped_ = 0;
};

}  // namespace

RunResult run_scenario(const Scenario& scenario, Backend& backend, const RunOptions& options) {
  return Runner(scenario, backend, options).run();
}

RunResult run_scenario(const Scenario& scenario, const RunOptions& options) {
  SimulatedBackend backend(scenario, options.queue, options.threads, options.on_one_thread);
  return run_scenario(scenario, backend, options);
}

}  // namespace peerbed::scenarios
