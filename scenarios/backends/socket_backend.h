#pragma once
// Runs a scenario on real hosts in this process: the nodes of the simulation over UDP, TCP and disks, in real time. The
// hosts themselves impose what the kernel of one machine does not, such as latency and loss.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/host.h"
#include "scenarios/backends/backend.h"
#include "scenarios/backends/disk_folder.h"
#include "scenarios/backends/imposed_network.h"
#include "scenarios/backends/node_report.h"

namespace peerbed::scenarios {

struct SocketOptions {
  std::optional<std::filesystem::path> disks{};                  // else a temporary folder
  std::optional<NodeIndex> only{};                               // the one node that lives here; else all do
  std::uint32_t incarnation = 0;                                 // of its first process
  std::optional<std::chrono::steady_clock::time_point> epoch{};  // when the scenario begins; else very soon
  RateKeeper rates = RateKeeper::host;
};

class SocketBackend final : public Backend, private Observer {
 public:
  // The scenario's nodes have addresses of this machine (see at_addresses). Throws FileError, or std::system_error for
  // an unavailable address.
  SocketBackend(const Scenario& scenario, const SocketOptions& options = {});
  ~SocketBackend() override;

  Time now() const override;
  // Sleeps and serves; asks to be asked again ten times a second.
  bool run_until(Time end, std::uint64_t limit) override;
  std::uint64_t events() const override { return host_->counters().inputs; }
  void foresee(std::span<const ScheduledAction> actions) override { network_.foresee(actions); }
  void observe(Observer* observer) override { observer_ = observer; }
  void end() override { ended_ = true; }
  void measure(analysis::Metrics& metrics) const override;
  std::vector<std::string> remarks() const override;

  bool takes_commands(NodeIndex node) const override { return is_up(node); }
  bool command(NodeIndex node, std::string_view line) override;
  bool is_up(NodeIndex node) const override;
  bool has_harmed_messages() const override { return network_.fates().corrupted > 0; }
  std::unique_ptr<StoredBytes> stored(NodeIndex node, ContentKey key) const override;
  // The visible state of a node that lives here, for another process.
  std::vector<std::byte> visible_state(NodeIndex node) const {
    return population_of(node).visible_state(*processes_[node]);
  }

  adapter::Host& host() noexcept { return *host_; }
  const std::vector<NodeIndex>& nodes() const noexcept { return nodes_; }  // that live here
  // Of the nodes that live here, by group; what the host counts for all of them stands with the first group.
  std::vector<NodeTraffic> traffic() const;

 private:
  const void* state(NodeIndex node, const std::type_info& type) const override;
  bool start_node(NodeIndex node) override;
  bool crash_node(NodeIndex node, Disk disk) override;
  bool ask_to_leave(NodeIndex node) override;
  bool pause_node(NodeIndex) override { return false; }
  bool resume_node(NodeIndex) override { return false; }
  std::size_t change_surroundings(const Action& action) override { return network_.apply(action, now()); }

  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override;
  void on_line(Time time, NodeIndex node, std::string_view line) override;
  void on_exit(Time time, NodeIndex node) override;

  std::vector<NodeIndex> nodes_;  // by their numbers in the host
  DiskFolder disks_;
  ImposedNetwork network_;
  std::unique_ptr<adapter::Host> host_;
  std::vector<adapter::HostedNode*> processes_;  // of all nodes; null for those that live elsewhere
  Observer* observer_ = nullptr;
  Time last_;  // that was asked for
  Duration latest_{};
  bool ended_ = false;
};

// Traffic of each group's nodes over sockets, by the names of a simulation's metrics.
void measure_traffic(const Scenario& scenario, const std::vector<NodeTraffic>& by_group, analysis::Metrics& metrics);

}  // namespace peerbed::scenarios
