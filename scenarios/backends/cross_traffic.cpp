#include "scenarios/backends/cross_traffic.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "protocols/environment/random.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/error.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t traffic_purpose = 0xC2055;  // tells these draws from all others of the seed
constexpr double least_left = 0.01;                 // of a link's rate

// How much more, or less, is offered from a time on.
using Changes = std::map<Duration, std::int64_t>;

class Sources {
 public:
  explicit Sources(const Scenario& scenario) : scenario_(scenario) {}

  // The load of an entry's sources on one link or path.
  Changes changes(std::size_t entry, std::uint64_t place) {
    const CrossTraffic& traffic = scenario_.network.cross_traffic[entry];
    Changes changes;
    for (std::uint64_t source = 0; source < traffic.sources; ++source) {
      KeyedStream draws(key_of(scenario_.seed, traffic_purpose, entry, place, source));
      if (traffic.on)
        add_on_off(traffic, entry, draws, changes);
      else if (traffic.transfers)
        add_transfers(traffic, entry, draws, changes);
      else
        add(traffic, entry, traffic.from, end_of(traffic), changes);
    }
    return changes;
  }

 private:
  Duration end_of(const CrossTraffic& traffic) const { return std::min(traffic.until, scenario_.duration); }

  void add(const CrossTraffic& traffic, std::size_t entry, Duration from, Duration until, Changes& changes) {
    if (from >= until) return;
    count_ += 2;
    if (count_ > most_load_changes) refuse(entry);
    const auto rate = static_cast<std::int64_t>(traffic.rate.bits_per_second);
    changes[from] += rate;
    changes[until] -= rate;
  }

  static Duration sampled(const sim::Distribution& distribution, KeyedStream& draws) {
    return std::max(Duration{1}, Duration(static_cast<std::int64_t>(distribution.sample(draws))));
  }

  // Begins in either state with the probability that it has in the long run.
  void add_on_off(const CrossTraffic& traffic, std::size_t entry, KeyedStream& draws, Changes& changes) {
    const double on = traffic.on->mean();
    const double off = traffic.off->mean();
    const double share = std::isfinite(on) && std::isfinite(off) ? on / (on + off) : 0.5;
    bool is_on = draws.unit() < share;
    for (Duration now = traffic.from; now < end_of(traffic); is_on = !is_on) {
      const Duration length = sampled(is_on ? *traffic.on : *traffic.off, draws);
      if (is_on) add(traffic, entry, now, std::min(now + length, end_of(traffic)), changes);
      now += length;
      if (!is_on && ++count_ > most_load_changes) refuse(entry);
    }
  }

  // Each transfer has the rate to itself, beside the others.
  void add_transfers(const CrossTraffic& traffic, std::size_t entry, KeyedStream& draws, Changes& changes) {
    const CrossTraffic::Transfers& how = *traffic.transfers;
    const auto gaps = sim::Distribution::exponential(static_cast<double>(how.mean_interval.count()));
    const auto sizes = sim::Distribution::pareto(how.shape, how.mean_size * (how.shape - 1) / how.shape);
    const double nanoseconds_per_byte = 8e9 / static_cast<double>(traffic.rate.bits_per_second);
    for (Duration now = traffic.from + sampled(gaps, draws); now < end_of(traffic); now += sampled(gaps, draws)) {
      const double length = std::min(sizes.sample(draws) * nanoseconds_per_byte, 4e18);
      const Duration left = end_of(traffic) - now;
      const Duration taken{static_cast<std::int64_t>(length)};
      add(traffic, entry, now, now + std::min(left, std::max(taken, Duration{1})), changes);
    }
  }

  [[noreturn]] void refuse(std::size_t entry) const {
    const Value* list = scenario_.document.root.find("network");
    if (list != nullptr) list = list->find("cross_traffic");
    const bool is_listed = list != nullptr && list->kind == Value::Kind::sequence && entry < list->elements.size();
    throw ScenarioError(
        scenario_.document.position_of(is_listed ? list->elements[entry] : scenario_.document.root),
        "cross traffic changes more than 5,000,000 times in the run; use fewer sources, or longer times "
        "on and off");
  }

  const Scenario& scenario_;
  double count_ = 0;
};

Load load_of(const Changes& changes) {
  Load load;
  std::int64_t rate = 0;
  for (const auto& [at, change] : changes) load.push_back({at, {static_cast<std::uint64_t>(rate += change)}});
  return load;
}

void add(Changes& all, const Changes& more) {
  for (const auto& [at, change] : more) all[at] += change;
}

// The times at which a limit may change its rate, before the end.
std::set<Duration> times_of(const sim::LinkLimit& limit, const Load& load, Duration end) {
  std::set<Duration> times{Duration::zero()};
  for (const sim::RateSchedule::Step& step : load) times.insert(step.from);
  if (limit.schedule)
    for (Duration at{}; at < end && times.size() < sim::RateSchedule::maximum_steps;
         at = limit.schedule->next_change(at))
      times.insert(at);
  return times;
}

}  // namespace

Loads cross_traffic_of(const Scenario& scenario) {
  Sources sources(scenario);
  std::map<std::pair<NodeIndex, bool>, Changes> hosts;
  std::map<sim::LinkIndex, Changes> links;
  const sim::Backbone& backbone = scenario.network.backbone;
  for (std::size_t entry = 0; entry < scenario.network.cross_traffic.size(); ++entry) {
    const CrossTraffic& traffic = scenario.network.cross_traffic[entry];
    for (const NodeIndex node : traffic.uplinks) add(hosts[{node, true}], sources.changes(entry, node));
    for (const NodeIndex node : traffic.downlinks) add(hosts[{node, false}], sources.changes(entry, node));
    if (!traffic.path) continue;
    const auto [from, to] = *traffic.path;
    const Changes changes = sources.changes(entry, 0);
    for (auto leg = backbone.first_leg(from, to); leg.link != sim::no_link; leg = backbone.leg_behind(leg.link, to))
      add(links[leg.link], changes);
  }
  Loads loads;
  for (const auto& [end, changes] : hosts) loads.hosts[end] = load_of(changes);
  for (const auto& [link, changes] : links) loads.links[link] = load_of(changes);
  return loads;
}

Offered offered_to(const sim::LinkLimit& limit, const Load& load, Duration end) {
  Offered offered;
  std::uint64_t taken = 0;
  Duration since{};
  auto next = load.begin();
  const auto count = [&](Duration until) {
    const sim::Rate whole = limit.schedule ? limit.schedule->at(time_zero + since) : limit.rate;
    const double seconds = static_cast<double>((until - since).count()) * 1e-9;
    offered.bytes += seconds / 8 * static_cast<double>(taken);
    offered.excess += seconds / 8 * static_cast<double>(taken - std::min(taken, whole.bits_per_second));
    since = until;
  };
  for (const Duration at : times_of(limit, load, end)) {
    count(at);
    for (; next != load.end() && next->from <= at; ++next) taken = next->rate.bits_per_second;
  }
  count(std::max(end, since));
  return offered;
}

sim::LinkLimit limit_beside(const sim::LinkLimit& limit, const Load& load, Duration end) {
  std::vector<sim::RateSchedule::Step> steps;
  auto offered = load.begin();
  std::uint64_t taken = 0;
  for (const Duration at : times_of(limit, load, end)) {
    for (; offered != load.end() && offered->from <= at; ++offered) taken = offered->rate.bits_per_second;
    const sim::Rate whole = limit.schedule ? limit.schedule->at(time_zero + at) : limit.rate;
    const auto least = static_cast<std::uint64_t>(static_cast<double>(whole.bits_per_second) * least_left);
    const std::uint64_t left = whole.bits_per_second - std::min(taken, whole.bits_per_second);
    steps.push_back({at, {whole == sim::Rate{} ? 0 : std::max({left, least, std::uint64_t{1}})}});
  }
  // After the end, nothing happens.
  if (steps.back().rate == sim::Rate{}) steps.push_back({std::max(end, steps.back().from + Duration{1}), limit.rate});
  sim::LinkLimit beside = limit;
  beside.schedule = std::make_shared<const sim::RateSchedule>(std::move(steps), Duration::zero());
  return beside;
}

}  // namespace peerbed::scenarios
