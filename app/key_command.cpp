// `peerbed key`: a new key for the nodes of a cluster.

#include <iostream>
#include <system_error>

#include "adapter/cluster_key.h"
#include "app/command_line.h"
#include "app/commands.h"

namespace peerbed::app {
namespace {

int make_key(const Invocation&, const Arguments& arguments) {
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

}  // namespace

Command key_command() {
  return {
      .name = "key",
      .summary = "makes a key for the nodes of a cluster",
      .forms = {"-o FILE"},
      .description =
          "Makes a new key. Nodes that share one seal all that they say to one another, and hear nobody else.",
      .details = "The file is readable by its owner alone, and never written over another.",
      .options = {{"output", "FILE", "where to write it, readable by its owner alone", false, 'o'}},
      .examples = {{"peerbed key -o cluster.key", "a new key"},
                   {"peerbed key --output /etc/peerbed.key", "the same, elsewhere"}},
      .run = make_key,
  };
}

}  // namespace peerbed::app
