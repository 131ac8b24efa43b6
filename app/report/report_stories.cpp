// Why an operation was slow, in a report: the slowest and the fastest of each kind, for a run with a trace.

#include "analysis/results/json_document.h"
#include "app/explain/run_stories.h"
#include "app/report/report_parts.h"

namespace peerbed::app {
namespace {

using analysis::Json;

constexpr std::size_t most_kinds = 4;
constexpr std::size_t most_sources = 40;

Json seconds(std::int64_t nanoseconds) { return analysis::json_number(static_cast<double>(nanoseconds) / 1e9); }

Json source_in_report(const analysis::StorySource& source) {
  Json json{{"node", source.node},
            {"bytes", source.bytes},
            {"time", seconds(source.time)},
            {"choked", seconds(source.choked)}};
  if (!source.site.empty()) json["site"] = source.site;
  if (source.round_trip) json["round_trip"] = seconds(*source.round_trip);
  if (source.queue_drops) json["queue_drops"] = *source.queue_drops;
  if (source.lost) json["lost"] = *source.lost;
  if (source.utilisation) json["utilisation"] = analysis::json_number(*source.utilisation);
  return json;
}

Json story_in_report(const analysis::Story& story) {
  const analysis::TimedOperation& operation = story.operation;
  Json json{{"kind", operation.kind()},          {"node", operation.node},
            {"event", operation.event},          {"from", seconds(operation.from)},
            {"until", seconds(operation.until)}, {"success", operation.success}};
  if (!story.site.empty()) json["site"] = story.site;
  json["parts"] = Json::array();
  for (const analysis::StoryPart& part : story.parts) {
    json["parts"].push_back({{"what", part.what},
                             {"from", seconds(part.from)},
                             {"until", seconds(part.until)},
                             {"time", seconds(part.time)}});
    if (!part.why.empty()) json["parts"].back()["why"] = part.why;
  }
  if (!operation.is_download()) return json;
  json["hashing"] = seconds(story.hashing);
  if (story.queue_drops) json["queue_drops"] = *story.queue_drops;
  if (story.utilisation) json["utilisation"] = analysis::json_number(*story.utilisation);
  json["sources"] = Json::array();
  for (std::size_t i = 0; i < std::min(story.sources.size(), most_sources); ++i)
    json["sources"].push_back(source_in_report(story.sources[i]));
  if (story.sources.size() > most_sources)
    json["sources_thinned"] = {{"kept", most_sources}, {"of", story.sources.size()}, {"how", "those that gave most"}};
  return json;
}

}  // namespace

std::optional<Json> stories_in_report(const std::string& folder) {
  if (!has_trace(folder)) return std::nullopt;
  const RunStories stories(folder);
  Json json = Json::array();
  for (const std::string& kind : stories.kinds()) {
    if (json.size() == most_kinds) break;
    const analysis::TimedOperation* slowest = stories.slowest(kind);
    const analysis::TimedOperation* fastest = stories.fastest(kind);
    json.push_back({{"slowest", story_in_report(stories.story(*slowest))}});
    if (fastest != nullptr && fastest->event != slowest->event)
      json.back()["fastest"] = story_in_report(stories.story(*fastest));
  }
  return json.empty() ? std::nullopt : std::optional(std::move(json));
}

}  // namespace peerbed::app
