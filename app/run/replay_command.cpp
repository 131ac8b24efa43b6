#include <iostream>

#include "analysis/trace/event_record.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "app/cli/version.h"
#include "app/run/report.h"
#include "app/run/run_folder.h"
#include "scenarios/plan/lower.h"
#include "scenarios/record/result_json.h"
#include "scenarios/record/step_text.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using scenarios::FileError;

// Compares the steps of a run with the record of another.
class StepVerifier final : public Observer {
 public:
  // A `partial` record ends where its run was interrupted.
  StepVerifier(const std::string& file, const scenarios::Scenario& scenario, bool partial)
      : recorded_(analysis::read_event_record(file)),
        scenario_(scenario),
        partial_(partial || recorded_.size() == analysis::maximum_recorded_events) {}

  void on_step(const Step& step) override {
    if (differs() || (partial_ && seen_ == recorded_.size())) return;
    if (seen_ == recorded_.size())
      difference_ = numbered(" comes after the end of the record: ", step);
    else if (recorded_[seen_] != scenarios::step_hash(step))
      difference_ = numbered(" differs from the record; it is now ", step);
    else
      ++seen_;
  }

  bool differs() const noexcept { return !difference_.empty(); }
  // Whether nothing that follows can differ.
  bool is_done() const noexcept { return differs() || (partial_ && seen_ == recorded_.size()); }
  // The first difference in words; empty if there is none.
  std::string difference() const {
    if (differs() || seen_ >= recorded_.size()) return difference_;
    return "the run ends after event " + scenarios::show_count(seen_) + ", but the record continues to event " +
           scenarios::show_count(recorded_.size());
  }
  std::uint64_t seen() const noexcept { return seen_; }

 private:
  std::string numbered(const char* what, const Step& step) const {
    return "event " + scenarios::show_count(seen_ + 1) + what + scenarios::step_text(step, scenario_);
  }

  std::vector<std::uint32_t> recorded_;
  const scenarios::Scenario& scenario_;
  bool partial_;
  std::uint64_t seen_ = 0;  // that match the record
  std::string difference_;
};

std::string cut_short(const std::string& folder) {
  return folder + " contains an interrupted run; `peerbed replay " + folder + " --verify` compares its events";
}

// Prints the result of a replay in one line. Returns the exit code.
int verdict(const std::string& folder, const RecordedRun& recorded, const scenarios::RunResult& result,
            const StepVerifier* verifier, std::ostream& out) {
  std::string difference = verifier != nullptr ? verifier->difference() : "";
  const std::string now = scenarios::digest_text(result.digest);
  if (difference.empty() && !recorded.interrupted && recorded.digest != result.digest) {
    difference = "the digest is " + now + ", and was " + scenarios::digest_text(recorded.digest) +
                 (verifier != nullptr
                      ? "; all events are identical, so what the nodes report or print, or summary.json, has changed"
                      : "; use --verify to find the first event that differs");
  }
  if (difference.empty() && !recorded.interrupted && recorded.kept_digest != now)
    difference = "the digest is " + now + ", and manifest.json has " + recorded.kept_digest;
  if (!difference.empty()) {
    complain(folder + ": the replay diverged: " + difference);
    return exit_diverged;
  }
  out << folder << ": ";
  if (verifier != nullptr)
    out << "all " << scenarios::show_counted(verifier->seen(), "event") << " identical, ";
  else
    out << "identical, ";
  out << (recorded.interrupted ? "up to the interruption" : "digest " + now) << '\n';
  return exit_good;
}

int replay(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("replay takes the folder of one run: peerbed replay RUN [--verify]");
  const std::string folder = arguments.positional().front();
  scenarios::RunOptions options;
  options.queue = queue_of(arguments);
  const RecordedRun recorded = recorded_run(folder);
  if (recorded.interrupted && !arguments.has("verify")) throw UsageError(cut_short(folder));
  const scenarios::Scenario scenario =
      scenarios::load_scenario(recorded_scenario(folder), invocation.registry, {}, record_limits);
  if (scenario.seed != recorded.seed)
    throw FileError(folder + "/scenario.resolved.yaml: has the seed " + std::to_string(scenario.seed) +
                    ", but the run had " + std::to_string(recorded.seed) + "; run the scenario again with --out");
  if (recorded.version != PEERBED_VERSION)
    complain(folder + ": saved by version " + recorded.version +
             " of the program; this is version " PEERBED_VERSION ", so events may differ");

  std::optional<StepVerifier> verifier;
  if (arguments.has("verify")) verifier.emplace(folder + "/events.hash", scenario, recorded.interrupted);
  remember_interrupts();
  ProgressLine progress_line;
  if (verifier) options.observers.push_back(&*verifier);
  options.on_progress = [&](const scenarios::Progress& progress) {
    progress_line.show(progress);
    return !interrupted() && !(verifier && verifier->is_done());
  };
  const scenarios::RunResult result = scenarios::run_scenario(scenario, options);
  progress_line.clear();
  if (interrupted()) return exit_interrupted;

  if (arguments.has("json"))
    std::cout << scenarios::result_json(result);
  else if (!verifier)
    print_report(std::cout, scenario, result, stdout_style());
  std::cout << std::flush;
  std::ostream& remarks = arguments.has("json") ? std::cerr : std::cout;
  return verdict(folder, recorded, result, verifier ? &*verifier : nullptr, remarks);
}

}  // namespace

Command replay_command() {
  return {
      .name = "replay",
      .summary = "reruns a saved run and checks that the result is identical",
      .forms = {"RUN [options]"},
      .operand = "RUN",
      .description =
          "Reruns the run saved in the folder RUN (by `peerbed run --out`) and checks that the result is identical. "
          "Exits with 4 if it differs.",
      .options = {{"verify", nullptr, "compare every event and show the first that differs"},
                  {"json", nullptr, "print one JSON object instead of the report"},
                  queue_option},
      .examples = {{"peerbed replay lossy", "rerun and print the report"},
                   {"peerbed replay lossy --verify", "compare every event"}},
      .run = replay,
      .simulates = true,
  };
}

}  // namespace peerbed::app
