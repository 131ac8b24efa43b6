// simulated_transfer MBIT_PER_SECOND QUEUE_BYTES BYTES FLOWS cubic|reno SEGMENT_SIZE: runs FLOWS streams from one host
// to another at once, over an up-link with that rate and queue. Prints the seconds that each took, in order, from its
// opening to its last byte.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/sim/streamer.h"

int main(int argc, char** argv) {
  using namespace peerbed;
  using namespace peerbed::sim;
  using namespace std::chrono_literals;
  if (argc != 7) {
    std::fputs("usage: simulated_transfer MBIT_PER_SECOND QUEUE_BYTES BYTES FLOWS cubic|reno SEGMENT_SIZE\n", stderr);
    return 2;
  }
  const auto number = [argv](int i) { return static_cast<std::uint64_t>(std::atoll(argv[i])); };
  const std::uint64_t flows = number(4);
  WorldOptions options;
  options.streams.congestion = std::string(argv[5]) == "reno" ? CongestionControl::reno : CongestionControl::cubic;
  options.streams.segment_size = static_cast<std::uint32_t>(number(6));
  World world = testing::streamer_world(2, 25us, options);  // about that of a virtual Ethernet pair
  world.network().set_uplink(0, {{number(1) * 1'000'000}, number(2)});
  world.put_file(0, "file", 7, number(3));
  world.command(0, "import 1 file");
  world.run_until(time_zero + 1s);
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
      std::printf("%.6f\n", static_cast<double>((told.at - time_zero - 1s).count()) * 1e-9);
}
