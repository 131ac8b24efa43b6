// simulated_transfer RATES QUEUE_BYTES BYTES FLOWS cubic|reno SEGMENT_SIZE DISCIPLINE: runs FLOWS streams from one host
// to another at once, over an up-link with that queue. RATES are Mbit/s, for a second each, over and over. Prints the
// seconds that each stream took, in order, from its opening to its last byte.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/sim/streamer.h"

namespace {

std::vector<peerbed::sim::RateSchedule::Step> steps_of(const std::string& rates) {
  std::vector<peerbed::sim::RateSchedule::Step> steps;
  std::istringstream words(rates);
  for (std::string word; std::getline(words, word, ',');)
    steps.push_back({std::chrono::seconds(steps.size()), {std::stoull(word) * 1'000'000}});
  return steps;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace peerbed;
  using namespace peerbed::sim;
  using namespace std::chrono_literals;
  if (argc != 8) {
    std::fputs("usage: simulated_transfer RATES QUEUE_BYTES BYTES FLOWS cubic|reno SEGMENT_SIZE DISCIPLINE\n", stderr);
    return 2;
  }
  const auto number = [argv](int i) { return static_cast<std::uint64_t>(std::atoll(argv[i])); };
  const std::uint64_t flows = number(4);
  WorldOptions options;
  options.streams.congestion = std::string(argv[5]) == "reno" ? CongestionControl::reno : CongestionControl::cubic;
  options.streams.segment_size = static_cast<std::uint32_t>(number(6));
  World world = testing::streamer_world(2, 25us, options);  // about that of a virtual Ethernet pair
  const std::vector<RateSchedule::Step> steps = steps_of(argv[1]);
  const Duration period = std::chrono::seconds(steps.size());
  LinkLimit limit{steps.front().rate, number(2)};
  if (steps.size() > 1) {
    limit.schedule = std::make_shared<const RateSchedule>(steps, period);
    limit.rate = limit.schedule->mean();
  }
  if (const auto kind = parse_discipline(argv[7]); kind && *kind != Discipline::drop_tail)
    limit.traits = std::make_shared<const LinkTraits>(LinkTraits{.discipline = {.kind = *kind}});
  world.network().set_uplink(0, limit);
  world.put_file(0, "file", 7, number(3));
  world.command(0, "import 1 file");
  world.run_until(time_zero + period);
  for (std::uint64_t flow = 0; flow < flows; ++flow) {
    const std::string stream = std::to_string(2 * flow + 1);
    world.command(1, "open " + stream + " 0");
    world.command(1, "take " + stream + " " + std::to_string(flow + 2) + " 0 " + argv[3]);
  }
  world.run_until(world.now() + 1ms);
  for (std::uint64_t flow = 0; flow < flows; ++flow)
    world.command(0, "send " + std::to_string(2 * flow + 2) + " 1 0 " + argv[3]);
  world.run_until(time_zero + 1h);
  for (const testing::Told& told : testing::streamer(world, 1).told)
    if (told.what.starts_with("content received"))
      std::printf("%.6f\n", static_cast<double>((told.at - time_zero - period).count()) * 1e-9);
}
