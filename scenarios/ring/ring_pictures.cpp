#include "scenarios/ring/ring_pictures.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

namespace peerbed::scenarios {
namespace {

// Sixteen hexadecimal digits of a large ring's key, or the number itself.
std::string text_of(ring::Key key, unsigned bits) {
  if (bits <= 16) return std::to_string(key.value);
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(key.value));
  return text.data();
}

// By node, where it stands among the members; the number of members for one that is none.
class Places {
 public:
  explicit Places(const RingMembers& members) : members_(members) {
    NodeIndex last = 0;
    for (const RingMember& member : members.all()) last = std::max(last, member.node);
    of_node_.assign(last + std::size_t{1}, members.all().size());
    for (std::size_t index = 0; index < members.all().size(); ++index) of_node_[members.all()[index].node] = index;
  }
  std::size_t of(NodeIndex node, ring::Key key) const {
    const std::size_t none = members_.all().size();
    const std::size_t index = node < of_node_.size() ? of_node_[node] : none;
    return index < none && members_.all()[index].key == key ? index : none;
  }

 private:
  const RingMembers& members_;
  std::vector<std::size_t> of_node_;
};

}  // namespace

NodeIndex RingPictures::node_at(Address address) const noexcept {
  return address.host() - layout_->groups().front().address.host();
}

double RingPictures::place_of(ring::Key key) const {
  return std::ldexp(static_cast<double>(key.value), -static_cast<int>(key_bits_));
}

void RingPictures::measure(const RingMembers& members, IntervalValues& values) const {
  values.set("ring.members", static_cast<double>(members.all().size()), "count");
  if (members.all().empty()) return;
  const std::size_t count = members.all().size();
  const Places places(members);
  const auto place_among = [&](const ring::Contact& contact) {
    return places.of(node_at(contact.address), contact.key);
  };
  std::uint64_t wrong_first = 0;
  std::uint64_t successors = 0;
  std::uint64_t dead_successors = 0;
  std::uint64_t fingers = 0;
  std::uint64_t dead_fingers = 0;
  std::uint64_t wrong_fingers = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const RingMember& member = members.all()[i];
    for (const ring::Contact& successor : member.successors) {
      const std::size_t index = place_among(successor);
      if (&successor == member.successors.data() && index != (i + 1) % count) ++wrong_first;
      ++successors;
      if (index == count) ++dead_successors;
    }
    for (const ring::Contact& finger : member.fingers) {
      const std::size_t index = place_among(finger);
      ++fingers;
      if (index == count)
        ++dead_fingers;
      else if (is_passed_over(members, member.key, index))
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

// Whether a finger, the member at `place`, is not the first one of its stretch: the one before it lies there too.
bool RingPictures::is_passed_over(const RingMembers& members, ring::Key self, std::size_t index) const {
  const ring::KeySpace space(key_bits_);
  const auto distance_to = [&](std::size_t member) { return space.distance(self, members.all()[member].key); };
  const std::uint64_t distance = distance_to(index);
  const std::uint64_t before = distance_to(index == 0 ? members.all().size() - 1 : index - 1);
  return distance == 0 || (before < distance && before >= std::bit_floor(distance));
}

void RingPictures::take(const RingMembers& members, Duration now) {
  if (!members.are_all_seen() || (!frames_.empty() && frames_.back().at == now)) return;
  Frame frame{.at = now, .members = {}};
  for (const RingMember& member : members.all())
    if (member.node < maximum_snapshot_nodes) frame.members.push_back(portrait_of(member));
  std::sort(frame.members.begin(), frame.members.end(),
            [](const Portrait& one, const Portrait& other) { return one.node < other.node; });
  frames_.push_back(std::move(frame));
}

RingPictures::Portrait RingPictures::portrait_of(const RingMember& member) const {
  Portrait portrait;
  portrait.node = member.node;
  const auto note = [this](std::span<const ring::Contact> contacts, std::vector<NodeIndex>& nodes) {
    for (const ring::Contact& contact : contacts)
      if (node_at(contact.address) < maximum_snapshot_nodes) nodes.push_back(node_at(contact.address));
  };
  note(member.successors, portrait.successors);
  note(member.fingers, portrait.fingers);
  if (member.predecessor) portrait.predecessor = node_at(member.predecessor->address);
  if (member.state != nullptr) portrait.values = member.state->value_count();
  return portrait;
}

void RingPictures::write(analysis::JsonText& out) const {
  out.key("bits").number(key_bits_);
  write_places(out);
  write_frames(out);
}

void RingPictures::write_hops_in_theory(analysis::JsonText& out) const {
  const std::size_t members = frames_.empty() ? 0 : frames_.back().members.size();
  if (members < 2 || members >= maximum_snapshot_nodes) return;
  out.key("hops_theory").open_object().key("nodes").number(members);
  out.key("half_log2").number(0.5 * std::log2(static_cast<double>(members))).close_object();
}

// By node; null for those that are none of the ring's.
void RingPictures::write_places(analysis::JsonText& out) const {
  std::vector<std::optional<ring::Key>> keys;
  for (const GroupPlan& group : layout_->groups())
    for (std::size_t i = 0; i < group.count; ++i) {
      const auto node = group.first + static_cast<NodeIndex>(i);
      if (node >= maximum_snapshot_nodes) break;
      keys.resize(std::max<std::size_t>(keys.size(), node + 1));
      keys[node] = layout_->contact_of(group, node).key;
    }
  out.key("ids").open_list();
  for (const auto& key : keys) key ? out.number(place_of(*key)) : out.null();
  out.close_list().key("id_text").open_list();
  for (const auto& key : keys) key ? out.text(text_of(*key, key_bits_)) : out.null();
  out.close_list();
}

void RingPictures::write_frames(analysis::JsonText& out) const {
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

}  // namespace peerbed::scenarios
