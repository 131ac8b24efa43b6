#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <thread>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/scenario_box.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/run/report.h"
#include "app/run/run_folder.h"
#include "app/run/run_world.h"
#include "app/run/trace_output.h"
#include "scenarios/plan/lower.h"
#include "scenarios/record/link_log.h"
#include "scenarios/record/result_json.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using scenarios::Override;
using scenarios::Scenario;

std::string shown_command(const Invocation& invocation) {
  std::string command = shell_word(invocation.program) + " run";
  for (const std::string& word : invocation.words) command += " " + shell_word(word);
  return command;
}

// The command that repeats this run.
std::string again(const Invocation& invocation, const Arguments& arguments, const Scenario& scenario) {
  if (const auto out = arguments.value("out"); out && !arguments.has("on"))
    return shell_word(invocation.program) + " replay " + shell_word(*out);
  return shown_command(invocation) + (arguments.has("seed") ? "" : " --seed " + std::to_string(scenario.seed));
}

// The command that makes a smaller run of this one, which fails alike. Over sockets it shows whether what was done to
// the nodes makes them fail in the simulator, too.
std::string smaller(const Invocation& invocation, const Arguments& arguments, const Scenario& scenario) {
  std::string command = shell_word(invocation.program) + " shrink ";
  if (const auto out = arguments.value("out")) return command + shell_word(*out);
  command += shell_word(arguments.positional().front());
  for (const std::string& setting : arguments.values("set")) command += " --set " + shell_word(setting);
  for (const Override& limit : limits_of(arguments)) command += " --set " + shell_word(limit.path + "=" + limit.value);
  return command + " --seed " + std::to_string(scenario.seed);
}

// The command that shows what happened just before a run ended.
std::string to_see(const Invocation& invocation, const Arguments& arguments, const Scenario& scenario,
                   const scenarios::RunResult& result) {
  const Duration from = std::max(result.simulated - std::chrono::milliseconds(10), Duration::zero());
  std::string command =
      shown_command(invocation) + (arguments.has("seed") ? "" : " --seed " + std::to_string(scenario.seed));
  if (arguments.has("trace") || arguments.has("on")) return command;
  if (arguments.has("out")) command += " --force";
  command += " --trace --trace-from " + scenarios::write_duration(from);
  if (result.suspected) command += " --trace-nodes " + shell_word(scenario.name_of(*result.suspected));
  return command;
}

// The interval of the metrics over time.
std::optional<Duration> interval_of(const Arguments& arguments, const Scenario& scenario) {
  const auto text = arguments.value("interval");
  if (!text) return std::nullopt;
  const auto interval = scenarios::parse_duration(*text);
  const auto most = static_cast<std::int64_t>(analysis::maximum_intervals);
  if (!interval || *interval < std::chrono::milliseconds(1) || *interval < scenario.duration / most)
    throw UsageError("'--interval " + *text +
                     "' is out of range; write a duration from 1ms up, such as 10s; a run has at most " +
                     std::to_string(most));
  return interval;
}

// Everything that observes the run, and everything that is saved of it.
class Keeper {
 public:
  Keeper(const Arguments& arguments, RunWorld world, const std::optional<scenarios::TraceSelection>& selection,
         const Scenario& scenario, const std::vector<scenarios::ScheduledAction>& actions) {
    if (const auto out = arguments.value("out")) {
      const auto interval = interval_of(arguments, scenario);
      folder_.emplace(*out, arguments.has("force"));
      folder_->write("scenario.resolved.yaml", scenarios::resolved_scenario(scenario, actions));
      recorder_.emplace(scenario, interval);
      // No two runs over sockets have the same events, so there is nothing to replay.
      if (world == RunWorld::simulation) links_.emplace(scenario, recorder_->interval());
      if (world == RunWorld::simulation) observers_.push_back(&steps_.emplace(folder_->file("events.hash")));
    }
    if (!selection) return;
    const auto file = folder_ ? std::optional(folder_->file("events.trace")) : std::nullopt;
    trace_.emplace(scenario, *selection, world == RunWorld::simulation, file, std::cerr);
    observers_.push_back(trace_->observer());
  }

  const std::vector<Observer*>& observers() const noexcept { return observers_; }
  scenarios::RunRecorder* recorder() noexcept { return recorder_ ? &*recorder_ : nullptr; }

  scenarios::LinkLog* links() noexcept { return links_ ? &*links_ : nullptr; }

  // Returns what went wrong, if anything.
  std::exception_ptr keep(const scenarios::RunResult& result, const std::string& command) {
    try {
      write(result, command);
      return nullptr;
    } catch (const std::runtime_error&) {
      return std::current_exception();
    }
  }

 private:
  void write(const scenarios::RunResult& result, const std::string& command) {
    if (!folder_) return;
    if (steps_) steps_->close();
    if (trace_) trace_->close();
    folder_->write("metrics.csv", scenarios::metrics_csv(result));
    folder_->write("distributions.csv", scenarios::distributions_csv(result));
    folder_->write("timeline.csv", analysis::timeline_csv(recorder_->timeline()));
    folder_->write("nodes.csv", recorder_->nodes_csv());
    if (links_) folder_->write("links.csv", analysis::links_csv(links_->finish(time_zero + result.simulated)));
    folder_->write("chronicle.json", recorder_->json());
    folder_->write("summary.json", scenarios::result_json(result));
    folder_->write_manifest(command, result);
  }

  std::optional<RunFolder> folder_;
  std::optional<StepRecorder> steps_;
  std::optional<scenarios::RunRecorder> recorder_;
  std::optional<scenarios::LinkLog> links_;
  std::optional<TraceOutput> trace_;
  std::vector<Observer*> observers_;
};

// Of one simulation. `auto` means one for each core.
std::size_t threads_of(const Arguments& arguments) {
  const auto text = arguments.value("threads");
  if (!text) return 1;
  if (arguments.value("on") == "sockets")
    throw UsageError("--threads divides a simulated network; leave it out with --on sockets");
  if (*text == "auto") return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, sim::maximum_lanes);
  std::size_t threads = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), threads);
  if (error != std::errc{} || end != text->data() + text->size() || threads < 1 || threads > sim::maximum_lanes)
    throw UsageError("'--threads " + *text + "' is out of range; write a number from 1 to " +
                     std::to_string(sim::maximum_lanes) + ", or auto");
  return threads;
}

void check(const Arguments& arguments) {
  if (arguments.has("trace") && arguments.positional().size() > 1)
    throw UsageError(
        "run takes one scenario: peerbed run SCENARIO; write the value of --trace with '=', as in --trace=steps");
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("run takes one scenario: peerbed run SCENARIO");
  if (arguments.has("force") && !arguments.has("out")) throw UsageError("--force needs --out DIR");
  if (arguments.has("interval") && !arguments.has("out")) throw UsageError("--interval needs --out DIR");
  if (arguments.value("out") == "") throw UsageError("'--out' needs a folder name; write --out DIR");
}

int run(const Invocation& invocation, const Arguments& arguments) {
  check(arguments);
  const RunWorld world = run_world_of(arguments);
  scenarios::RunOptions options;
  options.queue = queue_of(arguments);
  options.threads = threads_of(arguments);
  options.on_one_thread = [](const std::string& why) { complain("peerbed: this run uses one thread: " + why); };
  const auto selection = trace_selection(arguments);
  const Scenario scenario = scenarios::load_scenario(read_scenario(arguments.positional().front()), invocation.registry,
                                                     overrides_of(arguments));
  const std::vector<scenarios::ScheduledAction> actions = scenarios::lowered_actions(scenario);
  Keeper keeper(arguments, world, selection, scenario, actions);

  remember_interrupts();
  ProgressLine progress_line;
  options.observers = keeper.observers();
  options.recorder = keeper.recorder();
  options.links = keeper.links();
  options.actions = &actions;
  options.on_progress = [&](const scenarios::Progress& progress) {
    progress_line.show(progress);
    return !interrupted();
  };
  const scenarios::RunResult result = run_in(world, scenario, options);
  progress_line.clear();
  // Show the run even if it cannot be saved: it may have taken long.
  const std::exception_ptr unkept = keeper.keep(result, shown_command(invocation));

  if (arguments.has("json"))
    std::cout << scenarios::result_json(result);
  else
    print_report(std::cout, scenario, result, stdout_style());
  std::cout << std::flush;
  if (unkept) std::rethrow_exception(unkept);
  if (result.interrupted) return exit_interrupted;
  if (!result.outgrown.empty()) {
    complain("peerbed: " + result.outgrown);
    std::cerr << "shrink: " << smaller(invocation, arguments, scenario)
              << "\ninspect: " << to_see(invocation, arguments, scenario, result) << std::endl;
    return exit_expectation_failed;
  }
  if (result.good()) return exit_good;
  (arguments.has("json") ? std::cerr : std::cout) << "shrink: " << smaller(invocation, arguments, scenario)
                                                  << "\nrerun: " << again(invocation, arguments, scenario) << std::endl;
  return exit_expectation_failed;
}

}  // namespace

const Option queue_option{"queue", "wheel|heap", "event queue; does not affect the result"};

std::vector<Override> overrides_of(const Arguments& arguments) {
  std::vector<Override> overrides;
  if (const char* seed = std::getenv("PEERBED_SEED")) overrides.push_back({"seed", seed, "PEERBED_SEED"});
  const std::vector<Override> settings = settings_of(arguments);
  overrides.insert(overrides.end(), settings.begin(), settings.end());
  for (Override& limit : limits_of(arguments)) overrides.push_back(std::move(limit));
  if (const auto seed = arguments.value("seed")) overrides.push_back({"seed", *seed, "--seed " + *seed});
  return overrides;
}

sim::EventQueueKind queue_of(const Arguments& arguments) {
  return arguments.value("queue") == "heap" ? sim::EventQueueKind::heap : sim::EventQueueKind::wheel;
}

Command run_command() {
  return {
      .name = "run",
      .summary = "runs a scenario and reports what happened",
      .forms = {"SCENARIO [options]"},
      .operand = "SCENARIO",
      .description =
          "Runs a scenario and reports what happened. SCENARIO is a file or a name from `peerbed list`. "
          "Exits with 1 if an expectation failed, a property was violated or the run exceeded a limit.",
      .details =
          "The report shows what the nodes reported, system-wide metrics, the messages sent, the properties that were "
          "checked, and the expectations. Its last line is the digest of all events: the same scenario and seed give "
          "the same digest on any machine.\n\n"
          "With `--on sockets`, the same nodes run in real time over UDP and TCP on this machine.",
      .options = {{"seed", "N", "random seed (default: from the scenario)"},
                  {"set", "KEY=VALUE", "set a parameter or any key of the scenario", true},
                  {"out", "DIR", "save the run in a folder (see `peerbed replay`)"},
                  {"force", nullptr, "overwrite an existing folder"},
                  {"json", nullptr, "print one JSON object instead of the report"},
                  limit_events_option,
                  limit_memory_option,
                  {"interval", "TIME", "width of a time bucket in timeline.csv (default: automatic)"},
                  trace_option,
                  trace_nodes_option,
                  trace_from_option,
                  trace_until_option,
                  {"on", "sim|sockets", "run simulated (default) or in real time over sockets"},
                  in_process_option,
                  processes_option,
                  netns_option,
                  {"threads", "N", "threads of the simulation, or auto; do not affect the result (default: 1)"},
                  queue_option},
      .examples = {{"peerbed run ring-third-crash --seed 7", "a third of all nodes crash at once"},
                   {"peerbed run swarm-speedup --set sources=8 --json", "a download from eight peers, as JSON"},
                   {"peerbed run ring-lossy --out lossy", "save the run in the folder lossy"}},
      .run = run,
      .simulates = true,
  };
}

}  // namespace peerbed::app
