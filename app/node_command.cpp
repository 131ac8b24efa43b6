// `peerbed node`: one node for real, over the sockets and on the disk of this machine.

#include <iostream>
#include <system_error>

#include "app/commands.h"
#include "app/node_kinds.h"
#include "app/node_place.h"
#include "app/node_session.h"
#include "app/node_status.h"
#include "app/node_status_server.h"
#include "scenarios/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;

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

int serve(NodeMaker make, const Arguments& arguments) {
  const NodeSignals signals;
  NodeScreen screen;
  adapter::Host host({.key = cluster_key_of(arguments), .leave_timeout = 10s});
  try {
    const auto view = make(host, arguments);
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

// A kind of node, with the options that all kinds have.
template <NodeMaker make>
Command kind_of_node(Command command) {
  const std::vector<Option> common = common_node_options();
  command.options.insert(command.options.end(), common.begin(), common.end());
  command.run = [](const Invocation&, const Arguments& arguments) { return serve(make, arguments); };
  return command;
}

}  // namespace

Command node_command() {
  return {
      .name = "node",
      .summary = "runs one node for real, over sockets, with a prompt",
      .forms = {"tracker|peer|ring [options]"},
      .description =
          "Runs one node for real, over the sockets and on the disk of this machine, with a prompt where "
          "one looks on.",
      .examples = {{"peerbed node tracker", "on 127.0.0.1:4000"},
                   {"peerbed node peer --tracker 127.0.0.1:4000 --dir shared", "then type ADD NAME"},
                   {"peerbed node ring start --listen 127.0.0.1:5000", "then type put colour green"}},
      .kinds = {kind_of_node<make_tracker_node>(tracker_node_command()),
                kind_of_node<make_peer_node>(peer_node_command()), kind_of_node<make_ring_node>(ring_node_command())},
  };
}

}  // namespace peerbed::app
