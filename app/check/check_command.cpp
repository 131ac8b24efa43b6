#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/cli/scenario_box.h"
#include "app/cli/terminal.h"
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

int print(const CheckOutcome& outcome, const scenarios::NodeCheck& check, const Scenario& scenario,
          const Arguments& arguments) {
  const std::string subject = subject_of(scenario, check) + ": " + counts_of(outcome) + "\n";
  int code = exit_good;
  switch (outcome.verdict) {
    case check::Verdict::proved:
      std::cout << "proved: " << subject;
      break;
    case check::Verdict::not_exhausted:
      std::cout << "not exhausted: " << subject << "  " << reason_of(outcome.exploration.ending) << '\n';
      code = exit_not_exhausted;
      break;
    case check::Verdict::refuted:
      std::cout << "refuted: " << subject << "  " << outcome.refutation->property << ": " << outcome.refutation->flaw
                << ", after " << show_counted(outcome.refutation->steps.size(), "step") << '\n'
                << scenarios::story_of(*outcome.refutation, scenario);
      if (outcome.refutation->kind == scenarios::Refutation::Kind::stuck)
        std::cout << "  no maintenance changes that\n";
      if (outcome.refutation->kind == scenarios::Refutation::Kind::cycle)
        std::cout << "  maintenance may go round for ever without changing that\n";
      code = exit_expectation_failed;
      break;
  }
  if (!check.assumptions.empty()) std::cout << "  assumes: " << joined(check.assumptions) << '\n';
  const auto out = arguments.value("out");
  if (out && outcome.refutation) {
    OutputFile file(out, arguments.has("force"));
    file.text() += scenarios::counterexample_of(*outcome.refutation, check, scenario);
    file.close();
    std::cout << "  a run that fails: peerbed run " << *out << '\n';
  }
  return code;
}

int run_check(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1)
    throw UsageError("check takes one scenario: peerbed check SCENARIO [options]");
  const Scenario scenario = scenarios::load_scenario(read_scenario(arguments.positional().front()), invocation.registry,
                                                     overrides_of(arguments));
  const std::unique_ptr<scenarios::NodeCheck> check = scenarios::check_of(scenario);
  remember_interrupts();
  ProgressLine line;
  scenarios::CheckSettings settings{.jobs = jobs_of(arguments), .memory = memory_of_machine() / 4 * 3};
  if (arguments.value("save") == "") throw UsageError("'--save' needs a file name; write --save FILE");
  if (const auto file = arguments.value("save")) settings.file = *file;
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
  const int code = print(outcome, *check, scenario, arguments);
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
                  {"force", nullptr, "overwrite that file"},
                  {"save", "FILE", "keep an unfinished check in this file, and continue it from there"},
                  {"seed", "N", "use this seed"},
                  {"set", "PATH=VALUE", "override a value or parameter of the scenario", true}},
      .examples = {{"peerbed check ring-check", "prove a built-in scenario"},
                   {"peerbed check ring-check --set check.contract=none -o broken.yaml",
                    "let nodes fail as they like, and keep the counterexample"}},
      .run = run_check,
      .simulates = true,
  };
}

}  // namespace peerbed::app
