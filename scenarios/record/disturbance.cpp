#include "scenarios/record/disturbance.h"

#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

bool is_about_processes(const Action& action) {
  return std::holds_alternative<StartNodes>(action) || std::holds_alternative<CrashNodes>(action) ||
         std::holds_alternative<LeaveNodes>(action);
}

bool loses_much(const PathChange& path) {
  return (path.loss ? path.loss->mean() : 0) + path.corrupt.value_or(0) > bearable_loss;
}

}  // namespace

Disturbances::Disturbances(const Scenario& scenario) : settle_(scenario.settle) {
  const NetworkPlan& network = scenario.network;
  const auto is_lossy = [&network](const auto& special) { return loses_much(network.path.changed_by(special.change)); };
  is_always_lossy_ = loses_much(network.path) ||
                     std::any_of(network.between.begin(), network.between.end(), is_lossy) ||
                     std::any_of(network.pairs.begin(), network.pairs.end(), is_lossy);
}

void Disturbances::note(const Action& action, Duration at) {
  // A single message disturbs as little as the losses of an ordinary network do, and a timer that fires early even
  // less.
  const bool is_slight = std::holds_alternative<Command>(action) || std::holds_alternative<ChangeMessage>(action) ||
                         std::holds_alternative<FireTimer>(action);
  if (is_slight) return;
  last_ = std::max(last_, at);
  if (std::holds_alternative<ChangeStorage>(action)) return;
  const bool was_cut = is_cut();
  if (is_about_processes(action)) {
    if (const auto* crash = std::get_if<CrashNodes>(&action))
      for (const NodeIndex node : crash->nodes) paused_.erase(node);
  } else {
    last_deception_ = std::max(last_deception_, at);
    note_deception(action, at);
  }
  if (!was_cut && is_cut()) cut_since_ = at;
  if (was_cut && !is_cut()) longest_cut_ = std::max(longest_cut_, at - cut_since_);
}

void Disturbances::note_deception(const Action& action, Duration at) {
  std::visit(overloaded{[&](const Clog& clog) {
                          last_ = std::max(last_, at + clog.length);
                          last_deception_ = std::max(last_deception_, at + clog.length);
                          longest_cut_ = std::max(longest_cut_, clog.length);
                        },
                        [&](const Partition& partition) { partitions_.insert(partition.name); },
                        [&](const Heal& heal) {
                          if (heal.name.empty())
                            partitions_.clear();
                          else
                            partitions_.erase(heal.name);
                        },
                        [&](const PauseNodes& pause) { paused_.insert(pause.nodes.begin(), pause.nodes.end()); },
                        [&](const ResumeNodes& resume) {
                          for (const NodeIndex node : resume.nodes) paused_.erase(node);
                        },
                        [&](const Lie& lie) {
                          for (const NodeIndex node : lie.nodes)
                            if (lie.probability > bearable_loss)
                              liars_.insert(node);
                            else
                              liars_.erase(node);
                        },
                        [&](const ChangeNetwork& network) {
                          if (network.restore && !network.from && !network.to) return lossy_.clear();
                          if (network.restore)
                            lossy_.erase({network.from, network.to});
                          else if (loses_much(network.change))
                            lossy_.insert({network.from, network.to});
                          else if (network.change.loss || network.change.corrupt)
                            lossy_.erase({network.from, network.to});
                        },
                        [](const auto&) {}},
             action);
}

}  // namespace peerbed::scenarios
