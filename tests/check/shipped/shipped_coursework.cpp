#include "tests/check/shipped/shipped_coursework.h"

#include <algorithm>
#include <vector>

#include "protocols/environment/timer_type.h"

namespace peerbed::check {
namespace {

using Node = coursework::Node;

bool is_ideal(const View<Node>& view) {
  std::vector<const Node*> peers;
  for (NodeIndex node = 0; node < view.size(); ++node)
    if (view.runs(node) && view.node(node).joined()) peers.push_back(&view.node(node));
  std::sort(peers.begin(), peers.end(), [](const Node* one, const Node* other) { return one->self() < other->self(); });
  for (std::size_t i = 0; i < peers.size(); ++i)
    for (std::size_t k = 0; k < 2; ++k) {
      const auto successors = peers[i]->successors();
      if (k >= successors.size() || successors[k].key != peers[(i + 1 + k) % peers.size()]->self()) return false;
    }
  return true;
}

}  // namespace

NodeOptions<Node> options_of(const ShippedCoursework& coursework) {
  const auto shared = std::make_shared<const coursework::Options>();
  std::vector<ring::Contact> contacts;
  for (std::uint32_t i = 0; i < coursework.peers; ++i)
    contacts.push_back({ring::Key{256 * i / coursework.peers}, Address::ipv4(0x0A00'0001, 4000).plus(i)});
  NodeOptions<Node> options;
  options.granularity = coursework.in_messages ? Granularity::message : Granularity::exchange;
  options.names_questions = options.messages_outpace_periods = coursework.in_messages;
  options.settles_first = coursework.settles_first;
  options.skips_endless = !coursework.in_messages;
  options.ages_at_timers = true;
  options.longest_exchange = 300;
  options.budget.crash = coursework.deaths;
  options.budget.start = coursework.starts;
  for (std::size_t timer = 0; timer < Node::timer_count; ++timer)
    options.is_deadline[timer] = timer_type<Node>(timer).use == TimerUse::patience;
  for (NodeIndex node = 0; node < coursework.peers; ++node) {
    const ring::Contact self = contacts[node];
    options.restarts.emplace_back();
    for (const ring::Contact& contact : contacts)
      options.restarts.back().push_back(Node::joining(shared, self, contact));
    options.addresses.push_back(self.address);
    const bool stands = node < coursework.established;
    const auto after = [&](std::size_t steps) { return contacts[(node + steps) % coursework.established]; };
    options.nodes.push_back(stands ? Node::established(shared, self, after(1), after(2))
                                   : options.restarts.back().front());
    if (stands) options.started.push_back(node);
  }
  options.allows = [](const View<Node>& view, const NodeAction& action) {
    if (action.kind != ActionKind::start) return true;
    const NodeIndex contact = action.argument - 1;
    return contact != action.node && view.runs(contact) && view.node(contact).joined();
  };
  options.ideal = is_ideal;
  return options;
}

}  // namespace peerbed::check
