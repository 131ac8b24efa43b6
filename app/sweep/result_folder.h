#pragma once
// The contents of a result folder, of one run or of a sweep, for comparison.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "analysis/results/sweep_results.h"

namespace peerbed::app {

struct ResultFolder {
  std::string path;
  bool is_run = false;  // a single run, without parameters or other seeds
  analysis::SweepResults results;
  std::map<std::string, std::string> parameters{};  // of a run: the scenario's parameters and their values
};

// Reads the fields of each line but the first of a CSV file whose fields contain no commas. Throws FileError if the
// file cannot be read.
void read_csv(const std::string& file, std::size_t columns,
              const std::function<void(const std::vector<std::string>&)>& use);

// `path` is the folder of a run or of a sweep, or a sweep's results.sqlite. Throws FileError.
ResultFolder read_result_folder(const std::string& path);

}  // namespace peerbed::app
