// `peerbed node`: one node for real, over the sockets and on the disk of this machine.

#include <iostream>
#include <system_error>

#include "app/command_line.h"
#include "app/commands.h"
#include "app/node_kinds.h"
#include "app/node_place.h"
#include "app/node_session.h"
#include "app/node_status.h"
#include "app/node_status_server.h"
#include "scenarios/field.h"
#include "scenarios/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;

struct Kind {
  const char* name;
  NodeMaker make;
  std::vector<Option> (*options)();
  const char* usage;  // one or more lines
};

constexpr Kind kinds[] = {
    {"tracker", make_tracker_node, tracker_node_options, "node tracker [--listen HOST:PORT]\n"},
    {"peer", make_peer_node, peer_node_options, "node peer --tracker HOST:PORT [--dir DIR] [--listen HOST:PORT]\n"},
    {"ring", make_ring_node, ring_node_options,
     "node ring init PEER SUCCESSOR1 SUCCESSOR2 PING_INTERVAL\n"
     "node ring join PEER KNOWN_PEER PING_INTERVAL\n"
     "node ring start [--listen HOST:PORT] [--dir DIR]\n"
     "node ring join --via HOST:PORT [--listen HOST:PORT] [--dir DIR]\n"},
};

void print_usage(const Kind& kind) {
  std::string_view lines = kind.usage;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    std::cout << "peerbed " << lines.substr(0, end) << '\n';
    lines.remove_prefix(end + 1);
  }
}

const Kind& kind_of(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds) {
    if (name == kind.name) return kind;
    names.emplace_back(kind.name);
  }
  throw UsageError("'" + name + "' is no kind of node; there are " + scenarios::joined_words(names));
}

std::unique_ptr<NodeStatusServer> serve_status(adapter::Host& host, NodeView& view, NodeScreen& screen,
                                               const Arguments& arguments) {
  const auto text = arguments.value("status-port");
  if (!text) return nullptr;
  const auto port = scenarios::parse_count(*text);
  if (!port || *port > UINT16_MAX) throw UsageError("--status-port " + *text + " is no port; take one up to 65535");
  auto server = std::make_unique<NodeStatusServer>(
      host, static_cast<std::uint16_t>(*port), [&host, &view](std::string_view path) -> std::optional<StatusPage> {
        if (path == "/status") return StatusPage{"application/json", status_as_json(host, view)};
        if (path == "/metrics") return StatusPage{"text/plain; version=0.0.4", metrics_as_text(host, view)};
        return std::nullopt;
      });
  screen.complain("status at http://127.0.0.1:" + std::to_string(server->port()) + "/status and /metrics");
  return server;
}

}  // namespace

int node_command(const Invocation& invocation) {
  if (invocation.words.empty()) throw UsageError("say which kind of node: peerbed node tracker, peer or ring");
  if (invocation.words.front() == "--help") {
    for (const Kind& kind : kinds) print_usage(kind);
    std::cout << "\n`peerbed node KIND --help` shows the options of a kind.\n";
    return exit_good;
  }
  const Kind& kind = kind_of(invocation.words.front());
  const std::vector<Option> options = kind.options();
  const Arguments arguments({invocation.words.begin() + 1, invocation.words.end()}, options);
  if (arguments.has("help")) {
    print_usage(kind);
    std::cout << '\n' << describe_options(options);
    return exit_good;
  }
  const NodeSignals signals;
  NodeScreen screen;
  adapter::Host host({.key = cluster_key_of(arguments), .leave_timeout = 10s});
  try {
    const auto view = kind.make(host, arguments);
    const auto server = serve_status(host, *view, screen, arguments);
    NodeSession session(host, *view, screen, signals,
                        {.script = arguments.value("script"),
                         .exit_at_end = arguments.has("exit-at-end"),
                         .json = arguments.has("json")});
    return session.run();
  } catch (const std::system_error& error) {
    rethrow_with_remedy(error);
  }
}

}  // namespace peerbed::app
