// `peerbed key`: creates a new cluster key.

#include <iostream>
#include <system_error>

#include "adapter/crypto/cluster_key.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"

namespace peerbed::app {
namespace {

int make_key(const Invocation&, const Arguments& arguments) {
  if (!arguments.positional().empty())
    throw UsageError("'" + arguments.positional().front() + "' is not an option; write: peerbed key -o FILE");
  const auto file = arguments.value("output");
  if (!file) throw UsageError("key needs an output file; write: peerbed key -o FILE");
  try {
    adapter::ClusterKey::make(*file);
  } catch (const std::system_error& error) {
    const bool exists = error.code() == std::errc::file_exists;
    throw std::runtime_error(error.what() +
                             std::string(exists ? "; key never overwrites a file: choose another name" : ""));
  }
  std::cerr << "wrote a new key to " << *file << "; give it to each node with --key-file and keep it secret\n";
  return exit_good;
}

}  // namespace

Command key_command() {
  return {
      .name = "key",
      .summary = "creates a key for the nodes of a cluster",
      .forms = {"-o FILE"},
      .description = "Creates a new key. Nodes that share a key encrypt all their traffic and ignore everyone else.",
      .details = "Only its owner can read the file. An existing file is never overwritten.",
      .options = {{"output", "FILE", "output file, readable only by its owner", false, 'o'}},
      .examples = {{"peerbed key -o cluster.key", "a new key"},
                   {"peerbed key --output /etc/peerbed.key", "a key in another place"}},
      .run = make_key,
  };
}

}  // namespace peerbed::app
