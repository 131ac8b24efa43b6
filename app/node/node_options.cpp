#include "app/node/node_options.h"

#include <signal.h>

#include <algorithm>
#include <system_error>

#include "app/node/node_config.h"

namespace peerbed::app {

using adapter::Endpoint;

constexpr std::uint16_t default_port = 4000;  // used in examples

std::vector<Option> common_node_options() {
  return {
      {"listen", "HOST:PORT", "address to listen on, for UDP and TCP"},
      {"advertise", "HOST:PORT", "address other nodes use, if different"},
      {"key-file", "FILE", "cluster key (see `peerbed key`); encrypts all traffic"},
      {"insecure", nullptr, "allow other machines to reach a node without a key"},
      {"script", "FILE", "read commands from a file, or - for standard input"},
      {"control", "SOCKET", "Unix socket for `peerbed ctl` and other programs"},
      {"exit-at-end", nullptr, "exit when all commands have finished"},
      {"patience", "DURATION", "with --exit-at-end: how long to look for a tracker or ring (default: 10s)"},
      {"log-level", "error|warning|info|debug", "log to stderr from this level up, with timestamps"},
      {"log-json", nullptr, "write the log as JSON, one object per line"},
      config_option,
      {"json", nullptr, "print events as JSON, one object per line"},
      {"status-port", "PORT", "serve /status and /metrics on 127.0.0.1; 0: any port"},
  };
}

namespace {

// The node is not running yet: let a signal end the program at once, however long the machine's resolver takes.
std::vector<Endpoint> looked_up(const std::string& text) {
  sigset_t ending;
  sigset_t before;
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &ending, &before);
  std::vector<Endpoint> found = Endpoint::resolve(text);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return found;
}

// "::1:4000" is a valid address without a port, but most users mean a port.
std::string form_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const bool lacks_brackets = std::count(text.begin(), text.end(), ':') >= 2 && !text.starts_with('[');
  if (lacks_brackets && Address::parse('[' + text.substr(0, colon) + "]:" + text.substr(colon + 1)))
    return '[' + text.substr(0, colon) + "]:" + text.substr(colon + 1);
  if (lacks_brackets && Address::parse('[' + text + "]:1")) return '[' + text + "]:4000";
  return "192.0.2.7:4000, [2001:db8::7]:4000 or tracker.example:4000";
}

[[noreturn]] void refuse_address(const std::string& given, const std::string& text) {
  throw UsageError(given + " is not an address; write it as " + form_of(text));
}

std::string given_as(const char* option, const std::string& text) { return "--" + std::string(option) + " " + text; }

const char* family_of(const Endpoint& endpoint) { return endpoint.is_ipv4() ? "IPv4" : "IPv6"; }

// Why no node can be at this endpoint; empty if one can.
std::string fault_of(const Endpoint& endpoint) {
  if (endpoint.is_link_local())
    return "is a link-local address, which means another host on each link; give a global one, or one of a network of "
           "your own such as fd00::/8";
  if (endpoint.is_multicast()) return "is an address of many hosts; give that of one";
  return {};
}

// Why a node cannot reach `remote` from where it listens and is known; empty if it can.
std::string fault_of_remote(const Endpoint& remote, const adapter::NodeOptions& node_options) {
  const Endpoint& local = node_options.listen;
  const bool is_dual_stack = !local.is_ipv4() && local.is_any();
  if (std::string fault = fault_of(remote); !fault.empty()) return fault;
  if (!is_dual_stack && remote.is_ipv4() != local.is_ipv4())
    return std::string("is an ") + family_of(remote) + " address, which cannot be reached from " +
           adapter::to_string(local) + ": --listen on an address of that family, or on [::]:PORT for both";
  if (is_dual_stack && node_options.advertised && remote.is_ipv4() != node_options.advertised->is_ipv4())
    return std::string("is an ") + family_of(remote) + " address, and this node is known as " +
           adapter::to_string(*node_options.advertised) +
           ": give an address of that family, or --advertise one of this";
  if (remote.port == 0) return "lacks the port; write it as " + adapter::to_string(Endpoint{remote.host, default_port});
  if (remote.is_any()) return "is every address and so nowhere; name the one to reach";
  if (local.is_loopback() && !remote.is_loopback())
    return "is another machine, which cannot be reached from " + adapter::to_string(local) +
           ": give an address of this machine with --listen ADDRESS:PORT";
  return {};
}

}  // namespace

Endpoint endpoint_of(const std::string& text, const char* option) {
  const std::string given = given_as(option, text);
  const std::vector<Endpoint> found = looked_up(text);
  const auto endpoint = Endpoint::preferred(found);
  if (!endpoint || (endpoint->port == 0 && form_of(text).starts_with('[') && !text.starts_with('[')))
    refuse_address(given, text);
  if (const std::string fault = fault_of(*endpoint); !fault.empty()) throw UsageError(given + " " + fault);
  return *endpoint;
}

std::optional<Endpoint> next_reachable(const adapter::NodeOptions& node_options, std::vector<Endpoint> remotes,
                                       const std::optional<Endpoint>& after) {
  const auto last = after ? std::find(remotes.begin(), remotes.end(), *after) : remotes.end();
  if (last != remotes.end()) std::rotate(remotes.begin(), last + 1, remotes.end());
  const auto found = std::find_if(remotes.begin(), remotes.end(), [&](const Endpoint& remote) {
    return fault_of_remote(remote, node_options).empty();
  });
  return found == remotes.end() ? std::nullopt : std::optional(*found);
}

Endpoint loopback_beside(const Arguments& arguments, const char* option) {
  const std::vector<std::string> texts = arguments.values(option);
  const bool is_ipv4 = texts.empty() || endpoint_of(texts.front(), option).is_ipv4();
  return *Endpoint::parse(is_ipv4 ? "127.0.0.1:0" : "[::1]:0");
}

adapter::NodeOptions node_options_of(const Arguments& arguments, const Endpoint& otherwise) {
  adapter::NodeOptions node_options;
  node_options.listen = otherwise;
  if (const auto text = arguments.value("listen")) node_options.listen = endpoint_of(*text, "listen");
  if (const auto text = arguments.value("advertise")) node_options.advertised = endpoint_of(*text, "advertise");
  const bool has_key = arguments.has("key-file");
  if (has_key && arguments.has("insecure")) throw UsageError("--key-file and --insecure are opposites; give one");
  if (!node_options.listen.is_loopback() && !has_key && !arguments.has("insecure"))
    throw UsageError("other machines can reach " + adapter::to_string(node_options.listen) +
                     ": give the nodes a key with --key-file FILE (`peerbed key -o FILE` makes one), or say --insecure "
                     "if everybody who can reach it is trusted");
  if (node_options.listen.is_any() && !node_options.advertised)
    throw UsageError("others must be told where to reach a node that listens on " +
                     adapter::to_string(node_options.listen) + ": say it with --advertise ADDRESS:PORT");
  const bool is_dual_stack = node_options.listen.is_any() && !node_options.listen.is_ipv4();
  if (node_options.advertised && !is_dual_stack && node_options.advertised->is_ipv4() != node_options.listen.is_ipv4())
    throw UsageError("--advertise " + adapter::to_string(*node_options.advertised) + " is an " +
                     family_of(*node_options.advertised) + " address, and the node listens on " +
                     adapter::to_string(node_options.listen) +
                     ": give one of that family, or --listen on [::]:PORT for both");
  if (node_options.advertised && (node_options.advertised->is_any() || node_options.advertised->port == 0))
    throw UsageError("--advertise " + adapter::to_string(*node_options.advertised) +
                     " is nowhere that others could reach; give the address and the port that they know");
  return node_options;
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

namespace {

Remote remote_of(const std::string& text, const char* option, const adapter::NodeOptions& node_options) {
  const std::string given = given_as(option, text);
  const std::vector<Endpoint> found = looked_up(text);
  if (found.empty() || (found.front().port == 0 && form_of(text).starts_with('[') && !text.starts_with('[')))
    refuse_address(given, text);
  const auto endpoint = next_reachable(node_options, found, std::nullopt);
  if (!endpoint) throw UsageError(given + " " + fault_of_remote(found.front(), node_options));
  return {text, *endpoint, !Address::parse(text).has_value()};
}

}  // namespace

std::vector<Remote> remotes_of(const Arguments& arguments, const char* option,
                               const adapter::NodeOptions& node_options) {
  std::vector<Remote> remotes;
  for (const std::string& text : arguments.values(option)) {
    Remote remote = remote_of(text, option, node_options);
    const bool is_known = std::any_of(remotes.begin(), remotes.end(),
                                      [&](const Remote& other) { return other.endpoint == remote.endpoint; });
    if (!is_known) remotes.push_back(std::move(remote));
  }
  return remotes;
}

void rethrow_with_remedy(const std::system_error& error) {
  std::string remedy;
  if (error.code() == std::errc::address_in_use) {
    remedy =
        "; end the program that uses this port, or choose another with --listen HOST:PORT or, of a "
        "peer with a number, --base-port PORT";
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
