#pragma once
// The folder of a run: scenario.resolved.yaml, manifest.json (the only file with wall-clock time), events.hash,
// metrics.csv, distributions.csv, timeline.csv, chronicle.json, summary.json, and events.trace if a trace was requested
// (docs/file-formats.md).

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "adapter/base/file_descriptor.h"
#include "analysis/trace/event_record.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/text/error.h"

namespace peerbed::app {

class RunFolder {
 public:
  // Creates the folder. Without `force`, a folder that is not empty is refused; with it, the files of an earlier run
  // are removed. Throws FileError.
  RunFolder(const std::string& path, bool force);

  std::string file(const char* name) const { return path_ + "/" + name; }
  void write(const char* name, const std::string& text) const;
  void write_manifest(const std::string& command, const scenarios::RunResult& result) const;

 private:
  void lock(bool force);

  std::string path_;
  std::string begun_;
  adapter::FileDescriptor lock_;
};

// Records the hash of each step.
class StepRecorder final : public Observer {
 public:
  explicit StepRecorder(const std::string& file) : writer_(file) {}
  void on_step(const Step& step) override;
  void close() { writer_.close(); }

 private:
  analysis::EventRecordWriter writer_;
};

// The contents of a run folder's summary.json.
struct RecordedRun {
  std::uint64_t digest = 0;
  bool interrupted = false;
  std::uint64_t seed = 0;
  std::string kept_digest;  // according to the manifest
  std::string version;      // of the program that saved it
};
// Each throws FileError if the folder does not have it; the second also if the manifest was changed since.
bool is_run_over_sockets(const std::string& folder);
RecordedRun recorded_run(const std::string& folder);
std::string recorded_scenario(const std::string& folder);  // file name
// A resolved scenario has a line for every churn event, so it may be long.
constexpr scenarios::DocumentLimits record_limits{.bytes = std::size_t{1} << 30, .values = 100'000'000, .depth = 32};

// The current time, as "2026-01-31T12:00:00.125Z".
std::string utc_now();

// The error for a file of a run that could not be written, with the remedy.
scenarios::FileError unwritable(const std::string& file);

}  // namespace peerbed::app
