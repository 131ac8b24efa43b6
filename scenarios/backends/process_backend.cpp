#include "scenarios/backends/process_backend.h"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "scenarios/backends/on_sockets.h"
#include "scenarios/backends/socket_backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration asked_again_after = std::chrono::milliseconds(100);
constexpr Duration patience = std::chrono::seconds(30);         // until a process is ready
constexpr Duration beginning = std::chrono::milliseconds(200);  // for the processes to open their sockets, and
constexpr Duration beginning_of_node = std::chrono::milliseconds(5);
constexpr Duration farewell = std::chrono::seconds(5);  // for their last reports
constexpr Duration glance = std::chrono::seconds(1);    // for them to show their state

}  // namespace

bool changes_network(const Action& action) {
  return std::holds_alternative<Partition>(action) || std::holds_alternative<Heal>(action) ||
         std::holds_alternative<Clog>(action) || std::holds_alternative<ChangeNetwork>(action) ||
         std::holds_alternative<ChangeRate>(action);
}

ProcessBackend::ProcessBackend(const Scenario& scenario, const std::vector<ScheduledAction>& actions,
                               ProcessOptions options)
    : Backend(scenario), options_(std::move(options)), children_(scenario.node_count()), past_(scenario.groups.size()) {
  refuse_what_sockets_lack(scenario, uses_streams(), Hosting::processes);
  allow_descriptors(children_.size());
  file_ = disks_.path() / "scenario.yaml";
  std::ofstream(file_) << resolved_scenario(scenario, actions);
  for (NodeIndex node = 0; node < children_.size(); ++node) disks_.give(node, population_of(node).files());
  // Those that run from the beginning are ready before it.
  for (NodeIndex node = 0; node < children_.size(); ++node)
    if (scenario.group_of(node).plan.is_established(node)) make_process(node);
  await_readiness();
  epoch_ = Clock::now() + beginning + beginning_of_node * static_cast<std::int64_t>(children_.size());
}

ProcessBackend::~ProcessBackend() = default;

// ---------------------------------------------------------------------------------------------------------------------
// Time

Time ProcessBackend::now() const {
  if (ended_) return last_;
  return std::max(time_zero + std::chrono::duration_cast<Duration>(Clock::now() - epoch_), time_zero);
}

bool ProcessBackend::run_until(Time end, std::uint64_t) {
  if (options_.keep_rates) options_.keep_rates(now());
  // Nodes that are started at the beginning are told a little before, so that they have opened their sockets.
  if (end == time_zero) {
    last_ = end;
    return true;
  }
  const auto until = epoch_ + end.time_since_epoch();
  const bool reached = until <= Clock::now() + asked_again_after;
  listen_until(reached ? until : Clock::now() + asked_again_after);
  if (reached) last_ = end;
  return reached;
}

void ProcessBackend::listen_until(Clock::time_point end) {
  do {
    listen_once(end);
  } while (Clock::now() < end);
}

// Until somebody has told something, or the time has come.
void ProcessBackend::listen_once(Clock::time_point end) {
  std::vector<pollfd> channels;
  std::vector<NodeIndex> nodes;
  for (NodeIndex node = 0; node < children_.size(); ++node) {
    if (!children_[node].process) continue;
    channels.push_back({children_[node].process->descriptor(), POLLIN, 0});
    nodes.push_back(node);
  }
  const Duration left = end - Clock::now();
  const timespec timeout{0, std::clamp<long>(left.count(), 0, 999'999'999)};
  if (::ppoll(channels.data(), channels.size(), &timeout, nullptr) > 0)
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (channels[i].revents != 0) hear_from(nodes[i]);
}

void ProcessBackend::await_readiness() {
  const auto end = Clock::now() + patience;
  const auto all_ready = [this] {
    return std::all_of(children_.begin(), children_.end(),
                       [](const ChildNode& child) { return !child.process || child.ready; });
  };
  while (!all_ready()) {
    if (Clock::now() >= end)
      throw std::runtime_error("the node processes did not become ready in time; use fewer nodes");
    listen_until(Clock::now() + std::chrono::milliseconds(5));
  }
}

// The last reports, with what each process sent in all.
void ProcessBackend::end() {
  ended_ = true;
  for (ChildNode& child : children_) {
    if (!child.process) continue;
    if (child.paused) child.process->signal(SIGCONT);
    child.process->ask(EndNode{});
  }
  const auto end = Clock::now() + farewell;
  while (Clock::now() < end && std::any_of(children_.begin(), children_.end(),
                                           [](const ChildNode& child) { return child.process != nullptr; }))
    listen_until(Clock::now() + std::chrono::milliseconds(5));
  for (NodeIndex node = 0; node < children_.size(); ++node) end_process(node);
}

// ---------------------------------------------------------------------------------------------------------------------
// Processes

void ProcessBackend::make_process(NodeIndex node) {
  end_process(node);
  ChildNode& child = children_[node];
  const NodePlan plan{
      file_,    node,          scenario().group_of(node).plan.address, disks_.path().string(), child.incarnation++,
      changes_, options_.rates};
  child.ready = child.begun = false;
  child.process = std::make_unique<NodeProcess>(options_.command(plan));
}

void ProcessBackend::end_process(NodeIndex node) {
  ChildNode& child = children_[node];
  child.process.reset();
  add(past_[group_index(node)], child.traffic);
  child.traffic = {};
}

void ProcessBackend::hear_from(NodeIndex node) {
  ChildNode& child = children_[node];
  if (child.process->take([&](const NodeReport& report) { hear(node, report); })) return;
  const bool was_expected = !child.up || ended_;
  end_process(node);
  if (!was_expected)
    throw std::runtime_error(scenario().name_of(node) + ": its process exited unexpectedly; see its last output above");
}

// Reports that arrive during a look are passed on after it, so that checks know no more of the run than each node that
// was seen.
void ProcessBackend::hear(NodeIndex node, const NodeReport& report) {
  if (looking_ && (std::holds_alternative<NodeTraced>(report) || std::holds_alternative<NodePrinted>(report))) {
    held_back_.emplace_back(node, report);
    return;
  }
  if (!looking_ || std::holds_alternative<NodeLeft>(report)) tell_of_held_back();
  tell_of(node, report);
}

void ProcessBackend::tell_of_held_back() {
  for (const auto& [node, report] : std::exchange(held_back_, {})) tell_of(node, report);
}

void ProcessBackend::tell_of(NodeIndex node, const NodeReport& report) {
  ChildNode& child = children_[node];
  Observer* observer = ended_ ? nullptr : observer_;
  std::visit(overloaded{[&](const NodeReady&) { child.ready = !child.up; },
                        [&](const NodeTraced& traced) {
                          ++reports_;
                          if (observer != nullptr) observer->on_trace(traced.time, node, traced.type, traced.values);
                        },
                        [&](const NodePrinted& printed) {
                          ++reports_;
                          if (observer != nullptr) observer->on_line(printed.time, node, printed.line);
                        },
                        [&](const NodeLeft& left) {
                          child.up = ended_ && child.up;
                          awaited_.erase(node);
                          if (observer != nullptr) observer->on_exit(left.time, node);
                        },
                        [&](const NodeTraffic& traffic) {
                          child.traffic = traffic;
                          child.begun = true;
                        },
                        [&](const NodeShown& shown) { take_mirror(node, shown); }},
             report);
}

// ---------------------------------------------------------------------------------------------------------------------
// Node states

bool ProcessBackend::look() {
  listen_until(Clock::now());  // what they told before is known before
  std::vector<NodeIndex> nodes;
  for (NodeIndex node = 0; node < children_.size(); ++node)
    if (takes_commands(node)) nodes.push_back(node);
  look_at(nodes);
  return false;
}

// A node that has not started yet is seen as it will start.
void ProcessBackend::look_at(const std::vector<NodeIndex>& nodes) {
  ++looks_;
  for (const NodeIndex node : nodes) {
    if (!children_[node].begun || !population_of(node).is_visible()) continue;
    children_[node].seen = nullptr;
    children_[node].process->ask(ShowNode{looks_});
    awaited_.insert(node);
  }
  looking_ = true;
  for (const auto end = Clock::now() + glance; !awaited_.empty() && Clock::now() < end;) listen_once(end);
  looking_ = false;
  if (!awaited_.empty()) ++unseen_;
  awaited_.clear();
}

void ProcessBackend::take_mirror(NodeIndex node, const NodeShown& shown) {
  if (shown.look != looks_ || awaited_.erase(node) == 0) return;
  auto mirror = mirror_of(node);
  if (population_of(node).complete(mirror.get(), shown.state)) children_[node].seen = std::move(mirror);
}

std::shared_ptr<void> ProcessBackend::mirror_of(NodeIndex node) const {
  return population_of(node).mirror(node, children_[node].incarnation - 1);
}

const void* ProcessBackend::state(NodeIndex node, const std::type_info& type) const {
  const void* const seen = children_[node].seen.get();
  return seen == nullptr ? nullptr : population_of(node).state(seen, type);
}

// ---------------------------------------------------------------------------------------------------------------------
// From outside

bool ProcessBackend::start_node(NodeIndex node) {
  ChildNode& child = children_[node];
  if (child.up) return false;
  if (!child.process || !child.ready) make_process(node);
  child.ready = false;
  child.process->ask(BeginNode{epoch_});
  child.up = true;
  if (population_of(node).is_visible()) child.seen = mirror_of(node);
  show(observer_, node, StepKind::start);
  return true;
}

bool ProcessBackend::crash_node(NodeIndex node, Disk disk) {
  const bool was_up = children_[node].up;
  if (was_up) {
    children_[node].process->signal(SIGKILL);
    children_[node].process->take([&](const NodeReport& report) { hear(node, report); });
    show(observer_, node, StepKind::crash);
  }
  children_[node].up = children_[node].paused = false;
  if (was_up) end_process(node);
  if (disk == Disk::wipe) disks_.wipe(node);
  return was_up;
}

bool ProcessBackend::ask_to_leave(NodeIndex node) {
  if (!takes_commands(node)) return false;
  show(observer_, node, StepKind::leave);
  children_[node].process->ask(DismissNode{});
  return true;
}

bool ProcessBackend::pause_node(NodeIndex node) {
  if (!takes_commands(node)) return false;
  look_at({node});  // it cannot be asked any more, and stays as it is
  if (!takes_commands(node)) return false;
  show(observer_, node, StepKind::pause);
  children_[node].process->signal(SIGSTOP);
  return children_[node].paused = true;
}

bool ProcessBackend::resume_node(NodeIndex node) {
  if (!children_[node].paused) return false;
  show(observer_, node, StepKind::resume);
  children_[node].process->signal(SIGCONT);
  children_[node].paused = false;
  return true;
}

bool ProcessBackend::command(NodeIndex node, std::string_view line) {
  if (!takes_commands(node)) return false;
  show(observer_, node, StepKind::command, line);
  children_[node].process->ask(CommandNode{std::string(line)});
  return true;
}

std::size_t ProcessBackend::change_surroundings(const Action&) {
  const ChangeNodeNetwork request{changes_++};
  for (const ChildNode& child : children_)
    if (child.process && child.up) child.process->ask(request);
  return 1;
}

// ---------------------------------------------------------------------------------------------------------------------
// Results

std::unique_ptr<StoredBytes> ProcessBackend::stored(NodeIndex node, ContentKey key) const {
  return ended_ ? disks_.stored(node, key) : nullptr;
}

void ProcessBackend::measure(analysis::Metrics& metrics) const {
  measure_traffic(scenario(), past_, metrics);
  metrics.set("sockets.unseen_looks", unseen_);
}

std::vector<std::string> ProcessBackend::remarks() const {
  std::vector<std::string> remarks = who_imposes_what(scenario(), uses_streams(), options_.rates);
  remarks.emplace_back(
      "crashes and pauses: by the kernel (SIGKILL, SIGSTOP); what a node sent in the quarter of a second "
      "before a crash is not counted");
  remarks.emplace_back(
      "properties of the nodes' states: from the states that the processes report in turn; a violation counts only if "
      "a second sample confirms it");
  return remarks;
}

}  // namespace peerbed::scenarios
