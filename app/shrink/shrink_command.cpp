#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "adapter/base/child_process.h"
#include "analysis/results/json_document.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/output_file.h"
#include "app/cli/scenario_box.h"
#include "app/cli/settings.h"
#include "app/cli/terminal.h"
#include "app/cli/unnamed_file.h"
#include "app/run/run_folder.h"
#include "app/run/trace_output.h"
#include "app/shrink/shrunk_file.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/shrink/shrink.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using scenarios::Failure;
using scenarios::Scenario;
using scenarios::ShrinkResult;

constexpr std::uint64_t most_runs = 1'000'000;
const Option time_limit_option{"time", "TIME", "stop after this time (default: 1min)"};

// What is to be made smaller: a saved run, or a scenario.
struct Subject {
  Scenario scenario;
  bool was_on_sockets = false;
};

Subject subject_of(const Invocation& invocation, const Arguments& arguments) {
  const std::string& name = arguments.positional().front();
  std::error_code error;
  if (!std::filesystem::is_directory(name, error))
    return {scenarios::load_scenario(read_scenario(name), invocation.registry, overrides_of(arguments))};
  if (arguments.has("seed") || arguments.has("set"))
    throw UsageError(name + " is a saved run, whose seed and settings are fixed; leave out --seed and --set");
  const bool was_on_sockets = is_run_over_sockets(name);
  if (!was_on_sockets) recorded_run(name);  // throws if it is damaged
  return {scenarios::load_scenario(recorded_scenario(name), invocation.registry, {}, record_limits), was_on_sockets};
}

// Makes the run in a process of its own. Returns why that did not survive it; nothing if it did.
std::optional<std::string> death_in(const Scenario& scenario) {
  constexpr std::size_t longest_remark = 2048;
  const adapter::FileDescriptor remark = unnamed_file();
  adapter::ChildProcess process([&] {
    dup2(remark.number(), STDERR_FILENO);
    scenarios::run_scenario(scenario);
    return 0;
  });
  if (!process) return std::nullopt;
  const adapter::ChildProcess::End end = process.wait();
  if (end.signal == 0) return std::nullopt;
  std::string why = content_of(remark, longest_remark);
  why.erase(why.find_last_not_of('\n') + 1);
  why = why.substr(why.rfind('\n') + 1);
  return why.empty() ? "signal " + std::to_string(end.signal) + ", " + strsignal(end.signal) : why;
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

// Where a failure of another kind is written.
std::string file_of_slip(const std::string& file, std::size_t index) {
  return file + ".other-" + std::to_string(index + 1) + ".yaml";
}

std::string json_of(const ShrinkResult& result) {
  analysis::Json json;
  json["sentence"] = scenarios::sentence_of(result);
  json["property"] = result.failure.property;
  json["what"] = result.failure.what;
  json["signature"] = result.signature.text();
  json["nodes"] = result.nodes;
  json["deeds"] = result.deeds;
  json["seconds"] = std::chrono::duration<double>(result.scenario->duration).count();
  json["runs"] = result.runs;
  json["complete"] = result.is_complete;
  json["scenario"] = scenarios::write_document(result.document);
  json["others"] = analysis::Json::array();
  for (const scenarios::Slip& slip : result.slips)
    json["others"].push_back({{"property", slip.failure.property},
                              {"what", slip.failure.what},
                              {"scenario", scenarios::write_document(slip.document)}});
  return analysis::json_page(json);
}

// Of a run that is far from the smallest, the signature has thousands of steps.
std::string shortened(std::string text) {
  constexpr std::size_t most = 600;
  if (text.size() > most) text = text.substr(0, text.rfind(';', most)) + "; ...";
  return text;
}

void report_on(const ShrinkResult& result, const std::string& program, const std::optional<std::string>& file,
               std::ostream& out) {
  out << scenarios::sentence_of(result) << '\n'
      << scenarios::show_counted(result.nodes, "node") << ", " << scenarios::show_counted(result.deeds, "deed") << ", "
      << scenarios::write_duration(result.scenario->duration) << ", after "
      << scenarios::show_counted(result.runs, "run") << '\n'
      << "signature: " << shortened(result.signature.text()) << '\n';
  if (!result.is_same_run) out << "written out in full the run had another digest, and failed all the same\n";
  if (!result.is_complete) out << "not finished: a smaller one may exist; allow more --runs or a longer --time\n";
  for (std::size_t i = 0; i < result.slips.size(); ++i) {
    const Failure& other = result.slips[i].failure;
    out << "another failure on the way: " << other.property << ": " << other.what << '\n';
    if (file) out << "  shrink: " << program << " shrink " << shell_word(file_of_slip(*file, i)) << '\n';
  }
}

int shrink(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() != 1 || arguments.positional().front().empty())
    throw UsageError("shrink takes one saved run or scenario: peerbed shrink RUN|SCENARIO");
  if (arguments.has("force") && !arguments.has("out") && !arguments.has("svg"))
    throw UsageError("--force needs --out FILE or --svg FILE");
  const Subject subject = subject_of(invocation, arguments);
  scenarios::ShrinkLimits limits;
  limits.most_runs = count_option(arguments, "runs", limits.most_runs);
  const std::optional<std::string> file = arguments.value("out");
  const bool is_json = arguments.has("json");
  std::optional<OutputFile> out;
  if (file || !is_json) out.emplace(file, arguments.has("force"));
  std::optional<OutputFile> picture;
  if (const auto name = arguments.value("svg")) picture.emplace(name, arguments.has("force"));

  remember_interrupts();
  const auto until =
      std::chrono::steady_clock::now() + time_option(arguments, time_limit_option).value_or(std::chrono::minutes(1));
  limits.is_over = [until] { return interrupted() || std::chrono::steady_clock::now() >= until; };
  if (const auto death = death_in(subject.scenario)) {
    complain("peerbed: the process does not survive this run (" + *death +
             "), so it cannot be shrunk; leave out faults and commands by hand, or let `peerbed search` find others");
    return exit_usage;
  }
  const ShrinkResult result = scenarios::shrink(subject.scenario, invocation.registry, limits);
  if (!result.first) {
    complain(subject.was_on_sockets
                 ? "peerbed: what was done to the nodes of this run does not make them fail in the simulator, so there "
                   "is nothing to shrink; run the scenario again over sockets, with --trace, to see why it fails there"
                 : "peerbed: this run does not fail, so there is nothing to shrink; give the seed of one that does");
    return exit_usage;
  }
  if (!result.scenario) {
    complain("peerbed: this run fails (" + result.first->property +
             "), but no longer when all that happens in it is written out, so it cannot be shrunk; please report it "
             "with the scenario");
    return exit_usage;
  }
  if (out) {
    out->text() = shrunk_file(result, shown_command(invocation));
    out->close();
  }
  if (picture) {
    picture->text() = shrunk_picture(result);
    picture->close();
  }
  for (std::size_t i = 0; i < result.slips.size() && file; ++i) {
    const scenarios::Slip& slip = result.slips[i];
    OutputFile other(file_of_slip(*file, i), arguments.has("force"));
    other.text() = comment("Violated: " + slip.failure.property + ": " + slip.failure.what) +
                   scenarios::write_document(slip.document);
    other.close();
  }
  if (is_json) {
    std::cout << json_of(result) << std::flush;
  } else {
    std::ostream& report = file ? std::cout : std::cerr;
    if (subject.was_on_sockets) report << "the run fails in the simulator, too\n";
    report_on(result, shell_word(invocation.program), file, report);
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
          "Smaller means, in this order: fewer nodes, fewer faults, fewer lost messages, fewer commands, simpler "
          "faults, a shorter time and a shorter text. A smaller run is taken only if the same property is violated in "
          "the same way. Other failures that turn up are reported.",
      .options = {{"out", "FILE", "write the scenario to a file instead of stdout", false, 'o'},
                  {"svg", "FILE", "draw what happens as a space-time diagram"},
                  {"force", nullptr, "overwrite existing files"},
                  {"json", nullptr, "print what was found as one JSON object"},
                  {"seed", "N", "random seed (default: from the scenario)"},
                  {"set", "KEY=VALUE", "set a parameter or any key of the scenario", true},
                  {"runs", "N", "try at most this many runs (default: 5000)"},
                  time_limit_option},
      .examples = {{"peerbed shrink ring-lossy --seed 7 -o minimal.yaml", "the smallest scenario that fails alike"},
                   {"peerbed shrink ring-lossy --svg failure.svg", "draw what happens"}},
      .run = shrink,
      .simulates = true,
  };
}

}  // namespace peerbed::app
