#include "app/cli/command_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <new>

#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/terminal.h"
#include "app/cli/version.h"
#include "scenarios/text/error.h"
#include "scenarios/text/field.h"
#include "sim/core/large_pages.h"

namespace peerbed {
namespace {

using app::Command;
using app::Words;

// Finds the command with this name. Throws UsageError if there is none.
const Command& command_of(const std::string& name, const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (name == command.name) return command;
    names.push_back(command.name);
  }
  names.insert(names.end(), {"--help", "--version"});
  const std::string nearest = scenarios::nearest_word(name, names);
  throw app::UsageError(
      "unknown command '" + name + "'; " +
      (nearest.empty() ? "known commands are " + scenarios::joined_words(names) : "did you mean '" + nearest + "'?"));
}

// Finds a subcommand, such as `node peer`. Throws UsageError if there is none.
const Command& kind_of(const Command& command, const Words& words) {
  std::vector<std::string> names;
  for (const Command& kind : command.kinds) {
    names.push_back(kind.name.substr(command.name.size() + 1));
    if (words.size() > 1 && words[1] == names.back()) return kind;
  }
  const std::string known = scenarios::joined_words(names);
  if (words.size() < 2) throw app::UsageError("missing " + command.name + " type; known types are " + known);
  throw app::UsageError("unknown " + command.name + " type '" + words[1] + "'; known types are " + known);
}

bool asks_for_help(const std::string& word) { return word == "--help" || word == "-h"; }

// The program's name, without its directory.
std::string name_of(const std::string& program) { return std::filesystem::path(program).filename().string(); }

// Marks the options of another command's words as words.
Words with_marked_words(const Command& command, Words words) {
  std::size_t operands = 0;
  for (auto word = words.begin(); command.own_words > 0 && word != words.end() && *word != "--"; ++word) {
    const auto is_it = [&](const app::Option& option) { return *word == "--" + std::string(option.name); };
    const bool is_own = std::any_of(command.options.begin(), command.options.end(), is_it) || asks_for_help(*word);
    if (!word->starts_with('-')) ++operands;
    if (operands < command.own_words || !word->starts_with('-') || is_own) continue;
    words.insert(word, "--");
    break;
  }
  return words;
}

int run(const Command& command, const app::Invocation& invocation) {
  const app::Arguments arguments(with_marked_words(command, invocation.words), command.options);
  if (arguments.has("help")) {
    app::print_help(std::cout, command, name_of(invocation.program));
    return exit_good;
  }
  if (command.simulates) sim::prefer_large_pages();
  return command.run(invocation, arguments);
}

int dispatch(const std::string& program, Words words, const scenarios::Registry& registry) {
  const std::vector<Command> commands = app::all_commands(registry);
  if (words.empty()) {
    app::print_help(std::cerr, commands, name_of(program));
    return exit_usage;
  }
  if (words.front() == "help") {
    words.erase(words.begin());
    words.push_back("--help");
  }
  const std::string name = words.front();
  const auto after = [&](std::size_t count) { return Words(words.begin() + static_cast<long>(count), words.end()); };
  if (asks_for_help(name)) {
    app::print_help(std::cout, commands, name_of(program));
    return exit_good;
  }
  if (name == "--version") {
    std::cout << app::version_line(name_of(program)) << '\n';
    return exit_good;
  }
  if (name == "run-node") return app::run_node_command({program, after(1), registry});
  if (name == "write-pages") return app::write_pages_command({program, after(1), registry});
  const Command& command = command_of(name, commands);
  if (command.kinds.empty()) return run(command, {program, after(1), registry});
  if (words.size() > 1 && asks_for_help(words[1])) {
    app::print_help(std::cout, command, name_of(program));
    return exit_good;
  }
  return run(kind_of(command, words), {program, after(2), registry});
}

int failed(const std::string& program, const char* what, int code) {
  std::cout << std::flush;
  app::complain(name_of(program) + ": " + app::said_by(name_of(program), what));
  return code;
}

}  // namespace

std::vector<Command> app::all_commands(const scenarios::Registry& registry) {
  return {run_command(),    sweep_command(),   gather_command(),  search_command(),   shrink_command(),
          check_command(),  compare_command(), report_command(),  plot_command(),     parity_command(),
          replay_command(), trace_command(),   explain_command(), validate_command(), node_command(registry),
          ctl_command(),    put_command(),     get_command(),     remove_command(),   key_command(),
          list_command()};
}

int run_command_line(int argc, const char* const* argv, const scenarios::Registry& registry) noexcept {
  // Exceeding the file size limit is an error like any other and must not kill the process.
  std::signal(SIGXFSZ, SIG_IGN);
  // If a standard stream is closed, a socket or file would get its number and be written to in its place.
  int taken = ::open("/dev/null", O_RDONLY);
  while (taken >= 0 && taken <= STDERR_FILENO) taken = ::open("/dev/null", O_RDONLY);
  ::close(taken);
  const char* const program = argc > 0 ? argv[0] : "peerbed";
  try {
    const int code = dispatch(program, Words(argv + std::min(argc, 1), argv + argc), registry);
    std::cout << std::flush;
    return std::cout ? code : failed(program, "cannot write to stdout", exit_io);
  } catch (const app::UsageError& error) {
    return failed(program, error.what(), exit_usage);
  } catch (const scenarios::ScenarioError& error) {
    app::complain(error.what());
    return exit_usage;
  } catch (const std::bad_alloc&) {
    return failed(program, "not enough memory; use fewer nodes", exit_io);
  } catch (const std::exception& error) {
    return failed(program, error.what(), exit_io);
  }
}

}  // namespace peerbed
