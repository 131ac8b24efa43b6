#pragma once
// Where a real node listens and what it keeps where, read from its command line. Mistakes are UsageErrors.

#include <memory>
#include <string>
#include <vector>

#include "adapter/cluster_key.h"
#include "adapter/process.h"
#include "app/options.h"

namespace peerbed::app {

// Options that every kind of node takes, after its own.
std::vector<Option> common_node_options();

// "127.0.0.1:4000" or "name:4000": an IPv4 endpoint, for nodes tell each other addresses in six bytes.
adapter::Endpoint endpoint_of(const std::string& text, const char* option);

// What --key-file names, null without it. A file that cannot be read is a std::runtime_error.
std::shared_ptr<const adapter::ClusterKey> cluster_key_of(const Arguments& arguments);

// What --listen and --advertise say. Refuses an address that other machines can reach unless --key-file or --insecure
// is given.
adapter::NodeOptions place_of(const Arguments& arguments, const adapter::Endpoint& otherwise);

// A node that listens on loopback cannot speak to another machine.
void refuse_unreachable(const adapter::NodeOptions& place, const adapter::Endpoint& remote, const char* option);

// Throws what went wrong with a socket or a directory anew, with what can be done about it.
[[noreturn]] void rethrow_with_remedy(const std::system_error& error);

}  // namespace peerbed::app
