#include "app/explain/run_stories.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "analysis/trace/event_trace_reader.h"
#include "app/cli/whole_file.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

using analysis::Json;
using analysis::Surroundings;
using analysis::TimedOperation;
using scenarios::FileError;

constexpr const char* remedy = "run the scenario again with --out and --trace";

// A trace names no file as part of a run but events.trace; without one there is nothing to explain.
std::string trace_in(const std::string& folder) {
  std::error_code error;
  const std::string file = folder + "/events.trace";
  if (!std::filesystem::is_directory(folder, error))
    throw FileError(folder + ": is not the folder of a run; give one that was saved with --out and --trace");
  if (!has_trace(folder)) throw FileError(file + ": is missing; " + remedy);
  return file;
}

std::int64_t nanoseconds(const Json& seconds) {
  return static_cast<std::int64_t>(std::llround(seconds.get<double>() * 1e9));
}

// Throws nlohmann::json's exceptions for anything of another form.
void read_chronicle(const Json& chronicle, Surroundings& around) {
  for (const Json& life : chronicle.at("lives"))
    around.lives.push_back({life.at(0).get<std::uint32_t>(), nanoseconds(life.at(1)), nanoseconds(life.at(2)),
                            life.at(3).get<std::string>()});
  if (chronicle.contains("network")) {
    const Json& network = chronicle["network"];
    for (const Json& site : network.at("node_sites"))
      around.sites.push_back(network.at("sites").at(site.get<std::size_t>()).at("name").get<std::string>());
  }
  if (chronicle.contains("ring"))
    for (const Json& id : chronicle["ring"].at("id_text"))
      around.ids.push_back(id.is_string() ? id.get<std::string>() : std::string());
  if (!chronicle.contains("swarm")) return;
  for (const Json& choke : chronicle["swarm"].at("chokes"))
    around.chokes.push_back({nanoseconds(choke.at(0)), choke.at(1).get<std::uint32_t>(),
                             choke.at(2).get<std::uint32_t>(), choke.at(3).get<int>() != 0});
}

// The shortest distance between the beginnings of two rows; the whole run if all begin at its start.
std::int64_t interval_of(const analysis::LinkTable& links, std::int64_t whole) {
  std::int64_t shortest = whole;
  for (std::size_t i = 1; i < links.size(); ++i)
    if (const double step = links[i].seconds - links[i - 1].seconds; step > 0)
      shortest = std::min(shortest, static_cast<std::int64_t>(std::llround(step * 1e9)));
  return links.empty() ? 0 : shortest;
}

}  // namespace

bool has_trace(const std::string& folder) {
  std::error_code error;
  return std::filesystem::exists(folder + "/events.trace", error);
}

RunStories::RunStories(const std::string& folder)
    : trace_(trace_in(folder)),
      header_(analysis::EventTraceReader(trace_).header()),
      operations_(analysis::operations_in(trace_)) {
  const std::string file = folder + "/chronicle.json";
  try {
    const Json chronicle = Json::parse(read_whole(file, remedy, most_file_bytes));
    read_chronicle(chronicle, around_);
    std::error_code error;
    if (const std::string links = folder + "/links.csv"; std::filesystem::exists(links, error)) {
      auto table = analysis::read_links(read_whole(links, remedy, most_file_bytes));
      if (!table) throw FileError(links + ": is damaged; " + remedy);
      around_.links = *std::move(table);
      around_.links_interval = interval_of(around_.links, nanoseconds(chronicle.at("seconds")));
    }
  } catch (const Json::exception&) {
    throw FileError(file + ": is damaged; " + remedy);
  }
}

const TimedOperation* RunStories::slowest(std::string_view kind) const {
  const TimedOperation* found = nullptr;
  for (const TimedOperation& each : operations_)
    if (each.kind() == kind && (found == nullptr || each.took() > found->took())) found = &each;
  return found;
}

const TimedOperation* RunStories::fastest(std::string_view kind) const {
  const TimedOperation* found = nullptr;
  for (const TimedOperation& each : operations_)
    if (each.kind() == kind && each.success && each.took() > 0 && (found == nullptr || each.took() < found->took()))
      found = &each;
  return found;
}

const TimedOperation* RunStories::slowest_at(std::uint32_t node) const {
  const TimedOperation* found = nullptr;
  for (const TimedOperation& each : operations_)
    if (each.node == node && (found == nullptr || each.took() > found->took())) found = &each;
  return found;
}

std::vector<std::string> RunStories::kinds() const {
  std::map<std::string, std::size_t> counts;
  for (const TimedOperation& each : operations_) ++counts[std::string(each.kind())];
  std::vector<std::string> kinds;
  for (const auto& [kind, count] : counts) kinds.push_back(kind);
  const auto rank = [&counts](const std::string& kind) {
    return std::pair(kind == "download" ? 2 : kind == "lookup" ? 1 : 0, counts[kind]);
  };
  std::stable_sort(kinds.begin(), kinds.end(),
                   [&rank](const std::string& a, const std::string& b) { return rank(a) > rank(b); });
  return kinds;
}

analysis::Story RunStories::story(const TimedOperation& operation) const {
  return analysis::story_of(trace_, operation, around_);
}

}  // namespace peerbed::app
