// `peerbed node tracker`: lists the peers that are alive.

#include "app/node/node_kinds.h"
#include "app/node/node_options.h"
#include "app/node/node_settings.h"
#include "protocols/swarm/trackers/tracker.h"
#include "scenarios/swarm/swarm_protocol.h"

namespace peerbed::app {
namespace {

using swarm::Tracker;

constexpr std::uint16_t tracker_port = 4000;
constexpr Verb tracker_verbs[] = {{"list", "", "lists the live peers"}, {"quit", "", "leaves and exits", true}};

class TrackerView final : public NodeView {
 public:
  explicit TrackerView(adapter::HostedNodeOf<Tracker>& hosted) : hosted_(hosted) {}

  adapter::HostedNode& hosted_node() noexcept override { return hosted_; }
  std::span<const Verb> verbs() const noexcept override { return tracker_verbs; }
  std::vector<Fact> status() const override {
    return {{"kind", "tracker"},
            {"endpoint", adapter::to_string(hosted_.endpoint())},
            {"peers", hosted_.node().peers()},
            {"list_changes", hosted_.node().version().changes, true}};
  }
  std::vector<std::string> peers() const override {
    std::vector<std::string> lines;
    hosted_.node().for_each_peer([&](Address peer) { lines.push_back(to_string(peer)); });
    return lines;
  }
  TraceMeaning meaning_of(std::uint16_t event, const TraceValues&) const override {
    return event == index_of(swarm::TraceEvent::datagram_refused) ? TraceMeaning::datagram_refused : TraceMeaning::none;
  }

 private:
  adapter::HostedNodeOf<Tracker>& hosted_;
};

}  // namespace

Command tracker_node_command() {
  return {
      .name = "node tracker",
      .summary = "runs a tracker, which keeps the list of live peers",
      .forms = {"[--listen HOST:PORT] [options]"},
      .description =
          "Keeps the list of live peers and sends it to all of them when it changes. Listens on 127.0.0.1:4000 "
          "by default.",
      .options = {settings_option()},
      .examples = {{"peerbed node tracker", "on 127.0.0.1:4000"},
                   {"peerbed node tracker --listen 127.0.0.1:4100 --script - --json", "controlled by a program"}},
  };
}

std::unique_ptr<NodeView> make_tracker_node(adapter::Host& host, const Arguments& arguments) {
  if (!arguments.positional().empty())
    throw UsageError("a tracker takes options only; '" + arguments.positional().front() + "' is none");
  const adapter::NodeOptions node_options =
      node_options_of(arguments, adapter::Endpoint::ipv4(0x7F000001, tracker_port));
  swarm::SharedOptions options;
  read_settings(arguments, [&](scenarios::MapReader& map) { options = scenarios::read_swarm_options(map); });
  return std::make_unique<TrackerView>(
      host.add<Tracker>(node_options, [options](Address) { return Tracker(options); }));
}

}  // namespace peerbed::app
