#include "scenarios/ring/ring_check.h"

#include <map>

#include "protocols/ring/node.h"
#include "scenarios/ring/checked_ring.h"
#include "scenarios/ring/ring_options.h"
#include "scenarios/ring/ring_promises.h"

namespace peerbed::scenarios {
namespace {

bool has(std::span<const std::string> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Only the timers that the check lets fire have periods. The rest of what a node does by itself is off.
std::shared_ptr<const ring::Options> checked_options(const ring::Options& given, std::span<const std::string> timers) {
  ring::Options options = given;
  options.fingers = false;
  options.lookup_period = options.hedge_after = Duration{0};
  options.rpc_attempts = options.hop_attempts = 1;
  if (!has(timers, "stabilize")) options.stabilize_period = Duration{0};
  if (!has(timers, "check_predecessor")) options.check_predecessor_period = Duration{0};
  if (!has(timers, "repair")) options.repair_period = Duration{0};
  return std::make_shared<const ring::Options>(options);
}

bool is_principal(const RingMembers& members, ring::Key candidate) {
  return std::none_of(members.all().begin(), members.all().end(), [&](const RingMember& member) {
    ring::Key before = member.key;
    for (const ring::Contact& successor : member.successors) {
      if (ring::between(before, candidate, successor.key)) return true;
      before = successor.key;
    }
    return false;
  });
}

}  // namespace

bool may_fail(const RingMembers& members, NodeIndex node, std::size_t list_length) {
  const auto& all = members.all();
  const auto failing = std::find_if(all.begin(), all.end(), [&](const RingMember& one) { return one.node == node; });
  if (failing == all.end()) return true;  // it has not joined yet
  const auto keeps_live_entry = [&](const RingMember& member) {
    return std::any_of(member.successors.begin(), member.successors.end(), [&](const ring::Contact& entry) {
      return entry.key != failing->key && members.place_of(entry) < all.size();
    });
  };
  for (const RingMember& member : all)
    if (member.node != node && !keeps_live_entry(member)) return false;
  return !is_principal(members, failing->key) || count_principals(members) > list_length + 1;
}

std::unique_ptr<NodeCheck> ring_check(std::span<const GroupPlan> groups, std::uint64_t seed, const CheckPlan& plan) {
  const std::vector<std::string> timers =
      plan.timers.empty() ? std::vector<std::string>{"stabilize"}
                          : chosen_names(plan.timers, {"stabilize", "check_predecessor", "repair"}, "timer");
  std::map<const GroupOptions*, std::shared_ptr<const ring::Options>> options;
  std::size_t list_length = ring::maximum_successors;
  for (const GroupPlan& group : groups) {
    options[group.options.get()] = checked_options(*ring_options_of(group).options, timers);
    list_length = std::min(list_length, ring_options_of(group).options->successor_list_length);
  }
  const auto layout = std::make_shared<const RingLayout>(groups, seed);
  const CheckedRing<ring::Node> ring(layout, list_length);
  auto check = std::make_unique<NodeCheckOf<ring::Node>>(plan);
  ring.add_nodes(
      *check,
      [&](const GroupPlan& group, NodeIndex node) {
        const std::size_t place = layout->place_in_established(layout->contact_of(group, node));
        auto member = ring::Node::converged(options[group.options.get()], layout->established(), place);
        return member;
      },
      [&](const GroupPlan& group, NodeIndex node, ring::Contact contact) {
        auto joiner = ring::Node::joining(options[group.options.get()], layout->contact_of(group, node).key,
                                          std::span(&contact.address, 1));
        return joiner;
      });
  const bool is_guarded = ring.guard(*check, plan.contract);
  ring.demand(*check, plan);

  // Who repairs asks about values, too.
  if (has(timers, "repair")) check->name_questions(false);
  check->maintenance = timers;
  check->parameters = {"r=" + std::to_string(list_length)};
  check->assumptions = {"joins go through members", "fingers off"};
  if (!has(timers, "repair")) check->assumptions.emplace_back("repair off");
  if (!has(timers, "check_predecessor")) check->assumptions.emplace_back("predecessors checked when others notify");
  if (is_guarded) check->assumptions.emplace_back("failures as Zave allows");
  check->still_options = {{"fingers", "false"},
                          {"fix_finger_period", ""},
                          {"fingers_per_run", ""},
                          {"forget_silent_fingers", ""},
                          {"lookup_period", ""},
                          {"hedge_after", ""},
                          {"rpc_attempts", "1"},
                          {"hop_attempts", "1"},
                          {"stabilize_period", "1000h"},
                          {"repair_period", "1000h"},
                          {"check_predecessor_period", "1000h"}};
  return check;
}

bool joins_through(std::span<const GroupPlan> groups, std::uint64_t seed, std::span<const CheckStep> steps) {
  const RingLayout layout(groups, seed);
  const auto contact = [&](NodeIndex node) {
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [node](const GroupPlan& one) { return node < one.first + one.count; });
    return layout.contact_of(*group, node);
  };
  std::map<NodeIndex, std::uint32_t> incarnations;
  for (const CheckStep& step : steps) {
    const bool ends = step.kind == check::ActionKind::crash_keep || step.kind == check::ActionKind::crash_wipe ||
                      step.kind == check::ActionKind::leave;
    if (ends) ++incarnations[step.node];
    if (!step.contact) continue;
    const std::vector<ring::Contact> known = layout.bootstrap_contacts(step.node, incarnations[step.node]);
    if (known.size() != 1 || known.front() != contact(*step.contact)) return false;
  }
  return true;
}

}  // namespace peerbed::scenarios
