#pragma once
// Keeps a search within what the protocols promise to bear: it leaves out deeds that go beyond it, ends what must end,
// and lets every run end in calm, with all healed, for longer than the protocols need to recover. So a property that
// does not hold is a fault of the protocol.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "scenarios/search/genome.h"

namespace peerbed::scenarios {

class Contract {
 public:
  // Throws ScenarioError if the scenario leaves no time for faults, or allows none.
  explicit Contract(const Scenario& scenario);

  SearchFaults faults() const noexcept { return faults_; }
  const Nodes& nodes() const noexcept { return nodes_; }          // that faults may affect
  const Nodes& startable() const noexcept { return startable_; }  // those of them that nothing else starts
  Duration from() const noexcept { return from_; }                // deeds lie in [from, until)
  Duration until() const noexcept { return until_; }
  // How long nothing must have happened before properties that take time must hold: the scenario's time, or longer.
  Duration settle() const noexcept { return settle_; }
  std::size_t node_count() const noexcept { return node_count_; }
  // What the contract holds a search to, for people.
  std::string words() const;

  // Removes the deeds that the contract forbids or that do nothing, shortens others, and sorts them by time.
  void keep(Genome& genome) const;
  // The actions of a genome that was kept, with those of the scenario, in order of time.
  std::vector<ScheduledAction> actions(const Genome& genome) const;

 private:
  struct Stop {
    NodeIndex node = 0;
    Duration from{};
    Duration until{};  // Duration::max(): for good
    bool is_death = true;
  };
  class Timeline;

  // Those on either side of a partition or a clog.
  std::pair<Nodes, Nodes> sides_of(const Deed& deed) const;

  SearchFaults faults_;
  Tolerance tolerance_;
  Nodes nodes_;
  Nodes startable_;
  Duration from_{};
  Duration until_{};
  Duration end_{};
  Duration settle_{};
  std::size_t node_count_ = 0;
  std::vector<Stop> planned_;             // by the scenario itself, and before nodes start
  std::vector<ScheduledAction> actions_;  // the scenario's own
};

}  // namespace peerbed::scenarios
