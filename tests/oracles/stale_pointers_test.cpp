// Wrong and dead first successors under churn, compared with the master equation of Krishnamurthy, El-Ansary, Aurell
// and Haridi (A statistical theory of Chord under churn, IPTPS 2005) and an independent simulation of it. With ra =
// (rate of successor stabilization) / (rate at which a node fails), and as many joins as failures, w1 = 2 / (3 + ra) of
// the first successors are not the next member, and d1 = 1 / (2 + ra) are dead.

#include <array>

#include "sim/random/distribution.h"
#include "tests/catch.h"
#include "tests/oracles/ring_world.h"

namespace peerbed::oracles {
namespace {

constexpr Duration mean_period = 10s;

// In the theory each node stabilizes as a Poisson process, and the result depends on that: a period without jitter
// would give half as many wrong successors. So this is the ring's own node, except that its stabilization timer is set
// with exponential intervals.
class MemorylessNode {
 public:
  static constexpr std::size_t timer_count = ring::Node::timer_count;
  static constexpr std::span<const TraceEventType> trace_events = ring::Node::trace_events;
  static constexpr std::span<const std::string_view> message_kinds = ring::Node::message_kinds;

  explicit MemorylessNode(ring::Node node) : node_(std::move(node)) {}

  void on_start(Environment& environment, Start start) {
    node_.on_start(environment, start);
    wind(environment);
  }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    const bool was_member = node_.joined();
    node_.on_datagram(environment, from, payload);
    if (!was_member && node_.joined()) wind(environment);
  }
  void on_timer(Environment& environment, TimerId timer) {
    node_.on_timer(environment, timer);
    if (timer == ring::Node::stabilize_timer) wind(environment);
  }
  void on_command(Environment& environment, std::string_view line) { node_.on_command(environment, line); }
  void on_leave(Environment& environment) { node_.on_leave(environment); }

  const ring::Node& node() const noexcept { return node_; }
  auto fields() const { return node_.fields(); }

 private:
  static constexpr std::size_t draw_interval = maximum_purposes - 1;

  // Replaces the timer that the node itself has set.
  void wind(Environment& environment) {
    KeyedStream draws(environment.draw(draw_interval));
    const auto interval = sim::Distribution::exponential(static_cast<double>(mean_period.count()));
    environment.set_timer(ring::Node::stabilize_timer, Duration(static_cast<std::int64_t>(interval.sample(draws))));
  }

  ring::Node node_;
};

// Silence is noticed at once: one query, answered within far less than a period or never.
ring::Options prompt_options() {
  ring::Options options;
  options.stabilize_period = mean_period;
  options.check_predecessor_period = options.repair_period = 24h;
  options.fix_finger_period =
      3 * mean_period;  // at ra = 10 whole successor lists die, and only fresh fingers lead back
  options.successor_list_length = 16;
  options.rpc_attempts = options.hop_attempts = 1;
  options.rpc_timeout = options.hop_timeout = 5ms;
  options.lookup_timeout = 200ms;
  return options;
}

struct Shares {
  double wrong = 0;
  double dead = 0;
};

class ChurningRing final : private Observer {
 public:
  ChurningRing(std::size_t count, std::uint64_t seed)
      : options_(std::make_shared<const ring::Options>(prompt_options())), draws_(seed), world_({.seed = seed}) {
    for (std::size_t i = 0; i < count; ++i)
      members_.push_back({ring::Key{draws_.next()}, sim::address_of(static_cast<NodeIndex>(i))});
    std::sort(members_.begin(), members_.end());
    for (std::size_t i = 0; i < count; ++i)
      members_[i].address = sim::address_of(static_cast<NodeIndex>(i));  // hosts sorted by key
    world_.network().set_default({.latency = sim::LatencyModel::constant(1ms)});
    world_.observe(this);
    world_.add_population<MemorylessNode>(
        count, [this](NodeIndex node) { return MemorylessNode(ring::Node::converged(options_, members_, node)); });
    for (NodeIndex node = 0; node < count; ++node) {
      world_.start(node);
      present_.emplace(members_[node].key, node);
    }
  }

  // Each member fails after an exponential lifetime, and nodes join as fast as `nodes` members fail.
  void churn(std::size_t nodes, Duration lifetime, Duration length) {
    const Time end = world_.now() + length;
    while (true) {
      const std::size_t rate = nodes + present_.size();  // per lifetime
      const auto interval =
          sim::Distribution::exponential(static_cast<double>(lifetime.count()) / static_cast<double>(rate));
      const Time next = world_.now() + Duration(static_cast<std::int64_t>(interval.sample(draws_)));
      world_.run_until(std::min(next, end));
      if (next >= end) return;
      if (draws_.below(rate) < nodes) {
        join();
      } else {
        fail();
      }
    }
  }

  Shares shares() const {
    Shares shares;
    for (auto member = present_.begin(); member != present_.end(); ++member) {
      const auto next = std::next(member) == present_.end() ? present_.begin() : std::next(member);
      const auto successors = node(member->second).successors();
      if (successors.empty() || successors.front().key != next->first) ++shares.wrong;
      if (successors.empty() || present_.count(successors.front().key) == 0) ++shares.dead;
    }
    const auto count = static_cast<double>(present_.size());
    return {shares.wrong / count, shares.dead / count};
  }

 private:
  void on_trace(Time, NodeIndex index, std::uint16_t type, const TraceValues&) override {
    if (type == ring::index_of(ring::TraceEvent::joined)) present_.emplace(node(index).self(), index);
  }
  const ring::Node& node(NodeIndex index) const { return world_.node<MemorylessNode>(index).node(); }
  NodeIndex any_member() {
    return std::next(present_.begin(), static_cast<std::ptrdiff_t>(draws_.below(present_.size())))->second;
  }
  // In the theory a joining node finds its position at once, whatever is stale: it joins through the member before it.
  void join() {
    const ring::Key key{draws_.next()};
    const auto after = present_.lower_bound(key);
    const auto before = std::prev(after == present_.begin() ? present_.end() : after);
    const Address door = sim::address_of(before->second);
    world_.start(world_.add_population<MemorylessNode>(1, [this, key, door](NodeIndex) {
      return MemorylessNode(ring::Node::joining(options_, key, {&door, 1}));
    }));
  }
  void fail() {
    const NodeIndex victim = any_member();
    present_.erase(node(victim).self());
    world_.crash(victim, Disk::wipe);
  }

  std::shared_ptr<const ring::Options> options_;
  KeyedStream draws_;
  std::vector<ring::Contact> members_;  // at the start
  std::map<ring::Key, NodeIndex> present_;
  sim::World world_;
};

// The results of the independent simulation.
struct Row {
  double ra;
  Shares simulated;
};

constexpr std::array table{Row{10, {.1619, .0824}},  Row{20, {.0904, .0450}},  Row{50, {.0383, .0191}},
                           Row{100, {.0195, .0097}}, Row{200, {.0101, .0050}}, Row{500, {.0040, .0020}}};

// Looks at several rings every other period, once they have forgotten their ideal start.
void check(const Row& row, std::size_t nodes, std::size_t rings, int looks) {
  const Duration lifetime(static_cast<std::int64_t>(row.ra * static_cast<double>(mean_period.count())));
  std::vector<double> wrong;
  std::vector<double> dead;
  for (std::size_t seed = 1; seed <= rings; ++seed) {
    ChurningRing ring(nodes, seed);
    ring.churn(nodes, lifetime, 10 * mean_period);
    Shares sum;
    for (int look = 0; look < looks; ++look) {
      ring.churn(nodes, lifetime, 2 * mean_period);
      const Shares shares = ring.shares();
      sum.wrong += shares.wrong;
      sum.dead += shares.dead;
    }
    wrong.push_back(sum.wrong / looks);
    dead.push_back(sum.dead / looks);
  }
  const auto check_share = [&row](const char* which, const std::vector<double>& shares, double theory,
                                  double simulated) {
    const Moments measured = moments(shares);
    INFO("ra " << row.ra << ", " << which << ": " << measured.mean << " +- " << measured.standard_error << ", theory "
               << theory << ", simulated " << simulated);
    const double error = 4 * measured.standard_error;
    CHECK(std::abs(measured.mean - theory) <= std::max(0.05 * theory, error));
    CHECK(std::abs(measured.mean - simulated) <= std::max(0.05 * simulated, error));
  };
  check_share("wrong", wrong, 2 / (3 + row.ra), row.simulated.wrong);
  check_share("dead", dead, 1 / (2 + row.ra), row.simulated.dead);
}

}  // namespace

TEST_CASE("first successors are wrong and dead as often as theory says at 10 and 20 stabilizations per lifetime") {
  check(table[0], 400, 8, 20);
  check(table[1], 400, 10, 30);
}

TEST_CASE("first successors are wrong and dead as often as theory says at 100 stabilizations per lifetime") {
  check(table[3], 400, 10, 60);
}

TEST_CASE("first successors are wrong and dead as often as theory says at 10 to 500 stabilizations per lifetime",
          "[.nightly]") {
  for (const Row& row : table) check(row, 1000, 12, row.ra < 100 ? 100 : static_cast<int>(row.ra));
}

}  // namespace peerbed::oracles
