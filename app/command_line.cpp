#include "app/command_line.h"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <new>

#include "app/commands.h"
#include "app/terminal.h"
#include "app/version.h"
#include "scenarios/error.h"
#include "scenarios/field.h"
#include "sim/large_pages.h"

namespace peerbed {
namespace {

using app::Invocation;
using app::Words;

struct Command {
  const char* name;
  int (*run)(const Invocation&);
  const char* usage;
  const char* summary;
  bool simulates = false;  // worlds that may be large
};

constexpr Command commands[] = {
    {"run", app::run_command, "run FILE [--seed N] [--set key=value]... [--out DIR] [--json]",
     "runs a scenario and says what happened", true},
    {"sweep", app::sweep_command, "sweep FILE --seeds 1..20 [--param key=a,b]... -o DIR",
     "runs it with many seeds and parameters, and sums up", true},
    {"compare", app::compare_command, "compare A B [--metric NAME]...",
     "says what B changes against A, and if for the worse"},
    {"parity", app::parity_command, "parity FILE [--seed N] [--set key=value]... [--within 10%]",
     "runs a scenario in the simulation and over sockets, and compares"},
    {"replay", app::replay_command, "replay RUN [--verify]", "runs again what a folder keeps, and compares", true},
    {"validate", app::validate_command, "validate FILE...", "says what is wrong with scenarios"},
    {"node", app::node_command, "node tracker|peer|ring ...", "runs one node for real, over sockets, with a prompt"},
    {"key", app::key_command, "key -o FILE", "makes a key for the nodes of a cluster"},
    {"list", app::list_command, "list", "shows the scenarios in the box and the protocols"},
};

void print_help(std::ostream& out) {
  out << "peerbed " PEERBED_VERSION ": a laboratory for peer-to-peer protocols\n\n";
  analysis::Table table({{"", analysis::Align::left}, {"", analysis::Align::left}});
  for (const Command& command : commands) table.add({std::string("peerbed ") + command.usage, command.summary});
  table.print(out, analysis::Style{});
  out << "\n`peerbed COMMAND --help` shows the options of a command.\n"
         "Exit codes: 0 good; 1 an expectation failed, a property was violated, or a comparison is for the worse;\n"
         "2 usage or a bad scenario; 3 files or the network; 4 a replay diverged; 130 interrupted.\n";
}

int dispatch(const std::string& program, Words words, const scenarios::Registry& registry) {
  if (words.empty()) {
    print_help(std::cerr);
    return exit_usage;
  }
  if (words.front() == "help" && words.size() == 2) words = {words.back(), "--help"};
  const std::string name = words.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(std::cout);
    return exit_good;
  }
  if (name == "--version") {
    std::cout << "peerbed " PEERBED_VERSION "\n";
    return exit_good;
  }
  if (name == "run-node") return app::run_node_command({program, Words(words.begin() + 1, words.end()), registry});
  std::vector<std::string> names;
  for (const Command& command : commands) {
    names.emplace_back(command.name);
    if (name != command.name) continue;
    if (command.simulates) sim::prefer_large_pages();
    return command.run({program, Words(words.begin() + 1, words.end()), registry});
  }
  names.insert(names.end(), {"--help", "--version"});
  const std::string nearest = scenarios::nearest_word(name, names);
  throw app::UsageError(
      "there is no command '" + name + "'; " +
      (nearest.empty() ? "there are " + scenarios::joined_words(names) : "did you mean '" + nearest + "'?"));
}

int failed(const char* what, int code) {
  std::cout << std::flush;
  std::cerr << "peerbed: " << what << '\n';
  return code;
}

}  // namespace

int run_command_line(int argc, const char* const* argv, const scenarios::Registry& registry) noexcept {
  // A file that reaches the limit of its size is an error like any other, and not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const std::string program = argc > 0 ? argv[0] : "peerbed";
    const int code = dispatch(program, Words(argv + std::min(argc, 1), argv + argc), registry);
    std::cout << std::flush;
    return std::cout ? code : failed("stdout cannot be written", exit_io);
  } catch (const app::UsageError& error) {
    return failed(error.what(), exit_usage);
  } catch (const scenarios::ScenarioError& error) {
    std::cerr << error.what() << '\n';
    return exit_usage;
  } catch (const std::bad_alloc&) {
    return failed("there is not enough memory for this; take fewer nodes", exit_io);
  } catch (const std::exception& error) {
    return failed(error.what(), exit_io);
  }
}

}  // namespace peerbed
