#pragma once
// Records what disturbed the nodes of a run, which decides which properties must hold: some hold only after a period of
// calm, others only while failure detectors are reliable.

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// If more than this share of traffic is lost or damaged, nodes count as partitioned: no protocol here guarantees
// anything then.
constexpr double bearable_loss = 0.2;

class Disturbances {
 public:
  explicit Disturbances(Duration settle) : settle_(settle) {}
  // For a run of the scenario, which may be disturbed from the start.
  explicit Disturbances(const Scenario& scenario);

  void note(const Action& action, Duration at);
  void note_exit(Duration at) { last_ = std::max(last_, at); }

  // How long nothing was started, stopped, partitioned or changed. Zero while some node is partitioned or paused;
  // Duration::max() if nothing ever was.
  Duration calm(Duration now) const noexcept { return is_cut() ? Duration::zero() : since(last_, now); }
  // How long failure detectors have been reliable: nothing but crashes and departures happened.
  Duration candour(Duration now) const noexcept { return is_cut() ? Duration::zero() : since(last_deception_, now); }
  // The longest time for which a node was partitioned or paused.
  Duration longest_cut(Duration now) const noexcept {
    return is_cut() ? std::max(longest_cut_, now - cut_since_) : longest_cut_;
  }
  bool settled(Duration now) const noexcept { return calm(now) >= settle_; }
  bool silence_means_death(Duration now) const noexcept { return candour(now) >= settle_; }

 private:
  using Path = std::pair<std::optional<sim::GroupIndex>, std::optional<sim::GroupIndex>>;
  static constexpr Duration never{-1};

  void note_deception(const Action& action, Duration at);
  bool is_cut() const noexcept {
    return is_always_lossy_ || !partitions_.empty() || !paused_.empty() || !liars_.empty() || !lossy_.empty();
  }
  static Duration since(Duration last, Duration now) noexcept { return last == never ? Duration::max() : now - last; }

  Duration settle_;
  Duration last_ = never;
  Duration last_deception_ = never;  // of failure detectors: partitions, delays, changed clocks, lies
  Duration cut_since_{};
  Duration longest_cut_{};
  std::set<std::string> partitions_;
  std::set<NodeIndex> paused_;
  std::set<NodeIndex> liars_;     // nodes whose datagrams are often damaged
  std::set<Path> lossy_;          // paths where a fault makes datagrams often get lost
  bool is_always_lossy_ = false;  // by the scenario's network
};

}  // namespace peerbed::scenarios
