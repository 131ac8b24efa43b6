#include "sim/streams/sender.h"

#include <vector>

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t packet = Segment::packet_payload;
constexpr Time at(Duration time) { return time_zero + time; }

// A sender whose handshake took a round trip of 100 ms, with packets sent one by one.
struct Bench {
  explicit Bench(LossRecovery recovery = LossRecovery::selective) {
    options.segment_size = packet;
    options.recovery = recovery;
    sender.begin(options, at(0s));
    sender.start_handshake_timer(at(0s), options);
    sender.finish_handshake(at(0s), at(100ms));
  }

  // Everything that can be sent of what was written.
  std::vector<Sender::Transmission> send(Time now) {
    std::vector<Sender::Transmission> sent;
    if (!sender.prepare(written, now, options)) return sent;
    const Sender::Limits limits{written, written, sender.burst_size(written, UINT64_MAX, options)};
    while (const auto next = sender.next_transmission(limits, now, options)) sent.push_back(*next);
    if (!sender.is_timed()) sender.restart_timer(written, now, options);
    return sent;
  }
  // An acknowledgement of everything below `end`, of what was sent at `echo`.
  Segment acknowledgement(std::uint64_t end, Time echo) const {
    Segment segment;
    segment.acknowledged = end;
    segment.window_end = options.receive_buffer;
    segment.echo = echo;
    return segment;
  }
  void acknowledge(const Segment& segment, Time now) { sender.take_acknowledgement(segment, written, now, options); }

  StreamOptions options;
  Sender sender;
  std::uint64_t written = 0;
};

// How many packets these are: a short rest, or the last packet, joins the one before it.
std::uint64_t packets(const std::vector<Sender::Transmission>& sent) {
  std::uint64_t bytes = 0;
  for (const Sender::Transmission& one : sent) bytes += one.range.size();
  return bytes / packet;
}

}  // namespace

TEST_CASE("a sender sends its initial window, then as much as is acknowledged, and twice that in slow start") {
  Bench bench;
  bench.written = 100 * packet;
  const auto first = bench.send(at(100ms));
  REQUIRE(first.size() == 10);
  CHECK(first.front().range == ByteRange{0, packet});
  CHECK(first.back().range == ByteRange{9 * packet, 10 * packet});
  CHECK(bench.send(at(100ms)).empty());
  bench.acknowledge(bench.acknowledgement(2 * packet, at(100ms)), at(200ms));
  const auto next = bench.send(at(200ms));
  REQUIRE(next.size() == 4);
  CHECK_FALSE(next[0].is_again);
  CHECK(next[0].range.begin == 10 * packet);
  CHECK(bench.sender.first_unacknowledged() == 2 * packet);
  CHECK(bench.sender.next() == 14 * packet);
}

TEST_CASE("a sender stops at the peer's window, and a FIN takes no space in it") {
  Bench bench;
  bench.options.receive_buffer = 3 * packet;
  bench.sender.begin(bench.options, at(0s));
  bench.written = 5 * packet;
  CHECK(packets(bench.send(at(1s))) == 3);
  bench.sender.widen_window(5 * packet);
  CHECK(packets(bench.send(at(1s))) == 2);
  const std::uint64_t with_fin = bench.written + 1;
  REQUIRE(bench.sender.prepare(with_fin, at(1s), bench.options));
  const auto fin = bench.sender.next_transmission({bench.written, with_fin, packet}, at(1s), bench.options);
  REQUIRE(fin.has_value());
  CHECK(fin->range == ByteRange{bench.written, with_fin});
}

TEST_CASE("a burst is a share of the window while that is the limit, and what the path takes") {
  Bench bench;
  bench.options.segment_size = 65'536;
  CHECK(bench.sender.burst_size(100 * packet, UINT64_MAX, bench.options) == 5 * packet);  // slow start: half of 10
  CHECK(bench.sender.burst_size(4 * packet, UINT64_MAX, bench.options) == 10 * packet);
  CHECK(bench.sender.burst_size(100 * packet, 2 * packet + 5, bench.options) == 2 * packet);
  CHECK(bench.sender.burst_size(100 * packet, 1, bench.options) == packet);
}

TEST_CASE("what is missing below a wide gap is sent again at once, once, and the window shrinks") {
  Bench bench;
  bench.written = 10 * packet;
  REQUIRE(packets(bench.send(at(100ms))) == 10);
  const std::uint64_t window = bench.sender.window();
  Segment gap = bench.acknowledgement(packet, at(100ms));  // the second packet is missing
  gap.answered_offset = 2 * packet;
  gap.answered_size = 4 * packet;
  bench.acknowledge(gap, at(200ms));
  const auto again = bench.send(at(200ms));
  REQUIRE(again.size() == 1);
  CHECK(again[0].is_again);
  CHECK(again[0].range == ByteRange{packet, 2 * packet});
  CHECK(bench.sender.window() < window);
  CHECK(bench.send(at(200ms)).empty());
}

TEST_CASE("what is missing below a narrow gap counts as lost only after a quarter of a round trip") {
  Bench bench;
  bench.written = 4 * packet;
  REQUIRE(packets(bench.send(at(100ms))) == 4);
  Segment gap = bench.acknowledgement(packet, at(100ms));
  gap.answered_offset = 2 * packet;
  gap.answered_size = packet;
  bench.acknowledge(gap, at(200ms));
  CHECK(bench.send(at(200ms)).empty());
  CHECK(bench.sender.due() == at(225ms));
  bench.sender.wake(at(225ms));
  const auto again = bench.send(at(225ms));
  REQUIRE(again.size() == 1);
  CHECK(again[0].range == ByteRange{packet, 2 * packet});
}

TEST_CASE("silence brings a tail loss probe, then a timeout that loses everything and doubles the timer") {
  Bench bench;
  bench.written = 2 * packet;
  REQUIRE(packets(bench.send(at(100ms))) == 2);
  const Time probe_at = bench.sender.due();
  CHECK(probe_at == at(302ms));  // two round trips and 2 ms
  REQUIRE(bench.sender.is_expired(probe_at));
  REQUIRE(bench.sender.expire() == Sender::Expiry::tail_loss_probe);
  const auto probe = bench.sender.probe(bench.written, true, probe_at);
  CHECK(probe.is_again);
  CHECK(probe.range == ByteRange{packet, 2 * packet});
  bench.sender.restart_timer(bench.written, probe_at, bench.options);
  const Duration timeout = bench.sender.due() - probe_at;
  CHECK(timeout == 300ms);  // 100 ms and four times its variation, 50 ms
  const Time timeout_at = bench.sender.due();
  REQUIRE(bench.sender.expire() == Sender::Expiry::timeout);
  bench.sender.restart_timer(bench.written, timeout_at, bench.options);
  CHECK(bench.sender.due() - timeout_at == 2 * timeout);
  CHECK(bench.sender.window() == packet);
  const auto again = bench.send(timeout_at);
  REQUIRE(again.size() == 1);
  CHECK(again[0].range == ByteRange{0, packet});
  CHECK(bench.sender.silence(timeout_at) == timeout_at - at(100ms));
}

TEST_CASE("a probe sends new bytes where there are any and they may be sent") {
  Bench bench;
  bench.options.receive_buffer = packet;
  bench.sender.begin(bench.options, at(0s));
  bench.sender.finish_handshake(at(0s), at(100ms));
  bench.written = 3 * packet;
  REQUIRE(packets(bench.send(at(100ms))) == 1);
  bench.sender.widen_window(2 * packet);
  const auto fresh = bench.sender.probe(bench.written, true, at(1s));
  CHECK_FALSE(fresh.is_again);
  CHECK(fresh.range == ByteRange{packet, 2 * packet});
  CHECK(bench.sender.probe(bench.written, false, at(1s)).is_again);
}

TEST_CASE("the timer runs while a closed window holds bytes back, and asks for the window") {
  Bench bench;
  bench.options.receive_buffer = packet;
  bench.sender.begin(bench.options, at(0s));
  bench.sender.finish_handshake(at(0s), at(100ms));
  bench.written = 2 * packet;
  REQUIRE(packets(bench.send(at(100ms))) == 1);
  Segment full = bench.acknowledgement(packet, at(100ms));
  full.window_end = packet;
  bench.acknowledge(full, at(200ms));
  REQUIRE(bench.sender.is_timed());
  CHECK(bench.sender.expire() == Sender::Expiry::window_probe);
}

TEST_CASE("a sender without anything to send has no timer") {
  Bench bench;
  bench.written = packet;
  REQUIRE(packets(bench.send(at(100ms))) == 1);
  CHECK(bench.sender.is_timed());
  bench.acknowledge(bench.acknowledgement(packet, at(100ms)), at(200ms));
  CHECK(bench.sender.due() == never);
  CHECK(bench.send(at(200ms)).empty());
  CHECK(bench.sender.silence(at(250ms)) == 50ms);
}

TEST_CASE("without selective acknowledgements the third duplicate sends the first missing packet again") {
  Bench bench(GENERATE(LossRecovery::reno, LossRecovery::new_reno));
  bench.written = 10 * packet;
  REQUIRE(packets(bench.send(at(100ms))) == 10);
  bench.acknowledge(bench.acknowledgement(packet, at(100ms)), at(200ms));
  for (int duplicate = 1; duplicate <= 2; ++duplicate) {
    bench.acknowledge(bench.acknowledgement(packet, at(100ms)), at(200ms));
    CHECK(bench.send(at(200ms)).empty());
  }
  bench.acknowledge(bench.acknowledgement(packet, at(100ms)), at(200ms));
  const auto again = bench.send(at(200ms));
  REQUIRE(again.size() == 1);
  CHECK(again[0].range == ByteRange{packet, 2 * packet});
  // A partial acknowledgement reveals the next loss to NewReno alone.
  bench.acknowledge(bench.acknowledgement(3 * packet, at(200ms)), at(300ms));
  const auto next = bench.send(at(300ms));
  CHECK(next.size() == (bench.options.recovery == LossRecovery::new_reno ? 1 : 0));
}

TEST_CASE("a handshake is tried again after one second, then two, and not beyond its timeout") {
  StreamOptions options;
  options.connect_timeout = 5s;
  Sender sender;
  sender.begin(options, at(10s));
  CHECK_FALSE(sender.is_timed());
  sender.start_handshake_timer(at(10s), options);
  CHECK(sender.due() == at(11s));
  sender.back_off_handshake(at(11s), options);
  CHECK(sender.due() == at(13s));
  sender.back_off_handshake(at(13s), options);
  CHECK(sender.due() == at(15s));
  CHECK(sender.silence(at(15s)) == 5s);
  sender.finish_handshake(at(13s), at(14s));
  CHECK(sender.due() == never);
  CHECK(sender.backoff() == 0);
}

TEST_CASE("a sender that begins again has forgotten the stream before") {
  Bench bench;
  bench.written = 10 * packet;
  bench.send(at(100ms));
  bench.sender.expire();
  bench.sender.begin(bench.options, at(50s));
  CHECK(bench.sender.next() == 0);
  CHECK(bench.sender.first_unacknowledged() == 0);
  CHECK(bench.sender.due() == never);
  CHECK(bench.sender.window() == 10 * packet);
  CHECK(bench.sender.silence(at(51s)) == 1s);
  CHECK(packets(bench.send(at(50s))) == 10);
}

}  // namespace peerbed::sim::testing
