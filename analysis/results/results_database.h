#pragma once
// The results of a sweep as an SQLite database (docs/file-formats.md): tables about, runs, metrics, samples,
// distributions and links, and a view `results` with one row for each run and metric. The same results produce the same
// bytes.

#include <memory>
#include <string>

#include "analysis/results/sweep_results.h"

namespace peerbed::analysis {

// Each function throws std::runtime_error, which names the file, if it cannot be written or read.
class DatabaseWriter final : public ResultSink {
 public:
  // The file must not exist.
  DatabaseWriter(const std::string& file, const SweepHeader& header);
  ~DatabaseWriter() override;
  DatabaseWriter(const DatabaseWriter&) = delete;
  DatabaseWriter& operator=(const DatabaseWriter&) = delete;

  void add(const UnitResult& unit) override;
  void close() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The distributions of a point combine all seeds.
SweepResults read_database(const std::string& file);

}  // namespace peerbed::analysis
