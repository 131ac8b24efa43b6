#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/sweep/sweep_description.h"
#include "app/sweep/sweep_exports.h"
#include "app/sweep/sweep_folder.h"
#include "app/sweep/sweep_gather.h"
#include "app/sweep/sweep_outcome.h"
#include "app/sweep/sweep_part.h"
#include "app/sweep/sweep_report.h"
#include "app/sweep/work_times.h"
#include "scenarios/sweep/unit_record.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using scenarios::FileError;
using scenarios::show_count;
using scenarios::show_counted;

class Gathering {
 public:
  Gathering(const Invocation& invocation, const Arguments& arguments)
      : invocation_(invocation), arguments_(arguments), exports_(exports_of(arguments)) {
    if (arguments.positional().empty())
      throw UsageError("gather takes the folders of the parts: peerbed gather PART... -o DIR");
    if (arguments.value("out").value_or("").empty())
      throw UsageError("gather needs a folder for the results; write -o DIR");
  }

  int run() {
    read_parts();
    find_units();
    check_nothing_is_missing();
    check_records();
    const std::string out = *arguments_.value("out");
    const SweepFolder folder(out, arguments_.has("force") ? FolderUse::force : FolderUse::fresh,
                             parts_.front().description());
    for (std::size_t unit = 0; unit < owners_.size(); ++unit)
      folder.commit(plan(), plan().unit(unit), parts_[*owners_[unit]].text_of(unit));
    const Gathered gathered = gather_results(folder, plan(), exports_);
    if (gathered.missing > 0) throw FileError(out + ": files disappear while they are gathered; gather again");
    const SweepManifest manifest = manifest_of_all();
    folder.write_manifest(manifest, true);
    names().print(gathered, out, manifest.metrics, arguments_.has("json"));
    print_waste();
    return gathered.failed.empty() ? exit_good : exit_expectation_failed;
  }

 private:
  const scenarios::SweepPlan& plan() const { return parts_.front().plan(); }

  SweepOutcome names() const {
    const std::string& scenario = parts_.front().manifest().scenario;
    return {plan(), invocation_.program, scenario.empty() ? plan().name : scenario, stdout_style()};
  }

  void read_parts() {
    std::error_code error;
    const std::string out = *arguments_.value("out");
    for (const std::string& path : arguments_.positional())
      if (fs::equivalent(path, out, error))
        throw FileError(out + ": is one of the parts; choose another folder for the results");
    if (!arguments_.has("force") && fs::is_directory(out, error) && !fs::is_empty(out, error))
      throw FileError(out + ": the folder is not empty; use --force to start it over, or choose another folder");
    for (const std::string& path : arguments_.positional()) {
      for (const SweepPart& part : parts_)
        if (fs::equivalent(path, part.path(), error))
          throw FileError(path + ": the same folder is given twice; give each part once");
      parts_.emplace_back(path);
      check_same_sweep(parts_.back());
    }
  }

  void check_same_sweep(const SweepPart& part) const {
    const SweepPart& first = parts_.front();
    if (part.description() == first.description()) return;
    const std::string difference = difference_of(part.description(), first.description());
    throw FileError(part.path() + ": " +
                    (difference.empty() ? "contains a sweep with other seeds or parameters than " + first.path()
                                        : difference + ", unlike " + first.path()) +
                    "; give parts of one sweep");
  }

  void find_units() {
    owners_.resize(plan().unit_count());
    for (std::size_t i = 0; i < parts_.size(); ++i)
      for (const std::size_t unit : parts_[i].units()) {
        if (owners_[unit]) refuse_double(unit, parts_[*owners_[unit]], parts_[i]);
        owners_[unit] = i;
      }
  }

  [[noreturn]] void refuse_double(std::size_t unit, const SweepPart& first, const SweepPart& second) const {
    const std::string run = names().unit_text(plan().unit(unit));
    if (first.text_of(unit) != second.text_of(unit))
      throw FileError(second.path() + ": " + run + " came out differently than in " + first.path() +
                      "; run it on both machines with `" + names().again(plan().unit(unit)) +
                      "` and use the same build on all machines");
    throw FileError(second.path() + ": " + run + " is in " + first.path() +
                    " too; give only one of the two, or divide the sweep alike on all machines with --shard K/N");
  }

  // Names the part that was to run the first missing unit, if that is known.
  void check_nothing_is_missing() const {
    const auto missing = static_cast<std::size_t>(std::count(owners_.begin(), owners_.end(), std::nullopt));
    if (missing == 0) return;
    const auto first =
        static_cast<std::size_t>(std::find(owners_.begin(), owners_.end(), std::nullopt) - owners_.begin());
    const std::string runs = names().unit_text(plan().unit(first)) +
                             (missing > 1 ? " and " + show_counted(missing - 1, "other run") + " are" : " is") +
                             " missing";
    for (const SweepPart& part : parts_) {
      const std::vector<std::size_t> units = units_of(plan(), part.share());
      if (std::find(units.begin(), units.end(), first) != units.end())
        throw FileError(part.path() + ": " + runs + "; continue the part on its machine with `" +
                        part.manifest().command + " --resume`, and copy it again");
    }
    const std::size_t count = parts_.front().share().count;
    for (std::size_t index = 0; index < count; ++index) {
      const std::vector<std::size_t> units = units_of(plan(), {index, count});
      if (std::find(units.begin(), units.end(), first) == units.end()) continue;
      const std::string shard = std::to_string(index + 1) + "/" + std::to_string(count);
      throw FileError("part " + shard + " is not among the folders: " + runs + "; give the folder made with --shard " +
                      shard);
    }
  }

  // Refuses a metric that no run has. Refuses runs of which only some were recorded with --links: no single sweep makes
  // such results.
  void check_records() const {
    analysis::SweepHeader header{plan().name, plan().digest, {}, {}};
    for (const scenarios::Axis& axis : plan().axes) header.parameters.push_back(axis.name);
    analysis::SweepResults results(header);
    const std::vector<std::string> wanted = arguments_.values("metric");
    std::optional<bool> all;
    for (std::size_t unit = 0; unit < owners_.size(); ++unit) {
      const SweepPart& part = parts_[*owners_[unit]];
      const auto record = scenarios::read_unit_record(part.text_of(unit));
      if (!record) throw FileError(part.path() + ": files change while they are gathered; gather again");
      const bool has_links = record->result.links.has_value();
      if (all.value_or(has_links) != has_links)
        throw FileError((has_links ? parts_[*owners_[0]] : part).path() +
                        ": has runs without a record of their links, and other runs have one; continue the part on "
                        "its machine with --resume --links, and copy it again");
      all = has_links;
      if (!wanted.empty()) results.add(record->result);
    }
    chosen_metrics(results, wanted);
  }

  SweepManifest manifest_of_all() const {
    SweepManifest all;
    all.command = shell_word(invocation_.program) + " gather";
    for (const std::string& word : invocation_.words)
      if (word != "--force") all.command += " " + shell_word(word);
    all.scenario = parts_.front().manifest().scenario;
    all.metrics = arguments_.values("metric");
    if (all.metrics.empty()) all.metrics = parts_.front().manifest().metrics;
    for (const SweepPart& part : parts_) {
      add_costs(all.costs, part.manifest().costs);
      all.jobs += part.manifest().jobs;
      all.work.workers += part.manifest().work.workers;
      all.work.seconds = std::max(all.work.seconds, part.manifest().work.seconds);
      all.work.busy += part.manifest().work.busy;
    }
    all.work.idle = std::max(0.0, static_cast<double>(all.work.workers) * all.work.seconds - all.work.busy);
    return all;
  }

  // Says how evenly the work was divided, as if all parts had begun together.
  void print_waste() const {
    const WorkDone work = manifest_of_all().work;
    if (parts_.size() < 2 || work.seconds < least_seconds_for_waste) return;
    const auto longest = std::max_element(parts_.begin(), parts_.end(), [](const SweepPart& a, const SweepPart& b) {
      return a.manifest().work.seconds < b.manifest().work.seconds;
    });
    std::cerr << show_counted(work.workers, "worker") << " in " << show_counted(parts_.size(), "part") << ": "
              << busy_text(work.busy, work.idle) << "; " << longest->path() << " took longest, "
              << scenarios::show_duration(work.seconds * 1e9) << std::endl;
  }

  const Invocation& invocation_;
  const Arguments& arguments_;
  Exports exports_;
  std::vector<SweepPart> parts_;
  std::vector<std::optional<std::size_t>> owners_;  // by unit: the part that has it
};

int gather(const Invocation& invocation, const Arguments& arguments) { return Gathering(invocation, arguments).run(); }

}  // namespace

Command gather_command() {
  return {
      .name = "gather",
      .summary = "combines the parts of a sweep that several machines ran",
      .forms = {"PART... -o DIR [options]"},
      .operand = "DIR",
      .description =
          "Combines the parts of a sweep, each run with --shard K/N into a folder of its own. All files of the result "
          "but manifest.json are the same as if one machine had run the whole sweep.",
      .details =
          "The machines need no shared folder: copy all parts to one machine first. If a part belongs to another "
          "sweep, a run is missing or is in two parts, or a file is damaged, gather says so and writes nothing. It "
          "does not need the scenario.",
      .options = {{"out", "DIR", "folder for all runs and their results", false, 'o'},
                  {"force", nullptr, "delete the sweep in the folder first"},
                  {"metric", "NAME", "metric to show; '*' matches any text", true},
                  export_option,
                  {"json", nullptr, "print the statistics as one JSON object"}},
      .examples = {{"peerbed gather part-1 part-2 part-3 -o hops", "after each machine ran its --shard"},
                   {"peerbed gather part-* --metric 'lookup.done.*' -o hops", "one group of metrics"}},
      .run = gather,
  };
}

}  // namespace peerbed::app
