#pragma once
// A network namespace for each node of a scenario, all joined by a bridge in one more namespace. The kernel enforces
// the rates and queues of their links (tbf). Needs root. The namespaces are removed with this object; those left by a
// killed run are removed by the next run.

#include <string>
#include <vector>

#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

class NodeNamespaces {
 public:
  // 10.77.0.1:4000 or [fd00::a4d:1]:4000.
  static Address first_address(const Scenario& scenario) noexcept;

  // Throws FileError if this user or this machine may not create them.
  explicit NodeNamespaces(const Scenario& scenario);
  ~NodeNamespaces();
  NodeNamespaces(const NodeNamespaces&) = delete;
  NodeNamespaces& operator=(const NodeNamespaces&) = delete;

  // The words that run a command in a node's namespace.
  std::vector<std::string> inside(NodeIndex node, std::vector<std::string> command) const;

 private:
  std::string name_of(const std::string& part) const;
  void make(const Scenario& scenario);
  void remove() noexcept;

  std::vector<std::string> names_;  // of the namespaces that were made
};

}  // namespace peerbed::scenarios
