// GraphML: any text is either refused with a sentence, or becomes a network in which every site reaches every other.

#include <stdexcept>

#include "sim/network/topology.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_file.h"

using namespace peerbed;
using namespace peerbed::sim;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 16'384) return 0;
  const fuzz::MemoryFile file(data, size);
  try {
    const Topology topology = load_topology(file.path());
    FUZZ_EXPECT(!topology.sites.empty());
    for (const TopologyLink& link : topology.links) {
      FUZZ_EXPECT(link.from < topology.sites.size() && link.to < topology.sites.size());
      FUZZ_EXPECT(link.from != link.to && link.delay.count() > 0);
    }
    const DelayMatrix delays = shortest_path_delays(topology);
    for (SiteIndex from = 0; from < delays.size(); ++from)
      for (SiteIndex to = 0; to < delays.size(); ++to) FUZZ_EXPECT((delays(from, to).count() > 0) == (from != to));
  } catch (const std::runtime_error& error) {
    FUZZ_EXPECT(error.what()[0] != '\0');
  }
  return 0;
}
