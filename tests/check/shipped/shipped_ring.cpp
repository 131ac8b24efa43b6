#include "tests/check/shipped/shipped_ring.h"

#include <algorithm>

namespace peerbed::check {
namespace {

std::shared_ptr<const ring::Options> ring_options(const ShippedRing& ring) {
  ring::Options options;
  options.key_bits = 8;
  options.successor_list_length = ring.list_length;
  options.replicas = 1;
  options.fingers = false;
  options.repair_period = Duration{0};
  if (!ring.checks_predecessor) options.check_predecessor_period = Duration{0};
  options.rpc_attempts = options.hop_attempts = 1;
  return std::make_shared<const ring::Options>(options);
}

struct Member {
  NodeIndex node = 0;
  ring::Key key;
  std::span<const ring::Contact> list;
};

std::vector<Member> members_of(const RingView& view) {
  std::vector<Member> members;
  for (NodeIndex node = 0; node < view.size(); ++node)
    if (view.runs(node) && view.node(node).joined())
      members.push_back({node, view.node(node).self(), view.node(node).successors()});
  return members;
}

bool lists_live(const std::vector<Member>& members, const Member& lister, NodeIndex without) {
  return std::any_of(lister.list.begin(), lister.list.end(), [&](const ring::Contact& entry) {
    return std::any_of(members.begin(), members.end(),
                       [&](const Member& one) { return one.key == entry.key && one.node != without; });
  });
}

bool is_principal(const std::vector<Member>& members, ring::Key key) {
  for (const Member& member : members) {
    ring::Key before = member.key;
    for (const ring::Contact& entry : member.list) {
      if (ring::between(before, key, entry.key)) return false;
      before = entry.key;
    }
  }
  return true;
}

std::size_t principals_among(const std::vector<Member>& members) {
  return static_cast<std::size_t>(
      std::count_if(members.begin(), members.end(), [&](const Member& one) { return is_principal(members, one.key); }));
}

bool may_fail(const RingView& view, NodeIndex node, std::size_t base) {
  const std::vector<Member> members = members_of(view);
  if (!view.node(node).joined()) return true;
  for (const Member& member : members)
    if (member.node != node && !lists_live(members, member, node)) return false;
  return !is_principal(members, view.node(node).self()) || principals_among(members) > base;
}

bool is_ideal(const RingView& view, std::size_t list_length) {
  std::vector<Member> members = members_of(view);
  std::sort(members.begin(), members.end(), [](const Member& one, const Member& other) { return one.key < other.key; });
  const std::size_t count = members.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t wanted = std::min(list_length, count - 1);
    if (members[i].list.size() != wanted) return false;
    for (std::size_t k = 0; k < wanted; ++k)
      if (members[i].list[k].key != members[(i + 1 + k) % count].key) return false;
    const auto predecessor = view.node(members[i].node).predecessor();
    if (count > 1 && (!predecessor || predecessor->key != members[(i + count - 1) % count].key)) return false;
  }
  return true;
}

}  // namespace

bool has_live_successors(const RingView& view) {
  const std::vector<Member> members = members_of(view);
  return std::all_of(members.begin(), members.end(),
                     [&](const Member& one) { return members.size() == 1 || lists_live(members, one, one.node); });
}

std::size_t count_principals(const RingView& view) { return principals_among(members_of(view)); }

std::vector<ring::Contact> contacts_of(const ShippedRing& ring) {
  std::vector<ring::Contact> contacts;
  for (std::uint32_t i = 0; i < ring.nodes; ++i)
    contacts.push_back({ring::Key{256 * i / ring.nodes}, Address::ipv4(0x0A00'0001, 4000).plus(i)});
  return contacts;
}

NodeOptions<ring::Node> options_of(const ShippedRing& ring) {
  const std::vector<ring::Contact> contacts = contacts_of(ring);
  const auto shared = ring_options(ring);
  NodeOptions<ring::Node> options;
  options.granularity = ring.in_messages ? Granularity::message : Granularity::exchange;
  options.names_questions = options.messages_outpace_periods = ring.in_messages;
  options.skips_endless = !ring.in_messages;
  options.ages_at_timers = true;
  options.longest_exchange = 300;
  options.budget.crash = Budget::any;
  for (std::size_t timer = 0; timer < ring::Node::timer_count; ++timer)
    options.is_deadline[timer] = timer_type<ring::Node>(timer).use == TimerUse::patience;
  for (NodeIndex node = 0; node < ring.nodes; ++node) {
    options.restarts.emplace_back();
    for (NodeIndex contact = 0; contact < ring.nodes; ++contact)
      options.restarts.back().push_back(
          ring::Node::joining(shared, contacts[node].key, std::span(&contacts[contact].address, 1)));
    options.addresses.push_back(contacts[node].address);
    options.nodes.push_back(node < ring.base ? ring::Node::converged(shared, std::span(contacts).first(ring.base), node)
                                             : options.restarts.back().front());
    if (node < ring.base) options.started.push_back(node);
  }
  options.allows = [ring](const RingView& view, const NodeAction& action) {
    if (action.kind != ActionKind::start)
      return action.kind != ActionKind::crash_keep || !ring.is_guarded || may_fail(view, action.node, ring.base);
    const NodeIndex contact = action.argument - 1;
    return contact != action.node && view.runs(contact) && view.node(contact).joined();
  };
  options.always = {
      {"every member has a live successor", has_live_successors},
      {"enough principals", [ring](const RingView& view) { return count_principals(view) >= ring.base; }}};
  options.ideal = [ring](const RingView& view) { return is_ideal(view, ring.list_length); };
  return options;
}

}  // namespace peerbed::check
