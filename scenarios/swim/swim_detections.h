#pragma once
// How soon crashes are noticed, and who was taken for dead without being it, from all that members trace and all that
// is done to them.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/statistics/histogram.h"
#include "analysis/statistics/metrics.h"
#include "protocols/environment/time.h"
#include "sim/core/types.h"

namespace peerbed::scenarios {

class SwimDetections {
 public:
  void note_start(Time time, NodeIndex node);
  void note_joined(NodeIndex node) { members_.insert(node); }
  void note_end(Time time, NodeIndex node, bool is_crash);  // of its process
  // A member suspected another because a probe of its own failed.
  void note_suspicion(NodeIndex of);
  // A member declared another dead that had been suspected there for so long.
  void note_burial(Time time, NodeIndex of, Duration suspected);
  // A member knows of another that it is dead.
  void note_death(Time time, NodeIndex by, NodeIndex of);

  void begin_measuring();
  static std::vector<std::pair<std::string, Unit>> metrics();
  void measure(analysis::Metrics& metrics) const;

 private:
  // A crash that is not known to all that were members then, of those that still are.
  struct Crash {
    Time at{};
    Time noticed{};  // last
    bool is_noticed = false;
    std::set<NodeIndex> unaware;
  };
  using Crashes = std::map<NodeIndex, Crash>;

  // This node knows, or will never know. Returns the crash after this one.
  Crashes::iterator take_out(Crashes::iterator crash, NodeIndex node);

  std::map<NodeIndex, Time> up_;  // since when
  std::set<NodeIndex> members_;
  Crashes crashes_;
  analysis::Histogram first_;
  analysis::Histogram all_;
  std::uint64_t unnoticed_ = 0;  // the node was back before anybody had noticed
  std::uint64_t false_suspicions_ = 0;
  std::uint64_t false_deaths_ = 0;
};

}  // namespace peerbed::scenarios
