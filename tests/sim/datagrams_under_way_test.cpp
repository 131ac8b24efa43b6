#include "sim/engine/datagrams_under_way.h"

#include <string_view>

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr Time at(Duration time) { return time_zero + time; }
constexpr Transit::Copy intact{at(10ms)};

Bytes bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

bool is(Bytes seen, std::string_view text) {
  return std::equal(seen.begin(), seen.end(), bytes(text).begin(), bytes(text).end());
}

Event event(std::uint32_t what, Time time = at(10ms)) {
  return {.time = nanoseconds_since_start(time), .destination = 1, .source = 0, .sequence = 7, .what = what};
}

int bits_changed(Bytes seen, std::string_view text) {
  int changed = 0;
  for (std::size_t i = 0; i < seen.size(); ++i)
    changed += std::popcount(static_cast<unsigned>(seen[i] ^ bytes(text)[i]));
  return changed;
}

}  // namespace

TEST_CASE("a datagram goes to its host, by its down-link if that has a rate") {
  DatagramsUnderWay datagrams;
  const Event direct = event(datagrams.add(bytes("straight"), intact, false));
  const Event shared = event(datagrams.add(bytes("down the link"), intact, true));
  CHECK(direct.kind() == EventKind::datagram);
  CHECK(shared.kind() == EventKind::arrival);
  CHECK(is(datagrams.view(direct), "straight"));
  CHECK(is(datagrams.view(shared), "down the link"));
  datagrams.release(direct);
  const Event next = event(datagrams.add(bytes("another1"), intact, false));
  CHECK(is(datagrams.view(next), "another1"));
  CHECK(is(datagrams.view(shared), "down the link"));
}

TEST_CASE("a copy that the network corrupts differs in one bit, and an empty one is as it was") {
  DatagramsUnderWay datagrams;
  const Event damaged = event(datagrams.add(bytes("some bytes"), {at(10ms), 12345}, false));
  CHECK(bits_changed(datagrams.view(damaged), "some bytes") == 1);
  const Event empty = event(datagrams.add({}, {at(10ms), 12345}, false));
  CHECK(datagrams.view(empty).empty());
}

TEST_CASE("a down-link passes one datagram after the other, and drops what its queue cannot hold") {
  Network network(1);
  network.add_hosts(2);
  network.set_downlink(1, {{8'000'000}, 2500});  // a byte each microsecond
  DatagramsUnderWay datagrams;
  const std::string text(972, 'x');  // 1000 with headers
  const auto pass = [&](Event& one) { return datagrams.pass_down_link(one, network) == DropCause::none; };
  Event first = event(datagrams.add(bytes(text), intact, true));
  Event second = event(datagrams.add(bytes(text), intact, true));
  Event third = event(datagrams.add(bytes(text), intact, true));
  REQUIRE(pass(first));
  REQUIRE(pass(second));
  CHECK_FALSE(pass(third));
  CHECK(first.kind() == EventKind::datagram);
  CHECK(first.sequence == 7);
  CHECK(second.time - first.time == nanoseconds_since_start(at(1ms)));
  CHECK(is(datagrams.view(second), text));
  // The slot of the third is free again.
  CHECK(event(datagrams.add(bytes(text), intact, false)).value() == third.value());
}

}  // namespace peerbed::sim::testing
