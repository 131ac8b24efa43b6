// `peerbed node`: runs one real node on the sockets and the disk of this machine.

#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "app/cli/commands.h"
#include "app/node/node_config.h"
#include "app/node/node_kinds.h"
#include "app/node/node_options.h"
#include "app/node/node_session.h"
#include "app/node/node_status.h"
#include "app/node/node_status_server.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<NodeStatusServer> serve_status(adapter::Host& host, NodeView& view, NodeScreen& screen,
                                               const NodeMetrics& metrics, const Arguments& arguments) {
  const auto text = arguments.value("status-port");
  if (!text) return nullptr;
  const auto port = scenarios::parse_count(*text);
  if (!port || *port > UINT16_MAX) throw UsageError("--status-port " + *text + " is not a port; use 0 to 65535");
  auto server = std::make_unique<NodeStatusServer>(
      host, static_cast<std::uint16_t>(*port),
      [&host, &view, &metrics](std::string_view path) -> std::optional<StatusPage> {
        if (path == "/status") return StatusPage{"application/json", status_as_json(host, view)};
        if (path == "/metrics") return StatusPage{"text/plain; version=0.0.4", metrics_as_text(host, view, metrics)};
        return std::nullopt;
      });
  screen.complain("status at http://127.0.0.1:" + std::to_string(server->port()) + "/status and /metrics");
  return server;
}

Duration patience_of(const Arguments& arguments) {
  const auto text = arguments.value("patience");
  if (!text) return SessionOptions{}.patience;
  if (!arguments.has("exit-at-end")) throw UsageError("--patience is for nodes that leave: give --exit-at-end too");
  const auto patience = scenarios::parse_duration(*text);
  if (!patience || *patience < 100ms)
    throw UsageError("--patience " + *text + " is not " + std::string(scenarios::expected_duration) +
                     ", from 100ms on");
  return *patience;
}

LogOptions log_options(const Arguments& arguments) {
  LogOptions log{.level = {}, .json = arguments.has("log-json")};
  const std::string level = arguments.value("log-level").value_or("");
  if (level == "error") log.level = LogLevel::error;
  if (level == "warning") log.level = LogLevel::warning;
  if (level == "info") log.level = LogLevel::info;
  if (level == "debug") log.level = LogLevel::debug;
  return log;
}

int serve(const NodeMaker& make, const Arguments& arguments) {
  const auto key = cluster_key_of(arguments);
  const NodeSignals signals;
  NodeScreen screen(log_options(arguments));
  adapter::Host host({.key = key, .leave_timeout = 10s});
  try {
    const auto directory = arguments.value("dir");
    const bool is_new = directory && !std::filesystem::exists(*directory);
    if (directory && !is_new && !std::filesystem::is_directory(*directory))
      throw std::runtime_error("--dir " + *directory + " is a file; name a directory, which may be new");
    const auto view = make(host, arguments);
    if (is_new) screen.complain("there was no directory " + *directory + "; it is made");
    NodeMetrics metrics;
    const auto server = serve_status(host, *view, screen, metrics, arguments);
    NodeSession session(host, *view, screen, signals, metrics,
                        {.script = arguments.value("script"),
                         .control = arguments.value("control"),
                         .exit_at_end = arguments.has("exit-at-end"),
                         .json = arguments.has("json"),
                         .patience = patience_of(arguments)});
    return session.run();
  } catch (const std::system_error& error) {
    rethrow_with_remedy(error);
  }
}

// A kind of node, with the options that all kinds share.
Command kind_of_node(const NodeMaker& make, Command command) {
  const std::vector<Option> common = common_node_options();
  command.options.insert(command.options.end(), common.begin(), common.end());
  command.run = [make, options = command.options](const Invocation&, const Arguments& given) {
    const auto file = given.value("config");
    if (!file) return serve(make, given);
    const NodeConfig config = read_config(*file, options);
    try {
      Arguments arguments = given;
      arguments.complete_from(Arguments(config.words, options));
      return serve(make, arguments);
    } catch (const UsageError& error) {
      throw UsageError(config.with_position(error.what(), given));
    } catch (const scenarios::ScenarioError& error) {
      throw UsageError(config.with_position(error.what(), given));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(config.with_position(error.what(), given));
    }
  };
  return command;
}

}  // namespace

Command node_command(const scenarios::Registry& registry) {
  std::vector<Command> kinds{
      kind_of_node(make_tracker_node, tracker_node_command()), kind_of_node(make_peer_node, peer_node_command()),
      kind_of_node(make_ring_node, ring_node_command()), kind_of_node(make_coursework_node, coursework_node_command())};
  for (const auto& protocol : registry.all()) {
    if (!protocol->has_members()) continue;
    const NodeMaker make = [protocol](adapter::Host& host, const Arguments& arguments) {
      return make_member_node(host, arguments, *protocol);
    };
    kinds.push_back(kind_of_node(make, member_node_command(*protocol)));
  }
  return {
      .name = "node",
      .summary = "runs one real node over sockets, with a prompt",
      .forms = {"tracker|peer|ring|coursework|kademlia|swim [options]"},
      .description =
          "Runs one real node over the sockets and on the disk of this machine, with a prompt on a terminal.",
      .examples = {{"peerbed node tracker", "on 127.0.0.1:4000"},
                   {"peerbed node peer --tracker 127.0.0.1:4000 --dir shared", "then type ADD NAME"},
                   {"peerbed node ring start --listen 127.0.0.1:5000", "then type put colour green"}},
      .kinds = std::move(kinds),
  };
}

}  // namespace peerbed::app
