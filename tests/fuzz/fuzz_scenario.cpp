// The scenario loader: any text is either refused with a position and a sentence, or becomes an experiment that can be
// run.

#include <string_view>

#include "scenarios/plan/scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed::scenarios;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Registry protocols = standard_protocols();
  const DocumentLimits limits{.bytes = 1 << 16, .values = 10'000, .depth = 16};
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Scenario scenario = load_scenario(parse_document(text, "fuzz.yaml", limits), protocols);
    FUZZ_EXPECT(scenario.node_count() > 0 && scenario.node_count() <= maximum_nodes);
    FUZZ_EXPECT(scenario.duration.count() > 0 && scenario.check_period.count() > 0);
    FUZZ_EXPECT(&scenario.group_of(0) == &scenario.groups.front());
  } catch (const ScenarioError& error) {
    FUZZ_EXPECT(!error.sentence().empty());
  } catch (const FileError&) {
    // It names a missing file.
  }
  return 0;
}
