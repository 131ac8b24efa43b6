// Delay files: any bytes are either refused with a sentence, or become a complete matrix of delays within the limits.
// The first byte selects the format.

#include <stdexcept>

#include "sim/network/delay_files.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_file.h"

using namespace peerbed;
using namespace peerbed::sim;

namespace {

DelayMatrix load(std::uint8_t format, const std::string& path) {
  switch (format % 4) {
    case 0:
      return load_delay_text(path, DelayUnit::milliseconds, DelayMeasure::one_way);
    case 1:
      return load_delay_csv(path, DelayUnit::microseconds, DelayMeasure::round_trip);
    case 2:
      return load_king(path);
    default:
      return load_wondernetwork(path);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  const fuzz::MemoryFile file(data + 1, size - 1);
  try {
    const DelayMatrix delays = load(data[0], file.path());
    FUZZ_EXPECT(delays.size() > 0);
    for (SiteIndex from = 0; from < delays.size(); ++from)
      for (SiteIndex to = 0; to < delays.size(); ++to) FUZZ_EXPECT(from == to || delays(from, to).count() > 0);
  } catch (const std::runtime_error& error) {
    FUZZ_EXPECT(std::string(error.what()).find(file.path()) == 0);
  }
  return 0;
}
