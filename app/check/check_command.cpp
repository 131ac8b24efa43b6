#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

#include "app/check/state_space_page.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/cli/scenario_box.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/report/report_document.h"
#include "app/report/report_page.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/proof/check_scenario.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using scenarios::CheckOutcome;
using scenarios::Scenario;
using scenarios::show_count;
using scenarios::show_counted;

constexpr std::size_t most_jobs = 256;
constexpr std::size_t most_states_shown = 20'000;

std::size_t jobs_of(const Arguments& arguments) {
  const auto given = arguments.value("jobs");
  if (!given) return std::max(1u, std::thread::hardware_concurrency());
  const auto jobs = scenarios::parse_count(*given);
  if (!jobs || *jobs < 1 || *jobs > most_jobs)
    throw UsageError("'--jobs " + *given + "' is not a valid number of threads; write a number from 1 to " +
                     std::to_string(most_jobs));
  return *jobs;
}

std::uint64_t memory_of_machine() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string joined(const std::vector<std::string>& phrases) {
  std::string text;
  for (const std::string& phrase : phrases) text += (text.empty() ? "" : ", ") + phrase;
  return text;
}

// What was checked, in one phrase.
std::string subject_of(const Scenario& scenario, const scenarios::NodeCheck& check) {
  std::vector<std::string> phrases{show_counted(scenario.node_count(), "node")};
  phrases.insert(phrases.end(), check.parameters.begin(), check.parameters.end());
  phrases.emplace_back(scenario.check->clock == scenarios::CheckClock::hasty ? "hasty" : "patient");
  phrases.emplace_back(scenario.check->steps == scenarios::CheckSteps::exchange ? "exchange" : "message");
  return joined(phrases);
}

std::string counts_of(const CheckOutcome& outcome) {
  const auto& seen = outcome.exploration;
  std::string text = show_counted(seen.states, "state") + ", " + show_counted(seen.transitions, "transition") +
                     ", depth " + std::to_string(seen.depth);
  if (outcome.ideal_states) text += ", ideal in " + show_count(*outcome.ideal_states);
  return text;
}

// Why an exploration did not see everything.
std::string reason_of(check::Ending ending) {
  switch (ending) {
    case check::Ending::states_bound:
      return "the bound on states was reached";
    case check::Ending::memory_bound:
      return "the bound on memory was reached";
    case check::Ending::depth_bound:
      return "the bound on depth was reached";
    case check::Ending::interrupted:
      return "it was interrupted";
    default:
      return "a bound of the system left something out";
  }
}

CheckInWords words_of(const CheckOutcome& outcome, const scenarios::NodeCheck& check, const Scenario& scenario) {
  CheckInWords words{.subject = subject_of(scenario, check) + ": " + counts_of(outcome),
                     .assumptions = check.assumptions};
  switch (outcome.verdict) {
    case check::Verdict::proved:
      words.verdict = "proved";
      break;
    case check::Verdict::not_exhausted:
      words.verdict = "not exhausted";
      words.reason = reason_of(outcome.exploration.ending);
      break;
    case check::Verdict::refuted:
      words.verdict = "refuted";
      words.reason = outcome.refutation->property + ": " + outcome.refutation->flaw + ", after " +
                     show_counted(outcome.refutation->steps.size(), "step");
      break;
  }
  return words;
}

int print(const CheckOutcome& outcome, const CheckInWords& words, const scenarios::NodeCheck& check,
          const Scenario& scenario, const Arguments& arguments) {
  std::cout << words.verdict << ": " << words.subject << '\n';
  if (!words.reason.empty()) std::cout << "  " << words.reason << '\n';
  int code = exit_good;
  switch (outcome.verdict) {
    case check::Verdict::proved:
      break;
    case check::Verdict::not_exhausted:
      code = exit_not_exhausted;
      break;
    case check::Verdict::refuted:
      std::cout << scenarios::story_of(*outcome.refutation, scenario);
      if (outcome.refutation->kind == scenarios::Refutation::Kind::stuck)
        std::cout << "  no maintenance changes that\n";
      if (outcome.refutation->kind == scenarios::Refutation::Kind::cycle)
        std::cout << "  maintenance may go round for ever without changing that\n";
      code = exit_expectation_failed;
      break;
  }
  if (!words.assumptions.empty()) std::cout << "  assumes: " << joined(words.assumptions) << '\n';
  const auto out = arguments.value("out");
  if (out && outcome.refutation) {
    OutputFile file(out, arguments.has("force"));
    file.text() += scenarios::counterexample_of(*outcome.refutation, check, scenario);
    file.close();
    std::cout << "  a run that fails: peerbed run " << *out << '\n';
  }
  return code;
}

// The page of `--html`, refused before the check begins if it cannot be written.
class StatePage {
 public:
  explicit StatePage(const Arguments& arguments) {
    const auto name = arguments.value("html");
    if (!name) return;
    if (name->empty()) throw UsageError("'--html' needs a file name; write --html FILE");
    if (report_page().empty())
      throw UsageError("this peerbed was built without the report page; install npm and rebuild");
    file_.emplace(name, arguments.has("force"));
    name_ = *name;
  }
  bool is_wanted() const noexcept { return file_.has_value(); }

  void write(const CheckOutcome& outcome, CheckInWords words, const scenarios::NodeCheck& check,
             const Scenario& scenario) {
    try {
      if (outcome.refutation) words.counterexample = counterexample_of(*outcome.refutation, check, scenario);
    } catch (const scenarios::ScenarioError&) {
      // No run can show it, but the page can.
    }
    file_->text() = filled_page(report_page(), state_space_document(outcome, scenario, words));
    file_->close();
    std::cout << "  " << name_ << " shows " << (outcome.space.is_cut ? "the nearest " : "")
              << show_counted(outcome.space.states.size(), "state") << (outcome.space.is_cut ? "; there are more" : "")
              << '\n';
  }

 private:
  std::optional<OutputFile> file_;
  std::string name_;
};

std::string command_of(const Invocation& invocation) {
  std::string text = shell_word(invocation.program) + " check";
  for (const std::string& word : invocation.words) text += " " + shell_word(word);
  return text;
}

int run_check(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1)
    throw UsageError("check takes one scenario: peerbed check SCENARIO [options]");
  const Scenario scenario = scenarios::load_scenario(read_scenario(arguments.positional().front()), invocation.registry,
                                                     overrides_of(arguments));
  const std::unique_ptr<scenarios::NodeCheck> check = scenarios::check_of(scenario);
  StatePage page(arguments);
  remember_interrupts();
  ProgressLine line;
  scenarios::CheckSettings settings{.jobs = jobs_of(arguments), .memory = memory_of_machine() / 4 * 3};
  if (arguments.value("save") == "") throw UsageError("'--save' needs a file name; write --save FILE");
  if (const auto file = arguments.value("save")) settings.file = *file;
  if (page.is_wanted()) {
    settings.shown.at_most = most_states_shown;
    for (NodeIndex node = 0; node < scenario.node_count(); ++node)
      settings.shown.names.push_back(scenario.name_of(node));
    settings.words = [&scenario](const scenarios::CheckStep& step) { return scenarios::words_of(step, scenario); };
  }
  settings.on_progress = [&](const check::Progress& progress) {
    if (line.is_due()) {
      const double seconds = std::max(line.seconds(), 0.001);
      line.write(show_counted(progress.states, "state") + ", " + show_count(progress.transitions) + " transitions, " +
                 show_count(static_cast<std::uint64_t>(static_cast<double>(progress.states) / seconds)) +
                 " states/s, depth " + std::to_string(progress.depth) + ", " + show_count(progress.frontier) +
                 " waiting, " + scenarios::show_size(static_cast<double>(progress.memory)));
    }
    return !interrupted();
  };
  const CheckOutcome outcome = check->explore(settings);
  line.clear();
  CheckInWords words = words_of(outcome, *check, scenario);
  words.command = command_of(invocation);
  const int code = print(outcome, words, *check, scenario, arguments);
  if (page.is_wanted()) page.write(outcome, words, *check, scenario);
  if (settings.file && std::filesystem::exists(*settings.file))
    std::cout << "  " << settings.file->string() << " keeps what was seen: the same command continues from there\n";
  return interrupted() && outcome.exploration.ending == check::Ending::interrupted ? exit_interrupted : code;
}

}  // namespace

Command check_command() {
  return {
      .name = "check",
      .summary = "explores every interleaving of a few nodes",
      .forms = {"SCENARIO [options]"},
      .operand = "SCENARIO",
      .description =
          "Explores all states that the nodes of a scenario can reach, as its `check:` section says, and reports "
          "whether its properties are proved. A refutation names the shortest way to a state in which one fails. A "
          "check "
          "that Ctrl-C or a bound ends continues with `--save`. Exits with 0 if proved, 1 if refuted, and 5 if not all "
          "states were seen.",
      .options = {{"jobs", "N", "threads (default: number of CPUs); the result does not depend on it", false, 'j'},
                  {"out", "FILE", "write a refutation as a scenario that fails in an ordinary run", false, 'o'},
                  {"html", "FILE", "write a page on which a click takes an action, from state to state"},
                  {"force", nullptr, "overwrite existing files"},
                  {"save", "FILE", "keep an unfinished check in this file, and continue it from there"},
                  {"seed", "N", "use this seed"},
                  {"set", "PATH=VALUE", "override a value or parameter of the scenario", true}},
      .examples = {{"peerbed check ring-check", "prove a built-in scenario"},
                   {"peerbed check ring-check --set check.contract=none -o broken.yaml",
                    "let nodes fail as they like, and keep the counterexample"},
                   {"peerbed check ring-check --html states.html", "walk through its states in a browser"}},
      .run = run_check,
      .simulates = true,
  };
}

}  // namespace peerbed::app
