#include "app/run_folder.h"

#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/version.h"
#include "scenarios/result_json.h"
#include "scenarios/step_text.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using scenarios::FileError;

constexpr std::array files_of_a_run{"scenario.resolved.yaml", "events.hash",  "events.trace",   "metrics.csv",
                                    "distributions.csv",      "timeline.csv", "chronicle.json", "summary.json",
                                    "manifest.json"};

}  // namespace

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

RunFolder::RunFolder(const std::string& path, bool force) : path_(path), begun_(utc_now()) {
  std::error_code error;
  if (fs::exists(path) && !fs::is_directory(path))
    throw FileError(path + ": there is a file of that name; choose another");
  if (!force && fs::is_directory(path) && !fs::is_empty(path, error))
    throw FileError(path + ": the folder is not empty; choose another, or give --force to write over it");
  fs::create_directories(path, error);
  if (error) throw FileError(path + ": the folder cannot be made: " + error.message() + "; choose another");
  for (const char* name : files_of_a_run)
    if (fs::remove(file(name), error); error) throw FileError(file(name) + ": cannot be replaced: " + error.message());
}

void RunFolder::write(const char* name, const std::string& text) const {
  std::ofstream stream(file(name), std::ios::binary | std::ios::trunc);
  stream << text << std::flush;
  if (!stream) throw unwritable(file(name));
}

void RunFolder::write_manifest(const std::string& command, const scenarios::RunResult& result) const {
  nlohmann::ordered_json json;
  json["peerbed"] = PEERBED_VERSION;
  json["command"] = command;
  json["scenario"] = result.scenario;
  json["seed"] = result.seed;
  if (result.is_simulated) json["digest"] = scenarios::digest_text(result.digest);
  json["begun"] = begun_;
  json["ended"] = utc_now();
  write("manifest.json", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

std::string recorded_scenario(const std::string& folder) {
  const std::string name = folder + "/scenario.resolved.yaml";
  std::error_code error;
  if (!fs::exists(name, error)) throw FileError(name + ": is missing; run the scenario again with --out");
  return name;
}

FileError unwritable(const std::string& file) {
  return FileError(file + ": cannot be written; make room, or choose another folder");
}

void StepRecorder::on_step(const sim::Step& step) { writer_.add(scenarios::step_hash(step)); }

RecordedRun recorded_run(const std::string& folder) {
  const std::string name = folder + "/summary.json";
  std::ifstream stream(name);
  if (!stream) throw FileError(name + ": cannot be read; give the folder of a run that was made with --out");
  const auto json = nlohmann::json::parse(stream, nullptr, false);
  const auto text_at = [&json](const char* key) {
    const bool is_there = json.is_object() && json.contains(key) && json[key].is_string();
    return is_there ? json[key].get<std::string>() : std::string();
  };
  if (text_at("on") == "sockets")
    throw FileError(name + ": this run was over sockets, where no two are alike; run the scenario again instead");
  const std::string digest = text_at("digest");
  if (digest.size() != 16 || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw FileError(name + ": this is no summary of a run; run the scenario again with --out");
  const bool interrupted = json.contains("outgrown") || (json.contains("interrupted") && json["interrupted"] == true);
  return {std::stoull(digest, nullptr, 16), interrupted};
}

}  // namespace peerbed::app
