#pragma once
// A run's result as one JSON object for programs (docs/file-formats.md). app/run/report.h writes it for people.

#include <string>

#include "scenarios/record/run_result.h"

namespace peerbed::scenarios {

// Indented by two blanks, ending with a newline. Keys come in a fixed order, metrics sorted by name.
std::string result_json(const RunResult& result);

// Comma-separated values with a header: metric,value,unit,better.
std::string metrics_csv(const RunResult& result);

// The same of all values that nodes traced: metric,at_most,count.
std::string distributions_csv(const RunResult& result);

// "0x0123456789abcdef" without the prefix: sixteen digits.
std::string digest_text(std::uint64_t digest);

}  // namespace peerbed::scenarios
