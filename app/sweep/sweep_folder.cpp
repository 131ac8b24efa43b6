#include "app/sweep/sweep_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapter/base/file_descriptor.h"
#include "analysis/results/fault_of_file.h"
#include "app/run/run_folder.h"
#include "app/sweep/sweep_description.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using scenarios::FileError;

constexpr const char* description_file = "sweep.json";
constexpr const char* manifest_file = "manifest.json";

}  // namespace

std::string unit_name(const scenarios::SweepPlan& plan, const scenarios::SweepUnit& unit) {
  return "units/" + plan.points[unit.point].digest + "-" + std::to_string(unit.seed) + ".json";
}

namespace {

std::string text_of(const std::string& file) {
  if (!analysis::fault_of_file(file).empty()) return {};
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Writes the file and waits until it is on disk.
bool write_through(const std::string& file, const std::string& text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return false;
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t size = ::write(descriptor, text.data() + written, text.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    written += static_cast<std::size_t>(size);
  }
  const bool complete = written == text.size() && fsync(descriptor) == 0;
  return close(descriptor) == 0 && complete;
}

}  // namespace

SweepFolder::SweepFolder(const std::string& path, FolderUse use, const scenarios::SweepPlan& plan)
    : SweepFolder(path, use, write_description(plan)) {}

SweepFolder::SweepFolder(const std::string& path, FolderUse use, const std::string& description)
    : path_(path), begun_(utc_now()) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_directory(path, error))
    throw FileError(path + ": is a file, not a folder; choose another name");
  const bool is_used = fs::is_directory(path, error) && !fs::is_empty(path, error);
  if (is_used && use == FolderUse::fresh)
    throw FileError(path +
                    ": the folder is not empty; use --resume to continue its sweep or --force to start it over, "
                    "or choose another folder");
  if (is_used && use == FolderUse::resume) go_on_with(description);
  if (is_used && use == FolderUse::force) remove_older();
  fs::create_directories(file("units"), error);
  if (error) throw FileError(path + ": cannot create the folder: " + error.message() + "; choose another");
  if (use == FolderUse::fresh)
    claim(description);
  else
    write(description_file, description);
}

// Two sweeps that start at once would leave a mixture: only one can create the description.
void SweepFolder::claim(const std::string& description) const {
  const std::string half = std::string(description_file) + ".half-" + std::to_string(getpid());
  write(half, description);
  const bool is_first = link(file(half).c_str(), file(description_file).c_str()) == 0;
  unlink(file(half).c_str());
  if (!is_first)
    throw FileError(path_ + ": another sweep is starting in this folder; choose another folder, or use --resume");
}

SweepFolder SweepFolder::existing(const std::string& path, const scenarios::SweepPlan& plan) {
  SweepFolder folder(path);
  std::error_code error;
  if (fs::is_directory(path, error) && !fs::is_empty(path, error)) folder.go_on_with(write_description(plan));
  return folder;
}

void SweepFolder::go_on_with(const std::string& description) const {
  const std::string there = text_of(file(description_file));
  if (!describes_sweep(there)) throw FileError(path_ + ": not the folder of a sweep; choose another");
  const std::string difference = difference_of(there, description);
  if (!difference.empty()) throw FileError(path_ + ": " + difference + "; choose another folder");
}

void SweepFolder::remove_older() const {
  std::error_code error;
  if (!fs::exists(file(description_file), error))
    throw FileError(path_ + ": not the folder of a sweep, so it is not deleted; choose another");
  for (const char* name :
       {"units", "results.sqlite", "results.csv", "results.json", "statistics.csv", manifest_file, description_file})
    if (fs::remove_all(file(name), error); error)
      throw FileError(file(name) + ": cannot be removed: " + error.message());
}

std::optional<scenarios::UnitRecord> SweepFolder::read(const scenarios::SweepPlan& plan,
                                                       const scenarios::SweepUnit& unit) const {
  return scenarios::read_unit_record(text_of(file(unit_name(plan, unit))));
}

void SweepFolder::commit(const scenarios::SweepPlan& plan, const scenarios::SweepUnit& unit,
                         const std::string& text) const {
  write(unit_name(plan, unit), text);
}

// The temporary name is unique to this process, in case two write the same file.
void SweepFolder::write(const std::string& name, const std::string& text) const {
  const std::string half = name + ".half-" + std::to_string(getpid());
  if (!write_through(file(half), text)) {
    const std::string why = std::strerror(errno);
    unlink(file(half).c_str());
    throw FileError(file(name) + ": cannot be written: " + why + "; make room, or choose another folder");
  }
  rename(half, name);
}

void SweepFolder::rename(const std::string& from, const std::string& to) const {
  std::error_code error;
  fs::rename(file(from), file(to), error);
  if (error) throw FileError(file(to) + ": cannot be replaced: " + error.message());
}

SweepManifest SweepFolder::manifest() const { return read_manifest(text_of(file(manifest_file))); }

void SweepFolder::write_manifest(SweepManifest manifest, bool is_over) const {
  manifest.begun = begun_;
  manifest.ended = is_over ? utc_now() : "";
  write(manifest_file, app::write_manifest(manifest));
}

bool SweepFolder::claim_unit(const scenarios::SweepPlan& plan, const scenarios::SweepUnit& unit,
                             const std::string& call) const {
  const std::string name = file(unit_name(plan, unit) + ".half-" + call);
  const adapter::FileDescriptor claim(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!claim && errno != EEXIST)
    throw FileError(name + ": cannot be written: " + std::strerror(errno) + "; make room, or choose another folder");
  return static_cast<bool>(claim);
}

void SweepFolder::remove_leftovers() const {
  std::error_code error;
  for (const std::string& folder : {path_, file("units")})
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.path().filename().string().find(".half-") != std::string::npos) fs::remove(entry.path(), error);
}

}  // namespace peerbed::app
