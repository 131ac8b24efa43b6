#pragma once
// The metrics that a run of a scenario may produce, known before it starts. An expectation about any other metric
// cannot hold.

#include <map>
#include <string>

#include "protocols/environment/trace.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

class MetricCatalogue {
 public:
  explicit MetricCatalogue(const std::vector<Group>& groups, bool judges_history = false);

  const std::map<std::string, Unit, std::less<>>& all() const noexcept { return units_; }
  // Whether there may be such a metric although it is not listed: some protocols do not say what they measure or check.
  bool may_have(std::string_view metric) const noexcept;
  // Null if the catalogue has no such metric.
  const Unit* find(std::string_view metric) const;

 private:
  void add_protocol(const Protocol& protocol);
  void add_distribution(const std::string& name, Unit unit);

  std::map<std::string, Unit, std::less<>> units_;
  bool has_unknown_ = false;
  bool has_unknown_checks_ = false;
};

// "it is a time; compare it with one such as 500ms".
std::string unit_remedy(Unit unit);

}  // namespace peerbed::scenarios
