#pragma once
// What the checks of all nodes that form a ring have in common, of whatever type these are: who may join through whom,
// which failures happen, and what is demanded of every state.

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/check/names.h"
#include "scenarios/check/node_check_of.h"
#include "scenarios/protocol/checked_states.h"
#include "scenarios/ring/ring_demands.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/ring/ring_members.h"

namespace peerbed::scenarios {

// Zave's contract on failures: every other member keeps a live entry, and more than `list_length` + 1 principals stand
// before one of them fails.
bool may_fail(const RingMembers& members, NodeIndex node, std::size_t list_length);

template <Node N>
class CheckedRing {
 public:
  using View = check::View<N>;
  // The node of a group as it stands in the ring at the beginning, and as it is when it is to join through a contact.
  using Established = std::function<N(const GroupPlan&, NodeIndex)>;
  using Joining = std::function<N(const GroupPlan&, NodeIndex, ring::Contact)>;

  CheckedRing(std::shared_ptr<const RingLayout> layout, std::size_t list_length)
      : layout_(std::move(layout)), list_length_(list_length) {}

  void add_nodes(NodeCheckOf<N>& check, const Established& established, const Joining& joining) const {
    std::vector<ring::Contact> everyone;
    for (const GroupPlan& group : layout_->groups())
      for (std::size_t i = 0; i < group.count; ++i)
        everyone.push_back(layout_->contact_of(group, group.first + static_cast<NodeIndex>(i)));
    for (const GroupPlan& group : layout_->groups()) {
      for (std::size_t i = 0; i < group.count; ++i) {
        const auto node = group.first + static_cast<NodeIndex>(i);
        auto& restarts = check.options.restarts.emplace_back();
        auto& contacts = check.contacts.emplace_back();
        for (NodeIndex contact = 0; contact < everyone.size(); ++contact) {
          if (contact == node) continue;
          contacts.push_back(contact);
          restarts.push_back(joining(group, node, everyone[contact]));
        }
        const bool stands = group.is_established(node);
        check.options.nodes.push_back(stands ? established(group, node) : restarts.front());
        if (stands) check.options.started.push_back(node);
        check.options.addresses.push_back(everyone[node].address);
      }
    }
    show_as_ring(check);
  }

  // A node joins through a member that runs. Returns whether failures are guarded.
  bool guard(NodeCheckOf<N>& check, const std::string& contract) const {
    const std::vector<std::string> named{contract.empty() ? "zave" : contract};
    const bool is_guarded = chosen_names(named, {"zave", "none"}, "contract").front() == "zave";
    // Who may suspect all others wrongly may lose them, too.
    const bool is_misled = check.options.clock != check::Clock::patient || check.options.budget.drop > 0;
    check.scope.isolation = !is_guarded || is_misled;
    check.options.allows = [self = *this, is_guarded, contacts = check.contacts](const View& view,
                                                                                 const check::NodeAction& action) {
      if (action.kind == check::ActionKind::start) {
        const NodeIndex contact = contacts[action.node][action.argument - 1];
        return view.runs(contact) && view.node(contact).joined();
      }
      const bool fails = action.kind == check::ActionKind::crash_keep || action.kind == check::ActionKind::crash_wipe ||
                         action.kind == check::ActionKind::leave;
      return !fails || !is_guarded || may_fail(self.members(view), action.node, self.list_length_);
    };
    return is_guarded;
  }

  // What the plan demands; everything if it names nothing.
  void demand(NodeCheckOf<N>& check, const CheckPlan& plan) const {
    const std::span<const RingDemand> all(ring_demands);
    const bool takes_all = plan.always.empty() && plan.eventually.empty();
    add(check.always, takes_all ? names_of(all.first(invariant_demands)) : plan.always);
    add(check.eventually, takes_all ? names_of(all.subspan(invariant_demands)) : plan.eventually);
  }

 private:
  // Nodes are shown at their places on the circle, with their pointers.
  void show_as_ring(NodeCheckOf<N>& check) const {
    const int key_bits = static_cast<int>(places_of(layout_->groups().front()).key_bits);
    for (const GroupPlan& group : layout_->groups())
      for (std::size_t i = 0; i < group.count; ++i) {
        const ring::Key key = layout_->contact_of(group, group.first + static_cast<NodeIndex>(i)).key;
        const double share = std::ldexp(static_cast<double>(key.value), -key_bits);
        check.circle.push_back({share, std::to_string(key.value)});
      }
    check.shown = [layout = layout_](const View& view) {
      std::vector<ShownNode> nodes;
      for (NodeIndex node = 0; node < view.size(); ++node) {
        ShownNode& shown = nodes.emplace_back(ShownNode{.status = view.process(node).status});
        if (!view.runs(node)) continue;
        const N& state = view.node(node);
        shown.is_member = state.joined();
        for (const ring::Contact& successor : state.successors())
          shown.successors.push_back(layout->node_of(successor));
        if (const auto predecessor = state.predecessor()) shown.predecessor = layout->node_of(*predecessor);
      }
      return nodes;
    };
  }

  RingMembers members(const View& view) const {
    return RingMembers::seen<N>(CheckedStates<N>(view), layout_->groups());
  }
  void add(std::vector<CheckedProperty<N>>& properties, std::span<const std::string> asked) const {
    for (const std::string& name : chosen_names(asked, names_of(ring_demands), "property")) {
      const auto demand = std::find_if(ring_demands.begin(), ring_demands.end(),
                                       [&](const RingDemand& one) { return one.property == name; });
      properties.push_back({name, [self = *this, demand](const View& view) {
                              return demand->flaw(self.members(view), self.list_length_);
                            }});
    }
  }

  std::shared_ptr<const RingLayout> layout_;
  std::size_t list_length_;
};

}  // namespace peerbed::scenarios
