#include "sim/random/churn.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "protocols/environment/random.h"

namespace peerbed::sim {

namespace {

enum class Purpose : std::uint8_t { session, down, way_of_leaving, initial_state, arrival, mean_session, mean_down };

void require(bool condition, const char* promise) {
  if (!condition) throw std::invalid_argument(std::string("churn: ") + promise);
}

bool has_finite_mean(const Distribution& distribution) {
  return distribution.mean() < std::numeric_limits<double>::infinity();
}

Duration positive(double nanoseconds) noexcept { return std::max(round_up(nanoseconds), Duration{1}); }

// `time` plus `duration`, capped at `limit` so that sums do not overflow.
Time later(Time time, Duration duration, Time limit) noexcept {
  return duration >= limit - time ? limit : time + duration;
}

class Scheduler {
 public:
  explicit Scheduler(const ChurnScope& scope) : scope_(scope) {
    require(scope.graceful_share >= 0 && scope.graceful_share <= 1, "a share is between 0 and 1");
    require(scope.from <= scope.until && scope.from >= time_zero, "it begins at or after 0 and ends after that");
    auto nodes = scope.nodes;
    std::sort(nodes.begin(), nodes.end());
    require(std::adjacent_find(nodes.begin(), nodes.end()) == nodes.end(), "a node is given twice");
  }

  KeyedStream draws(NodeIndex node, std::size_t session, Purpose purpose) const noexcept {
    return KeyedStream(key_of(scope_.key, node, session, purpose));
  }

  // The length of a session or down time of `node`, whose own mean is this many times the common one.
  Duration lasting(NodeIndex node, std::size_t session, Purpose purpose, const Distribution& distribution,
                   double factor = 1) const {
    auto stream = draws(node, session, purpose);
    return positive(distribution.sample(stream) * factor);
  }

  // What is left of a session or down time under way.
  Duration remaining(NodeIndex node, Purpose purpose, const Distribution& distribution, double factor) const {
    auto stream = draws(node, 0, purpose);
    const double whole = distribution.sample_length_biased(stream);
    return positive(whole * stream.unit() * factor);
  }

  // How many times the common mean the node's own is.
  double own_mean(NodeIndex node, Purpose purpose, const Distribution& distribution) const {
    auto stream = draws(node, 0, purpose);
    return distribution.sample(stream) / distribution.mean();
  }

  Time after(Time time, Duration duration) const noexcept { return later(time, duration, scope_.until); }

  void start(NodeIndex node, Time at, std::size_t session) {
    add(node, at, session == 0 ? ChurnKind::arrive : ChurnKind::return_);
  }
  void stop(NodeIndex node, Time at, std::size_t session) {
    const bool graceful = draws(node, session, Purpose::way_of_leaving).unit() < scope_.graceful_share;
    add(node, at, graceful ? ChurnKind::leave : ChurnKind::crash);
  }
  // A node's only session.
  void visit(NodeIndex node, Time at, const std::optional<Distribution>& session) {
    start(node, at, 0);
    if (session) stop(node, after(at, lasting(node, 0, Purpose::session, *session)), 0);
  }

  ChurnSchedule sorted() && {
    std::sort(events_.begin(), events_.end(),
              [](const ChurnEvent& a, const ChurnEvent& b) { return std::tie(a.at, a.node) < std::tie(b.at, b.node); });
    return std::move(events_);
  }

 private:
  void add(NodeIndex node, Time at, ChurnKind kind) {
    if (at >= scope_.until) return;
    if (events_.size() == maximum_churn_events)
      throw std::runtime_error("churn: there are more than ten million events; use fewer nodes or longer sessions");
    events_.push_back({at, node, kind});
  }

  const ChurnScope& scope_;
  ChurnSchedule events_;
};

}  // namespace

ChurnSchedule alternating_churn(const ChurnScope& scope, const Distribution& session, const Distribution& down,
                                ChurnStart start, ChurnMeans means) {
  require(session.minimum() >= 0 && down.minimum() >= 0, "session and down times are not negative");
  const bool under_way = start != ChurnStart::fresh_sessions;
  const bool equilibrium = start == ChurnStart::equilibrium;
  const bool individual = means == ChurnMeans::individual;
  require(!under_way || (session.mean() > 0 && has_finite_mean(session)),
          "sessions under way need a finite mean session time above 0");
  require(!equilibrium || (down.mean() > 0 && has_finite_mean(down)),
          "an equilibrium needs a finite mean down time above 0");
  require(!individual || (session.mean() > 0 && has_finite_mean(session) && down.mean() > 0 && has_finite_mean(down)),
          "individual means need finite mean session and down times above 0");

  Scheduler scheduler(scope);
  for (const NodeIndex node : scope.nodes) {
    const double longer = individual ? scheduler.own_mean(node, Purpose::mean_session, session) : 1;
    const double later = individual ? scheduler.own_mean(node, Purpose::mean_down, down) : 1;
    const double mean_session = session.mean() * longer;
    const double availability = equilibrium ? mean_session / (mean_session + down.mean() * later) : 1;
    Time at = scope.from;
    const bool up = scheduler.draws(node, 0, Purpose::initial_state).unit() < availability;
    if (!up) at = scheduler.after(at, scheduler.remaining(node, Purpose::down, down, later));
    if (equilibrium) scheduler.start(node, at, 0);
    for (std::size_t k = 0; at < scope.until; ++k) {
      const bool found_under_way = under_way && up && k == 0;
      at = scheduler.after(at, found_under_way ? scheduler.remaining(node, Purpose::session, session, longer)
                                               : scheduler.lasting(node, k, Purpose::session, session, longer));
      scheduler.stop(node, at, k);
      at = scheduler.after(at, scheduler.lasting(node, k + 1, Purpose::down, down, later));
      scheduler.start(node, at, k + 1);
    }
  }
  return std::move(scheduler).sorted();
}

ChurnSchedule poisson_arrivals(const ChurnScope& scope, Duration mean_interval,
                               const std::optional<Distribution>& session) {
  require(mean_interval > Duration::zero(), "the mean interval between arrivals is above 0");
  require(!session || session->minimum() >= 0, "session times are not negative");
  const auto interval = Distribution::exponential(static_cast<double>(mean_interval.count()));
  Scheduler scheduler(scope);
  Time at = scope.from;
  for (const NodeIndex node : scope.nodes) {
    at = scheduler.after(at, scheduler.lasting(node, 0, Purpose::arrival, interval));
    if (at >= scope.until) break;
    scheduler.visit(node, at, session);
  }
  return std::move(scheduler).sorted();
}

ChurnSchedule flash_crowd(const ChurnScope& scope, Duration within, const std::optional<Distribution>& session) {
  require(within >= Duration::zero(), "the time within which a crowd arrives is not negative");
  require(!session || session->minimum() >= 0, "session times are not negative");
  Scheduler scheduler(scope);
  for (const NodeIndex node : scope.nodes) {
    const auto draw = scheduler.draws(node, 0, Purpose::arrival).below(static_cast<std::uint64_t>(within.count()));
    const Time at = scheduler.after(scope.from, Duration{static_cast<std::int64_t>(draw)});
    if (at < scope.until) scheduler.visit(node, at, session);
  }
  return std::move(scheduler).sorted();
}

ChurnSchedule trace_churn(const ChurnScope& scope, const AvailabilityTrace& trace) {
  require(scope.nodes.size() <= trace.hosts.size(), "there are more nodes than the trace has hosts");
  Scheduler scheduler(scope);
  for (std::size_t i = 0; i < scope.nodes.size(); ++i)
    for (std::size_t k = 0; k < trace.hosts[i].size(); ++k) {
      scheduler.start(scope.nodes[i], scheduler.after(scope.from, trace.hosts[i][k].start), k);
      scheduler.stop(scope.nodes[i], scheduler.after(scope.from, trace.hosts[i][k].end), k);
    }
  return std::move(scheduler).sorted();
}

}  // namespace peerbed::sim
