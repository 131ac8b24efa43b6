// YAML documents: any text is either refused with a position and a sentence, or becomes a tree within the limits that
// reads back the same after it is written.

#include <string>
#include <string_view>

#include "scenarios/text/document.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed::scenarios;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const DocumentLimits limits{.bytes = 1 << 16, .values = 10'000, .depth = 16};
  try {
    const Document document =
        parse_document(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.yaml", limits);
    const std::string written = write_document(document.root);
    const Document again = parse_document(written, "again.yaml");
    FUZZ_EXPECT(write_document(again.root) == written);
  } catch (const ScenarioError& error) {
    FUZZ_EXPECT(!error.sentence().empty());
  }
  return 0;
}
