#pragma once
// The folder of one part of a sweep, made by a machine on its own, as `peerbed gather` reads it.

#include <cstddef>
#include <string>
#include <vector>

#include "app/sweep/sweep_division.h"
#include "app/sweep/sweep_manifest.h"
#include "scenarios/sweep/sweep_plan.h"

namespace peerbed::app {

class SweepPart {
 public:
  // Throws FileError if it is not the folder of a sweep by this version of the program, or is damaged.
  explicit SweepPart(std::string path);

  const std::string& path() const noexcept { return path_; }
  const std::string& description() const noexcept { return description_; }
  const scenarios::SweepPlan& plan() const noexcept { return plan_; }
  const SweepManifest& manifest() const noexcept { return manifest_; }
  // Which of its sweep's units it was told to run: all unless --shard was given.
  Share share() const noexcept { return share_; }

  // The units that it has, ascending, each checked to be whole and the one that its name says. Throws FileError for one
  // that is not, and for a file that is no unit of the sweep.
  std::vector<std::size_t> units() const;
  // The whole file of one of them.
  std::string text_of(std::size_t unit) const;

 private:
  std::string path_;
  std::string description_;
  scenarios::SweepPlan plan_;
  SweepManifest manifest_;
  Share share_;
};

}  // namespace peerbed::app
