// `peerbed key`: a new key for the nodes of a cluster.

#include <algorithm>
#include <iostream>
#include <system_error>

#include "adapter/cluster_key.h"
#include "app/command_line.h"
#include "app/commands.h"

namespace peerbed::app {

int key_command(const Invocation& invocation) {
  const std::vector<Option> options{{"output", "FILE", "where to write it, readable by its owner alone; also -o FILE"},
                                    {"help", nullptr, "shows this"}};
  Words words = invocation.words;
  std::replace(words.begin(), words.end(), std::string("-o"), std::string("--output"));
  const Arguments arguments(words, options);
  if (arguments.has("help")) {
    std::cout << "peerbed key -o FILE\n\n" << describe_options(options);
    return exit_good;
  }
  if (!arguments.positional().empty())
    throw UsageError("'" + arguments.positional().front() + "' is no option; write: peerbed key -o FILE");
  const auto file = arguments.value("output");
  if (!file) throw UsageError("say where to write the key: peerbed key -o FILE");
  try {
    adapter::ClusterKey::make(*file);
  } catch (const std::system_error& error) {
    const bool exists = error.code() == std::errc::file_exists;
    throw std::runtime_error(error.what() + std::string(exists ? "; a key is never written over another file" : ""));
  }
  std::cerr << "a new key is in " << *file << "; give it to each node with --key-file, and to nobody else\n";
  return exit_good;
}

}  // namespace peerbed::app
