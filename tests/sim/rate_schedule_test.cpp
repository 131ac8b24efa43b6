// Links whose rate changes over time.

#include "sim/network/rate_schedule.h"

#include <rapidcheck.h>

#include <stdexcept>

#include "sim/engine/world.h"
#include "sim/network/link.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"
#include "tests/sim/temporary_file.h"

namespace peerbed::sim {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

constexpr std::uint64_t megabit = 1'000'000;

Time after_start(Duration since) { return time_zero + since; }

LinkLimit limit(RateSchedule schedule, std::uint64_t queue) {
  auto shared = std::make_shared<const RateSchedule>(std::move(schedule));
  return {shared->mean(), queue, shared};
}

RateSchedule random_schedule() {
  std::vector<RateSchedule::Step> steps;
  Duration at{};
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    steps.push_back({at, {*rc::gen::inRange<std::uint64_t>(0, 3) * *rc::gen::inRange<std::uint64_t>(1, 50'000'000)}});
    at += Duration(*rc::gen::inRange<std::int64_t>(1, 2'000'000));
  }
  steps[*rc::gen::inRange<std::size_t>(0, steps.size())].rate.bits_per_second = 1'234'567;
  const bool repeats = steps.back().rate.bits_per_second == 0 || *rc::gen::arbitrary<bool>();
  return {std::move(steps), repeats ? at : Duration{}};
}

std::string complaint(std::vector<RateSchedule::Step> steps, Duration period = {}) {
  try {
    RateSchedule(std::move(steps), period);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

const auto mahimahi = [](const std::string& path) { return load_mahimahi(path); };
const auto table = [](const std::string& path) { return load_rate_table(path, 1e6); };

}  // namespace

TEST_CASE("a wire is done at the first nanosecond by which it can have sent all bytes") {
  CHECK(rc::check([] {
    const RateSchedule schedule = random_schedule();
    const Time begin = after_start(Duration(*rc::gen::inRange<std::int64_t>(0, 20'000'000)));
    const auto bytes = *rc::gen::inRange<std::uint64_t>(1, 5'000);
    const Time done = schedule.finish(begin, bytes);
    RC_ASSERT(done > begin);
    RC_ASSERT(schedule.bytes_between(begin, done) >= bytes);
    RC_ASSERT(schedule.bytes_between(begin, done - 1ns) < bytes);
    // What is sent in two parts takes as long, but for the nanosecond at which the second begins.
    const auto part = *rc::gen::inRange<std::uint64_t>(0, bytes);
    const Time in_parts = schedule.finish(schedule.finish(begin, part), bytes - part);
    RC_ASSERT(in_parts >= done);
    RC_ASSERT(schedule.bytes_between(done, in_parts) <= 1);
  }));
}

TEST_CASE("a schedule tells its rate at any time, and repeats if it has a period") {
  const RateSchedule once({{0s, {4 * megabit}}, {1s, {0}}, {3s, {8 * megabit}}}, {});
  CHECK(once.at(after_start(999ms)).bits_per_second == 4 * megabit);
  CHECK(once.at(after_start(1s)).bits_per_second == 0);
  CHECK(once.at(after_start(1h)).bits_per_second == 8 * megabit);
  CHECK(once.mean().bits_per_second == 8 * megabit);
  CHECK(once.bytes_between(after_start(0s), after_start(4s)) == 1'500'000);
  CHECK(once.finish(after_start(500ms), 500'000) == after_start(3250ms));
  const RateSchedule again({{0s, {4 * megabit}}, {1s, {0}}, {3s, {8 * megabit}}}, 4s);
  CHECK(again.at(after_start(5s)).bits_per_second == 0);
  CHECK(again.mean().bits_per_second == 3 * megabit);
  CHECK(again.finish(after_start(3s), 1'500'000) == after_start(5s));
  CHECK(again.finish(after_start(3s), 1'500'001) == after_start(7s + 1us));
}

TEST_CASE("changes interrupt a schedule, which goes on beneath them") {
  const auto usual = std::make_shared<const RateSchedule>(
      std::vector<RateSchedule::Step>{{0s, {4 * megabit}}, {1s, {0}}, {3s, {8 * megabit}}}, 4s);
  const RateSchedule schedule(usual, {{500ms, Rate{16 * megabit}}, {3500ms, std::nullopt}});
  CHECK(schedule.at(after_start(499ms)).bits_per_second == 4 * megabit);
  CHECK(schedule.at(after_start(2s)).bits_per_second == 16 * megabit);
  CHECK(schedule.at(after_start(3500ms)).bits_per_second == 8 * megabit);
  CHECK(schedule.at(after_start(5500ms)).bits_per_second == 0);
  // 250 kB, then 6 MB, then 500 kB.
  CHECK(schedule.bytes_between(time_zero, after_start(4s)) == 6'750'000);
  CHECK(schedule.finish(time_zero, 250'000 + 2'000'000) == after_start(1500ms));
  CHECK(schedule.finish(after_start(1s), 5'000'000 + 500'000) == after_start(4s));
  CHECK(schedule.finish(after_start(1s), 5'000'000 + 500'000 + 500'000) == after_start(5s));
  CHECK(rc::check([] {
    const auto beneath = std::make_shared<const RateSchedule>(random_schedule());
    std::vector<RateSchedule::Change> changes;
    Duration at{};
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
      at += Duration(*rc::gen::inRange<std::int64_t>(0, 4'000'000));
      const Rate rate{*rc::gen::inRange<std::uint64_t>(1, 80'000'000)};
      changes.push_back({at, i % 2 == 1 ? std::nullopt : std::optional(rate)});
    }
    const RateSchedule changed(beneath, changes);
    const Time begin = after_start(Duration(*rc::gen::inRange<std::int64_t>(0, 20'000'000)));
    const auto bytes = *rc::gen::inRange<std::uint64_t>(1, 5'000);
    const Time done = changed.finish(begin, bytes);
    RC_ASSERT(changed.bytes_between(begin, done) >= bytes);
    RC_ASSERT(changed.bytes_between(begin, done - 1ns) < bytes);
  }));
}

TEST_CASE("schedules that make no sense are refused") {
  CHECK(complaint({}) == "the first rate must be that at 0s");
  CHECK(complaint({{1s, {1}}}) == "the first rate must be that at 0s");
  CHECK(complaint({{0s, {1}}, {2s, {1}}, {2s, {3}}}) == "the times of rates must be in order");
  CHECK(complaint({{0s, {1}}, {1s, {0}}}) == "the last rate must be above 0, or the schedule must repeat");
  CHECK(complaint({{0s, {0}}, {1s, {0}}}, 2s) == "some rate must be above 0");
  CHECK(complaint({{0s, {1}}, {1s, {2}}}, 1s) == "a schedule repeats after its last step");
  CHECK(complaint({{0s, {2'000'000'000'000'000}}}) == "a rate is at most 1000 Tbit/s");
}

TEST_CASE("a schedule of one rate treats datagrams as a link of that rate does") {
  CHECK(rc::check([] {
    const auto rate = *rc::gen::inRange<std::uint64_t>(1'000, 100'000'000);
    Link plain;
    plain.set({{rate}, 20'000});
    Link scheduled;
    scheduled.set(limit(RateSchedule({{0s, {rate}}}, {}), 20'000));
    Time now = time_zero;
    for (int i = 0; i < 50; ++i) {
      now += Duration(*rc::gen::inRange<std::int64_t>(0, 2'000'000));
      const auto size = *rc::gen::inRange<std::uint64_t>(1, 1500);
      Time one = now;
      Time other = now;
      RC_ASSERT(plain.take(size, one) == scheduled.take(size, other));
      RC_ASSERT(one == other);
    }
  }));
}

TEST_CASE("bursts through a schedule of one rate lose what they lose on a link of that rate") {
  CHECK(rc::check([] {
    const auto rate = *rc::gen::inRange<std::uint64_t>(1'000'000, 100'000'000);
    Link plain;
    plain.set({{rate}, 60'000});
    Link scheduled;
    scheduled.set(limit(RateSchedule({{0s, {rate}}}, {}), 60'000));
    Time now = time_zero;
    for (int i = 0; i < 30; ++i) {
      now += Duration(*rc::gen::inRange<std::int64_t>(0, 5'000'000));
      const auto packets = *rc::gen::inRange<std::uint32_t>(1, 46);
      Passage one{now, now + 100us};
      Passage other{now, now + 100us};
      const auto lost = static_cast<int>(plain.take(packets, packets * 1500, one));
      RC_ASSERT(std::abs(lost - static_cast<int>(scheduled.take(packets, packets * 1500, other))) <= 1);
      if (one.lost != other.lost) return;  // the rounding of the plain link decided about a packet
      RC_ASSERT(std::abs((one.last - other.last).count()) < 1'000);
    }
  }));
}

TEST_CASE("a queue is measured in bytes, however fast the link will be") {
  Link link;
  link.set(limit(RateSchedule({{0s, {8'000}}, {1s, {800'000}}}, {}), 3'000));
  Time first = time_zero;
  REQUIRE(link.take(1'500, first));
  CHECK(first == after_start(1s + 5ms));
  Time second = time_zero;
  REQUIRE(link.take(1'500, second));
  Time third = time_zero;
  CHECK_FALSE(link.take(1'500, third));
  third = after_start(1s);
  REQUIRE(link.take(1'000, third));
  CHECK(third == after_start(1s + 30ms));
}

TEST_CASE("a stream carries what a changing link can, to one percent") {
  const RateSchedule schedule({{0s, {10 * megabit}}, {3s, {2 * megabit}}, {5s, {25 * megabit}}, {6s, {6 * megabit}}},
                              8s);
  WorldOptions options;
  options.streams.segment_size = GENERATE(1460U, 16'384U);
  World world = testing::streamer_world(2, 20ms, options);
  world.network().set_uplink(0, limit(schedule, 250'000));
  testing::give_file(world, 0, 400'000'000);
  world.run_until(testing::at(1s));
  world.command(1, "fetch 1 0 16384 100000");
  world.run_until(testing::at(40s));
  const auto fetched = [&] { return static_cast<double>(testing::streamer(world, 1).fetches.at(1).done) * 16'384; };
  for (Duration from : {40s, 80s, 120s}) {
    world.run_until(testing::at(from));
    const double before = fetched();
    world.run_until(testing::at(from + 40s));
    const double capacity =
        static_cast<double>(schedule.bytes_between(after_start(from), after_start(from + 40s))) * 1460 / 1500;
    CAPTURE(from.count(), fetched() - before, capacity);
    CHECK(fetched() - before <= capacity * 1.01);
    CHECK(fetched() - before >= capacity * 0.99);
  }
}

TEST_CASE("a mahimahi trace is read as packets of 1500 bytes a millisecond") {
  const RateSchedule schedule = load_mahimahi(TemporaryFile("1\n1\n3\n5\n5\n5\n").path());
  CHECK(schedule.at(after_start(500us)).bits_per_second == 24 * megabit);
  CHECK(schedule.at(after_start(1500us)).bits_per_second == 0);
  CHECK(schedule.at(after_start(2500us)).bits_per_second == 12 * megabit);
  CHECK(schedule.at(after_start(4500us)).bits_per_second == 36 * megabit);
  CHECK(schedule.at(after_start(5500us)).bits_per_second == 24 * megabit);  // again from its beginning
  CHECK(schedule.bytes_between(time_zero, after_start(5ms)) == 6 * 1500);
  CHECK(schedule.bytes_between(time_zero, after_start(5s)) == 6000 * 1500);
  CHECK(load_mahimahi(TemporaryFile("0\n2\n").path()).bytes_between(time_zero, after_start(2ms)) == 3000);
  CHECK_THAT(refusal("", mahimahi), Contains("the trace has no times"));
  CHECK_THAT(refusal("1\n2.5\n", mahimahi), StartsWith(":2: \"2.5\" is not a time"));
  CHECK_THAT(refusal("4\n2\n", mahimahi), StartsWith(":2: the time is earlier"));
  CHECK_THAT(refusal("1 2\n", mahimahi), StartsWith(":1:"));
}

TEST_CASE("a table of times and rates is read with titles, units and any separator") {
  for (const char* text :
       {"time,rate\n0,4\n1,0\n3,8\n", "0 4\n1 0\n3 8 \n", "100;4\n101;0\n103;8 Mbit\n",
        "0\t4 Mbit/s\n1\t0\n3\t8000 kbit\n", "# measured\ntime (ms);rate\n5000;4,0\n6000;0\n8000;8\n"}) {
    const RateSchedule schedule = load_rate_table(TemporaryFile(text).path(), 1e6);
    CAPTURE(text);
    CHECK(schedule.at(time_zero).bits_per_second == 4 * megabit);
    CHECK(schedule.at(after_start(2s)).bits_per_second == 0);
    CHECK(schedule.at(after_start(4s)).bits_per_second == 8 * megabit);
    CHECK(schedule.at(after_start(5s)).bits_per_second == 4 * megabit);  // again from its beginning
  }
  for (const char* text : {"time,rate_mbps\n0,4\n1,0\n3,8\n", "Mbit/s;t\n4,0;0\n0;1\n8;3\n",
                           "throughput (Mbps),time (ms)\n4,0\n0,1000\n8,3000\n",
                           "cell,rate (Mbit/s),time\n7,4,0\n7,0,1\n8,8,3\n", "time,kbps\n0,4000\n1,0\n3,8000\n"}) {
    const RateSchedule schedule = load_rate_table(TemporaryFile(text).path());
    CAPTURE(text);
    CHECK(schedule.at(time_zero).bits_per_second == 4 * megabit);
    CHECK(schedule.at(after_start(2s)).bits_per_second == 0);
    CHECK(schedule.at(after_start(4s)).bits_per_second == 8 * megabit);
  }
  CHECK(load_rate_table(TemporaryFile("time,rate_mbps\n0,4\n").path(), 1e3).at(time_zero).bits_per_second == 4000);
  const auto without_unit = [](const std::string& path) { return load_rate_table(path); };
  CHECK(load_rate_table(TemporaryFile("0,40000\n").path()).at(time_zero).bits_per_second == 40'000);
  CHECK_THAT(refusal("0,4\n1,8\n", without_unit),
             Contains("the highest rate is only 8 bit/s; say which unit the rates have with `rate_unit`"));
  CHECK_THAT(refusal("a,b,c\n0,4,5\n", without_unit), StartsWith(":1: there are more than two columns"));
  CHECK_THAT(refusal("", table), Contains("the trace has no rates"));
  CHECK_THAT(refusal("0,0\n", table), Contains("all rates are 0"));
  CHECK_THAT(refusal("0,1\n0,2\n", table), StartsWith(":2: the time is not later"));
  CHECK_THAT(refusal("0,1\nsoon,2\n", table), StartsWith(":2: \"soon,2\" is not a time and a rate"));
  CHECK_THAT(refusal("0,1\n1,-2\n", table), StartsWith(":2: \"-2\" is not a rate"));
  CHECK_THAT(refusal("0,1,2\n", table), StartsWith(":1:"));
}

}  // namespace peerbed::sim
