// bench_event_queue [HOLDS]: the hold model (Vaucher and Duval 1975) on the simulator's two event queues: pop an event
// and push it again after an exponential increment with a mean of one second. Prints one JSON line for each number of
// pending events; the two queues take turns five times, and each figure is the median.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "protocols/environment/random.h"
#include "sim/core/event_queue.h"
#include "sim/random/distribution.h"

namespace {

using namespace peerbed;
using namespace peerbed::sim;

constexpr std::size_t increment_count = 1 << 16;
constexpr int turns = 5;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::vector<std::int64_t> exponential_increments() {
  const Distribution seconds = Distribution::exponential(1.0);
  KeyedStream draws(1);
  std::vector<std::int64_t> increments(increment_count);
  for (std::int64_t& increment : increments) increment = 1 + static_cast<std::int64_t>(seconds.sample(draws) * 1e9);
  return increments;
}

template <class Queue>
double nanoseconds_a_hold(const std::vector<std::int64_t>& increments, std::size_t pending, std::size_t holds) {
  Queue queue;
  KeyedStream draws(2);
  std::uint32_t sequence = 0;
  const auto push = [&](std::int64_t now) {
    queue.push({.time = now + increments[draws.next() % increment_count], .sequence = sequence++});
  };
  for (std::size_t i = 0; i < pending; ++i) push(0);
  const auto hold = [&](std::size_t count) {
    Event event;
    for (std::size_t i = 0; i < count && queue.pop_before(INT64_MAX, event); ++i) push(event.time);
  };
  hold(std::min(2 * pending, 4 * holds));
  const double begin = cpu_seconds();
  hold(holds);
  return (cpu_seconds() - begin) * 1e9 / static_cast<double>(holds);
}

double median(std::array<double, turns> values) {
  std::sort(values.begin(), values.end());
  return values[turns / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const long holds = argc == 2 ? std::strtol(argv[1], nullptr, 10) : 3'000'000;
  if (argc > 2 || holds < 1000) {
    std::fprintf(stderr, "usage: bench_event_queue [HOLDS]   (1000 or more; 3000000 without)\n");
    return 2;
  }
  const std::vector<std::int64_t> increments = exponential_increments();
  for (const std::size_t pending : {1'000, 10'000, 100'000, 1'000'000, 10'000'000}) {
    std::array<double, turns> wheel{};
    std::array<double, turns> heap{};
    std::array<double, turns> ratio{};
    for (std::size_t turn = 0; turn < turns; ++turn) {
      wheel[turn] = nanoseconds_a_hold<TimingWheel>(increments, pending, static_cast<std::size_t>(holds));
      heap[turn] = nanoseconds_a_hold<QuaternaryHeap>(increments, pending, static_cast<std::size_t>(holds));
      ratio[turn] = heap[turn] / wheel[turn];
    }
    std::printf("{\"pending\": %zu, \"wheel_ns\": %.1f, \"quaternary_heap_ns\": %.1f, \"ratio\": %.2f}\n", pending,
                median(wheel), median(heap), median(ratio));
    std::fflush(stdout);
  }
}
