#include "scenarios/ring/ring_recorder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "protocols/ring/trace.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t values_watched = 20;  // whose copies are counted

// Sixteen hexadecimal digits of a large ring's key, or the number itself.
std::string text_of(ring::Key key, unsigned bits) {
  if (bits <= 16) return std::to_string(key.value);
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(key.value));
  return text.data();
}

double place_of(ring::Key key, unsigned bits) {
  return std::ldexp(static_cast<double>(key.value), -static_cast<int>(bits));
}

// Whether a finger, the member at `place`, is not the first one of its stretch: the one before it lies there too.
bool is_passed_over(const RingMembers& members, const ring::Node& node, std::size_t place) {
  const ring::KeySpace space(node.options().key_bits);
  const auto distance_to = [&](std::size_t member) { return space.distance(node.self(), members.all()[member].key); };
  const std::uint64_t distance = distance_to(place);
  const std::uint64_t before = distance_to(place == 0 ? members.all().size() - 1 : place - 1);
  return distance == 0 || (before < distance && before >= std::bit_floor(distance));
}

// By node, where it stands among the members; the number of members for one that is none.
class Places {
 public:
  explicit Places(const RingMembers& members) : members_(members) {
    NodeIndex last = 0;
    for (const RingMember& member : members.all()) last = std::max(last, member.node);
    of_node_.assign(last + std::size_t{1}, members.all().size());
    for (std::size_t place = 0; place < members.all().size(); ++place) of_node_[members.all()[place].node] = place;
  }
  std::size_t of(NodeIndex node, ring::Key key) const {
    const std::size_t none = members_.all().size();
    const std::size_t place = node < of_node_.size() ? of_node_[node] : none;
    return place < none && members_.all()[place].key == key ? place : none;
  }

 private:
  const RingMembers& members_;
  std::vector<std::size_t> of_node_;
};

}  // namespace

RingRecorder::RingRecorder(std::shared_ptr<const RingLayout> layout, Duration duration)
    : layout_(std::move(layout)),
      options_(*RingLayout::options_of(layout_->groups().front()).options),
      part_(std::max(duration / static_cast<std::int64_t>(lookups_spread), Duration(1))),
      trails_(layout_->groups().front().address, options_.lookup_period > Duration::zero()) {}

NodeIndex RingRecorder::node_at(Address address) const noexcept {
  return address.host() - layout_->groups().front().address.host();
}

bool RingRecorder::LessRemarkable::operator()(const Lookup& one, const Lookup& other) const noexcept {
  if (one.success != other.success) return one.success;
  if (one.latency != other.latency) return one.latency < other.latency;
  return one.number > other.number;
}

void RingRecorder::on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  if (type == ring::index_of(ring::TraceEvent::lookup_done)) {
    const Duration latency(static_cast<std::int64_t>(values[1]));
    note_lookup({.number = lookups_++,
                 .began = time - latency,
                 .latency = latency,
                 .node = node,
                 .hops = values[0],
                 .timeouts = values[2],
                 .success = values[3] != 0,
                 .trail = {}});
  }
  if (type == ring::index_of(ring::TraceEvent::value_acknowledged) && values_.size() < values_watched)
    if (known_values_.insert(ring::Key{values[0]}).second) values_.push_back(ring::Key{values[0]});
}

void RingRecorder::note_lookup(const Lookup& lookup) {
  const auto part = [this](const Lookup& one) { return (one.began + one.latency - time_zero) / part_; };
  const bool is_first = spread_.empty() || part(lookup) > part(spread_.back());
  const bool is_bad = worst_.size() < lookups_worst || LessRemarkable{}(*worst_.begin(), lookup);
  if (!is_first && !is_bad) return;
  Lookup kept = lookup;
  kept.trail = trails_.ended(lookup.began + lookup.latency, lookup.node, lookup.hops, lookup.latency, lookup.success);
  if (is_first) spread_.push_back(kept);
  if (is_bad) worst_.insert(std::move(kept));
  if (worst_.size() > lookups_worst) worst_.erase(worst_.begin());
}

void RingRecorder::measure(const StateView& states, Duration, IntervalValues& values) {
  const RingMembers members(states, layout_->groups());
  if (!members.are_all_seen()) return;
  values.set("ring.members", static_cast<double>(members.all().size()), "count");
  if (members.all().empty()) return;
  measure_pointers(members, values);
  if (options_.profile == ring::Profile::chord && !values_.empty()) measure_copies(members, values);
}

void RingRecorder::measure_pointers(const RingMembers& members, IntervalValues& values) const {
  const std::size_t count = members.all().size();
  const Places places(members);
  const auto place_of = [&](const ring::Contact& contact) { return places.of(node_at(contact.address), contact.key); };
  std::uint64_t wrong_first = 0;
  std::uint64_t successors = 0;
  std::uint64_t dead_successors = 0;
  std::uint64_t fingers = 0;
  std::uint64_t dead_fingers = 0;
  std::uint64_t wrong_fingers = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const ring::Node& node = *members.all()[i].state;
    for (const ring::Contact& successor : node.successors()) {
      const std::size_t place = place_of(successor);
      if (&successor == node.successors().data() && place != (i + 1) % count) ++wrong_first;
      ++successors;
      if (place == count) ++dead_successors;
    }
    for (const ring::Contact& finger : node.fingers()) {
      const std::size_t place = place_of(finger);
      ++fingers;
      if (place == count)
        ++dead_fingers;
      else if (is_passed_over(members, node, place))
        ++wrong_fingers;
    }
  }
  const auto share = [&values](const char* name, std::uint64_t part, std::uint64_t of) {
    if (of > 0) values.set(name, static_cast<double>(part) / static_cast<double>(of), "share");
  };
  if (count > 1) share("ring.wrong_first_successors.share", wrong_first, count);
  share("ring.dead_successors.share", dead_successors, successors);
  share("ring.dead_fingers.share", dead_fingers, fingers);
  share("ring.wrong_fingers.share", wrong_fingers, fingers);
  share("ring.stale_pointers.share", dead_successors + dead_fingers + wrong_fingers, successors + fingers);
}

// Copies that a lookup of the owner leads to: with the owner and the members after it.
void RingRecorder::measure_copies(const RingMembers& members, IntervalValues& values) const {
  const std::size_t count = members.all().size();
  const std::size_t looked_at = std::min(2 * options_.replicas, count);
  std::size_t fewest = SIZE_MAX;
  std::size_t all = 0;
  for (const ring::Key key : values_) {
    const std::size_t owner = members.place_of_owner(key);
    std::size_t copies = 0;
    for (std::size_t k = 0; k < looked_at; ++k)
      if (members.all()[(owner + k) % count].state->holds(key)) ++copies;
    fewest = std::min(fewest, copies);
    all += copies;
  }
  values.set("ring.replicas.min", static_cast<double>(fewest), "count");
  values.set("ring.replicas.mean", static_cast<double>(all) / static_cast<double>(values_.size()), "count");
}

void RingRecorder::take_snapshot(const StateView& states, Duration now) {
  if (!frames_.empty() && frames_.back().at == now) return;
  const RingMembers members(states, layout_->groups());
  if (!members.are_all_seen()) return;
  Frame frame{.at = now, .members = {}};
  for (const RingMember& member : members.all())
    if (member.node < maximum_snapshot_nodes) frame.members.push_back(portrait_of(member));
  std::sort(frame.members.begin(), frame.members.end(),
            [](const Portrait& one, const Portrait& other) { return one.node < other.node; });
  frames_.push_back(std::move(frame));
}

RingRecorder::Portrait RingRecorder::portrait_of(const RingMember& member) const {
  Portrait portrait;
  portrait.node = member.node;
  const auto note = [this](std::span<const ring::Contact> contacts, std::vector<NodeIndex>& nodes) {
    for (const ring::Contact& contact : contacts)
      if (node_at(contact.address) < maximum_snapshot_nodes) nodes.push_back(node_at(contact.address));
  };
  note(member.state->successors(), portrait.successors);
  note(member.state->fingers(), portrait.fingers);
  if (const auto predecessor = member.state->predecessor()) portrait.predecessor = node_at(predecessor->address);
  portrait.values = member.state->value_count();
  return portrait;
}

void RingRecorder::write(analysis::JsonText& out) const {
  out.open_object().key("bits").number(options_.key_bits);
  write_places(out);
  write_frames(out);
  write_lookups(out);
  const std::size_t members = frames_.empty() ? 0 : frames_.back().members.size();
  if (members > 1 && members < maximum_snapshot_nodes) {
    out.key("hops_theory").open_object().key("nodes").number(members);
    out.key("half_log2").number(0.5 * std::log2(static_cast<double>(members))).close_object();
  }
  out.close_object();
}

// By node; null for those that are none of the ring's.
void RingRecorder::write_places(analysis::JsonText& out) const {
  std::vector<std::optional<ring::Key>> keys;
  for (const GroupPlan& group : layout_->groups())
    for (std::size_t i = 0; i < group.count; ++i) {
      const auto node = group.first + static_cast<NodeIndex>(i);
      if (node >= maximum_snapshot_nodes) break;
      keys.resize(std::max<std::size_t>(keys.size(), node + 1));
      keys[node] = layout_->contact_of(group, node).key;
    }
  out.key("ids").open_list();
  for (const auto& key : keys) key ? out.number(place_of(*key, options_.key_bits)) : out.null();
  out.close_list().key("id_text").open_list();
  for (const auto& key : keys) key ? out.text(text_of(*key, options_.key_bits)) : out.null();
  out.close_list();
}

void RingRecorder::write_frames(analysis::JsonText& out) const {
  const auto write_nodes = [&out](const char* key, const std::vector<NodeIndex>& nodes) {
    out.key(key).open_list();
    for (const NodeIndex node : nodes) out.number(node);
    out.close_list();
  };
  out.key("frames").open_list();
  for (const Frame& frame : frames_) {
    out.open_object().key("seconds").seconds(frame.at).key("nodes").open_list();
    for (const Portrait& member : frame.members) {
      out.open_object().key("n").number(member.node);
      write_nodes("s", member.successors);
      if (member.predecessor < maximum_snapshot_nodes) out.key("p").number(member.predecessor);
      write_nodes("f", member.fingers);
      out.key("k").number(member.values).close_object();
    }
    out.close_list().close_object();
  }
  out.close_list();
}

void RingRecorder::write_lookups(analysis::JsonText& out) const {
  std::vector<const Lookup*> kept;
  for (const Lookup& lookup : spread_) kept.push_back(&lookup);
  for (const Lookup& lookup : worst_) kept.push_back(&lookup);
  const auto place = [](const Lookup* lookup) { return std::pair(lookup->began, lookup->number); };
  std::sort(kept.begin(), kept.end(),
            [place](const Lookup* one, const Lookup* other) { return place(one) < place(other); });
  kept.erase(std::unique(kept.begin(), kept.end(),
                         [](const Lookup* one, const Lookup* other) { return one->number == other->number; }),
             kept.end());
  out.key("lookups").open_list();
  for (const Lookup* lookup : kept) write_lookup(*lookup, out);
  out.close_list();
  if (kept.size() < lookups_)
    out.thinned("lookups", kept.size(), lookups_,
                "the first of each of " + std::to_string(lookups_spread) + " parts of the run, and the " +
                    std::to_string(lookups_worst) + " that failed or were slowest");
}

void RingRecorder::write_lookup(const Lookup& lookup, analysis::JsonText& out) const {
  out.open_object().key("seconds").seconds(lookup.began - time_zero).key("node").number(lookup.node);
  if (lookup.trail.key) out.key("key").number(place_of(*lookup.trail.key, options_.key_bits));
  if (!lookup.trail.path.empty()) {
    out.key("path").open_list();
    for (const NodeIndex node : lookup.trail.path) out.number(node);
    out.close_list();
  }
  out.key("hops").number(lookup.hops).key("latency").seconds(lookup.latency);
  out.key("success").boolean(lookup.success).key("timeouts").number(lookup.timeouts).close_object();
}

}  // namespace peerbed::scenarios
