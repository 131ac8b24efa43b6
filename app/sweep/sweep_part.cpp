#include "app/sweep/sweep_part.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "app/cli/whole_file.h"
#include "app/sweep/sweep_description.h"
#include "app/sweep/sweep_folder.h"
#include "scenarios/sweep/unit_record.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using scenarios::FileError;

const std::string copy_again = "copy the part again from its machine";
const std::string resume = "delete it, continue the part's sweep on its machine, and copy the part again";

}  // namespace

SweepPart::SweepPart(std::string path) : path_(std::move(path)) {
  std::error_code error;
  if (!fs::exists(path_, error)) throw FileError(path_ + ": no such folder; check the path");
  if (!fs::is_directory(path_, error)) throw FileError(path_ + ": is not a folder; give the folder of a part");
  if (!fs::exists(path_ + "/sweep.json", error))
    throw FileError(path_ + ": not the folder of a sweep; make one with `peerbed sweep SCENARIO --shard 1/3 -o DIR`");
  description_ = read_whole(path_ + "/sweep.json", copy_again, most_file_bytes);
  const auto plan = read_description(description_);
  if (!plan) throw FileError(path_ + "/sweep.json: is damaged; " + copy_again);
  plan_ = *plan;
  manifest_ = read_manifest(read_whole(path_ + "/manifest.json", copy_again, most_file_bytes));
  if (manifest_.command.empty()) throw FileError(path_ + "/manifest.json: is damaged; " + copy_again);
  if (manifest_.shard.empty()) return;
  const auto share = parse_share(manifest_.shard);
  if (!share) throw FileError(path_ + "/manifest.json: is damaged; " + copy_again);
  share_ = *share;
}

std::vector<std::size_t> SweepPart::units() const {
  std::map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < plan_.unit_count(); ++i) names[path_ + "/" + unit_name(plan_, plan_.unit(i))] = i;
  std::vector<std::size_t> units;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ + "/units", error)) {
    const std::string file = entry.path().string();
    if (file.find(".half-") != std::string::npos) continue;  // what a killed run left
    const auto found = names.find(file);
    if (found == names.end())
      throw FileError(file + ": is not a run of this sweep; delete it, or continue the part's sweep with its seeds");
    const scenarios::SweepUnit unit = plan_.unit(found->second);
    const auto record = scenarios::read_unit_record(read_whole(file, resume, most_file_bytes));
    if (!record) throw FileError(file + ": is damaged; " + resume);
    if (record->result.seed != unit.seed || record->result.values != plan_.points[unit.point].values)
      throw FileError(file + ": is another run than its name says; " + resume);
    units.push_back(found->second);
  }
  if (error) throw FileError(path_ + "/units: cannot be read: " + error.message() + "; " + copy_again);
  std::sort(units.begin(), units.end());
  return units;
}

std::string SweepPart::text_of(std::size_t unit) const {
  return read_whole(path_ + "/" + unit_name(plan_, plan_.unit(unit)), copy_again, most_file_bytes);
}

}  // namespace peerbed::app
