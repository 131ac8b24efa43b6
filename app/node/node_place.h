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

// "127.0.0.1:4000", "[::1]:4000" or "name:4000"; of a name's addresses an IPv4 one is preferred.
adapter::Endpoint endpoint_of(const std::string& text, const char* option);

// What --key-file names, null without it. A file that cannot be read is a std::runtime_error.
std::shared_ptr<const adapter::ClusterKey> cluster_key_of(const Arguments& arguments);

// What --listen and --advertise say. Refuses an address that other machines can reach unless --key-file or --insecure
// is given.
adapter::NodeOptions place_of(const Arguments& arguments, const adapter::Endpoint& otherwise);

// Another node, as an option names it.
struct Remote {
  std::string text;
  adapter::Endpoint endpoint;
  bool is_name = false;  // no address: it may stand for another endpoint later
};
// All that an option names, in its order, each endpoint once. Refuses those that cannot be reached from where the node
// listens.
std::vector<Remote> remotes_of(const Arguments& arguments, const char* option, const adapter::NodeOptions& place);
// Where a node listens that was not told: on the loopback of the family of the first node that the option names.
adapter::Endpoint loopback_beside(const Arguments& arguments, const char* option);
// Of several addresses of one name, the next one after `after` that can be reached from where the node listens; the
// first again behind the last.
std::optional<adapter::Endpoint> next_reachable(const adapter::NodeOptions& place,
                                                std::vector<adapter::Endpoint> remotes,
                                                const std::optional<adapter::Endpoint>& after);

// Throws what went wrong with a socket or a directory anew, with what can be done about it.
[[noreturn]] void rethrow_with_remedy(const std::system_error& error);

}  // namespace peerbed::app
