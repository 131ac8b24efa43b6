#include "scenarios/plan/scenario.h"

#include <algorithm>
#include <iterator>

namespace peerbed::scenarios {

const Nodes& nodes_of(const Churn& churn) {
  return std::visit([](const auto& form) -> const Nodes& { return form.nodes; }, churn.form);
}

std::size_t Scenario::node_count() const noexcept {
  return groups.empty() ? 0 : groups.back().plan.first + groups.back().plan.count;
}

const Group& Scenario::group_of(NodeIndex node) const {
  const auto after = std::upper_bound(groups.begin(), groups.end(), node,
                                      [](NodeIndex index, const Group& group) { return index < group.plan.first; });
  return *std::prev(after);
}

std::string Scenario::name_of(NodeIndex node) const {
  const Group& group = group_of(node);
  const std::size_t index = node - group.plan.first;
  std::string own = group.plan.options->name_of(index);
  return own.empty() ? group.plan.name + "." + std::to_string(index) : own;
}

}  // namespace peerbed::scenarios
