#pragma once
// Remembers what disturbed the nodes of a run, and so which properties they can be held to: some hold only after a
// period of calm, others only while silence means death.

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// If more than this share of what is sent is lost or damaged, nodes are as good as cut off from one another: no
// protocol here promises anything then.
constexpr double bearable_loss = 0.2;

class Disturbances {
 public:
  explicit Disturbances(Duration settle) : settle_(settle) {}
  // For a run of the scenario, which may be disturbed from the start.
  explicit Disturbances(const Scenario& scenario);

  void note(const Action& action, Duration at);
  void note_exit(Duration at) { last_ = std::max(last_, at); }

  // How long nothing was started, stopped, cut or changed. Zero while some node is cut off or paused; Duration::max()
  // if nothing ever was.
  Duration calm(Duration now) const noexcept { return is_cut() ? Duration::zero() : since(last_, now); }
  // How long silence has meant that a peer is down: nothing but crashes and departures happened.
  Duration candour(Duration now) const noexcept { return is_cut() ? Duration::zero() : since(last_deception_, now); }
  // The longest time for which a node was cut off or paused.
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
  Duration last_deception_ = never;  // of failure detectors: cuts, delays, changed clocks, lies
  Duration cut_since_{};
  Duration longest_cut_{};
  std::set<std::string> partitions_;
  std::set<NodeIndex> paused_;
  std::set<NodeIndex> liars_;     // whose datagrams are damaged often
  std::set<Path> lossy_;          // where datagrams are lost often, by what a fault changed
  bool is_always_lossy_ = false;  // as the scenario has its network
};

}  // namespace peerbed::scenarios
