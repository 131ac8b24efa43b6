#include "app/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "analysis/results/fault_of_file.h"
#include "analysis/results/json_document.h"
#include "app/cli/version.h"
#include "app/cli/whole_file.h"
#include "protocols/environment/hash.h"
#include "scenarios/record/result_json.h"
#include "scenarios/record/step_text.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using analysis::Json;
using scenarios::FileError;

constexpr std::array files_of_a_run{"scenario.resolved.yaml", "events.hash",  "events.trace", "metrics.csv",
                                    "distributions.csv",      "timeline.csv", "nodes.csv",    "links.csv",
                                    "chronicle.json",         "summary.json", "manifest.json"};

// Checksum of everything else in a manifest.
std::string sum_of(Json manifest) {
  manifest.erase("sum");
  const std::string text = analysis::json_line(manifest);
  return scenarios::digest_text(hash_bytes(std::as_bytes(std::span(text))));
}

std::string text_at(const Json& json, const char* key) {
  const bool is_there = json.is_object() && json.contains(key) && json[key].is_string();
  return is_there ? json[key].get<std::string>() : std::string();
}

Json json_in(const std::string& file) {
  return Json::parse(read_whole(file, "give the folder of a run that was saved with --out", most_file_bytes), nullptr,
                     false);
}

// Checks that the manifest and the summary belong to one run and that nobody changed either.
void check_manifest(const std::string& folder, const Json& summary, RecordedRun& run) {
  const std::string name = folder + "/manifest.json";
  const Json manifest = json_in(name);
  const std::string remedy = "; run the scenario again with --out";
  if (!manifest.is_object() || text_at(manifest, "sum") != sum_of(manifest))
    throw FileError(name + ": was changed after the run, or is damaged" + remedy);
  run.kept_digest = text_at(manifest, "digest");
  if (manifest.value("seed", Json()) != summary.value("seed", Json()))
    throw FileError(name + ": belongs to another run than summary.json" + remedy);
  run.version = text_at(manifest, "peerbed");
}

}  // namespace

std::string utc_now() {
  const auto clock = std::chrono::system_clock::now();
  const std::time_t now = std::chrono::system_clock::to_time_t(clock);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(clock.time_since_epoch()).count();
  const std::string fraction = std::to_string(1000 + milliseconds % 1000).substr(1);
  return std::string(text.data()) + "." + fraction + "Z";
}

RunFolder::RunFolder(const std::string& path, bool force) : path_(path), begun_(utc_now()) {
  std::error_code error;
  if (fs::exists(path) && !fs::is_directory(path))
    throw FileError(path + ": is a file, not a folder; choose another name");
  fs::create_directories(path, error);
  if (error) throw FileError(path + ": cannot create the folder: " + error.message() + "; choose another");
  lock(force);
  for (const char* name : files_of_a_run)
    if (fs::remove(file(name), error); error) throw FileError(file(name) + ": cannot be replaced: " + error.message());
}

// Two runs at once would leave a mixture. The lock is released when the process ends, however it ends.
void RunFolder::lock(bool force) {
  lock_ = adapter::FileDescriptor(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock_ || (flock(lock_.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK))
    throw FileError(path_ + ": another run is being saved in this folder; choose another");
  std::error_code error;
  if (!force && !fs::is_empty(path_, error))
    throw FileError(path_ + ": the folder is not empty; choose another, or use --force to overwrite it");
}

void RunFolder::write(const char* name, const std::string& text) const {
  std::ofstream stream(file(name), std::ios::binary | std::ios::trunc);
  stream << text << std::flush;
  if (!stream) throw unwritable(file(name));
}

void RunFolder::write_manifest(const std::string& command, const scenarios::RunResult& result) const {
  Json json;
  json["peerbed"] = PEERBED_VERSION;
  json["command"] = command;
  json["scenario"] = result.scenario;
  json["seed"] = result.seed;
  if (result.is_simulated) json["digest"] = scenarios::digest_text(result.digest);
  json["begun"] = begun_;
  json["ended"] = utc_now();
  json["sum"] = sum_of(json);
  write("manifest.json", analysis::json_page(json));
}

std::string recorded_scenario(const std::string& folder) {
  const std::string name = folder + "/scenario.resolved.yaml";
  if (const std::string fault = analysis::fault_of_file(name); !fault.empty())
    throw FileError(name + ": " + fault + "; run the scenario again with --out");
  return name;
}

FileError unwritable(const std::string& file) {
  return FileError(file + ": cannot be written; make room, or choose another folder");
}

void StepRecorder::on_step(const Step& step) { writer_.add(scenarios::step_hash(step)); }

bool is_run_over_sockets(const std::string& folder) {
  return text_at(json_in(folder + "/summary.json"), "on") == "sockets";
}

RecordedRun recorded_run(const std::string& folder) {
  const std::string name = folder + "/summary.json";
  const Json json = json_in(name);
  if (is_run_over_sockets(folder))
    throw FileError(
        name + ": a run over sockets cannot be replayed, since no two are identical; run the scenario again instead");
  const std::string digest = text_at(json, "digest");
  if (digest.size() != 16 || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw FileError(name + ": not the summary of a run; run the scenario again with --out");
  const bool interrupted = json.contains("outgrown") || (json.contains("interrupted") && json["interrupted"] == true);
  const Json seed = json.value("seed", Json());
  if (!seed.is_number_unsigned()) throw FileError(name + ": contains no seed; run the scenario again with --out");
  RecordedRun run{std::stoull(digest, nullptr, 16), interrupted, seed.get<std::uint64_t>(), {}, {}};
  check_manifest(folder, json, run);
  return run;
}

}  // namespace peerbed::app
