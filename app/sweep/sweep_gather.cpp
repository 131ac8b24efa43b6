#include "app/sweep/sweep_gather.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>

#include "analysis/results/results_database.h"
#include "analysis/results/results_text.h"
#include "analysis/results/sweep_statistics.h"
#include "app/cli/version.h"
#include "app/run/run_folder.h"

namespace peerbed::app {
namespace {

analysis::SweepHeader header_of(const scenarios::SweepPlan& plan) {
  analysis::SweepHeader header{plan.name, plan.digest, PEERBED_VERSION, {}};
  for (const scenarios::Axis& axis : plan.axes) header.parameters.push_back(axis.name);
  return header;
}

// A results file with a temporary name until it is complete.
class ResultFile {
 public:
  using Open = std::function<std::unique_ptr<analysis::ResultSink>(const std::string& file)>;

  ResultFile(const SweepFolder& folder, std::string name, const Open& open)
      : folder_(folder), name_(std::move(name)), half_(name_ + ".half-" + std::to_string(getpid())) {
    std::remove(folder_.file(half_).c_str());
    sink_ = open(folder_.file(half_));
  }
  void add(const analysis::UnitResult& unit) { sink_->add(unit); }
  void finish() {
    sink_->close();
    sink_.reset();
    folder_.rename(half_, name_);
  }

 private:
  const SweepFolder& folder_;
  std::string name_;
  std::string half_;
  std::unique_ptr<analysis::ResultSink> sink_;
};

// A text writer together with the file that it writes to.
template <class Writer>
class TextFile final : public analysis::ResultSink {
 public:
  TextFile(const std::string& file, const analysis::SweepHeader& header)
      : file_(file), stream_(file, std::ios::binary | std::ios::trunc), writer_(stream_, header) {}
  void add(const analysis::UnitResult& unit) override { writer_.add(unit); }
  void close() override {
    writer_.close();
    stream_.close();
    if (!stream_) throw unwritable(file_);
  }

 private:
  std::string file_;
  std::ofstream stream_;
  Writer writer_;
};

template <class Writer>
ResultFile result_file(const SweepFolder& folder, const char* name, const analysis::SweepHeader& header) {
  return {folder, name, [&header](const std::string& file) { return std::make_unique<Writer>(file, header); }};
}

}  // namespace

Gathered gather_results(const SweepFolder& folder, const scenarios::SweepPlan& plan, const Exports& exports) {
  const analysis::SweepHeader header = header_of(plan);
  Gathered gathered{analysis::SweepResults(header), {}, {}, 0};
  std::vector<ResultFile> files;
  files.push_back(result_file<analysis::DatabaseWriter>(folder, "results.sqlite", header));
  if (exports.csv) files.push_back(result_file<TextFile<analysis::CsvWriter>>(folder, "results.csv", header));
  if (exports.json) files.push_back(result_file<TextFile<analysis::JsonWriter>>(folder, "results.json", header));
  for (std::size_t i = 0; i < plan.unit_count(); ++i) {
    const scenarios::SweepUnit unit = plan.unit(i);
    const auto record = folder.read(plan, unit);
    if (!record) {
      ++gathered.missing;
      continue;
    }
    for (ResultFile& file : files) file.add(record->result);
    gathered.results.add(record->result);
    if (gathered.findings.empty()) gathered.findings = record->findings;
    if (!record->result.good) gathered.failed.push_back({unit, record->unmet.empty() ? "" : record->unmet.front()});
  }
  for (ResultFile& file : files) file.finish();
  std::ostringstream statistics;
  analysis::write_statistics_csv(statistics, gathered.results);
  folder.write("statistics.csv", statistics.str());
  return gathered;
}

}  // namespace peerbed::app
