#include <iostream>

#include "analysis/event_record.h"
#include "app/command_line.h"
#include "app/commands.h"
#include "app/report.h"
#include "app/run_folder.h"
#include "app/terminal.h"
#include "scenarios/lower.h"
#include "scenarios/result_json.h"
#include "scenarios/step_text.h"
#include "scenarios/units.h"

namespace peerbed::app {
namespace {

const std::vector<Option> replay_options{
    {"verify", nullptr, "compares every event with the record, and names the first that differs"},
    {"json", nullptr, "prints one JSON object instead of the report"},
    {"queue", "KIND", "the event queue, wheel or heap: the result must not depend on it"},
    {"help", nullptr, "shows this"}};

// A resolved scenario has every event of churn on a line of its own, so it may be long.
constexpr scenarios::DocumentLimits record_limits{.bytes = std::size_t{1} << 30, .values = 100'000'000, .depth = 32};

// Holds the steps of a run against the record of another.
class StepVerifier final : public sim::Observer {
 public:
  StepVerifier(const std::string& file, const scenarios::Scenario& scenario)
      : recorded_(analysis::read_event_record(file)), scenario_(scenario) {}

  void on_step(const sim::Step& step) override {
    if (!difference_.empty()) return;
    const std::string number = scenarios::show_count(seen_ + 1);
    if (seen_ >= recorded_.size()) {
      if (recorded_.size() < analysis::maximum_recorded_events)
        difference_ = "event " + number + " is beyond the record's end: " + scenarios::step_text(step, scenario_);
    } else if (recorded_[seen_] != scenarios::step_hash(step)) {
      difference_ = "event " + number + " differs from the record: now it is " + scenarios::step_text(step, scenario_);
    }
    ++seen_;
  }

  bool differs() const noexcept { return !difference_.empty(); }
  // The first difference in words; empty when there is none.
  std::string difference() const {
    if (differs() || seen_ >= recorded_.size()) return difference_;
    return "the run ends after event " + scenarios::show_count(seen_) + ", but the record goes on to event " +
           scenarios::show_count(recorded_.size());
  }
  std::uint64_t seen() const noexcept { return seen_; }

 private:
  std::vector<std::uint32_t> recorded_;
  const scenarios::Scenario& scenario_;
  std::uint64_t seen_ = 0;
  std::string difference_;
};

int verdict(const std::string& folder, const scenarios::RunResult& result, const std::string& difference) {
  const std::uint64_t recorded = recorded_digest(folder);
  if (difference.empty() && recorded == result.digest) return exit_good;
  std::cerr << folder << ": the replay diverged: ";
  if (!difference.empty())
    std::cerr << difference << '\n';
  else
    std::cerr << "the digest is " << scenarios::digest_text(result.digest) << ", and was "
              << scenarios::digest_text(recorded) << "; --verify names the first event that differs\n";
  return exit_diverged;
}

}  // namespace

int replay_command(const Words& words, const scenarios::Registry& registry) {
  const Arguments arguments(words, replay_options);
  if (arguments.has("help")) {
    std::cout << "peerbed replay RUN [options]\nRuns again what the folder RUN keeps; exit code 4 when it comes out "
                 "differently.\n\n"
              << describe_options(replay_options);
    return exit_good;
  }
  if (arguments.positional().size() != 1)
    throw UsageError("replay takes the folder of one run: peerbed replay RUN [--verify]");
  const std::string folder = arguments.positional().front();
  recorded_digest(folder);
  const scenarios::Scenario scenario =
      scenarios::load_scenario(folder + "/scenario.resolved.yaml", registry, {}, record_limits);

  std::optional<StepVerifier> verifier;
  if (arguments.has("verify")) verifier.emplace(folder + "/events.hash", scenario);
  remember_interrupts();
  ProgressLine progress_line;
  scenarios::RunOptions options;
  if (arguments.value("queue").value_or("wheel") == "heap") options.queue = sim::EventQueueKind::heap;
  if (verifier) options.observers.push_back(&*verifier);
  options.on_progress = [&](const scenarios::Progress& progress) {
    progress_line.show(progress);
    return !interrupted() && !(verifier && verifier->differs());
  };
  const scenarios::RunResult result = scenarios::run_scenario(scenario, options);
  progress_line.clear();
  if (interrupted()) return exit_interrupted;

  if (arguments.has("json"))
    std::cout << scenarios::result_json(result);
  else if (!verifier)
    print_report(std::cout, scenario, result, stdout_style());
  const int code = verdict(folder, result, verifier ? verifier->difference() : "");
  if (verifier && code == exit_good && !arguments.has("json"))
    std::cout << folder << ": all " << scenarios::show_count(verifier->seen()) << " events are as recorded, digest "
              << scenarios::digest_text(result.digest) << '\n';
  return code;
}

}  // namespace peerbed::app
