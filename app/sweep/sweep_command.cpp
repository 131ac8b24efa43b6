#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>
#include <thread>

#include "analysis/results/one_line.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/scenario_box.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/sweep/ranks.h"
#include "app/sweep/sweep_gather.h"
#include "app/sweep/sweep_report.h"
#include "app/sweep/worker_pool.h"
#include "scenarios/record/link_log.h"

namespace peerbed::app {
namespace {

using scenarios::show_count;
using scenarios::show_counted;
using scenarios::SweepPlan;
using scenarios::SweepUnit;

constexpr std::size_t failures_shown = 10;
constexpr std::size_t most_jobs = 1024;

struct Share {
  std::size_t index = 0;  // from 0
  std::size_t count = 1;
};

Share shard_of(const Arguments& arguments) {
  const auto given = arguments.value("shard");
  if (!given) return {};
  const std::size_t slash = given->find('/');
  const auto index = scenarios::parse_count(given->substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : scenarios::parse_count(given->substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count || *count > scenarios::maximum_units)
    throw UsageError("'--shard " + *given + "' is not a valid shard; write --shard 1/4 to --shard 4/4");
  return {*index - 1, *count};
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

Exports exports_of(const Arguments& arguments) {
  const std::string what = arguments.value("export").value_or("csv");
  if (what == "csv") return {true, false};
  if (what == "json") return {false, true};
  if (what == "csv,json" || what == "json,csv") return {true, true};
  if (what == "none") return {false, false};
  throw UsageError("'--export " + what + "' is unknown; write csv, json, csv,json or none");
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
    if (arguments_.has("dry-run")) return list_units();
    // The first of several processes creates the folder; the others wait for it.
    ranks_.together([this] {
      if (ranks_.is_first()) folder_.emplace(*arguments_.value("out"), use_, plan_);
    });
    ranks_.together([this] {
      if (!ranks_.is_first()) folder_.emplace(*arguments_.value("out"), FolderUse::resume, plan_);
      run_missing();
    });
    const int lost = ranks_.largest(lost_.empty() ? 0 : 1);
    if (!ranks_.is_first()) return exit_good;
    const Gathered gathered = gather_results(*folder_, plan_, exports_);
    folder_->write_manifest(command(), jobs_, arguments_.values("metric"));
    if (gathered.missing == 0 && shard_.count == 1) folder_->remove_leftovers();
    if (interrupted()) return say_interrupted(gathered);
    print(gathered);
    if (lost != 0) return exit_io;
    return gathered.failed.empty() ? exit_good : exit_expectation_failed;
  }

 private:
  // Runs each seed at all points before the next seed, so that an interrupted sweep has about as many runs at each
  // point.
  std::vector<std::size_t> my_units() const {
    const std::size_t parts = shard_.count * ranks_.count();
    const std::size_t part = shard_.index * ranks_.count() + ranks_.rank();
    std::vector<std::size_t> units;
    for (std::size_t position = 0; position < plan_.unit_count(); ++position)
      if (position % parts == part)
        units.push_back(position % plan_.points.size() * plan_.seeds.size() + position / plan_.points.size());
    return units;
  }

  std::string unit_text(const SweepUnit& unit) const {
    std::vector<std::string> names;
    for (const scenarios::Axis& axis : plan_.axes) names.push_back(axis.name);
    const std::string point = point_text(names, plan_.points[unit.point].values);
    return point + (point.empty() ? "" : ", ") + "seed " + std::to_string(unit.seed);
  }

  int list_units() const {
    const bool has_folder = use_ == FolderUse::resume && arguments_.has("out");
    std::optional<SweepFolder> folder;
    if (has_folder) folder.emplace(SweepFolder::existing(*arguments_.value("out"), plan_));
    std::size_t done = 0;
    const std::vector<std::size_t> units = my_units();
    for (const std::size_t index : units) {
      const bool is_done = folder && folder->read(plan_, plan_.unit(index));
      done += is_done ? 1 : 0;
      std::cout << unit_text(plan_.unit(index)) << (is_done ? " (done)" : "") << '\n';
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
    for (const std::size_t index : my_units())
      if (use_ != FolderUse::resume || !is_done(index)) missing.push_back(index);
    remember_interrupts();
    ProgressLine line;
    std::size_t done = 0;
    std::size_t failed = 0;
    WorkerPool pool(jobs_, [this](std::size_t index, const ReportShare& report) { return work(index, report); });
    const auto on_end = [&](const JobEnd& end) {
      ++done;
      if (end.code == exit_good && end.signal == 0) return;
      ++failed;
      if (end.code == exit_expectation_failed && end.signal == 0) return;  // saved, and reported at the end
      lost_.push_back(end);
      if (lost_.size() > failures_shown) return;
      line.clear();
      std::cerr << failure_text(end) << std::endl;
    };
    pool.run(missing, on_end, [&](double under_way) {
      if (line.is_due()) line.write(progress_text(done, missing.size(), failed, under_way, line.seconds()));
      return !interrupted();
    });
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
    return unit_text(unit) + ": " + cause_of(end) + "\n  rerun: " + again(unit);
  }

  // The command that runs one unit on its own.
  std::string again(const SweepUnit& unit, const char* command = "run") const {
    std::string text =
        shell_word(invocation_.program) + " " + command + " " + shell_word(arguments_.positional().front());
    for (const scenarios::Override& each : plan_.overrides_at(plan_.points[unit.point]))
      text += " --set " + shell_word(each.path + "=" + each.value);
    return text + " --seed " + std::to_string(unit.seed);
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

  void print(const Gathered& gathered) const {
    const analysis::SweepResults& results = gathered.results;
    const std::vector<std::string> wanted = arguments_.values("metric");
    const std::vector<std::string> metrics =
        wanted.empty() ? telling_metrics(results, plan_.expected, gathered.findings) : chosen_metrics(results, wanted);
    if (arguments_.has("json")) {
      std::cout << statistics_json(results, metrics);
    } else {
      print_title(gathered);
      if (metrics.empty())
        std::cout << "\nNo key metric differs; use --metric NAME to show a metric, or see statistics.csv.\n";
      print_statistics(std::cout, results, metrics, style());
      std::cout << '\n' << style().dim("saved in " + folder_->path() + ": results.sqlite, statistics.csv") << '\n';
    }
    std::cout << std::flush;
    print_failures(gathered, arguments_.has("json") ? std::cerr : std::cout);
  }

  // mpirun gives the first rank a terminal, even if its own output goes to a file.
  analysis::Style style() const { return ranks_.count() > 1 ? analysis::Style{} : stdout_style(); }

  void print_title(const Gathered& gathered) const {
    const std::size_t points = plan_.points.size();
    std::cout << style().bold(plan_.name) << ": " << show_counted(plan_.unit_count() - gathered.missing, "run")
              << (points > 1 ? " at " + show_count(points) + " points" : "");
    if (gathered.missing > 0) std::cout << ", " << show_count(gathered.missing) << " missing";
    std::cout << '\n';
  }

  void print_failures(const Gathered& gathered, std::ostream& out) const {
    if (!gathered.failed.empty())
      out << '\n'
          << (gathered.failed.size() == 1 ? "One run" : show_count(gathered.failed.size()) + " runs")
          << " failed the scenario's expectations:\n";
    for (std::size_t i = 0; i < std::min(failures_shown, gathered.failed.size()); ++i)
      out << "  " << unit_text(gathered.failed[i].unit) << ": " << analysis::one_line(gathered.failed[i].why)
          << "\n    rerun: " << again(gathered.failed[i].unit)
          << "\n    shrink: " << again(gathered.failed[i].unit, "shrink") << '\n';
    if (gathered.failed.size() > failures_shown)
      out << "  ... and " << show_count(gathered.failed.size() - failures_shown)
          << " more: SELECT * FROM runs WHERE NOT good, in results.sqlite\n";
    if (!lost_.empty())
      out << '\n'
          << (lost_.size() == 1 ? "One run was" : show_count(lost_.size()) + " runs were")
          << " lost (see above); continue: " << command() << " --resume\n";
    out << std::flush;
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
          "An interrupted sweep continues with `--resume`. A sweep uses all CPUs of this machine. To use several "
          "machines, give each a `--shard` and a shared folder, or use `mpirun` if the program was built with MPI: "
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
                  {"export", "WHAT", "csv, json, csv,json or none, besides SQLite (default: csv)"},
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
