// Quantities: any text is either refused, or gives a value that reads back the same after it is written.

#include <string_view>

#include "scenarios/text/units.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed::scenarios;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto duration = parse_duration(text)) {
    FUZZ_EXPECT(duration->count() >= 0);
    FUZZ_EXPECT(parse_duration(write_duration(*duration)) == duration);
  }
  if (const auto duration = parse_signed_duration(text))
    FUZZ_EXPECT(parse_signed_duration(write_duration(*duration)) == duration);
  if (const auto rate = parse_rate(text)) FUZZ_EXPECT(rate->bits_per_second > 0);
  if (const auto bytes = parse_size(text)) FUZZ_EXPECT(*bytes <= std::uint64_t{1} << 62);
  if (const auto probability = parse_probability(text)) FUZZ_EXPECT(*probability >= 0 && *probability <= 1);
  if (const auto drift = parse_drift(text)) FUZZ_EXPECT(*drift >= -500'000'000 && *drift <= 500'000'000);
  if (const auto period = parse_frequency(text)) FUZZ_EXPECT(period->count() > 0);
  if (const auto number = parse_number(text)) FUZZ_EXPECT(*number - *number == 0);  // finite
  parse_count(text);
  return 0;
}
