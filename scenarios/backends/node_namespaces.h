#pragma once
// A network namespace for each node of a scenario, all joined by a bridge in one more namespace. The kernel enforces
// the rates and queues of their links (tbf). Needs root. The namespaces are removed with this object; those left by a
// killed run are removed by the next run.

#include <span>
#include <string>
#include <vector>

#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

class NodeNamespaces {
 public:
  // 10.77.0.1:4000 or [fd00::a4d:1]:4000.
  static Address first_address(const Scenario& scenario) noexcept;

  // Throws FileError if this user or this machine may not create them.
  // `actions` are the scenario's, lowered.
  NodeNamespaces(const Scenario& scenario, std::span<const ScheduledAction> actions);
  ~NodeNamespaces();
  NodeNamespaces(const NodeNamespaces&) = delete;
  NodeNamespaces& operator=(const NodeNamespaces&) = delete;

  // The words that run a command in a node's namespace.
  std::vector<std::string> inside(NodeIndex node, std::vector<std::string> command) const;
  // Gives links whose rate changes over time their mean rate from now until the next call that changes it, a tenth of a
  // second later, or more with many such links: the tool runs for at most a tenth of the time.
  void keep_rates(Time now);

 private:
  // A link whose rate changes.
  struct Varying {
    NodeIndex node = 0;
    bool is_uplink = true;
    sim::LinkLimit limit;
    sim::Rate set;  // the rate that the kernel keeps at present
  };

  void note_varying(const Scenario& scenario, std::span<const ScheduledAction> actions);
  std::string name_of(const std::string& part) const;
  void make(const Scenario& scenario);
  void remove() noexcept;

  std::vector<std::string> names_;  // of the namespaces that were made
  std::vector<Varying> varying_;
  Duration interval_{};  // of which a varying link gets the mean rate
  Time next_;            // when the next one begins
};

}  // namespace peerbed::scenarios
