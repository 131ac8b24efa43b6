// Availability traces: any text is either refused with file and line, or becomes ordered, disjoint intervals.

#include <stdexcept>

#include "sim/random/availability_trace.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_file.h"

using namespace peerbed;
using namespace peerbed::sim;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file(data, size);
  try {
    for (const auto& host : load_availability_trace(file.path()).hosts) {
      Duration last{-1};
      for (const UpInterval& interval : host) {
        FUZZ_EXPECT(interval.start > last && interval.end > interval.start);
        last = interval.end;
      }
    }
  } catch (const std::runtime_error& error) {
    FUZZ_EXPECT(std::string(error.what()).find(file.path()) == 0);
  }
  return 0;
}
