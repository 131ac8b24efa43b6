#pragma once
// The parts of the scenario loader. Each reads one section of the file.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/plan/metric_catalogue.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/text/field.h"

namespace peerbed::scenarios {

// The names of a scenario's hosts: by number, by group, by group and index, and by the protocol's own names.
class NodeSelector {
 public:
  explicit NodeSelector(const std::vector<Group>& groups);

  // A word, a number, or a list of them.
  Nodes nodes(const Field& field) const;
  NodeIndex one_node(const Field& field) const;
  NodeIndex one_node(const std::string& name, const Field& field) const;
  sim::GroupIndex group(const Field& field) const;
  // A kind of message of the sender's protocol, by name; nothing for `any`.
  std::optional<std::uint8_t> message_kind(const Field& field, NodeIndex sender) const;
  // Nodes, or {random: 33%, of: nodes}. `at_most` allows fewer nodes than are to be drawn.
  Selection selection(const Field& field, bool at_most = false) const;
  Nodes everyone() const;

 private:
  Nodes nodes_of_word(const std::string& word, const Field& field) const;

  std::vector<std::string> group_names_;
  std::vector<std::pair<std::size_t, std::span<const std::string_view>>> kinds_;  // by group, up to which node
  std::map<std::string, Nodes, std::less<>> named_;
  std::size_t count_ = 0;
};

// load_network.cpp: a distribution of durations, "5s" or {weibull: {shape: 0.5, scale: 10min}}.
sim::Distribution read_duration_distribution(const Field& field);
constexpr std::uint64_t usual_queue = 64 * 1024;  // bytes, for a link whose queue is not given
constexpr double most_load_changes = 5'000'000;   // of cross traffic, in a run
sim::LinkLimit read_link(const Field& field);
StorageChange read_storage(MapReader& map);
sim::StreamOptions read_streams(const Field& field);
sim::NatPlan read_nat(const Field& field);
PathChange read_path_change(const Field& field);
NetworkPlan read_network(const Field& field, const NodeSelector& selector);
std::vector<CrossTraffic> read_cross_traffic(const Field& field, const NodeSelector& selector,
                                             const NetworkPlan& network);

std::vector<Workload> read_workload(const Field& field, const NodeSelector& selector, Duration duration);
// load_churn.cpp: what a crash does to a disk; and churn, given what is already known of its scenario: seed and length.
Disk read_disk(MapReader& map);
std::vector<Churn> read_churn(const Field& field, const NodeSelector& selector, const Scenario& scenario);
std::vector<Fault> read_faults(const Field& field, const NodeSelector& selector, const NetworkPlan& network,
                               Duration duration);
// Refuses anything that cannot have an effect: its author meant something else.
void check_effects(const Scenario& scenario, const Field& root);
void check_restores(const Scenario& scenario, const Field& root);
SearchPlan read_search(const Field& field, const NodeSelector& selector, Duration duration);
CheckPlan read_check(const Field& field);
std::vector<Expectation> read_expectations(const Field& field, const NodeSelector& selector,
                                           const MetricCatalogue& metrics);

}  // namespace peerbed::scenarios
