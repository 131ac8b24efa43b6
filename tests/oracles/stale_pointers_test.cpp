// Wrong and dead first successors under churn, against the master equation of Krishnamurthy, El-Ansary, Aurell and
// Haridi (A statistical theory of Chord under churn, IPTPS 2005). With ra = (rate of successor stabilization) / (rate
// at which a node fails), and as many joins as failures, w1 = 2 / (3 + ra) of the first successors are not the next
// member, and d1 = 1 / (2 + ra) are dead.
//
// The theory repairs a pointer in one stabilization whatever else happens near it. The real protocol hears of newcomers
// by notifications, and where a second event meets the first it may need another round. That is a matter of 1/ra:
// measured, w1 is higher by a share of about 3/ra, which is below the tolerance of 5 % from ra = 100 on, and bounded
// below that.

#include "sim/distribution.h"
#include "tests/catch.h"
#include "tests/oracles/ring_world.h"

namespace peerbed::oracles {
namespace {

constexpr Duration mean_period = 10s;

// The theory has each node stabilize as a Poisson process, and its result depends on that: a period without jitter
// would have half as many wrong successors. So this is the node of the ring, as it is, but for the clock of its
// stabilization, which is wound anew with exponential intervals.
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

  // Setting a timer again replaces what the node itself has set.
  void wind(Environment& environment) {
    KeyedStream draws(environment.draw(draw_interval));
    const auto interval = sim::Distribution::exponential(static_cast<double>(mean_period.count()));
    environment.set_timer(ring::Node::stabilize_timer, Duration(static_cast<std::int64_t>(interval.sample(draws))));
  }

  ring::Node node_;
};

// Silence is noticed at once: one question, answered within far less than a period or never.
ring::Options prompt_options() {
  ring::Options options;
  options.stabilize_period = mean_period;
  options.fix_finger_period = options.check_predecessor_period = options.repair_period = 24h;
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

class ChurningRing final : private sim::Observer {
 public:
  ChurningRing(std::size_t count, std::uint64_t seed)
      : options_(std::make_shared<const ring::Options>(prompt_options())), draws_(seed), world_({.seed = seed}) {
    for (std::size_t i = 0; i < count; ++i)
      members_.push_back({ring::Key{draws_.next()}, sim::address_of(static_cast<sim::NodeIndex>(i))});
    std::sort(members_.begin(), members_.end());
    for (std::size_t i = 0; i < count; ++i)
      members_[i].address = sim::address_of(static_cast<sim::NodeIndex>(i));  // hosts in the order of their keys
    world_.network().set_default({.latency = sim::LatencyModel::constant(1ms)});
    world_.observe(this);
    world_.add_population<MemorylessNode>(
        count, [this](sim::NodeIndex node) { return MemorylessNode(ring::Node::converged(options_, members_, node)); });
    for (sim::NodeIndex node = 0; node < count; ++node) {
      world_.start(node);
      present_.emplace(members_[node].key, node);
    }
  }

  // Failures and joins, each a Poisson process of `count` nodes that live for `lifetime` on average.
  void churn(double nodes, Duration lifetime, Duration length) {
    const auto interval = sim::Distribution::exponential(static_cast<double>(lifetime.count()) / (2 * nodes));
    const Time end = world_.now() + length;
    while (true) {
      const Time next = world_.now() + Duration(static_cast<std::int64_t>(interval.sample(draws_)));
      world_.run_until(std::min(next, end));
      if (next >= end) return;
      if (draws_.unit() < 0.5) {
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
  void on_trace(Time, sim::NodeIndex index, std::uint16_t type, const TraceValues&) override {
    if (type == ring::index_of(ring::TraceEvent::joined)) present_.emplace(node(index).self(), index);
  }
  const ring::Node& node(sim::NodeIndex index) const { return world_.node<MemorylessNode>(index).node(); }
  sim::NodeIndex any_member() {
    return std::next(present_.begin(), static_cast<std::ptrdiff_t>(draws_.below(present_.size())))->second;
  }
  // The theory lets a newcomer find its place at once, whatever is stale: it joins through the member before it.
  void join() {
    const ring::Key key{draws_.next()};
    const auto after = present_.lower_bound(key);
    const auto before = std::prev(after == present_.begin() ? present_.end() : after);
    const Address door = sim::address_of(before->second);
    world_.start(world_.add_population<MemorylessNode>(1, [this, key, door](sim::NodeIndex) {
      return MemorylessNode(ring::Node::joining(options_, key, {&door, 1}));
    }));
  }
  void fail() {
    const sim::NodeIndex victim = any_member();
    present_.erase(node(victim).self());
    world_.crash(victim, sim::Disk::wipe);
  }

  std::shared_ptr<const ring::Options> options_;
  KeyedStream draws_;
  std::vector<ring::Contact> members_;  // at the start
  std::map<ring::Key, sim::NodeIndex> present_;
  sim::World world_;
};

// Several rings, each looked at every other period once it has forgotten its ideal start.
void check(double ra, std::size_t nodes, std::size_t rings, int looks) {
  const Duration lifetime(static_cast<std::int64_t>(ra * static_cast<double>(mean_period.count())));
  std::vector<double> wrong;
  std::vector<double> dead;
  for (std::size_t seed = 1; seed <= rings; ++seed) {
    ChurningRing ring(nodes, seed);
    ring.churn(static_cast<double>(nodes), lifetime, 10 * mean_period);
    Shares sum;
    for (int look = 0; look < looks; ++look) {
      ring.churn(static_cast<double>(nodes), lifetime, 2 * mean_period);
      const Shares shares = ring.shares();
      sum.wrong += shares.wrong;
      sum.dead += shares.dead;
    }
    wrong.push_back(sum.wrong / looks);
    dead.push_back(sum.dead / looks);
  }
  const auto check_share = [ra](const char* which, const std::vector<double>& shares, double expected, double excess) {
    const Moments measured = moments(shares);
    INFO("ra " << ra << ", " << which << ": " << measured.mean << " +- " << measured.standard_error << ", expected "
               << expected);
    const double error = 4 * measured.standard_error;
    CHECK(measured.mean >= expected - std::max(0.05 * expected, error));
    CHECK(measured.mean <= expected + std::max(excess * expected, error));
  };
  check_share("wrong", wrong, 2 / (3 + ra), std::max(0.05, 4 / ra));
  check_share("dead", dead, 1 / (2 + ra), 0.05);
}

}  // namespace

TEST_CASE("first successors are dead as often as theory says, and little more often wrong, in a fast changing ring") {
  check(20, 400, 10, 40);
}

TEST_CASE("first successors are wrong and dead as often as theory says at 100 stabilizations in a lifetime") {
  check(100, 400, 10, 80);
}

TEST_CASE("first successors are wrong and dead as often as theory says at 20 to 500 stabilizations in a lifetime",
          "[.nightly]") {
  check(20, 1000, 12, 100);
  check(50, 1000, 12, 100);
  check(100, 1000, 12, 150);
  check(200, 1000, 12, 200);
  check(500, 1000, 12, 400);
}

}  // namespace peerbed::oracles
