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

// Lists of one digest are alike, so mostly all are right if one is. A look may come after every change of a list.
void SwimMembers::check_lists(CheckReport& report) const {
  std::optional<std::uint64_t> right;
  std::optional<Address> about;
  auto member = all_.begin();
  for (; member != all_.end(); ++member) {
    const swim::MemberList& list = member->state->members();
    if (list.digest() == right) continue;
    about = first_mistake(list);
    if (about) break;
    right = list.digest();
  }
  report.expect("every member lists the members and nobody else", !about, [&] {
    return "node " + std::to_string(member->node) + (has(*about) ? " does not list " : " still lists ") +
           to_string(*about);
  });
}

std::optional<Address> SwimMembers::first_mistake(const swim::MemberList& list) const {
  auto wanted = all_.begin();
  for (const swim::Member& listed : list.all()) {
    if (listed.standing == swim::Standing::dead) continue;
    if (wanted == all_.end() || listed.address < wanted->address) return listed.address;
    if (wanted->address < listed.address) break;
    ++wanted;
  }
  return wanted == all_.end() ? std::nullopt : std::optional(wanted->address);
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
  double health = 0;
  for (const SwimMember& member : all_) {
    least = std::min(least, member.state->members().living());
    most = std::max(most, member.state->members().living());
    health += member.state->local_health();
  }
  metrics.set("swim.listed.mean", listed().all / count);
  metrics.set("swim.listed.min", least);
  metrics.set("swim.listed.max", most);
  metrics.set("swim.missing.share", missing_share(), Unit::flag, Better::less);
  metrics.set("swim.dead_listed.share", dead_share(), Unit::flag, Better::less);
  metrics.set("swim.local_health.mean", health / count, Unit::none, Better::less);
}

SwimMembers::Listed SwimMembers::listed() const {
  Listed listed;
  for (const SwimMember& member : all_) {
    listed.all += static_cast<double>(member.state->members().living());
    for (const swim::Member& each : member.state->members().all())
      if (member.state->lists(each.address) && !has(each.address)) ++listed.dead;
  }
  return listed;
}

double SwimMembers::missing_share() const {
  const auto [all, dead] = listed();
  const auto count = static_cast<double>(all_.size());
  return 1 - (all - dead) / (count * count);
}

double SwimMembers::dead_share() const {
  const auto [all, dead] = listed();
  return dead / all;
}

bool SwimMembers::has(Address address) const {
  return std::binary_search(all_.begin(), all_.end(), SwimMember{address},
                            [](const SwimMember& one, const SwimMember& other) { return one.address < other.address; });
}

}  // namespace peerbed::scenarios
