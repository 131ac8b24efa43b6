#pragma once
// One scenario in both worlds, simulated and over sockets, side by side. What must be equal is compared exactly, what
// depends on timing within a tolerance, and the rest is shown without judgement.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/run/run_scenario.h"

namespace peerbed::scenarios {

struct ParityOptions {
  double within = 0.10;    // tolerated relative difference of times, messages and bytes
  std::uint64_t few = 50;  // lower counts are shown but not judged; for messages in total, ten times that
  Duration machine_time = std::chrono::milliseconds(3);  // what a real machine may add to a latency
};

// One quantity in both worlds.
struct ParityRow {
  std::string metric;
  analysis::Metric simulated;
  analysis::Metric real;
  std::optional<double> tolerance;  // relative; 0: they must be equal; nothing: not judged
  bool agrees = true;

  double difference() const noexcept;  // relative to the simulated value
};

// How many hops each operation took, by node.
class HopJournal final : public Observer {
 public:
  explicit HopJournal(const Scenario& scenario) : scenario_(scenario) {}
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override;

  using Hops = std::map<std::pair<std::string, NodeIndex>, std::vector<std::uint64_t>>;  // by event
  const Hops& hops() const noexcept { return hops_; }
  std::size_t count() const noexcept;

 private:
  const Scenario& scenario_;
  Hops hops_;
};
// How many operations took a different number of hops in the other world, or did not finish in one of them. Operations
// of one node may overlap and finish in a different order.
std::size_t differing_hops(const HopJournal& one, const HopJournal& other);

struct ParityReport {
  std::vector<ParityRow> rows;
  std::vector<std::string> expectations;  // expectations that held in only one world
  std::size_t operations = 0;             // number of operations whose hops were compared
  std::size_t differing_hops = 0;

  bool agrees() const noexcept;
};

ParityReport compare_worlds(const RunResult& simulated, const RunResult& real, const ParityOptions& options = {});
// The report as one JSON object.
std::string parity_json(const RunResult& simulated, const RunResult& real, const ParityReport& report);

}  // namespace peerbed::scenarios
