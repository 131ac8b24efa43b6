#pragma once
// The results of a sweep as text, one row for each run and metric: for spreadsheets, R, pandas and people. Columns:
// scenario, each parameter, seed, metric, value, unit, better (docs/file-formats.md).

#include <ostream>

#include "analysis/results/sweep_results.h"

namespace peerbed::analysis {

// Comma-separated values (RFC 4180, with bare newlines), with a header.
class CsvWriter final : public ResultSink {
 public:
  CsvWriter(std::ostream& out, const SweepHeader& header);
  void add(const UnitResult& unit) override;

 private:
  std::ostream& out_;
  std::string scenario_;
};

// A list of objects, one per line.
class JsonWriter final : public ResultSink {
 public:
  JsonWriter(std::ostream& out, const SweepHeader& header);
  void add(const UnitResult& unit) override;
  void close() override;

 private:
  std::ostream& out_;
  SweepHeader header_;
  bool begun_ = false;
};

// A CSV field, quoted if necessary.
std::string csv_field(const std::string& text);

}  // namespace peerbed::analysis
