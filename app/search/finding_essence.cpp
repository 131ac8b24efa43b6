#include "app/search/finding_essence.h"

#include <sys/time.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "adapter/base/child_process.h"
#include "analysis/results/json_document.h"
#include "app/cli/exit_codes.h"
#include "app/cli/unnamed_file.h"
#include "app/shrink/shrunk_file.h"
#include "scenarios/shrink/shrink.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

constexpr std::uint64_t most_runs = 2000;
constexpr std::uint64_t most_events = 10'000'000;
constexpr int most_seconds = 60;  // of processor time

int report(const scenarios::Search& search, const scenarios::Genome& genome, const scenarios::Registry& registry,
           const std::string& command, int file) {
  const itimerval limit{.it_interval = {}, .it_value = {.tv_sec = most_seconds, .tv_usec = 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
  const scenarios::Scenario scenario =
      scenarios::load_scenario(scenarios::parse_document(search.written(genome), "the finding"), registry);
  scenarios::ShrinkLimits limits;
  limits.most_runs = most_runs;
  limits.most_events = most_events;
  const scenarios::ShrinkResult result = scenarios::shrink(scenario, registry, limits);
  if (!result.scenario) return exit_expectation_failed;
  analysis::Json json;
  json["sentence"] = scenarios::sentence_of(result);
  json["signature"] = result.signature.text();
  json["nodes"] = result.nodes;
  json["deeds"] = result.deeds;
  json["duration"] = result.scenario->duration.count();
  json["scenario"] = shrunk_file(result, command);
  json["picture"] = shrunk_picture(result);
  return write_all(file, analysis::json_line(json)) ? exit_good : exit_io;
}

}  // namespace

std::optional<ShrunkFinding> shrink_finding(const scenarios::Search& search, const scenarios::Genome& genome,
                                            const scenarios::Registry& registry, const std::string& command) {
  const adapter::FileDescriptor file = unnamed_file();
  adapter::ChildProcess process([&] {
    try {
      return report(search, genome, registry, command, file.number());
    } catch (const std::exception&) {
      return static_cast<int>(exit_expectation_failed);
    }
  });
  if (!process)
    throw scenarios::FileError(std::string("cannot start a process: ") + std::strerror(errno) + "; use fewer --jobs");
  const adapter::ChildProcess::End end = process.wait();
  if (end.signal != 0 || end.code != exit_good) return std::nullopt;
  const analysis::Json json = analysis::Json::parse(content_of(file, SIZE_MAX));
  return ShrunkFinding{{json.at("sentence"), json.at("signature"), json.at("nodes"), json.at("deeds"),
                        Duration(json.at("duration").get<std::int64_t>())},
                       json.at("scenario"),
                       json.at("picture")};
}

}  // namespace peerbed::app
