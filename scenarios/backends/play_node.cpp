#include "scenarios/backends/play_node.h"

#include <unistd.h>

#include <charconv>
#include <string>

#include "scenarios/backends/on_sockets.h"
#include "scenarios/backends/socket_backend.h"
#include "scenarios/plan/lower.h"

namespace peerbed::scenarios {
namespace {

constexpr Duration traffic_period = std::chrono::milliseconds(250);
constexpr Duration longest_way = std::chrono::seconds(5);  // of what a node that left has sent
constexpr Duration for_ever = std::chrono::hours(24 * 365);

void say(const NodeReport& report) {
  const std::string line = write_report(report);
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t written = ::write(STDOUT_FILENO, line.data() + done, line.size() - done);
    if (written <= 0) return;
    done += static_cast<std::size_t>(written);
  }
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

// The next line of standard input; nothing at its end. Commands come seldom, and it waits only for the first.
std::optional<std::string> read_line(std::string& unread) {
  while (true) {
    if (const std::size_t end = unread.find('\n'); end != std::string::npos) {
      std::string line = unread.substr(0, end);
      unread.erase(0, end + 1);
      return line;
    }
    char room[4096];
    const ssize_t received = ::read(STDIN_FILENO, room, sizeof room);
    if (received <= 0) return std::nullopt;
    unread.append(room, static_cast<std::size_t>(received));
  }
}

// Runs the node, once it has been told when the scenario began.
class Player {
 public:
  Player(const NodePlan& plan, const Scenario& scenario, std::chrono::steady_clock::time_point epoch)
      : backend_(scenario, SocketOptions{.disks = plan.disks,
                                         .only = plan.node,
                                         .incarnation = plan.incarnation,
                                         .epoch = epoch,
                                         .rates = plan.rates}) {
    for (ScheduledAction& scheduled : lowered_actions(scenario))
      if (changes_network(scheduled.action)) changes_.push_back(std::move(scheduled));
    for (std::size_t i = 0; i < plan.changes && i < changes_.size(); ++i) backend_.apply(changes_[i].action);
    backend_.observe(&reporter_);
  }

  void play(std::string unread) {
    adapter::Host& host = backend_.host();
    unread_ = std::move(unread);
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
    char room[4096];
    const ssize_t received = ::read(STDIN_FILENO, room, sizeof room);
    if (received <= 0) {
      over_ = true;
      return;
    }
    unread_.append(room, static_cast<std::size_t>(received));
    obey();
  }
  void obey() {
    for (std::size_t end; !over_ && (end = unread_.find('\n')) != std::string::npos;) {
      const std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      obey(line);
    }
  }
  void obey(std::string_view line) {
    adapter::HostedNode& process = backend_.host().process(0);
    const std::size_t blank = std::min(line.find(' '), line.size() - 1);
    const std::string_view rest = line.substr(blank + 1);
    if (line.starts_with("command ")) process.command(rest);
    if (line == "leave") process.leave();
    if (line == "end") over_ = true;
    std::uint64_t number = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (line.starts_with("show ")) say(NodeShown{number, backend_.visible_state(backend_.nodes().front())});
    if (line.starts_with("change ") && number < changes_.size()) backend_.apply(changes_[number].action);
  }

  SocketBackend backend_;
  std::vector<ScheduledAction> changes_;
  Reporter reporter_;
  std::string unread_;
  bool over_ = false;
};

}  // namespace

void play_node(const NodePlan& plan, const Scenario& scenario) {
  const Scenario placed = at_addresses(scenario, plan.first);
  say(NodeReady{});
  std::string unread;
  const auto line = read_line(unread);
  if (!line || !line->starts_with("begin ")) return;
  std::int64_t epoch = 0;
  std::from_chars(line->data() + 6, line->data() + line->size(), epoch);
  Player(plan, placed, std::chrono::steady_clock::time_point(std::chrono::nanoseconds(epoch))).play(std::move(unread));
}

}  // namespace peerbed::scenarios
