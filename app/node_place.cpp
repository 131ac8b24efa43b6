#include "app/node_place.h"

#include <system_error>

#include "app/node_config.h"

namespace peerbed::app {

using adapter::Endpoint;

std::vector<Option> common_node_options() {
  return {
      {"listen", "HOST:PORT", "where to listen, for datagrams and streams"},
      {"advertise", "HOST:PORT", "where others reach it, if not there"},
      {"key-file", "FILE", "the cluster's key (`peerbed key`): all is sealed"},
      {"insecure", nullptr, "listen without a key where other machines can reach it"},
      {"script", "FILE", "take commands from a file, or - for standard input"},
      {"control", "SOCKET", "a Unix socket for `peerbed ctl` and other programs"},
      {"exit-at-end", nullptr, "leave when what the commands began is done"},
      {"patience", "DURATION", "with --exit-at-end, to find a tracker or the ring; else 10s"},
      {"log-level", "error|warning|info|debug", "what is said on stderr, each with its time"},
      {"log-json", nullptr, "that as JSON, an object a line"},
      config_option,
      {"json", nullptr, "a JSON object a line for each thing that happens"},
      {"status-port", "PORT", "/status and /metrics by HTTP on 127.0.0.1; 0: any port"},
  };
}

Endpoint endpoint_of(const std::string& text, const char* option) {
  const auto endpoint = Endpoint::parse(text);
  const std::string given = std::string("--") + option + " " + text;
  if (!endpoint) throw UsageError(given + " is no address that is known here; write it as 192.0.2.7:4000");
  if (!endpoint->is_ipv4())
    throw UsageError(given + " is an IPv6 address, and nodes tell each other addresses in six bytes: give an IPv4 one");
  return *endpoint;
}

adapter::NodeOptions place_of(const Arguments& arguments, const Endpoint& otherwise) {
  adapter::NodeOptions place;
  place.listen = otherwise;
  if (const auto text = arguments.value("listen")) place.listen = endpoint_of(*text, "listen");
  if (const auto text = arguments.value("advertise")) place.advertised = endpoint_of(*text, "advertise");
  const bool has_key = arguments.has("key-file");
  if (has_key && arguments.has("insecure")) throw UsageError("--key-file and --insecure are opposites; give one");
  if (!place.listen.is_loopback() && !has_key && !arguments.has("insecure"))
    throw UsageError("other machines can reach " + adapter::to_string(place.listen) +
                     ": give the nodes a key with --key-file FILE (`peerbed key -o FILE` makes one), or say --insecure "
                     "if everybody who can reach it is trusted");
  if (place.listen.is_any() && !place.advertised)
    throw UsageError("others must be told where to reach a node that listens on " + adapter::to_string(place.listen) +
                     ": say it with --advertise ADDRESS:PORT");
  if (place.advertised && (place.advertised->is_any() || place.advertised->port == 0))
    throw UsageError("--advertise " + adapter::to_string(*place.advertised) +
                     " is nowhere that others could reach; give the address and the port that they know");
  return place;
}

std::shared_ptr<const adapter::ClusterKey> cluster_key_of(const Arguments& arguments) {
  const auto file = arguments.value("key-file");
  if (!file) return nullptr;
  try {
    return adapter::ClusterKey::read(*file);
  } catch (const adapter::BadKey& error) {
    throw UsageError("--key-file " + std::string(error.what()));
  } catch (const std::system_error& error) {
    throw std::runtime_error("--key-file " + std::string(error.what()) + "; `peerbed key -o FILE` makes a key");
  }
}

void refuse_unreachable(const adapter::NodeOptions& place, const Endpoint& remote, const char* option) {
  const std::string given = std::string("--") + option + " " + adapter::to_string(remote);
  if (remote.port == 0)
    throw UsageError(given.substr(0, given.rfind(':')) + ": a port is missing; write it as 127.0.0.1:4000");
  if (remote.is_any()) throw UsageError(given + " is no address of a machine; write it as 192.0.2.7:4000");
  if (place.listen.is_loopback() && !remote.is_loopback())
    throw UsageError(given + " is another machine, which cannot be reached from " + adapter::to_string(place.listen) +
                     ": give an address of this machine with --listen ADDRESS:PORT");
}

void rethrow_with_remedy(const std::system_error& error) {
  std::string remedy;
  if (error.code() == std::errc::address_in_use) {
    remedy =
        "; end the program that uses this port, or choose another with --listen HOST:PORT or, of a "
        "ring by numbers, --base-port PORT";
  } else if (error.code() == std::errc::address_not_available) {
    remedy = "; choose an address of this machine with --listen HOST:PORT";
  } else if (error.code() == std::errc::operation_would_block) {
    throw std::runtime_error(std::string(error.what()).substr(0, std::string(error.what()).rfind(": ")) +
                             "; give this one a directory of its own with --dir");
  } else if (error.code() == std::errc::permission_denied || error.code() == std::errc::read_only_file_system ||
             error.code() == std::errc::not_a_directory || error.code() == std::errc::no_space_on_device ||
             error.code() == std::errc::file_exists || error.code() == std::errc::no_such_file_or_directory) {
    remedy = "; choose another place, or have the rights to this one changed";
  }
  throw std::runtime_error(error.what() + remedy);
}

}  // namespace peerbed::app
