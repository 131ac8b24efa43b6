#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/cli/scenario_box.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/run/run_folder.h"
#include "app/run/trace_output.h"
#include "scenarios/shrink/shrink.h"
#include "scenarios/shrink/space_time.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using scenarios::Scenario;
using scenarios::ShrinkResult;

constexpr std::uint64_t most_runs = 1'000'000;
const Option time_limit_option{"time", "TIME", "stop after this time (default: 1min)"};

// The scenario of a saved run, or of a file or built-in scenario.
Scenario scenario_of(const Invocation& invocation, const Arguments& arguments) {
  const std::string& name = arguments.positional().front();
  std::error_code error;
  if (!std::filesystem::is_directory(name, error))
    return scenarios::load_scenario(read_scenario(name), invocation.registry, overrides_of(arguments));
  if (arguments.has("seed") || arguments.has("set"))
    throw UsageError(name + " is a saved run, whose seed and settings are fixed; leave out --seed and --set");
  return scenarios::load_scenario(recorded_scenario(name), invocation.registry, {}, record_limits);
}

std::uint64_t count_option(const Arguments& arguments, const char* name, std::uint64_t otherwise) {
  const auto text = arguments.value(name);
  if (!text) return otherwise;
  const auto count = scenarios::parse_count(*text);
  if (!count || *count == 0 || *count > most_runs)
    throw UsageError("'--" + std::string(name) + " " + *text + "' is out of range; write a number from 1 to " +
                     scenarios::show_count(most_runs));
  return *count;
}

std::string shown_command(const Invocation& invocation) {
  std::string command = shell_word(invocation.program) + " shrink";
  for (const std::string& word : invocation.words) command += " " + shell_word(word);
  return command;
}

// Lines of a comment, broken between words.
std::string comment(const std::string& text) {
  constexpr std::size_t width = 118;
  std::string lines;
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines += "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return lines + "# " + line + "\n";
}

std::string head_of(const ShrinkResult& result, const Scenario& scenario, const std::string& command) {
  return comment(scenarios::sentence_of(result)) + "#\n" + comment("Violated: " + result.failure.property) +
         comment("Seed: " + std::to_string(scenario.seed)) + comment("Found by: " + command);
}

int shrink(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("shrink takes one saved run or scenario: peerbed shrink RUN|SCENARIO");
  if (arguments.has("force") && !arguments.has("out") && !arguments.has("svg"))
    throw UsageError("--force needs --out FILE or --svg FILE");
  const Scenario scenario = scenario_of(invocation, arguments);
  scenarios::ShrinkLimits limits;
  limits.most_runs = count_option(arguments, "runs", limits.most_runs);
  OutputFile out(arguments.value("out"), arguments.has("force"));
  std::optional<OutputFile> picture;
  if (const auto file = arguments.value("svg")) picture.emplace(file, arguments.has("force"));

  remember_interrupts();
  const auto until =
      std::chrono::steady_clock::now() + time_option(arguments, time_limit_option).value_or(std::chrono::minutes(1));
  limits.is_over = [until] { return interrupted() || std::chrono::steady_clock::now() >= until; };
  const ShrinkResult result = scenarios::shrink(scenario, invocation.registry, limits);
  if (!result.first) {
    complain("peerbed: this run does not fail, so there is nothing to explain; give the seed of one that does");
    return exit_good;
  }
  out.text() = head_of(result, scenario, shown_command(invocation)) + scenarios::write_document(result.document);
  out.close();
  if (picture) {
    picture->text() = analysis::svg_of(analysis::picture_of(scenarios::space_time_of(result)));
    picture->close();
  }
  std::ostream& report = arguments.has("out") ? std::cout : std::cerr;
  report << scenarios::sentence_of(result) << '\n'
         << scenarios::show_counted(result.nodes, "node") << ", " << scenarios::show_counted(result.deeds, "deed")
         << ", " << scenarios::write_duration(result.scenario->duration) << ", after "
         << scenarios::show_counted(result.runs, "run") << '\n'
         << result.signature.text() << '\n';
  if (!result.is_complete) report << "not finished: a smaller one may exist; allow more --runs or a longer --time\n";
  for (std::size_t i = 0; i < result.slips.size(); ++i) {
    const scenarios::Slip& slip = result.slips[i];
    report << "another failure on the way: " << slip.failure.property << ": " << slip.failure.what;
    if (const auto file = arguments.value("out")) {
      const std::string name = *file + ".other-" + std::to_string(i + 1) + ".yaml";
      OutputFile other(name, arguments.has("force"));
      other.text() = comment("Violated: " + slip.failure.property + ": " + slip.failure.what) +
                     scenarios::write_document(slip.document);
      other.close();
      report << "\n  shrink: " << shell_word(invocation.program) << " shrink " << shell_word(name);
    }
    report << '\n';
  }
  return interrupted() ? exit_interrupted : exit_good;
}

}  // namespace

Command shrink_command() {
  return {
      .name = "shrink",
      .summary = "turns a failing run into the smallest scenario that fails alike",
      .forms = {"RUN [options]", "SCENARIO [options]"},
      .operand = "SCENARIO",
      .description =
          "Turns a failing run into the smallest scenario that still fails for the same reason, and says in a sentence "
          "what happens in it. RUN is the folder of a saved run, SCENARIO a file or a name from `peerbed list`.",
      .details =
          "Smaller means, in this order: fewer nodes, fewer faults, fewer lost messages, fewer commands, a shorter "
          "time "
          "and a shorter text. A smaller run is taken only if the same property is violated, after a part of what led "
          "to it before. Other failures that turn up are reported.",
      .options = {{"out", "FILE", "write the scenario to a file instead of stdout", false, 'o'},
                  {"svg", "FILE", "draw what happens as a space-time diagram"},
                  {"force", nullptr, "overwrite existing files"},
                  {"seed", "N", "random seed (default: from the scenario)"},
                  {"set", "KEY=VALUE", "set a parameter or any key of the scenario", true},
                  {"runs", "N", "try at most this many runs (default: 5000)"},
                  time_limit_option},
      .examples = {{"peerbed shrink ring-lossy --seed 7 -o minimal.yaml", "the smallest scenario that fails alike"},
                   {"peerbed shrink lossy -o minimal.yaml", "the same for the run in the folder lossy"}},
      .run = shrink,
      .simulates = true,
  };
}

}  // namespace peerbed::app
