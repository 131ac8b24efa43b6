#pragma once
// Where a real node listens and where it keeps its data, read from its command line. Throws UsageError for a bad
// option.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/crypto/cluster_key.h"
#include "adapter/hosted_node.h"
#include "app/cli/options.h"

namespace peerbed::app {

// Options that every kind of node takes, after its own.
std::vector<Option> common_node_options();

// "127.0.0.1:4000", "[::1]:4000" or "name:4000"; if a name has several addresses, IPv4 is preferred.
adapter::Endpoint endpoint_of(const std::string& text, const char* option);

// The key from --key-file, or null without it. Throws std::runtime_error for a file that cannot be read.
std::shared_ptr<const adapter::ClusterKey> cluster_key_of(const Arguments& arguments);

// What --listen and --advertise select. Refuses an address that other machines can reach unless --key-file or
// --insecure is given.
adapter::NodeOptions node_options_of(const Arguments& arguments, const adapter::Endpoint& otherwise);

// Another node, as an option names it.
struct Remote {
  std::string text;
  adapter::Endpoint endpoint;
  bool is_name = false;  // not an address: it may resolve to another endpoint later
};
// All remotes that an option names, in order, without duplicate endpoints. Refuses those that cannot be reached from
// where the node listens.
std::vector<Remote> remotes_of(const Arguments& arguments, const char* option,
                               const adapter::NodeOptions& node_options);
// Where a node listens by default: on the loopback address of the family of the first remote that the option names.
adapter::Endpoint loopback_beside(const Arguments& arguments, const char* option);
// If a name has several addresses, the next one after `after` that can be reached from where the node listens, starting
// over after the last.
std::optional<adapter::Endpoint> next_reachable(const adapter::NodeOptions& node_options,
                                                std::vector<adapter::Endpoint> remotes,
                                                const std::optional<adapter::Endpoint>& after);

// Rethrows an error of a socket or a directory, adding what to do about it.
[[noreturn]] void rethrow_with_remedy(const std::system_error& error);

}  // namespace peerbed::app
