// `peerbed write-pages DIR` writes what an installation has under share/ besides the program's data: manual pages and
// the completions for three shells. The build calls it; users do not.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/completion.h"
#include "app/cli/manual_page.h"
#include "app/cli/scenario_page.h"
#include "scenarios/run/standard_protocols.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error(file.string() + " cannot be written");
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error(file.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

int write_pages_command(const Invocation& invocation) {
  if (invocation.words.size() != 2)
    throw UsageError("write-pages is used by the build: peerbed write-pages DIR scenarios/schema.json");
  const fs::path folder = invocation.words[0];
  const std::vector<Command> commands = all_commands(scenarios::standard_protocols());
  write(folder / "man/man1/peerbed.1", program_page(commands));
  for (const Command& command : commands) {
    write(folder / "man/man1" / (page_name(command) + ".1"), command_page(command));
    for (const Command& kind : command.kinds) write(folder / "man/man1" / (page_name(kind) + ".1"), command_page(kind));
  }
  write(folder / "man/man5/peerbed-scenario.5", scenario_page(text_of(invocation.words[1])));
  write(folder / "bash-completion/completions/peerbed", bash_completion(commands));
  write(folder / "zsh/site-functions/_peerbed", zsh_completion(commands));
  write(folder / "fish/vendor_completions.d/peerbed.fish", fish_completion(commands));
  return exit_good;
}

}  // namespace peerbed::app
