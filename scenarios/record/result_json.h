#pragma once
// A run's result as a JSON object (docs/file-formats.md). app/run/report.h writes it for people.

#include <string>

#include "scenarios/record/run_result.h"

namespace peerbed::scenarios {

// Indented by two spaces, ending with a newline. Keys have a fixed order, metrics sorted by name.
std::string result_json(const RunResult& result);

// Comma-separated values with a header: metric,value,unit,better.
std::string metrics_csv(const RunResult& result);

// All values that nodes traced: metric,at_most,count.
std::string distributions_csv(const RunResult& result);

// Sixteen hexadecimal digits, without a prefix.
std::string digest_text(std::uint64_t digest);

}  // namespace peerbed::scenarios
