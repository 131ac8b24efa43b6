#include "scenarios/trial/trial.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "scenarios/backends/simulated_backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/record/disturbance.h"
#include "scenarios/run/command_stream.h"
#include "scenarios/run/property_checker.h"
#include "sim/core/out_of_room.h"
#include "sim/engine/node_failure.h"

namespace peerbed::scenarios {
namespace {

// Keeps the first violation of each property.
class FirstViolations final : public CheckReport {
 public:
  explicit FirstViolations(const Scenario& scenario) : scenario_(scenario) {}

  void begin_look(Duration at, const Disturbances& disturbances) {
    at_ = at;
    disturbances_ = &disturbances;
  }
  void expect(std::string_view property, bool holds, const std::function<std::string()>& violation) override {
    if (holds || std::any_of(found_.begin(), found_.end(),
                             [property](const TrialViolation& known) { return known.property == property; }))
      return;
    found_.push_back({std::string(property), at_, violation()});
  }
  Duration now() const override { return at_; }
  Duration calm() const override { return disturbances_->calm(at_); }
  bool settled() const override { return disturbances_->settled(at_); }
  Duration longest_cut() const override { return disturbances_->longest_cut(at_); }
  Duration candour() const override { return disturbances_->candour(at_); }
  bool silence_means_death() const override { return disturbances_->silence_means_death(at_); }
  bool demands(std::string_view property) const override { return is_demanded(scenario_, property, at_); }

  bool empty() const noexcept { return found_.empty(); }
  std::vector<TrialViolation> take() { return std::move(found_); }

 private:
  const Scenario& scenario_;
  Duration at_{};
  const Disturbances* disturbances_ = nullptr;
  std::vector<TrialViolation> found_;
};

// Passes what happens to the protocols' runs and to the witness, and notes whether a node traced anything. If asked, it
// then stops the world after the event.
class TrialFeed final : public Observer {
 public:
  TrialFeed(SimulatedBackend& backend, TrialWitness* witness, bool stops_at_changes)
      : backend_(backend), witness_(witness), stops_at_changes_(stops_at_changes) {
    for (NodeIndex node = 0; node < backend.size(); ++node) runs_.push_back(&backend.run_of(node));
  }

  void on_step(const Step& step) override {
    if (witness_ != nullptr) witness_->on_step(step);
    // What a protocol counts of datagrams is measured, and not judged.
    if (step.kind == StepKind::start || step.kind == StepKind::crash) runs_[step.destination]->on_step(step);
  }
  void on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) override {
    note_change();
    runs_[node]->on_trace(time, node, event, values);
    if (witness_ != nullptr) witness_->on_trace(time, node, event, values);
  }
  void on_line(Time time, NodeIndex node, std::string_view line) override {
    runs_[node]->on_line(time, node, line);
    if (witness_ != nullptr) witness_->on_line(time, node, line);
  }
  void on_exit(Time time, NodeIndex node) override {
    note_change();
    exit_ = time.time_since_epoch();
    runs_[node]->on_exit(time, node);
    if (witness_ != nullptr) witness_->on_exit(time, node);
  }

  std::span<ProtocolRun* const> runs() const noexcept { return runs_; }  // by node
  // Whether a node has traced anything or left since it was asked last.
  bool take_change() noexcept { return std::exchange(has_changed_, false); }
  std::optional<Duration> last_exit() const noexcept { return exit_; }

 private:
  void note_change() noexcept {
    has_changed_ = true;
    if (stops_at_changes_) backend_.stop_after_event();
  }

  SimulatedBackend& backend_;
  TrialWitness* witness_;
  bool stops_at_changes_;
  std::vector<ProtocolRun*> runs_;  // by node
  bool has_changed_ = false;
  std::optional<Duration> exit_;
};

// The same order of things as in run_scenario: at one instant first the look, then actions, then commands, then events.
class TrialRun {
 public:
  TrialRun(const Scenario& scenario, std::span<const ScheduledAction> starts, std::span<const ScheduledAction> actions,
           const TrialOptions& options)
      : scenario_(scenario),
        options_(options),
        starts_(starts),
        actions_(actions),
        backend_(scenario, sim::EventQueueKind::short_queue),
        feed_(backend_, options.witness, scenario.checks_changes) {
    for (std::size_t i = 0; i < scenario.workload.size(); ++i)
      streams_.emplace_back(scenario.workload[i], scenario.seed, i);
    next_look_ = scenario.check_period;
    backend_.foresee(actions);
    backend_.observe(&feed_);
    if (options.witness != nullptr) options.witness->begin(backend_, feed_.runs());
  }

  TrialOutcome run() {
    TrialOutcome outcome;
    try {
      if (play()) look();
      if (options_.witness != nullptr) options_.witness->end();
    } catch (const sim::OutOfRoom& full) {
      outcome.failure = full.what();
    } catch (const sim::NodeFailure& failure) {
      outcome.failure = "a node threw an exception, '" + std::string(failure.what()) + "'";
    } catch (const std::bad_alloc&) {
      outcome.failure = "out of memory";
    }
    if (is_endless_) outcome.failure = "more than " + std::to_string(options_.most_events) + " events";
    outcome.digest = backend_.digest();
    outcome.events = backend_.events();
    outcome.ended = backend_.now().time_since_epoch();
    outcome.violations = violations_.take();
    return outcome;
  }

 private:
  // Returns whether it came to the end.
  bool play() {
    for (Duration at = next_time(); at < scenario_.duration; at = next_time()) {
      if (!advance_to(at)) return false;
      act(at);
      if (is_over()) return false;
    }
    return advance_to(scenario_.duration);
  }
  bool is_over() const noexcept { return options_.until_first && !violations_.empty(); }

  Duration next_time() const {
    Duration next = next_look_;
    if (next_start_ < starts_.size()) next = std::min(next, starts_[next_start_].at);
    if (next_action_ < actions_.size()) next = std::min(next, actions_[next_action_].at);
    for (const CommandStream& stream : streams_)
      if (stream.due()) next = std::min(next, *stream.due());
    return next;
  }

  bool advance_to(Duration at) {
    const Time time = time_zero + at;
    while (!backend_.run_until(time, options_.most_events - backend_.events())) {
      if (backend_.events() >= options_.most_events) {
        is_endless_ = true;
        return false;
      }
      if (feed_.take_change()) look();
      if (is_over()) return false;
    }
    return true;
  }

  void act(Duration at) {
    if (next_look_ <= at) {
      look();
      next_look_ += scenario_.check_period;
    }
    bool acted = false;
    const auto apply = [&](const ScheduledAction& scheduled) {
      const std::size_t affected = backend_.apply(scheduled.action);
      if (affected == 0) return;
      if (!is_the_beginning(scheduled.action, at)) disturbances_.note(scheduled.action, at);
      acted = true;
    };
    // Deeds on single messages precede what may send these messages, and starts everything else at their instant.
    const auto is_about_message = [](const ScheduledAction& each) {
      return std::holds_alternative<ChangeMessage>(each.action);
    };
    for (std::size_t i = next_action_; i < actions_.size() && actions_[i].at <= at; ++i)
      if (is_about_message(actions_[i])) apply(actions_[i]);
    while (next_start_ < starts_.size() && starts_[next_start_].at <= at) apply(starts_[next_start_++]);
    for (; next_action_ < actions_.size() && actions_[next_action_].at <= at; ++next_action_)
      if (!is_about_message(actions_[next_action_])) apply(actions_[next_action_]);
    std::uint64_t skipped = 0;
    for (CommandStream& stream : streams_)
      while (stream.due() && *stream.due() <= at)
        if (stream.issue(backend_, skipped) > 0) acted = true;
    const bool changed = feed_.take_change();
    if ((acted || changed) && scenario_.checks_changes) look();
  }

  // The start of a converged group is no disturbance.
  bool is_the_beginning(const Action& action, Duration at) const {
    const auto* starts = std::get_if<StartNodes>(&action);
    return at == Duration::zero() && starts != nullptr &&
           std::all_of(starts->nodes.begin(), starts->nodes.end(),
                       [this](NodeIndex node) { return scenario_.group_of(node).plan.is_established(node); });
  }

  void look() {
    if (const auto exit = feed_.last_exit()) disturbances_.note_exit(*exit);
    violations_.begin_look(backend_.now().time_since_epoch(), disturbances_);
    for (const auto& run : backend_.runs()) run->check(backend_, violations_);
  }

  const Scenario& scenario_;
  const TrialOptions& options_;
  std::span<const ScheduledAction> starts_;
  std::span<const ScheduledAction> actions_;
  std::size_t next_start_ = 0;
  std::size_t next_action_ = 0;
  SimulatedBackend backend_;
  TrialFeed feed_;
  std::vector<CommandStream> streams_;
  Duration next_look_{};
  Disturbances disturbances_{scenario_};
  FirstViolations violations_{scenario_};
  bool is_endless_ = false;
};

}  // namespace

Trial::Trial(const Scenario& scenario) : scenario_(scenario), starts_(group_starts(scenario)) {}

TrialOutcome Trial::run(std::uint64_t seed, std::span<const ScheduledAction> actions, const TrialOptions& options) {
  scenario_.seed = seed;
  return TrialRun(scenario_, starts_, actions, options).run();
}

TrialOutcome Trial::run(std::uint64_t seed, const TrialOptions& options) {
  scenario_.seed = seed;
  return TrialRun(scenario_, starts_, lowered_actions(scenario_), options).run();
}

}  // namespace peerbed::scenarios
