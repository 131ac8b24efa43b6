#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>
#include <thread>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/scenario_box.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/run/run_folder.h"
#include "app/sweep/ranks.h"
#include "app/sweep/sweep_division.h"
#include "app/sweep/sweep_exports.h"
#include "app/sweep/sweep_gather.h"
#include "app/sweep/sweep_outcome.h"
#include "app/sweep/unit_costs.h"
#include "app/sweep/work_list.h"
#include "app/sweep/work_times.h"
#include "app/sweep/worker_pool.h"
#include "scenarios/record/link_log.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using scenarios::show_count;
using scenarios::show_counted;
using scenarios::SweepPlan;
using scenarios::SweepUnit;

constexpr std::size_t failures_shown = 10;
constexpr std::size_t most_jobs = 1024;
Share shard_of(const Arguments& arguments) {
  const auto given = arguments.value("shard");
  if (!given) return {};
  const auto share = parse_share(*given);
  if (!share) throw UsageError("'--shard " + *given + "' is not a valid shard; write --shard 1/4 to --shard 4/4");
  return *share;
}

std::size_t jobs_of(const Arguments& arguments, const Ranks& ranks) {
  const auto given = arguments.value("jobs");
  if (!given) return ranks.count() > 1 ? 1 : std::max(1u, std::thread::hardware_concurrency());
  const auto jobs = scenarios::parse_count(*given);
  if (!jobs || *jobs < 1 || *jobs > most_jobs)
    throw UsageError("'--jobs " + *given + "' is not a valid number of processes; write a number from 1 to " +
                     std::to_string(most_jobs));
  return *jobs;
}

FolderUse use_of(const Arguments& arguments) {
  if (arguments.has("resume") && arguments.has("force"))
    throw UsageError("--resume keeps the existing sweep and --force deletes it; give only one of them");
  if (arguments.has("force") && arguments.has("shard"))
    throw UsageError("--force would delete the work of other shards; delete the folder before the first shard starts");
  if (arguments.has("force")) return FolderUse::force;
  return arguments.has("resume") || arguments.has("shard") ? FolderUse::resume : FolderUse::fresh;
}

SweepPlan plan_of(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("sweep takes one scenario: peerbed sweep SCENARIO --seeds 1..20 -o DIR");
  const std::string seeds = arguments.value("seeds").value_or("1..20");
  std::vector<scenarios::Axis> axes;
  for (const std::string& axis : arguments.values("param"))
    axes.push_back(scenarios::parse_axis(axis, "--param " + axis));
  return scenarios::plan_sweep(read_scenario(arguments.positional().front()), invocation.registry,
                               settings_and_limits_of(arguments), std::move(axes),
                               scenarios::parse_seeds(seeds, "--seeds " + seeds));
}

class Sweep {
 public:
  Sweep(const Invocation& invocation, const Arguments& arguments, const Ranks& ranks)
      : invocation_(invocation),
        arguments_(arguments),
        ranks_(ranks),
        jobs_(jobs_of(arguments, ranks)),
        exports_(exports_of(arguments)),
        shard_(shard_of(arguments)),
        use_(use_of(arguments)),
        plan_(plan_of(invocation, arguments)) {
    if (!arguments.has("out") && !arguments.has("dry-run"))
      throw UsageError("sweep needs a folder for its results; write -o DIR");
    if (arguments.value("out") == "") throw UsageError("'--out' needs a folder name; write -o DIR");
  }

  int run() {
    if (arguments_.has("dry-run")) return ranks_.is_first() ? list_units() : exit_good;
    // The first of several processes creates the folder; the others wait for it.
    ranks_.together([this] {
      if (!ranks_.is_first()) return;
      folder_.emplace(*arguments_.value("out"), use_, plan_);
      folder_->write_manifest(manifest(folder_->manifest()), false);
    });
    ranks_.together([this] {
      if (!ranks_.is_first()) folder_.emplace(*arguments_.value("out"), FolderUse::resume, plan_);
    });
    call_ = ranks_.gathered(utc_now() + "-" + std::to_string(getpid())).front();
    ranks_.together([this] { run_missing(); });
    const int lost = ranks_.largest(lost_.empty() ? 0 : 1);
    const std::vector<std::string> times = ranks_.gathered(write_work_times(times_));
    const std::vector<std::string> costs = ranks_.gathered(write_costs(measured_));
    if (!ranks_.is_first()) return exit_good;
    const Gathered gathered = gather_results(*folder_, plan_, exports_);
    for (const std::string& text : times) all_times_.push_back(read_work_times(text));
    folder_->write_manifest(manifest_with(costs), true);
    if (gathered.missing == 0 && shard_.count == 1) folder_->remove_leftovers();
    if (interrupted()) return say_interrupted(gathered);
    print(gathered);
    print_waste();
    if (lost != 0) return exit_io;
    return gathered.failed.empty() ? exit_good : exit_expectation_failed;
  }

 private:
  int list_units() const {
    const bool has_folder = use_ == FolderUse::resume && arguments_.has("out");
    std::optional<SweepFolder> folder;
    if (has_folder) folder.emplace(SweepFolder::existing(*arguments_.value("out"), plan_));
    std::size_t done = 0;
    const std::vector<std::size_t> units = units_of(plan_, shard_);
    const SweepOutcome names = outcome();
    for (const std::size_t index : units) {
      const bool is_done = folder && folder->read(plan_, plan_.unit(index));
      done += is_done ? 1 : 0;
      std::cout << names.unit_text(plan_.unit(index)) << (is_done ? " (done)" : "") << '\n';
    }
    std::cerr << show_counted(units.size(), "run") << (done > 0 ? ", " + show_count(done) + " done" : "") << '\n';
    return exit_good;
  }

  // Runs in its own process.
  int work(std::size_t index, const ReportShare& report) const {
    const SweepUnit unit = plan_.unit(index);
    scenarios::RunOptions options;
    options.sharers = jobs_;
    options.on_progress = [&report](const scenarios::Progress& progress) {
      report(static_cast<double>(progress.now.count()) / static_cast<double>(progress.end.count()));
      return true;
    };
    const scenarios::Scenario scenario = plan_.scenario_of(unit, invocation_.registry);
    std::optional<scenarios::LinkLog> links;
    if (arguments_.has("links")) options.links = &links.emplace(scenario, scenario.duration);
    const scenarios::RunResult result = scenarios::run_scenario(scenario, options);
    scenarios::UnitRecord record = scenarios::unit_record(plan_.points[unit.point], result);
    if (links) record.result.links = links->finish(time_zero + result.simulated);
    folder_->commit(plan_, unit, scenarios::write_unit_record(record));
    return record.result.good ? exit_good : exit_expectation_failed;
  }

  // A run whose links are wanted now, but were not recorded, is done again.
  bool is_done(std::size_t index) const {
    const auto record = folder_->read(plan_, plan_.unit(index));
    return record && (record->result.links || !arguments_.has("links"));
  }

  void run_missing() {
    std::vector<std::size_t> missing;
    for (const std::size_t index : units_of(plan_, shard_))
      if (use_ != FolderUse::resume || !is_done(index)) missing.push_back(index);
    remember_interrupts();
    ProgressLine line;
    std::size_t done = 0;
    std::size_t failed = 0;
    UnitCosts costs(plan_, folder_->manifest().costs);
    WorkList list(plan_, costs, missing, [this](std::size_t index) {
      return ranks_.count() == 1 || folder_->claim_unit(plan_, plan_.unit(index), call_);
    });
    WorkMeter meter(jobs_);
    WorkerPool pool(jobs_, [this](std::size_t index, const ReportShare& report) { return work(index, report); });
    const auto on_end = [&](const JobEnd& end) {
      ++done;
      meter.ended(end.job, end.seconds);
      if (end.signal == 0 && (end.code == exit_good || end.code == exit_expectation_failed))
        costs.add(plan_.unit(end.job).point, end.seconds);
      if (end.code == exit_good && end.signal == 0) return;
      ++failed;
      if (end.code == exit_expectation_failed && end.signal == 0) return;  // saved, and reported at the end
      lost_.push_back(end);
      if (lost_.size() > failures_shown) return;
      line.clear();
      std::cerr << failure_text(end) << std::endl;
    };
    pool.run([&list] { return list.next(); }, on_end,
             [&](double under_way) {
               if (line.is_due()) line.write(progress_text(done, missing.size(), failed, under_way, line.seconds()));
               return !interrupted();
             });
    times_ = meter.times();
    measured_ = costs.measured();
  }

  // Says how well the workers were used, unless the sweep was too short for it to matter.
  void print_waste() const {
    const Waste waste = waste_of(all_times_);
    if (waste.workers < 2 || waste.seconds < least_seconds_for_waste) return;
    std::cerr << show_counted(waste.workers, "worker")
              << (ranks_.count() > 1 ? " on " + show_counted(ranks_.count(), "rank") : "") << ": "
              << busy_text(waste.busy, waste.idle());
    if (waste.alone > 0)
      std::cerr << "; the last run (" << outcome().unit_text(plan_.unit(waste.last_run)) << ") was alone for "
                << scenarios::show_duration(waste.alone * 1e9);
    std::cerr << std::endl;
  }

  // What this call writes before it runs anything, if the folder had this manifest.
  SweepManifest manifest(const SweepManifest& before) const {
    SweepManifest manifest;
    manifest.command = command();
    manifest.scenario = arguments_.positional().front();
    manifest.shard = arguments_.value("shard").value_or("");
    manifest.jobs = jobs_;
    manifest.metrics = arguments_.values("metric");
    manifest.costs = before.costs;
    manifest.work = before.work;
    return manifest;
  }

  // What it writes at its end, with what the ranks measured. Other shards may have written in the meantime.
  SweepManifest manifest_with(const std::vector<std::string>& costs) const {
    SweepManifest whole = manifest(folder_->manifest());
    for (const std::string& text : costs) add_costs(whole.costs, read_costs(text));
    const Waste waste = waste_of(all_times_);
    whole.work.workers = waste.workers;
    whole.work.seconds += waste.seconds;
    whole.work.busy += waste.busy;
    whole.work.idle += waste.idle();
    return whole;
  }

  static std::string progress_text(std::size_t done, std::size_t all, std::size_t failed, double under_way,
                                   double seconds) {
    const double share = (static_cast<double>(done) + under_way) / static_cast<double>(all);
    std::string text =
        std::to_string(static_cast<int>(share * 100)) + "%  " + show_count(done) + " of " + show_counted(all, "run");
    if (failed > 0) text += "  " + show_count(failed) + " failed";
    if (share > 0) text += "  " + scenarios::show_duration((1 - share) / share * seconds * 1e9) + " left";
    return text;
  }

  static std::string cause_of(const JobEnd& end) {
    std::string text = end.remark;
    if (end.signal != 0) {
      text += (text.empty() ? "" : "; ") + std::string("ended by signal ") + std::to_string(end.signal) + " (" +
              strsignal(end.signal) + ")";
      if (end.signal == SIGKILL) text += "; if memory ran out, use fewer --jobs";
    }
    return text.empty() ? "exited with code " + std::to_string(end.code) : text;
  }

  std::string failure_text(const JobEnd& end) const {
    const SweepUnit unit = plan_.unit(end.job);
    return outcome().unit_text(unit) + ": " + cause_of(end) + "\n  rerun: " + outcome().again(unit);
  }

  std::string command() const {
    std::string text = shell_word(invocation_.program) + " sweep";
    for (const std::string& word : invocation_.words)
      if (word != "--resume" && word != "--force") text += " " + shell_word(word);
    return text;
  }

  int say_interrupted(const Gathered& gathered) const {
    std::cerr << "interrupted: " << show_count(plan_.unit_count() - gathered.missing) << " of "
              << show_counted(plan_.unit_count(), "run") << (plan_.unit_count() == 1 ? " saved in " : " saved in ")
              << folder_->path() << "\n  continue: " << command() << " --resume" << std::endl;
    return exit_interrupted;
  }

  SweepOutcome outcome() const {
    // mpirun gives the first rank a terminal, even if its own output goes to a file.
    return {plan_, invocation_.program, arguments_.positional().front(),
            ranks_.count() > 1 ? analysis::Style{} : stdout_style()};
  }

  void print(const Gathered& gathered) const {
    const bool as_json = arguments_.has("json");
    outcome().print(gathered, folder_->path(), arguments_.values("metric"), as_json);
    std::ostream& out = as_json ? std::cerr : std::cout;
    if (!lost_.empty())
      out << '\n'
          << (lost_.size() == 1 ? "One run was" : show_count(lost_.size()) + " runs were")
          << " lost (see above); continue: " << command() << " --resume\n"
          << std::flush;
  }

  const Invocation& invocation_;
  const Arguments& arguments_;
  const Ranks& ranks_;
  std::size_t jobs_;
  Exports exports_;
  Share shard_;
  FolderUse use_;
  SweepPlan plan_;
  std::optional<SweepFolder> folder_;
  std::vector<JobEnd> lost_;
  std::string call_;  // a name that no other call has
  WorkTimes times_;
  MeasuredCosts measured_;
  std::vector<WorkTimes> all_times_;  // of all ranks
};

int sweep(const Invocation& invocation, const Arguments& arguments) {
  const Ranks ranks;
  try {
    std::optional<Sweep> sweep;
    ranks.together([&] { sweep.emplace(invocation, arguments, ranks); });
    return sweep->run();
  } catch (const FailedElsewhere&) {
    return exit_good;
  }
}

}  // namespace

Command sweep_command() {
  return {
      .name = "sweep",
      .summary = "runs a scenario across seeds and parameters; summarises the results",
      .forms = {"SCENARIO --seeds 1..20 [--param KEY=A,B,C]... -o DIR [options]"},
      .operand = "SCENARIO",
      .description =
          "Runs a scenario with several seeds for every combination of parameters. Reports means with 95 % confidence "
          "intervals and changes relative to the first combination.",
      .details =
          "An interrupted sweep continues with `--resume`. A sweep uses all CPUs of this machine, and starts the runs "
          "that are expected to take longest first.\n\n"
          "To use several machines, give each a `--shard` and a folder of its own, and bring the folders together with "
          "`peerbed gather`. They can also share one folder; or use `mpirun` if the program was built with MPI: "
          "`mpirun -np 8 peerbed sweep ring-steady --seeds 1..100 -o shared/hops`.",
      .options = {{"seeds", "RANGE", "seeds, such as 1..20 or 1,2,5..9 (default: 1..20)"},
                  {"param", "KEY=A,B,C", "parameter or key and its values; repeat to combine", true},
                  {"set", "KEY=VALUE", "set a parameter or key for all runs", true},
                  {"out", "DIR", "folder for the runs and their results", false, 'o'},
                  {"jobs", "N", "parallel runs (default: number of CPUs)", false, 'j'},
                  limit_events_option,
                  limit_memory_option,
                  {"resume", nullptr, "continue the sweep in the folder: do the missing runs"},
                  {"force", nullptr, "delete the sweep in the folder and start over"},
                  {"shard", "K/N", "do part K of N, for example one part per machine"},
                  {"links", nullptr, "record what each link carried and dropped, in SQLite"},
                  {"dry-run", nullptr, "list the runs without running them"},
                  {"metric", "NAME", "metric to show; '*' matches any text", true},
                  export_option,
                  {"json", nullptr, "print the statistics as one JSON object"}},
      .examples = {{"peerbed sweep swarm-speedup --seeds 1..20 --param sources=1,2,4 -o out",
                    "download time against the number of sources"},
                   {"peerbed sweep ring-lossy --seeds 1..10 --metric 'lookup.done.*' -o lossy", "one group of metrics"},
                   {"peerbed sweep ring-lossy --seeds 1..10 -o lossy --resume", "continue after an interruption"}},
      .run = sweep,
      .simulates = true,
  };
}

}  // namespace peerbed::app
