#pragma once
// Makes the state space of nodes of one type: the states nearest to the beginning, and those on the way to a
// refutation.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "check/engine/near_states.h"
#include "check/nodes/node_system.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/trace.h"
#include "scenarios/check/state_space.h"
#include "scenarios/check/state_text.h"

namespace peerbed::scenarios {

template <class N, class System>
class StateSpaceMaker {
 public:
  using View = check::View<N>;
  using State = typename System::State;
  // What an action is called in the state that it leads from.
  using Namer = std::function<std::string(const View&, const check::NodeAction&)>;
  // How the nodes of a state are shown; as text if it is empty.
  using Shower = std::function<std::vector<ShownNode>(const View&)>;
  struct Property {
    std::string name;
    bool always = false;
    std::function<std::string(const View&)> flaw;
  };

  StateSpaceMaker(const System& system, StateSpaceChoice choice, Namer namer, Shower shower,
                  std::vector<Property> properties)
      : system_(system),
        choice_(std::move(choice)),
        namer_(std::move(namer)),
        shower_(std::move(shower)),
        properties_(std::move(properties)) {
    text("");
  }

  // `way` leads to the refutation, if there is one.
  StateSpace make(std::span<const State> way) {
    for (const Property& property : properties_) space_.properties.push_back({property.name, property.always});
    check::NearStates<System> near(system_, choice_.at_most, way);
    typename System::Workspace workspace;
    std::vector<check::NodeTrace> traced;
    workspace.traced = &traced;
    std::vector<std::vector<StateSpace::Step>> steps;
    near.explore(workspace, [&](const auto& entry, const auto& step) {
      const auto number = static_cast<std::size_t>(&entry - near.entries().data());
      if (steps.size() <= number) steps.resize(number + 1);
      const View view = system_.view(entry.state);
      steps[number].push_back(
          {text(namer_(view, check::NodeAction::from(step.action))), step.target, text(text_of(traced))});
    });
    steps.resize(near.entries().size());
    for (std::size_t i = 0; i < near.entries().size(); ++i) add(near.entries()[i], std::move(steps[i]));
    if (!way.empty()) space_.refuted = static_cast<check::StateNumber>(way.size() - 1);
    space_.is_cut = near.is_cut();
    return std::move(space_);
  }

 private:
  template <class Entry>
  void add(const Entry& entry, std::vector<StateSpace::Step> steps) {
    StateSpace::State& state = space_.states.emplace_back();
    state.parent = entry.parent;
    state.depth = entry.depth;
    state.steps = std::move(steps);
    const View view = system_.view(entry.state);
    add_nodes(entry.state, view, state);
    for (std::size_t i = 0; i < view.messages(); ++i) {
      const check::Message& message = view.message(i);
      const std::string kind = check::kind_of<N>(message);
      state.under_way.push_back(text((kind.empty() ? "a message" : kind) + " from " + choice_.names[message.from] +
                                     " to " + choice_.names[message.to]));
    }
    for (std::size_t i = 0; i < view.streams(); ++i)
      for (const check::StreamEnd& end : view.stream(i).ends)
        if (end.unread.size() > 0)
          state.under_way.push_back(
              text(std::to_string(end.unread.size()) + " bytes on a stream to " + choice_.names[end.node]));
    for (std::uint32_t i = 0; i < properties_.size(); ++i)
      if (const std::string flaw = properties_[i].flaw(view); !flaw.empty()) state.flaws.push_back({i, text(flaw)});
  }

  // A process and what is shown of it; the same process is shown in the same way in all states.
  void add_nodes(const State& whole, const View& view, StateSpace::State& state) {
    std::vector<ShownNode> shown;
    for (NodeIndex node = 0; node < view.size(); ++node) {
      const auto [known, is_new] =
          nodes_.try_emplace({node, whole[node]}, static_cast<std::uint32_t>(space_.nodes.size()));
      state.nodes.push_back(known->second);
      if (!is_new) continue;
      if (shown.empty()) shown = shower_ ? shower_(view) : in_words(view);
      space_.nodes.push_back(shown[node]);
    }
  }

  static std::vector<ShownNode> in_words(const View& view) {
    std::vector<ShownNode> nodes;
    for (NodeIndex node = 0; node < view.size(); ++node)
      nodes.push_back(
          {.status = view.process(node).status, .text = view.runs(node) ? state_text(view.node(node)) : std::string()});
    return nodes;
  }

  // Times mean little where waits have no lengths, and are left out.
  std::string text_of(const std::vector<check::NodeTrace>& traced) const {
    const std::span<const TraceEventType> types = N::trace_events;
    std::string all;
    for (const check::NodeTrace& each : traced) {
      if (each.event.event >= types.size()) continue;
      const TraceEventType& type = types[each.event.event];
      all += (all.empty() ? "" : "; ") + choice_.names[each.node] + ": " + std::string(type.name);
      for (std::size_t i = 0; i < type.field_count(); ++i) {
        if (type.fields[i].unit == Unit::nanoseconds) continue;
        all += " " + std::string(type.fields[i].name) + "=" + value_of(type.fields[i].unit, each.event.values[i]);
      }
    }
    return all;
  }
  std::string value_of(Unit unit, std::uint64_t value) const {
    if (unit == Unit::flag) return value != 0 ? "yes" : "no";
    const auto& addresses = system_.handlers().addresses();
    for (std::size_t node = 0; unit == Unit::address && node < addresses.size(); ++node)
      if (addresses[node] == Address{value}) return choice_.names[node];
    return std::to_string(value);
  }

  std::uint32_t text(const std::string& words) {
    const auto [place, is_new] = texts_.try_emplace(words, static_cast<std::uint32_t>(space_.texts.size()));
    if (is_new) space_.texts.push_back(words);
    return place->second;
  }

  const System& system_;
  StateSpaceChoice choice_;
  Namer namer_;
  Shower shower_;
  std::vector<Property> properties_;
  StateSpace space_;
  std::map<std::string, std::uint32_t> texts_;
  std::map<std::pair<NodeIndex, std::uint32_t>, std::uint32_t> nodes_;
};

}  // namespace peerbed::scenarios
