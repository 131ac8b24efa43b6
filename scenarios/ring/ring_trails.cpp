#include "scenarios/ring/ring_trails.h"

#include <algorithm>
#include <string_view>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::string_view lookup_command = "lookup ";

}  // namespace

void LookupTrails::note(const Step& step) {
  answer_.asker = no_node;
  if (step.kind == StepKind::datagram) note_datagram(step);
  if (step.kind == StepKind::command) note_command(step);
}

void LookupTrails::note_datagram(const Step& step) {
  using LookupMessages = MessageList<ring::Find, ring::Found, ring::NextHopQuery, ring::NextHops>;
  LookupMessages::dispatch(ring::wire_version, step.bytes, [&](const auto& message) { note_message(step, message); });
}

void LookupTrails::note_message(const Step& step, const ring::Find& find) {
  const NodeIndex asker = node_at(find.asker);
  if (find.purpose != ring::Find::Purpose::lookup || !is_followed(asker, find.key)) return;
  add(asker, find.id, find.key, {.from = step.source, .to = step.destination, .hops = find.hops});
}

void LookupTrails::note_message(const Step& step, const ring::Found& found) {
  if (found.holders.empty()) return;
  answer_ = {.asker = step.destination,
             .from = step.source,
             .name = found.id,
             .owner = node_at(found.holders.all().front().address)};
}

void LookupTrails::note_message(const Step& step, const ring::NextHopQuery& query) {
  if (is_followed(step.source, query.key)) queries_.made(step.source, query.id).key = query.key;
}

void LookupTrails::note_message(const Step& step, const ring::NextHops& hops) {
  const NodeIndex asker = step.destination;
  const Query* asked = queries_.find(asker, hops.id);
  if (asked == nullptr) return;
  add(asker, asked->key.value, asked->key, {.from = asker, .to = step.source});
  answer_ = {.asker = asker, .from = step.source, .name = asked->key.value, .iterative = true};
}

void LookupTrails::note_command(const Step& step) {
  const std::string_view line(reinterpret_cast<const char*>(step.bytes.data()), step.bytes.size());
  if (!line.starts_with(lookup_command)) return;
  const auto key = parse_count(line.substr(lookup_command.size()));
  if (key) commands_.made(step.destination, *key).time = step.time;
}

// Of a longer way the latest edges are kept.
void LookupTrails::add(NodeIndex asker, std::uint64_t name, ring::Key key, Edge edge) {
  Trail& trail = trails_.made(asker, name);
  trail.key = key;
  if (trail.count == edges_kept) {
    std::move(trail.edges.begin() + 1, trail.edges.end(), trail.edges.begin());
    --trail.count;
  }
  trail.edges[trail.count++] = edge;
}

std::optional<ring::Key> LookupTrails::commanded(NodeIndex node, Time time) const {
  for (const Command& command : commands_.all())
    if (command.asker == node && command.time == time) return ring::Key{command.name};
  return std::nullopt;
}

LookupTrail LookupTrails::ended(Time now, NodeIndex asker, std::uint64_t hops, Duration latency, bool success) const {
  LookupTrail ended{.path = {}, .key = commanded(asker, now - latency)};
  if (!success) return ended.key ? unanswered(asker, *ended.key) : ended;
  if (hops == 0) ended.path = {asker};
  if (hops == 0 || answer_.asker != asker) return ended;
  const Trail* trail = trails_.find(asker, answer_.name);
  if (trail == nullptr) return ended;
  ended.key = trail->key;
  ended.path = answer_.iterative ? iterative_path(*trail, hops) : recursive_path(*trail, hops);
  return ended;
}

// Back from who answered. Without confirmations the one before the owner answers for it; and who found all further
// hops silent answers too, so that fewer hops may have been taken than were tried.
NodePath LookupTrails::recursive_path(const Trail& trail, std::uint64_t hops) const {
  NodePath path;
  if (answer_.owner != answer_.from) path.push_back(answer_.owner);
  NodeIndex node = answer_.from;
  std::uint64_t most = hops - path.size();
  path.push_back(node);
  for (auto edge = trail.count; edge-- > 0 && most > 0;) {
    const Edge& step = trail.edges[edge];
    if (step.to != node || step.hops > most) continue;
    node = step.from;
    most = step.hops - 1;
    path.push_back(node);
  }
  if (most > 0 || node != trail.asker) return {};
  std::reverse(path.begin(), path.end());
  return path;
}

NodePath LookupTrails::iterative_path(const Trail& trail, std::uint64_t hops) {
  if (hops > trail.count) return {};
  NodePath path{trail.asker};
  for (std::size_t i = trail.count - hops; i < trail.count; ++i) path.push_back(trail.edges[i].to);
  return path;
}

// As far as the latest attempt got.
LookupTrail LookupTrails::unanswered(NodeIndex asker, ring::Key key) const {
  LookupTrail ended{.path = {asker}, .key = key};
  for (const Trail& trail : trails_.all()) {
    if (trail.asker != asker || trail.key != key || trail.count == 0) continue;
    std::uint32_t begin = trail.count - 1;
    while (begin > 0 && trail.edges[begin].from != asker) --begin;
    for (std::uint32_t i = begin; i < trail.count; ++i)
      if (trail.edges[i].from == ended.path.back()) ended.path.push_back(trail.edges[i].to);
    break;
  }
  return ended;
}

}  // namespace peerbed::scenarios
