// bench_event_trace [STEPS]: writes an event trace of datagrams and timers like a ring's, a sixteenth of them with a
// report, to a temporary file, reads it, and reads it again for causes. Prints one JSON line; each figure is the median
// of five turns, in seconds of CPU time, including the system's.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <vector>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_reader.h"
#include "analysis/trace/event_trace_writer.h"
#include "protocols/environment/random.h"

namespace {

using namespace peerbed;
using namespace peerbed::analysis;

constexpr std::uint32_t nodes = 1000;
constexpr int turns = 5;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

TraceHeader header() {
  TraceHeader header;
  header.scenario = "benchmark";
  header.first_address = Address::ipv4(0x0A000001, 4000);
  header.protocols = {
      {"ring", {"", "find"}, {{"lookup.done", {{"hops", Unit::count}, {"latency", Unit::nanoseconds}}}}}};
  header.groups = {{"nodes", 0, 0, nodes}};
  return header;
}

// Made in advance, so that making them is not measured.
std::vector<TraceRecord> records_of(std::size_t steps) {
  std::vector<TraceRecord> records;
  std::vector<std::uint32_t> sequences(nodes);
  KeyedStream draws(1);
  std::int64_t time = 0;
  for (std::uint64_t event = 1; event <= steps; ++event) {
    time += static_cast<std::int64_t>(draws.below(700'000));
    const auto node = static_cast<std::uint32_t>(draws.below(nodes));
    const bool is_timer = draws.below(4) == 0;
    const std::uint32_t source = is_timer ? node : static_cast<std::uint32_t>(draws.below(nodes));
    records.push_back({.kind = is_timer ? RecordKind::timer : RecordKind::datagram,
                       .message = static_cast<std::uint8_t>(is_timer ? 0 : 1),
                       .number = static_cast<std::uint16_t>(is_timer ? 2 : 0),
                       .node = node,
                       .event = event,
                       .time = time,
                       .source = source,
                       .sequence = sequences[source] - std::min(sequences[source], std::uint32_t{2}),
                       .next_sequence = sequences[node],
                       .size = is_timer ? 0 : std::uint64_t{32}});
    ++sequences[node];
    if (event % 16 == 0)
      records.push_back(
          {.kind = RecordKind::report, .node = node, .event = event, .time = time, .values = {5, 150'000'000, 0, 1}});
  }
  return records;
}

double median(std::array<double, turns> values) {
  std::sort(values.begin(), values.end());
  return values[turns / 2];
}

// How many records per second, as the median of the turns.
template <class Work>
double millions_a_second(std::size_t records, Work&& work) {
  std::array<double, turns> seconds{};
  for (double& each : seconds) {
    const double begin = cpu_seconds();
    work();
    each = cpu_seconds() - begin;
  }
  return static_cast<double>(records) / median(seconds) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  const long steps = argc == 2 ? std::strtol(argv[1], nullptr, 10) : 10'000'000;
  if (argc > 2 || steps < 1000) {
    std::fprintf(stderr, "usage: bench_event_trace [STEPS]   (1000 or more; 10000000 without)\n");
    return 2;
  }
  const std::vector<TraceRecord> records = records_of(static_cast<std::size_t>(steps));
  const std::string file =
      (std::filesystem::temp_directory_path() / ("bench_event_trace_" + std::to_string(::getpid()))).string();
  const double written = millions_a_second(records.size(), [&] {
    EventTraceWriter writer(file, header());
    for (const TraceRecord& record : records) writer.add(record);
    writer.close();
  });
  std::uint64_t sum = 0;
  const double read = millions_a_second(records.size(), [&] {
    EventTraceReader reader(file);
    for (TraceRecord record; reader.next(record);) sum += record.event;
  });
  const double with_causes = millions_a_second(records.size(), [&] {
    EventTraceReader reader(file);
    EventCauses causes(reader.header());
    for (TraceRecord record; reader.next(record);) sum += causes.add(record).value_or(0);
  });
  const auto size = static_cast<double>(std::filesystem::file_size(file));
  std::filesystem::remove(file);
  std::printf(
      "{\"records\": %zu, \"bytes_a_record\": %.1f, \"written_millions_a_second\": %.1f, "
      "\"read_millions_a_second\": %.1f, \"read_with_causes_millions_a_second\": %.1f}\n",
      records.size(), size / static_cast<double>(records.size()), written, read, with_causes);
  return sum == 0 ? 1 : 0;
}
