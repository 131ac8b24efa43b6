#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <thread>

#include "analysis/results/one_line.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/cli/scenario_box.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/cli/whole_file.h"
#include "app/search/finding_essence.h"
#include "app/search/search_folder.h"
#include "app/search/search_summary.h"
#include "app/search/search_workers.h"
#include "app/sweep/ranks.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using Clock = std::chrono::steady_clock;
using scenarios::Search;
using scenarios::show_count;

constexpr std::size_t most_jobs = 1024;
constexpr std::size_t most_curve_points = 2000;
constexpr auto time_between_saves = std::chrono::seconds(10);

std::uint64_t number_of(const Arguments& arguments, const char* option, std::uint64_t usual, std::uint64_t most) {
  const auto given = arguments.value(option);
  if (!given) return usual;
  const auto number = scenarios::parse_count(*given);
  if (!number || *number < 1 || *number > most)
    throw UsageError("'--" + std::string(option) + " " + *given + "' is not valid; write a number from 1 to " +
                     show_count(most));
  return *number;
}

// When a search ends.
struct SearchLimit {
  std::optional<std::uint64_t> runs;
  std::optional<Duration> time;
  bool until_found = false;
};

SearchLimit limit_of(const Arguments& arguments) {
  SearchLimit limit;
  if (arguments.has("runs")) limit.runs = number_of(arguments, "runs", 0, 1'000'000'000'000);
  if (const auto time = arguments.value("for")) {
    limit.time = scenarios::parse_duration(*time);
    if (!limit.time || *limit.time == Duration::zero())
      throw UsageError("'--for " + *time + "' is not valid; write a duration, such as 10min");
  }
  limit.until_found = arguments.has("until-found");
  if (!limit.runs && !limit.time && !limit.until_found) limit.runs = 10'000;
  return limit;
}

// Properties are checked at each change, unless the scenario says otherwise.
scenarios::Scenario scenario_of(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("search takes one scenario: peerbed search SCENARIO --runs 10000 -o DIR");
  scenarios::Document document = read_scenario(arguments.positional().front());
  const scenarios::Value* checks = document.root.find("checks");
  std::vector<scenarios::Override> overrides = settings_of(arguments);
  if (checks == nullptr || checks->find("changes") == nullptr)
    overrides.insert(overrides.begin(), {"checks.changes", "true", "search"});
  return scenarios::load_scenario(std::move(document), invocation.registry, overrides);
}

class SearchRun {
 public:
  SearchRun(const Invocation& invocation, const Arguments& arguments, const Ranks& ranks)
      : invocation_(invocation),
        ranks_(ranks),
        scenario_(arguments.positional().empty() ? "" : arguments.positional().front()),
        settings_(settings_of(arguments)),
        limit_(limit_of(arguments)),
        jobs_(number_of(arguments, "jobs", ranks.count() > 1 ? 1 : std::max(1u, std::thread::hardware_concurrency()),
                        most_jobs)),
        is_json_(arguments.has("json")),
        search_(scenario_of(invocation, arguments),
                {.seed = number_of(arguments, "seed", 1, UINT64_MAX), .guided = !arguments.has("unguided")}),
        workers_(jobs_, ranks.rank(), ranks.count()) {
    if (arguments.value("out") == "") throw UsageError("'--out' needs a folder name; write -o DIR");
    if (arguments.has("resume") && !arguments.has("out"))
      throw UsageError("--resume continues the search in a folder; write -o DIR");
    out_ = arguments.value("out");
    resumes_ = arguments.has("resume");
  }

  // All ranks know all that the search knows. Each makes its part of the trials of a round; the first tells and writes
  // what they found.
  int run() {
    ranks_.together([this] {
      if (out_ && ranks_.is_first()) folder_.emplace(*out_, resumes_, search_);
    });
    ranks_.together([this] {
      if (out_ && !ranks_.is_first()) folder_.emplace(*out_, true, search_);
      if (folder_) folder_->restore(search_, curve_);
    });
    tried_before_ = search_.tried();
    remember_interrupts();
    begun_ = saved_ = new_at_ = Clock::now();
    while (ranks_.largest(is_over() ? 1 : 0) == 0) {
      std::size_t count = search_.round_size();
      if (limit_.runs) count = std::min<std::uint64_t>(count, *limit_.runs - search_.tried());
      std::optional<std::vector<scenarios::TrialReport>> reports;
      ranks_.together([&] {
        reports = workers_.make(search_, count, [this](std::uint64_t done) {
          show(done);
          return !interrupted() && !is_late();
        });
      });
      if (ranks_.largest(reports ? 0 : 1) != 0) break;
      if (ranks_.count() > 1) reports = of_all_ranks(*reports);
      ranks_.together([&] { take(std::move(*reports)); });
    }
    if (!ranks_.is_first()) return exit_good;
    line_.clear();
    finish();
    if (!search_.findings().empty()) return exit_expectation_failed;
    return interrupted() ? exit_interrupted : exit_good;
  }

 private:
  // In order of their numbers.
  std::vector<scenarios::TrialReport> of_all_ranks(const std::vector<scenarios::TrialReport>& mine) const {
    std::string bytes;
    for (const scenarios::TrialReport& report : mine) bytes += report.bytes();
    std::vector<scenarios::TrialReport> all;
    for (const std::string& part : ranks_.gathered(std::move(bytes))) {
      std::string_view rest = part;
      while (auto report = scenarios::TrialReport::take(rest)) all.push_back(std::move(*report));
    }
    std::sort(all.begin(), all.end(), [](const auto& one, const auto& other) { return one.number < other.number; });
    return all;
  }
  bool is_late() const { return limit_.time && Clock::now() - begun_ >= *limit_.time; }
  bool is_over() const {
    return interrupted() || is_late() || (limit_.runs && search_.tried() >= *limit_.runs) ||
           (limit_.until_found && !search_.findings().empty());
  }
  std::string ended() const {
    if (interrupted()) return "interrupted";
    if (limit_.runs && search_.tried() >= *limit_.runs) return "all runs done";
    if (limit_.until_found && !search_.findings().empty()) return "something was found";
    return "the time was over";
  }

  void take(std::vector<scenarios::TrialReport> reports) {
    const std::size_t covered = search_.covered();
    Search::News news = search_.take(std::move(reports));
    if (!ranks_.is_first()) return;
    if (search_.covered() > covered) new_at_ = Clock::now();
    std::vector<std::optional<ShrunkFinding>> shrunk;
    for (const std::size_t index : news.findings) {
      const scenarios::Finding& finding = search_.findings()[index];
      shrunk.push_back(shrink_finding(search_, finding.genome, invocation_.registry, finding_again(finding)));
      if (shrunk.back()) search_.note(index, shrunk.back()->essence);
    }
    for (scenarios::Finding& repeat : news.repeats) {
      auto small = shrink_finding(search_, repeat.genome, invocation_.registry, finding_again(repeat));
      if (!small) continue;
      repeat.essence = small->essence;
      if (const auto index = search_.adopt(std::move(repeat))) {
        news.findings.push_back(*index);
        shrunk.push_back(std::move(small));
      }
    }
    add_to_curve();
    if (folder_) folder_->append(search_, news);
    for (std::size_t i = 0; i < news.findings.size(); ++i) {
      keep(news.findings[i], shrunk[i]);
      announce(news.findings[i]);
    }
    if (folder_ && Clock::now() - saved_ >= time_between_saves) {
      folder_->save(search_, curve_);
      saved_ = Clock::now();
    }
  }

  // Of too many points every other one goes.
  void add_to_curve() {
    curve_.push_back({search_.tried(), search_.covered(), search_.corpus().size(), search_.findings().size()});
    if (curve_.size() < most_curve_points) return;
    for (std::size_t i = 0; i < curve_.size() / 2; ++i) curve_[i] = curve_[2 * i + 1];
    curve_.resize(curve_.size() / 2);
  }

  void show(std::uint64_t done) {
    if (!ranks_.is_first() || !line_.is_due()) return;
    const std::uint64_t tried = search_.tried() + done * ranks_.count();
    const double seconds = std::max(line_.seconds(), 0.001);
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(tried - tried_before_) / seconds);
    const double quiet = std::chrono::duration<double, std::nano>(Clock::now() - new_at_).count();
    line_.write(show_count(tried) + (limit_.runs ? " of " + show_count(*limit_.runs) : "") + " runs  " +
                show_count(rate) + "/s  coverage " + show_count(search_.covered()) + "  corpus " +
                show_count(search_.corpus().size()) + "  " +
                scenarios::show_counted(search_.findings().size(), "finding") + "  nothing new for " +
                scenarios::show_duration(quiet));
  }

  // Where a file of a finding is: in the folder, or in the present one.
  std::string file_of(std::string (*name)(std::size_t), std::size_t index) const {
    std::string file = name(index);
    if (folder_) return folder_->file(file);
    return search_.scenario().name + "-finding-" + file.substr(file.find('/') + 1);
  }
  // The command that shows it, on the smallest scenario there is.
  std::string reproducing(std::size_t index) const {
    const bool is_small = search_.findings()[index].essence.has_value();
    return shell_word(invocation_.program) + " run " +
           shell_word(file_of(is_small ? SearchFolder::shrunk_of : SearchFolder::scenario_of, index));
  }

  void keep(std::size_t index, const std::optional<ShrunkFinding>& shrunk) const {
    const auto write = [](const std::string& name, const std::string& text) {
      OutputFile file(name, true);
      file.text() = text;
      file.close();
    };
    if (!folder_) write(file_of(SearchFolder::scenario_of, index), search_.written(search_.findings()[index].genome));
    if (!shrunk) return;
    write(file_of(SearchFolder::shrunk_of, index), shrunk->scenario);
    write(file_of(SearchFolder::picture_of, index), shrunk->picture);
  }

  static std::string told(const scenarios::Finding& finding, const std::string& indent) {
    if (!finding.essence) return indent + "it could not be shrunk\n";
    return indent + analysis::one_line(finding.essence->sentence) + '\n' + indent +
           scenarios::show_counted(finding.essence->nodes, "node") + ", " +
           scenarios::show_counted(finding.essence->deeds, "deed") + ", " +
           scenarios::write_duration(finding.essence->duration) + '\n';
  }

  void announce(std::size_t index) {
    const scenarios::Finding& finding = search_.findings()[index];
    line_.clear();
    std::ostream& out = is_json_ ? std::cerr : std::cout;
    out << "finding " << index + 1 << ", run " << show_count(finding.number) << ": "
        << (finding.violation.property.empty() ? "the run could not go on" : finding.violation.property) << " (at "
        << scenarios::show_moment(finding.violation.at) << ", " << analysis::one_line(finding.violation.what) << ")\n"
        << told(finding, "  ") << "  " << reproducing(index) << std::endl;
  }

  // The shortest search that finds it, with any number of jobs.
  std::string finding_again(const scenarios::Finding& finding) const {
    std::string text = shell_word(invocation_.program) + " search " + shell_word(scenario_);
    for (const scenarios::Override& setting : settings_)
      text += " --set " + shell_word(setting.path + "=" + setting.value);
    if (!search_.options().guided) text += " --unguided";
    return text + " --seed " + std::to_string(search_.options().seed) + " --runs " + std::to_string(finding.number + 1);
  }

  std::string command() const {
    std::string text = shell_word(invocation_.program) + " search";
    for (const std::string& word : invocation_.words)
      if (word != "--resume") text += " " + shell_word(word);
    return text;
  }

  void finish() {
    SearchSummary summary{search_, curve_, command(), {}, ended(), {}};
    for (std::size_t i = 0; i < search_.findings().size(); ++i) {
      summary.reproduce.push_back(reproducing(i));
      const std::string picture = file_of(SearchFolder::picture_of, i);
      const bool has_picture = folder_ && search_.findings()[i].essence;
      summary.pictures.push_back(has_picture ? read_whole(picture, "search again in another folder", most_file_bytes)
                                             : "");
    }
    if (folder_) {
      folder_->save(search_, curve_);
      folder_->write("summary.json", summary_json(summary));
      folder_->write("summary.html", summary_page(summary));
    }
    if (is_json_) {
      std::cout << summary_json(summary) << std::flush;
      return;
    }
    const double seconds = std::max(std::chrono::duration<double>(Clock::now() - begun_).count(), 0.001);
    const auto rate = static_cast<double>(search_.tried() - tried_before_) / seconds;
    std::cout << search_.scenario().name << ": " << show_count(search_.tried()) << " runs ("
              << show_count(static_cast<std::uint64_t>(rate)) << "/s), coverage " << show_count(search_.covered())
              << ", " << scenarios::show_counted(search_.findings().size(), "finding") << "; " << ended() << '\n'
              << stdout_style().dim("faults: " + search_.contract().words()) << '\n';
    for (std::size_t i = 0; i < search_.findings().size(); ++i) {
      const scenarios::Finding& finding = search_.findings()[i];
      std::cout << "  " << i + 1 << ". " << analysis::one_line(finding.property()) << ": "
                << scenarios::show_counted(finding.count, "run") << '\n'
                << told(finding, "     ") << "     " << reproducing(i) << '\n';
    }
    if (folder_) {
      std::cout << stdout_style().dim("saved in " + folder_->path() + ": summary.html, corpus, findings") << '\n';
      if (interrupted()) std::cout << "  continue: " << command() << " --resume\n";
    }
    std::cout << std::flush;
  }

  const Invocation& invocation_;
  const Ranks& ranks_;
  std::string scenario_;  // its name
  std::vector<scenarios::Override> settings_;
  SearchLimit limit_;
  std::size_t jobs_;
  bool is_json_;
  Search search_;
  SearchWorkers workers_;
  std::optional<std::string> out_;
  bool resumes_ = false;
  std::optional<SearchFolder> folder_;
  std::vector<CurvePoint> curve_;
  ProgressLine line_;
  std::uint64_t tried_before_ = 0;
  Clock::time_point begun_;
  Clock::time_point saved_;
  Clock::time_point new_at_;  // when something new was reached last
};

int search(const Invocation& invocation, const Arguments& arguments) {
  const Ranks ranks;
  try {
    std::optional<SearchRun> search;
    ranks.together([&] { search.emplace(invocation, arguments, ranks); });
    return search->run();
  } catch (const FailedElsewhere&) {
    return exit_good;
  }
}

}  // namespace

Command search_command() {
  return {
      .name = "search",
      .summary = "hunts for schedules of faults under which a scenario fails",
      .forms = {"SCENARIO [--runs N | --for TIME | --until-found] [-o DIR]"},
      .operand = "SCENARIO",
      .description =
          "Runs a scenario many times with other seeds, faults and network conditions, and goes on from the runs that "
          "reached something new. Checks properties at each change. Keeps to what the protocols promise to bear, or to "
          "what the scenario's `search:` says.",
      .details =
          "Each finding is printed once, with the command that shows it, and counted. With `--runs`, the findings and "
          "the corpus are the same for any number of `--jobs`, and of ranks under `mpirun`, which share a corpus (if "
          "the "
          "program was built with MPI). An interrupted search continues with `--resume`. The exit code is 1 if "
          "anything "
          "was found.",
      .options = {{"runs", "N", "runs in all (default: 10000)"},
                  {"for", "TIME", "search for this long, such as 10min"},
                  {"until-found", nullptr, "search until something is found"},
                  {"out", "DIR", "folder for the corpus, the findings and a summary", false, 'o'},
                  {"resume", nullptr, "continue the search in the folder"},
                  {"jobs", "N", "processes (default: number of CPUs)", false, 'j'},
                  {"seed", "N", "seed of the search: another one searches elsewhere (default: 1)"},
                  {"set", "KEY=VALUE", "set a parameter or key of the scenario", true},
                  {"unguided", nullptr, "draw each run anew, for comparison"},
                  {"json", nullptr, "print the summary as one JSON object"}},
      .examples = {{"peerbed search ring-small.yaml --runs 100000 -o found", "a search that can be repeated"},
                   {"peerbed search ring-small.yaml --until-found", "until something fails"},
                   {"peerbed search ring-small.yaml --runs 200000 -o found --resume", "more of it"}},
      .run = search,
  };
}

}  // namespace peerbed::app
