#pragma once
// manifest.json of a sweep: what was called, and everything that depends on the clock of a machine.

#include <cstddef>
#include <string>
#include <vector>

#include "app/sweep/unit_costs.h"

namespace peerbed::app {

// The work of all calls that wrote into a folder, in seconds.
struct WorkDone {
  std::size_t workers = 0;  // of the last call
  double seconds = 0;
  double busy = 0;
  double idle = 0;
};

struct SweepManifest {
  std::string command;
  std::string scenario;  // as the command names it
  std::string shard;     // "1/3"; empty: all runs
  std::size_t jobs = 0;
  std::vector<std::string> metrics;  // those that the command asks for
  std::string begun;
  std::string ended;  // empty: not yet
  MeasuredCosts costs;
  WorkDone work;
};

std::string write_manifest(const SweepManifest& manifest);
// What is missing or of another type stays empty.
SweepManifest read_manifest(const std::string& text);

// Costs as one line, for another process.
std::string write_costs(const MeasuredCosts& costs);
MeasuredCosts read_costs(const std::string& text);

}  // namespace peerbed::app
