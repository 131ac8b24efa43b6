#pragma once
// The folder of a sweep: sweep.json (what is swept), one file for each finished run under units/, the results gathered
// from them, and manifest.json (the only file with wall-clock time). See docs/file-formats.md.

#include <cstdint>
#include <optional>
#include <string>

#include "app/sweep/sweep_manifest.h"
#include "scenarios/sweep/sweep_plan.h"
#include "scenarios/sweep/unit_record.h"
#include "scenarios/text/error.h"

namespace peerbed::app {

// What the folder may contain when a sweep begins.
enum class FolderUse : std::uint8_t {
  fresh,   // nothing
  resume,  // nothing, or a sweep of the same scenario
  force,   // anything: an earlier sweep is removed
};

// The name of a finished run's file within the folder.
std::string unit_name(const scenarios::SweepPlan& plan, const scenarios::SweepUnit& unit);

class SweepFolder {
 public:
  // Creates the folder, or resumes it. Throws FileError.
  SweepFolder(const std::string& path, FolderUse use, const scenarios::SweepPlan& plan);

  // The same for a sweep whose description is known.
  SweepFolder(const std::string& path, FolderUse use, const std::string& description);

  // Opens a folder for reading only. If it holds no sweep of this scenario, no run is finished.
  static SweepFolder existing(const std::string& path, const scenarios::SweepPlan& plan);

  const std::string& path() const noexcept { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  // A finished run; nothing if there is none or its file is broken.
  std::optional<scenarios::UnitRecord> read(const scenarios::SweepPlan& plan, const scenarios::SweepUnit& unit) const;
  // Saves a finished run: its file is written completely or not at all.
  void commit(const scenarios::SweepPlan& plan, const scenarios::SweepUnit& unit, const std::string& text) const;

  // Writes a file completely or not at all.
  void write(const std::string& name, const std::string& text) const;
  // Renames a file that was written beside its final name.
  void rename(const std::string& from, const std::string& to) const;
  // Nothing in it if there is none, or it is damaged.
  SweepManifest manifest() const;
  // Fills in when this use of the folder began and, if it is over, when it ended.
  void write_manifest(SweepManifest manifest, bool is_over) const;
  // Whether this process is the first to ask for the unit, of all that give the same name for the call.
  bool claim_unit(const scenarios::SweepPlan& plan, const scenarios::SweepUnit& unit, const std::string& call) const;
  // Removes files that killed workers left incomplete. The caller must be the only user of the folder.
  void remove_leftovers() const;

 private:
  explicit SweepFolder(const std::string& path) : path_(path) {}
  void go_on_with(const std::string& description) const;
  void remove_older() const;
  void claim(const std::string& description) const;

  std::string path_;
  std::string begun_;
};

}  // namespace peerbed::app
