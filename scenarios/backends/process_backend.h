#pragma once
// Runs a scenario over this machine's sockets with one process per node: a crash is SIGKILL, a pause SIGSTOP. What the
// nodes do is known only from their reports.

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/backends/backend.h"
#include "scenarios/backends/disk_folder.h"
#include "scenarios/backends/node_process.h"
#include "scenarios/backends/node_report.h"
#include "scenarios/plan/action.h"

namespace peerbed::scenarios {

// How a node's process is started.
struct NodePlan {
  std::string scenario;  // the file
  NodeIndex node = 0;
  Address first;                  // of the scenario's first node
  std::string disks;              // the folder
  std::uint32_t incarnation = 0;  // of the node's processes, this one
  std::size_t changes = 0;        // of the network, that have happened
  RateKeeper rates = RateKeeper::host;
};

struct ProcessOptions {
  // Returns the arguments of the command that runs a planned node.
  std::function<std::vector<std::string>(const NodePlan&)> command;
  RateKeeper rates = RateKeeper::host;
  // Sets the kernel's rates as they are at that time; called at least every 100 ms, if given.
  std::function<void(Time)> keep_rates{};
};

class ProcessBackend final : public Backend {
 public:
  // `actions` are the scenario's, lowered. Throws as SocketBackend does, and std::runtime_error when a process ends on
  // its own.
  ProcessBackend(const Scenario& scenario, const std::vector<ScheduledAction>& actions, ProcessOptions options);
  ~ProcessBackend() override;

  Time now() const override;
  bool run_until(Time end, std::uint64_t limit) override;
  std::uint64_t events() const override { return reports_; }
  void observe(Observer* observer) override { observer_ = observer; }
  // Asks all processes for the visible states of their nodes. A paused node keeps its last state; a state that does not
  // arrive in time is unknown.
  bool look() override;
  void end() override;
  void measure(analysis::Metrics& metrics) const override;
  std::vector<std::string> remarks() const override;

  bool takes_commands(NodeIndex node) const override { return children_[node].up && !children_[node].paused; }
  bool command(NodeIndex node, std::string_view line) override;
  bool is_up(NodeIndex node) const override { return children_[node].up; }
  bool has_harmed_messages() const override { return true; }  // it is not known
  std::unique_ptr<StoredBytes> stored(NodeIndex node, ContentKey key) const override;

 private:
  // A node, and its process if it has one.
  struct ChildNode {
    std::unique_ptr<NodeProcess> process;
    bool ready = false;  // waits to be told to begin
    bool begun = false;  // and answers
    bool up = false;
    bool paused = false;
    std::uint32_t incarnation = 0;  // of the next process
    NodeTraffic traffic;            // of the present process, as last reported
    std::shared_ptr<void> seen;     // the node's mirror, as it started or was last shown; null: unknown
  };

  const void* state(NodeIndex node, const std::type_info& type) const override;
  bool start_node(NodeIndex node) override;
  bool crash_node(NodeIndex node, Disk disk) override;
  bool ask_to_leave(NodeIndex node) override;
  bool pause_node(NodeIndex node) override;
  bool resume_node(NodeIndex node) override;
  std::size_t change_surroundings(const Action& action) override;

  void make_process(NodeIndex node);
  void end_process(NodeIndex node);
  void await_readiness();
  void look_at(const std::vector<NodeIndex>& nodes);
  std::shared_ptr<void> mirror_of(NodeIndex node) const;
  void take_mirror(NodeIndex node, const NodeShown& shown);
  void listen_until(std::chrono::steady_clock::time_point end);
  void listen_once(std::chrono::steady_clock::time_point end);
  void hear_from(NodeIndex node);
  void hear(NodeIndex node, const NodeReport& report);
  void tell_of(NodeIndex node, const NodeReport& report);
  void tell_of_held_back();

  ProcessOptions options_;
  DiskFolder disks_;
  std::string file_;  // the scenario, as the processes read it
  std::vector<ChildNode> children_;
  std::vector<NodeTraffic> past_;  // of the processes that are gone, by group
  std::chrono::steady_clock::time_point epoch_;
  Observer* observer_ = nullptr;
  std::size_t changes_ = 0;  // of the network, so far
  std::uint64_t reports_ = 0;
  std::uint64_t looks_ = 0;
  std::uint64_t unseen_ = 0;  // looks that some node did not answer in time
  bool looking_ = false;
  std::set<NodeIndex> awaited_;                                // nodes that have not answered the current look
  std::vector<std::pair<NodeIndex, NodeReport>> held_back_{};  // of what happened while nodes were looked at
  Time last_;
  bool ended_ = false;
};

// Whether an action changes the network. Processes are told of such actions by their number in the scenario.
bool changes_network(const Action& action);

}  // namespace peerbed::scenarios
