// Help for the commands: it fits on a screen, and its examples work.

#include <algorithm>
#include <sstream>

#include "app/cli/commands.h"
#include "app/cli/completion.h"
#include "tests/app/program.h"
#include "tests/catch.h"

using namespace peerbed::tests;

namespace app = peerbed::app;

namespace {

std::vector<std::string> lines_in(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The program, its commands and subcommands, as command lines that ask for help.
std::vector<std::string> helped() {
  std::vector<std::string> names{""};
  for (const app::Command& command : app::all_commands()) {
    names.push_back(command.name);
    for (const app::Command& kind : command.kinds) names.push_back(kind.name);
  }
  return names;
}

// The indented lines after "Examples:".
std::vector<std::string> examples_in(const std::string& help) {
  std::vector<std::string> examples;
  const std::vector<std::string> lines = lines_in(help);
  for (auto line = std::find(lines.begin(), lines.end(), "Examples:"); line != lines.end(); ++line)
    if (line->starts_with("  peerbed ")) examples.push_back(line->substr(2));
  return examples;
}

// A command line's words; the examples use only plain quotes.
std::vector<std::string> words_in(const std::string& line) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; stream >> word;) {
    word.erase(std::remove(word.begin(), word.end(), '\''), word.end());
    words.push_back(word);
  }
  return words;
}

const app::Command* leaf_of(const std::vector<app::Command>& commands, const std::string& line) {
  for (const app::Command* leaf : app::leaves_of(commands))
    if (line.starts_with("peerbed " + leaf->name + " ") || line == "peerbed " + leaf->name) return leaf;
  return nullptr;
}

}  // namespace

TEST_CASE("the help of the program and of each command fits a screen of 80 columns") {
  const Folder folder;
  for (const std::string& name : helped()) {
    CAPTURE(name);
    const Outcome outcome = folder.peerbed("help " + name);
    REQUIRE(outcome.code == 0);
    CHECK(outcome.err.empty());
    CHECK(folder.peerbed(name + " --help").out == outcome.out);
    const std::vector<std::string> lines = lines_in(outcome.out);
    CHECK(lines.size() <= (name.empty() ? 24 : 40));
    for (const std::string& line : lines) {
      CAPTURE(line);
      CHECK(line.size() <= 80);
    }
  }
}

TEST_CASE("help ends with examples whose options and scenarios exist") {
  const Folder folder;
  const std::vector<app::Command> commands = app::all_commands();
  const std::vector<std::string> scenarios = lines_in(folder.peerbed("list --names").out);
  CHECK(scenarios.size() > 15);
  for (const std::string& name : helped()) {
    const std::string help = folder.peerbed("help " + name).out;
    const std::vector<std::string> examples =
        name.empty() ? std::vector<std::string>{"peerbed run ring-third-crash"} : examples_in(help);
    CAPTURE(name, help);
    if (name.empty()) CHECK(help.find("\nTry `" + examples.front() + "` ") != std::string::npos);
    if (!name.empty()) {
      CHECK(examples.size() >= 2);
      CHECK(examples.size() <= 3);
      CHECK(help.ends_with("  " + examples.back() + "\n"));
    }
    for (const std::string& example : examples) {
      CAPTURE(example);
      if (example.starts_with("peerbed help ")) continue;
      const app::Command* leaf = leaf_of(commands, example);
      REQUIRE(leaf != nullptr);
      if (!name.empty()) CHECK(leaf->name.starts_with(name.substr(0, name.find(' '))));
      const std::vector<std::string> words = words_in(example.substr(("peerbed " + leaf->name).size()));
      const app::Arguments arguments(words, leaf->options);  // throws for an unknown option
      if (leaf->operand.empty()) CHECK(arguments.positional().empty());
      if (leaf->operand != "SCENARIO") continue;
      for (const std::string& scenario : arguments.positional())
        if (!scenario.ends_with(".yaml"))
          CHECK(std::find(scenarios.begin(), scenarios.end(), scenario) != scenarios.end());
    }
  }
}

TEST_CASE("every option is described once, and no name or letter is used twice in a command") {
  const std::vector<app::Command> commands = app::all_commands();
  for (const app::Command* leaf : app::leaves_of(commands)) {
    std::vector<std::string> seen{"help", "h"};
    for (const app::Option& option : leaf->options) {
      CAPTURE(leaf->name, option.name);
      CHECK(std::string(option.help).size() > 5);
      CHECK(std::find(seen.begin(), seen.end(), option.name) == seen.end());
      seen.emplace_back(option.name);
      if (option.letter == 0) continue;
      const std::string letter(1, option.letter);
      CHECK(std::find(seen.begin(), seen.end(), letter) == seen.end());
      seen.push_back(letter);
    }
  }
}

TEST_CASE("scenarios are listed in one line of 80 columns each") {
  const Folder folder;
  const Outcome list = folder.peerbed("list");
  for (const std::string& name : lines_in(folder.peerbed("list --names").out)) {
    const std::vector<std::string> lines = lines_in(list.out);
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [&](const std::string& each) { return each.starts_with("  " + name + " "); });
    CAPTURE(name);
    REQUIRE(line != lines.end());
    CHECK(line->size() <= 80);
    CHECK(line->size() > name.size() + 10);
    CHECK(line->ends_with("."));
  }
}
