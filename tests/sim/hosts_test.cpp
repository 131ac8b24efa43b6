#include "sim/engine/hosts.h"

#include <new>
#include <stdexcept>

#include "sim/engine/node_failure.h"
#include "tests/catch.h"
#include "tests/sim/chatter.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

template <Node N>
void add(Hosts& hosts, std::size_t count) {
  const auto first = static_cast<NodeIndex>(hosts.size());
  hosts.add(std::make_unique<TypedNodeArray<N>>(first, count, [](NodeIndex) { return N(); }), count);
}

std::uint64_t digest_of(const Hosts& hosts) {
  TraceDigest digest;
  hosts.append_state(digest);
  return digest.value();
}

void start(Hosts& hosts, NodeIndex node) {
  Effects effects;
  Environment environment(time_zero, address_of(node), 1, hosts.draws(node), effects);
  hosts.population(node).start(node, environment, Start{});
}

}  // namespace

TEST_CASE("hosts are numbered across populations, and each knows its own") {
  Hosts hosts;
  add<Chatter>(hosts, 3);
  add<Streamer>(hosts, 2);
  REQUIRE(hosts.size() == 5);
  CHECK(&hosts.population(0) == &hosts.population(2));
  CHECK(&hosts.population(2) != &hosts.population(3));
  CHECK_FALSE(hosts[2].accepts_streams);
  CHECK(hosts[3].accepts_streams);
  CHECK(hosts[4].status == HostStatus::down);
}

TEST_CASE("a copy has nodes of its own") {
  Hosts hosts;
  add<Chatter>(hosts, 2);
  Hosts copy = hosts;
  REQUIRE(digest_of(copy) == digest_of(hosts));
  start(copy, 1);
  CHECK(digest_of(copy) != digest_of(hosts));
  start(hosts, 1);
  CHECK(digest_of(copy) == digest_of(hosts));
}

TEST_CASE("sequence numbers, statuses, draws and timers are part of the state") {
  Hosts hosts;
  add<Chatter>(hosts, 1);
  std::uint64_t before = digest_of(hosts);
  const auto changed = [&] {
    const std::uint64_t now = digest_of(hosts);
    return std::exchange(before, now) != now;
  };
  ++hosts[0].sequence;
  CHECK(changed());
  hosts[0].status = HostStatus::paused;
  CHECK(changed());
  ++hosts.draws(0)[3];
  CHECK(changed());
  hosts.population(0).timers(0)[1].set(5);
  CHECK(changed());
  CHECK_FALSE(changed());
}

TEST_CASE("the first host beyond a number of events is found") {
  Hosts hosts;
  add<Chatter>(hosts, 4);
  hosts[2].sequence = 11;
  hosts[3].sequence = 12;
  CHECK(hosts.first_beyond(10) == 2);
  CHECK(hosts.first_beyond(11) == 3);
  CHECK(hosts.first_beyond(12) == no_node);
}

TEST_CASE("a handler's exception is the node's failure, unless the world has no room") {
  const Step step{.time = time_zero, .destination = 7, .kind = StepKind::timer, .bytes = {}};
  const auto failing = [&step](auto exception) {
    try {
      throw exception;
    } catch (...) {
      throw_node_failure(step);
    }
  };
  CHECK_THROWS_AS(failing(std::bad_alloc()), std::bad_alloc);
  CHECK_THROWS_AS(failing(OutOfRoom("full")), OutOfRoom);
  CHECK_THROWS_AS(failing(7), NodeFailure);
  try {
    failing(std::runtime_error("no such key"));
    FAIL("an exception is thrown");
  } catch (const NodeFailure& failure) {
    CHECK(failure.step().destination == 7);
    CHECK(std::string(failure.what()) == "no such key");
  }
}

}  // namespace peerbed::sim::testing
