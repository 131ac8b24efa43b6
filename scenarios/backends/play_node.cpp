#include "scenarios/backends/play_node.h"

#include <unistd.h>

#include <optional>
#include <span>
#include <string>

#include "adapter/base/write_all.h"
#include "scenarios/backends/on_sockets.h"
#include "scenarios/backends/socket_backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

constexpr Duration traffic_period = std::chrono::milliseconds(250);
constexpr Duration longest_way = std::chrono::seconds(5);  // of what a node that left has sent
constexpr Duration for_ever = std::chrono::hours(24 * 365);

void say(const NodeReport& report) {
  const std::string line = write_report(report);
  adapter::write_all(STDOUT_FILENO, std::as_bytes(std::span(line)));
}

class Reporter final : public Observer {
 public:
  void on_trace(Time time, NodeIndex, std::uint16_t type, const TraceValues& values) override {
    say(NodeTraced{time, type, values});
  }
  void on_line(Time time, NodeIndex, std::string_view line) override { say(NodePrinted{time, std::string(line)}); }
  void on_exit(Time time, NodeIndex) override {
    has_left = true;
    say(NodeLeft{time});
  }
  bool has_left = false;
};

// The requests on standard input.
class Requests {
 public:
  // Reads once; false at the end of the input.
  bool read() {
    char room[4096];
    const ssize_t received = ::read(STDIN_FILENO, room, sizeof room);
    if (received <= 0) return false;
    unread_.append(room, static_cast<std::size_t>(received));
    return true;
  }
  // The next request that was read. Lines that are not requests are skipped.
  std::optional<NodeRequest> take() {
    for (std::size_t end; (end = unread_.find('\n')) != std::string::npos;) {
      auto request = read_request(std::string_view(unread_).substr(0, end));
      unread_.erase(0, end + 1);
      if (request) return request;
    }
    return std::nullopt;
  }

 private:
  std::string unread_;
};

// Runs the node, once it has been told when the scenario began.
class Player {
 public:
  Player(const NodePlan& plan, const Scenario& scenario, std::chrono::steady_clock::time_point epoch, Requests requests)
      : backend_(scenario, SocketOptions{.disks = plan.disks,
                                         .only = plan.node,
                                         .incarnation = plan.incarnation,
                                         .epoch = epoch,
                                         .rates = plan.rates}),
        requests_(std::move(requests)) {
    std::vector<ScheduledAction> actions = lowered_actions(scenario);
    backend_.foresee(actions);
    for (ScheduledAction& scheduled : actions)
      if (changes_network(scheduled.action)) changes_.push_back(std::move(scheduled));
    for (std::size_t i = 0; i < plan.changes && i < changes_.size(); ++i) backend_.apply(changes_[i].action);
    backend_.observe(&reporter_);
  }

  void play() {
    adapter::Host& host = backend_.host();
    while (!backend_.run_until(time_zero, 0)) {
    }
    host.process(0).start();
    tell_traffic();
    obey();
    host.watch(STDIN_FILENO, [this] { listen(); });
    host.run_until([this] { return over_ || reporter_.has_left; }, for_ever);
    say_traffic();
    if (!over_) host.run_until([this] { return over_; }, longest_way);
  }

 private:
  void say_traffic() {
    NodeTraffic sum;
    for (const NodeTraffic& of_group : backend_.traffic()) add(sum, of_group);
    say(sum);
  }
  void tell_traffic() {
    if (over_) return;
    say_traffic();
    backend_.host().after(traffic_period, [this] { tell_traffic(); });
  }

  void listen() {
    over_ = !requests_.read();
    obey();
  }
  void obey() {
    while (!over_)
      if (const auto request = requests_.take())
        obey(*request);
      else
        return;
  }
  void obey(const NodeRequest& request) {
    adapter::HostedNode& process = backend_.host().process(0);
    std::visit(overloaded{[](const BeginNode&) {},  // it has begun
                          [&](const CommandNode& command) { process.command(command.line); },
                          [&](const DismissNode&) { process.leave(); },
                          [&](const ShowNode& show) {
                            say(NodeShown{show.look, backend_.visible_state(backend_.nodes().front())});
                          },
                          [&](const ChangeNodeNetwork& change) {
                            if (change.change < changes_.size()) backend_.apply(changes_[change.change].action);
                          },
                          [&](const EndNode&) { over_ = true; }},
               request);
  }

  SocketBackend backend_;
  std::vector<ScheduledAction> changes_;
  Reporter reporter_;
  Requests requests_;
  bool over_ = false;
};

}  // namespace

void play_node(const NodePlan& plan, const Scenario& scenario) {
  const Scenario placed = at_addresses(scenario, plan.first);
  say(NodeReady{});
  Requests requests;
  std::optional<NodeRequest> first;
  while (!first && requests.read()) first = requests.take();
  const auto* const begin = first ? std::get_if<BeginNode>(&*first) : nullptr;
  if (begin != nullptr) Player(plan, placed, begin->epoch, std::move(requests)).play();
}

}  // namespace peerbed::scenarios
