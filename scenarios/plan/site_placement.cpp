#include "scenarios/plan/site_placement.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

#include "protocols/environment/random.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t placement_purpose = 0x97ACE;  // tells these draws from all others of the seed

// The first index whose cumulative weight exceeds a draw.
std::size_t weighted_index(const std::vector<double>& cumulative, double unit) {
  const double wanted = unit * cumulative.back();
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), wanted);
  return std::min<std::size_t>(static_cast<std::size_t>(found - cumulative.begin()), cumulative.size() - 1);
}

// Refuses hosts that cannot reach one another.
void check_reachability(const Field& groups, const Scenario& scenario) {
  const std::vector<std::uint32_t>& parts = scenario.network.parts;
  if (parts.empty()) return;
  const SitePlacement placement(scenario);
  std::optional<sim::SiteIndex> first;
  for (const Group& group : scenario.groups)
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const sim::SiteIndex site = placement.site_of(group, i);
      if (!first) first = site;
      if (parts[site] == parts[*first]) continue;
      groups.fail("hosts are at site " + name_of_site(scenario.network, *first) + " and at " +
                  name_of_site(scenario.network, site) +
                  ", but the topology has no path both ways between them; place the groups with `sites`, or set "
                  "`largest_component: true` in the topology to use its largest connected part only");
    }
}

}  // namespace

std::size_t site_count(const NetworkPlan& network) {
  return network.path.latency ? network.path.latency->site_count() : 0;
}

std::string label_of_site(const NetworkPlan& network, sim::SiteIndex site) {
  const auto names = network.path.latency->site_names();
  return names.empty() ? std::to_string(site) : names[site];
}

std::string name_of_site(const NetworkPlan& network, sim::SiteIndex site) {
  const std::string label = label_of_site(network, site);
  return network.path.latency->site_names().empty() ? label : "'" + label + "'";
}

sim::SiteIndex read_site(const Field& field, const NetworkPlan& network) {
  const std::size_t count = site_count(network);
  if (count == 0) field.fail("the network's latency has no sites; remove this, or use a latency that has some");
  const auto names = network.path.latency->site_names();
  const std::string word = field.text();
  const auto found = std::find(names.begin(), names.end(), word);
  if (found != names.end()) return static_cast<sim::SiteIndex>(found - names.begin());
  if (const auto number = parse_count(word)) {
    if (*number < count) return static_cast<sim::SiteIndex>(*number);
    field.fail("there is no site " + word + "; the network's sites are 0 to " + std::to_string(count - 1));
  }
  if (names.empty()) field.fail_expected("the number of a site: the network's sites have no names");
  const auto with_id = std::find_if(names.begin(), names.end(),
                                    [&word](const std::string& name) { return name.starts_with(word + " ("); });
  const std::string nearest = with_id != names.end() ? *with_id : nearest_word(word, {names.begin(), names.end()});
  field.fail("there is no site '" + word + "'" +
             (nearest.empty() ? "; give a name or a number from 0 to " + std::to_string(count - 1)
                              : "; did you mean '" + nearest + "'?"));
}

SitePlacement::SitePlacement(const Scenario& scenario)
    : scenario_(scenario),
      seed_(scenario.seed),
      placement_(scenario.network.placement),
      eligible_(scenario.network.eligible) {
  if (eligible_.empty()) {
    eligible_.resize(std::max<std::size_t>(site_count(scenario.network), 1));
    std::iota(eligible_.begin(), eligible_.end(), sim::SiteIndex{0});
  }
  for (const double weight : scenario.network.site_weights)
    cumulative_.push_back((cumulative_.empty() ? 0 : cumulative_.back()) + weight);
}

sim::SiteIndex SitePlacement::site_of(const Group& group, std::size_t index) const {
  if (!group.sites.empty()) return group.sites[index % group.sites.size()];
  const std::size_t node = group.plan.first + index;
  if (placement_ == Placement::in_turn) return eligible_[node % eligible_.size()];
  KeyedStream draws(key_of(seed_, placement_purpose, node));
  if (placement_ == Placement::random) return eligible_[draws.below(eligible_.size())];
  return static_cast<sim::SiteIndex>(weighted_index(cumulative_, draws.unit()));
}

sim::SiteIndex SitePlacement::site_of(NodeIndex node) const {
  const Group& group = scenario_.group_of(node);
  return site_of(group, node - group.plan.first);
}

sim::LinkLimit SitePlacement::uplink(NodeIndex node) const {
  if (const auto& own = scenario_.group_of(node).uplink) return *own;
  const std::vector<SiteLinks>& links = scenario_.network.site_links;
  return {.rate = links.empty() ? sim::Rate{} : links[site_of(node)].uplink, .queue_bytes = usual_queue};
}

sim::LinkLimit SitePlacement::downlink(NodeIndex node) const {
  if (const auto& own = scenario_.group_of(node).downlink) return *own;
  const std::vector<SiteLinks>& links = scenario_.network.site_links;
  return {.rate = links.empty() ? sim::Rate{} : links[site_of(node)].downlink, .queue_bytes = usual_queue};
}

void read_sites(const Field& groups, Scenario& scenario) {
  for (Group& group : scenario.groups) {
    const Value* sites = groups.value().find(group.plan.name)->find("sites");
    if (sites == nullptr) continue;
    const Field field(groups.document(), *sites, groups.path() + "." + group.plan.name + ".sites");
    if (field.elements().empty()) field.fail("name at least one site, or leave this out");
    for (const Field& site : field.elements()) {
      group.sites.push_back(read_site(site, scenario.network));
      const std::vector<sim::SiteIndex>& eligible = scenario.network.eligible;
      if (!eligible.empty() && std::find(eligible.begin(), eligible.end(), group.sites.back()) == eligible.end())
        site.fail(
            "site " + name_of_site(scenario.network, group.sites.back()) +
            " is outside the topology's largest connected part; name one within it, or remove `largest_component`");
    }
  }
  check_reachability(groups, scenario);
}

}  // namespace peerbed::scenarios
