// The space-time diagram of a run in a report, from its event trace if there is one.

#include <cmath>
#include <filesystem>

#include "analysis/results/json_document.h"
#include "app/report/report_parts.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

using analysis::Json;

Json seconds(std::int64_t nanoseconds) { return analysis::json_number(static_cast<double>(nanoseconds) / 1e9); }

Json step_in_report(const analysis::SpaceTimeStep& step) {
  Json json{{"e", step.event}, {"s", seconds(step.time)}, {"n", step.node}, {"kind", analysis::name_of(step.kind)}};
  if (!step.label.empty()) json["label"] = step.label;
  if (step.source != analysis::nobody) json["from"] = step.source;
  if (step.sent) json["sent"] = seconds(*step.sent);
  if (step.cause != 0) json["cause"] = step.cause;
  return json;
}

}  // namespace

std::optional<Json> space_time_in_report(const std::string& folder, const std::optional<analysis::TimeWindow>& window) {
  const std::string file = folder + "/events.trace";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    if (!window) return std::nullopt;
    throw scenarios::FileError(file +
                               ": is missing; run the scenario again with --out and --trace, or leave out --window");
  }
  const auto shown = analysis::space_time_of(file, window);
  if (!shown) return std::nullopt;
  Json json{{"from", seconds(shown->from)}, {"until", seconds(shown->until)}, {"chosen", shown->chosen}};
  json["steps"] = Json::array();
  for (const analysis::SpaceTimeStep& step : shown->steps) json["steps"].push_back(step_in_report(step));
  if (shown->steps.size() < shown->of)
    json["steps_thinned"] = {{"kept", shown->steps.size()}, {"of", shown->of}, {"how", shown->chosen}};
  return json;
}

}  // namespace peerbed::app
