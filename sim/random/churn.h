#pragma once
// Churn as data: which nodes arrive and depart when, decided before a run begins. A draw depends only on (key, node,
// the node's number of earlier sessions, purpose), so adding a node or changing the distribution of one quantity
// changes nothing else in a schedule.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/random/availability_trace.h"
#include "sim/random/distribution.h"

namespace peerbed::sim {

enum class ChurnKind : std::uint8_t {
  arrive,   // the node starts for the first time
  leave,    // the node is asked to leave gracefully
  crash,    // the node is gone at once; the world's crash decides what becomes of its disk
  return_,  // the node starts again
};

struct ChurnEvent {
  Time at;
  NodeIndex node = no_node;
  ChurnKind kind{};
  friend constexpr bool operator==(const ChurnEvent&, const ChurnEvent&) = default;
};

// Sorted by (time, node). A node has at most one event at an instant.
using ChurnSchedule = std::vector<ChurnEvent>;

constexpr std::size_t maximum_churn_events = 10'000'000;

// Which nodes a schedule covers, and when. Events are in [from, until): a session that would end later does not end.
struct ChurnScope {
  std::vector<NodeIndex> nodes;  // no duplicates
  Time from{};
  Time until{};
  double graceful_share = 0;  // the share of sessions that end with a leave; the others end with a crash
  std::uint64_t key = 0;  // of the draws: derived from the run's seed and whatever distinguishes this churn from others
};

enum class ChurnStart : std::uint8_t {
  // All nodes are up already and begin a session at `from`.
  fresh_sessions,
  // All nodes are up already, each in the middle of a session that an observer finds at a random instant: the remaining
  // part is a uniform share of a session drawn in proportion to its length (the equilibrium residual lifetime; Cox,
  // Renewal Theory, 1962). Needs a finite mean of the session times.
  sessions_under_way,
  // All nodes are down before. With the probability mean session / (mean session + mean down time) a node is up in
  // equilibrium: it arrives at `from`, and the rest of its session is drawn as above. Otherwise it arrives after the
  // rest of a down time. Needs both means finite.
  equilibrium,
};

// The functions below throw std::invalid_argument for a share outside [0, 1], until < from, a duplicate node and what
// their own comments name, and std::runtime_error for more than maximum_churn_events. Times of less than 1 ns take 1
// ns.

// Whether all nodes have the same mean session and down times, or each has its own, drawn from the two distributions:
// all its times are multiplied by the share that its draw is of the mean (Yao et al., ICNP 2006).
enum class ChurnMeans : std::uint8_t { common, individual };

// Sessions and down times (both in nanoseconds) alternate until the end: nodes go and return. Individual means need
// both means finite and above 0.
ChurnSchedule alternating_churn(const ChurnScope& scope, const Distribution& session, const Distribution& down,
                                ChurnStart start = ChurnStart::fresh_sessions, ChurnMeans means = ChurnMeans::common);

// Nodes arrive one after the other, as a Poisson process with exponential intervals of this mean, above 0. Each departs
// for good after its session, or stays if there is no session distribution.
ChurnSchedule poisson_arrivals(const ChurnScope& scope, Duration mean_interval,
                               const std::optional<Distribution>& session = std::nullopt);

// All nodes arrive within this duration from the beginning, uniformly; if it is zero, all at once. Sessions as above.
ChurnSchedule flash_crowd(const ChurnScope& scope, Duration within,
                          const std::optional<Distribution>& session = std::nullopt);

// The i-th node is up exactly when the trace's i-th host was; the trace begins at `from`. All nodes are down before,
// and after their last interval. Throws std::invalid_argument if there are more nodes than hosts.
ChurnSchedule trace_churn(const ChurnScope& scope, const AvailabilityTrace& trace);

}  // namespace peerbed::sim
