#include "scenarios/ring/ring_shape.h"

#include <set>

#include "scenarios/protocol/overlay_metrics.h"

namespace peerbed::scenarios {
namespace {

void measure_pointers(const RingMembers& members, analysis::Metrics& metrics) {
  std::vector<analysis::Edge> edges;
  const std::size_t count = members.all().size();
  for (std::size_t i = 0; i < count; ++i) {
    std::set<std::size_t> known;
    for (const ring::Contact& contact : members.all()[i].successors) known.insert(members.place_of(contact));
    for (const ring::Contact& contact : members.all()[i].fingers) known.insert(members.place_of(contact));
    for (const std::size_t index : known)
      if (index < count && index != i)
        edges.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(index));
  }
  measure_overlay(count, edges, metrics);
}

}  // namespace

std::vector<std::pair<std::string, Unit>> RingShape::metrics() {
  std::vector<std::pair<std::string, Unit>> names;
  for (const char* name : {"ring.wrong_first_successors.share", "ring.dead_first_successors.share"})
    names.emplace_back(name, Unit::flag);
  names.emplace_back("ring.members", Unit::count);
  for (auto& name : overlay_metrics()) names.push_back(std::move(name));
  return names;
}

void RingShape::look(const RingMembers& members) {
  const std::size_t count = members.all().size();
  for (std::size_t i = 0; i < count && count > 1; ++i) {
    const auto successors = members.all()[i].successors;
    const std::size_t first = successors.empty() ? count : members.place_of(successors.front());
    ++looked_at_;
    if (first == count) ++dead_first_;
    if (first != (i + 1) % count) ++wrong_first_;
  }
}

void RingShape::write_to(const RingMembers& members, analysis::Metrics& metrics) const {
  metrics.set("ring.members", members.all().size());
  if (looked_at_ > 0) {
    const auto all = static_cast<double>(looked_at_);
    metrics.set("ring.wrong_first_successors.share", static_cast<double>(wrong_first_) / all, Unit::flag, Better::less);
    metrics.set("ring.dead_first_successors.share", static_cast<double>(dead_first_) / all, Unit::flag, Better::less);
  }
  measure_pointers(members, metrics);
}

}  // namespace peerbed::scenarios
