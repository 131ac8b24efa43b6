#include "protocols/ring/routing/routing_table.h"

#include <algorithm>
#include <array>
#include <bit>

#include "protocols/environment/contract.h"
#include "protocols/environment/state.h"

namespace peerbed::ring {

RoutingTable RoutingTable::converged(const Options& options, std::span<const Contact> members, std::size_t own_index) {
  const Key self = members[own_index].key;
  RoutingTable table(self);
  table.stage_ = Stage::member;
  const std::size_t others = members.size() - 1;
  if (others == 0) return table;

  const auto member_at = [&](std::size_t steps) { return members[(own_index + steps) % members.size()]; };
  table.predecessor_ = member_at(others);
  const std::size_t length = std::min(options.successor_list_length, others);
  table.successors_.reserve(options.successor_list_length);
  for (std::size_t i = 1; i <= length; ++i) table.successors_.push_back(member_at(i));
  if (!options.fingers) return table;

  const KeySpace space(options.key_bits);
  const auto by_key = [](Contact contact, Key key) { return contact.key < key; };
  Contact fingers[64];
  std::size_t count = 0;
  std::uint64_t reached = 0;
  for (unsigned exponent = 0; exponent < space.bits(); ++exponent) {
    const std::uint64_t start = 1ULL << exponent;
    if (start <= reached) continue;
    const auto found = std::lower_bound(members.begin(), members.end(), space.finger_start(self, exponent), by_key);
    const Contact finger = found == members.end() ? members.front() : *found;
    reached = space.distance(self, finger.key);
    if (reached < start) break;  // past the node itself: there is nobody that far
    fingers[count++] = finger;
  }
  table.fingers_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) table.fingers_.append(fingers[i]);
  return table;
}

void RoutingTable::set_predecessor(Contact predecessor, Time now) noexcept {
  PEERBED_CONTRACT(predecessor && predecessor.key != self_, "a predecessor is another node");
  predecessor_ = predecessor;
  predecessor_heard_ = now;
}

bool RoutingTable::precedes_head(Contact contact) const noexcept {
  if (contact.key == self_) return false;
  return successors_.empty() || between(self_, contact.key, successors_.front().key);
}

RoutingTable::Change RoutingTable::adopt(const Options& options, Contact head, std::span<const Contact> following) {
  const auto is_valid = [&options](Contact contact) {
    return contact && KeySpace(options.key_bits).contains(contact.key);
  };
  if (!is_valid(head) || head.key == self_) return {};
  std::array<Contact, maximum_successors> list;
  std::size_t count = 0;
  list[count++] = head;
  for (const Contact contact : following) {
    if (count == options.successor_list_length) break;
    if (!is_valid(contact) || !between(list[count - 1].key, contact.key, self_)) break;
    list[count++] = contact;
  }
  return replace_successors(options, std::span(list).first(count));
}

RoutingTable::Change RoutingTable::drop_successor(const Options& options, Contact successor) {
  std::array<Contact, maximum_successors> list;
  const auto end = std::remove_copy(successors_.begin(), successors_.end(), list.begin(), successor);
  return replace_successors(options, std::span(list.begin(), end));
}

RoutingTable::Change RoutingTable::replace_successors(const Options& options, std::span<const Contact> successors) {
  PEERBED_CONTRACT(successors.size() <= options.successor_list_length, "a successor list has its length at most");
  if (std::equal(successors.begin(), successors.end(), successors_.begin(), successors_.end())) return {};
  const Contact old_head = successors_.empty() ? Contact{} : successors_.front();
  const auto old_holders = replica_holders(options);
  const auto holders = successors.first(std::min(successors.size(), options.replicas - 1));
  Change change;
  change.holders = !std::equal(holders.begin(), holders.end(), old_holders.begin(), old_holders.end());
  successors_.reserve(options.successor_list_length);
  successors_.assign(successors.begin(), successors.end());
  change.head = !successors_.empty() && successors_.front() != old_head;
  return change;
}

std::span<const Contact> RoutingTable::replica_holders(const Options& options) const noexcept {
  const std::size_t count = options.replicas - (stage_ == Stage::leaving ? 0 : 1);
  return std::span(successors_).first(std::min(successors_.size(), count));
}

unsigned RoutingTable::useful_fingers(const Options& options) const noexcept {
  if (successors_.empty()) return 0;
  const KeySpace space(options.key_bits);
  const auto nearest = static_cast<unsigned>(std::bit_width(space.distance(self_, successors_.front().key))) - 1;
  return space.bits() - nearest;
}

unsigned RoutingTable::take_finger_to_fix(const Options& options) noexcept {
  const unsigned useful = useful_fingers(options);
  PEERBED_CONTRACT(useful > 0, "a node without successors has no fingers to fix");
  const unsigned nearest = options.key_bits - useful;
  if (next_finger_ < nearest || next_finger_ >= options.key_bits) next_finger_ = static_cast<std::uint8_t>(nearest);
  return next_finger_++;
}

// Both tables are sorted, and most searches end in their first entries from the back.
Contact RoutingTable::closest_preceding(const Options& options, Key limit) const noexcept {
  const KeySpace ring(options.key_bits);
  const std::uint64_t reach = ring.distance(self_, limit);
  const auto precedes = [&](Contact contact) {
    const std::uint64_t distance = ring.distance(self_, contact.key);
    return reach == 0 || distance < reach;
  };
  Contact closest;
  const auto fingers = fingers_.all();
  const auto finger = std::find_if(fingers.rbegin(), fingers.rend(), precedes);
  if (finger != fingers.rend()) closest = *finger;
  if (closest && !options.successor_list_as_fingers) return closest;
  const auto successor = std::find_if(successors_.rbegin(), successors_.rend(), precedes);
  if (successor == successors_.rend()) return closest;
  const bool is_closer = !closest || ring.distance(self_, closest.key) < ring.distance(self_, successor->key);
  return is_closer ? *successor : closest;
}

bool RoutingTable::knows_owner_of(const Options& options, Key key) const noexcept {
  if (successors_.empty()) return false;
  const Contact last = options.successor_list_as_fingers ? successors_.back() : successors_.front();
  return owns(self_, key, last.key);
}

Contact RoutingTable::next_owner(Key key, Key limit) const noexcept {
  const auto may_own = [&](Contact successor) {
    return owns(self_, key, successor.key) && between(limit, successor.key, self_);
  };
  const auto successor = std::find_if(successors_.begin(), successors_.end(), may_own);
  return successor == successors_.end() ? Contact{} : *successor;
}

std::span<const Contact> RoutingTable::known_holders(Key key) const noexcept {
  const auto owner = std::find_if(successors_.begin(), successors_.end(),
                                  [&](Contact successor) { return owns(self_, key, successor.key); });
  return {owner, successors_.end()};
}

unsigned RoutingTable::ring_size_bits(const Options& options) const noexcept {
  const auto known = static_cast<unsigned>(std::bit_width(successors_.size() + 1));
  if (successors_.size() < options.successor_list_length) return known;
  const KeySpace space(options.key_bits);
  const auto span = static_cast<unsigned>(std::bit_width(space.distance(self_, successors_.back().key)));
  return known + space.bits() - std::min(span, space.bits()) + 1;
}

void RoutingTable::append_visible_state(std::vector<std::byte>& out) const {
  append_state(out, std::tie(stage_, predecessor_, successors_, fingers_));
}

bool RoutingTable::take_visible_state(Bytes& bytes) {
  auto visible = std::tie(stage_, predecessor_, successors_, fingers_);
  return read_state(bytes, visible);
}

}  // namespace peerbed::ring
