#include "scenarios/swim/swim_members.h"

#include <algorithm>

namespace peerbed::scenarios {

SwimMembers::SwimMembers(const StateView& states, const RingLayout& places) {
  for (const ring::Contact& place : places.everyone()) {
    const NodeIndex node = places.node_of(place);
    if (!states.is_up(node)) continue;
    const auto* const state = states.node<swim::Node>(node);
    if (state == nullptr)
      all_seen_ = false;
    else if (state->joined())
      all_.push_back({place.address, node, state});
    else
      outsiders_.push_back(node);
  }
  std::sort(all_.begin(), all_.end(),
            [](const SwimMember& one, const SwimMember& other) { return one.address < other.address; });
}

void SwimMembers::check_lists(CheckReport& report) const {
  const SwimMember* wrong = nullptr;
  Address about{};
  for (const SwimMember& member : all_) {
    for (const SwimMember& other : all_)
      if (!member.state->lists(other.address)) wrong = &member, about = other.address;
    for (const swim::Member& listed : member.state->members().all())
      if (member.state->lists(listed.address) && !has(listed.address)) wrong = &member, about = listed.address;
    if (wrong != nullptr) break;
  }
  report.expect("every member lists the members and nobody else", wrong == nullptr, [&] {
    return "node " + std::to_string(wrong->node) + (has(about) ? " does not list " : " still lists ") +
           to_string(about);
  });
}

std::vector<std::pair<std::string, Unit>> SwimMembers::metrics() {
  return {{"swim.members", Unit::count},         {"swim.listed.mean", Unit::none},
          {"swim.listed.min", Unit::count},      {"swim.listed.max", Unit::count},
          {"swim.missing.share", Unit::flag},    {"swim.dead_listed.share", Unit::flag},
          {"swim.local_health.mean", Unit::none}};
}

void SwimMembers::measure(analysis::Metrics& metrics) const {
  metrics.set("swim.members", all_.size());
  if (all_.empty()) return;
  const auto count = static_cast<double>(all_.size());
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  double listed = 0;
  double dead = 0;
  double health = 0;
  for (const SwimMember& member : all_) {
    least = std::min(least, member.state->members().living());
    most = std::max(most, member.state->members().living());
    listed += static_cast<double>(member.state->members().living());
    health += member.state->local_health();
    for (const swim::Member& each : member.state->members().all())
      if (member.state->lists(each.address) && !has(each.address)) ++dead;
  }
  metrics.set("swim.listed.mean", listed / count);
  metrics.set("swim.listed.min", least);
  metrics.set("swim.listed.max", most);
  metrics.set("swim.missing.share", 1 - (listed - dead) / (count * count), Unit::flag, Better::less);
  metrics.set("swim.dead_listed.share", dead / listed, Unit::flag, Better::less);
  metrics.set("swim.local_health.mean", health / count, Unit::none, Better::less);
}

bool SwimMembers::has(Address address) const {
  return std::binary_search(all_.begin(), all_.end(), SwimMember{address},
                            [](const SwimMember& one, const SwimMember& other) { return one.address < other.address; });
}

}  // namespace peerbed::scenarios
