#pragma once
// Churn as data: which nodes arrive and depart when, decided before a run begins. A draw depends only on (key, node,
// that node's number of earlier sessions, purpose), so one node more or less, or another distribution of one quantity,
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
  leave,    // it is asked to leave gracefully
  crash,    // it is gone at once; what becomes of its disk is for the world's crash to say
  return_,  // it starts again
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

// Whom a schedule is for, and when. Events are in [from, until): a session that would end later does not end.
struct ChurnScope {
  std::vector<NodeIndex> nodes;  // each once
  Time from{};
  Time until{};
  double graceful_share = 0;  // of the ends of sessions that are leaves; the others are crashes
  std::uint64_t key = 0;      // of the draws: from the run's seed and what tells this churn from others
};

enum class ChurnStart : std::uint8_t {
  // All nodes are up already, and begin a session at `from`.
  fresh_sessions,
  // All nodes are up already, each in the midst of a session that an observer finds at a random instant: what is left
  // of it is a uniform share of a session drawn in proportion to its length (the equilibrium residual lifetime; Cox,
  // Renewal Theory, 1962). Needs a finite mean of the session times.
  sessions_under_way,
  // All nodes are down before. Each is up in equilibrium with the probability mean session / (mean session + mean down
  // time): then it arrives at `from`, and what is left of its session is as above; else what is left of its down time
  // passes before it arrives. Needs both means finite.
  equilibrium,
};

// The functions below throw std::invalid_argument for a share outside [0, 1], until < from, a node given twice and what
// else they name, and std::runtime_error for more than maximum_churn_events. Times of less than 1 ns take 1 ns.

// Sessions and down times alternate (both in nanoseconds) until the end. A node goes and returns.
ChurnSchedule alternating_churn(const ChurnScope& scope, const Distribution& session, const Distribution& down,
                                ChurnStart start = ChurnStart::fresh_sessions);

// The nodes arrive one after the other, as a Poisson process; the intervals are exponential with this mean, above 0.
// Each goes after its session for good, or stays when there is none.
ChurnSchedule poisson_arrivals(const ChurnScope& scope, Duration mean_interval,
                               const std::optional<Distribution>& session = std::nullopt);

// All nodes arrive within so long from the beginning, each uniformly: at once when it is zero. Sessions as above.
ChurnSchedule flash_crowd(const ChurnScope& scope, Duration within,
                          const std::optional<Distribution>& session = std::nullopt);

// The i-th node is up when the trace's i-th host was, the trace beginning at `from`. All are down before. Throws
// std::invalid_argument when there are more nodes than hosts.
ChurnSchedule trace_churn(const ChurnScope& scope, const AvailabilityTrace& trace);

}  // namespace peerbed::sim
