#pragma once
// The folder that keeps a run: scenario.resolved.yaml, manifest.json (the only place with wall-clock time),
// events.hash, metrics.csv, summary.json, and trace.jsonl when a trace was asked for. docs/file-formats.md has them.

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "analysis/event_record.h"
#include "scenarios/run_scenario.h"

namespace peerbed::app {

class RunFolder {
 public:
  // Makes the folder; one that holds anything is refused without `force`. Throws FileError.
  RunFolder(const std::string& path, bool force);

  std::string file(const char* name) const { return path_ + "/" + name; }
  void write(const char* name, const std::string& text) const;
  void write_manifest(const std::string& command, const scenarios::RunResult& result) const;

 private:
  std::string path_;
  std::string begun_;
};

// Writes the hash of each step.
class StepRecorder final : public sim::Observer {
 public:
  explicit StepRecorder(const std::string& file) : writer_(file) {}
  void on_step(const sim::Step& step) override;
  void close() { writer_.close(); }

 private:
  analysis::EventRecordWriter writer_;
};

// The digest in a run folder's summary.json. Throws FileError.
std::uint64_t recorded_digest(const std::string& folder);

}  // namespace peerbed::app
