#pragma once
// What a folder of results holds, be it of one run or of a sweep, for comparing.

#include <string>

#include "analysis/sweep_results.h"

namespace peerbed::app {

struct ResultFolder {
  std::string path;
  bool is_run = false;  // one run, with neither parameters nor other seeds
  analysis::SweepResults results;
};

// `path` is the folder of a run or of a sweep, or a sweep's results.sqlite. Throws FileError.
ResultFolder read_result_folder(const std::string& path);

}  // namespace peerbed::app
