#pragma once
// A model of Chord (tests/ring/zave_event.h) as a system to explore. Its actions are the places of its events.

#include <cstring>
#include <string>
#include <vector>

#include "check/engine/system.h"
#include "tests/ring/zave_event.h"

namespace peerbed::check {

// `Judge` decides what is promised: property_names(), broken(model, state) and is_ideal(model, state). Events are of
// one fairness class if they are the same and have the same duty_number(state, event), below 100.
template <class Model, class Judge>
class EventSystem {
 public:
  using State = typename Model::State;
  struct Workspace {};

  explicit EventSystem(const typename Model::Rules& rules) : model_(rules) {}

  const Model& model() const { return model_; }
  const ring::zave::Event& event(Action action) const { return model_.events()[action]; }

  std::vector<State> initial_states() const { return {model_.initial()}; }
  template <class Visit>
  bool successors(Workspace&, const State& state, const Visit& visit) const {
    for (Action action = 0; action < model_.events().size(); ++action)
      if (const auto after = model_.after(state, event(action))) visit(action, *after);
    return true;
  }
  void append_canonical(std::vector<std::byte>& out, const State& state) const {
    static_assert(std::has_unique_object_representations_v<State>);
    out.resize(out.size() + sizeof state);
    std::memcpy(out.data() + out.size() - sizeof state, &state, sizeof state);
  }

  std::vector<std::string> property_names() const { return Judge::property_names(); }
  Properties broken(const State& state) const { return Judge::broken(model_, state); }
  bool is_ideal(const State& state) const { return Judge::is_ideal(model_, state); }
  bool is_maintenance(Action action) const { return ring::zave::is_maintenance(event(action)); }
  std::uint32_t fairness_class(const State& state, Action action) const {
    return action * 100 + Judge::duty_number(state, event(action));
  }

 private:
  Model model_;
};

}  // namespace peerbed::check
