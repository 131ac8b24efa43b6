#include "app/node_output.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analysis/table.h"

namespace peerbed::app {
namespace {

using Json = nlohmann::ordered_json;

// `ns` counts from the beginning of the process, `unix_ns` from 1970, so that several nodes' events can be merged.
Json event_at(Time now, const char* event) {
  const auto wall = std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch());
  Json json;
  json["ns"] = nanoseconds_since_start(now);
  json["unix_ns"] = wall.count();
  json["event"] = event;
  return json;
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string text_of(const Fact& fact) {
  const auto* number = std::get_if<std::uint64_t>(&fact.value);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(fact.value);
}

}  // namespace

void NodeOutput::listening(Time now, const std::string& endpoint) {
  if (!json_) return screen_.complain("listening on " + endpoint);
  Json json = event_at(now, "listening");
  json["endpoint"] = endpoint;
  print(text_of(json));
}

void NodeOutput::line(Time now, std::string_view text) {
  if (!json_) return print(text);
  Json json = event_at(now, "line");
  json["line"] = text;
  print(text_of(json));
}

void NodeOutput::report(Time now, const TraceEventType& type, const TraceValues& values) {
  if (!json_) return;
  Json json = event_at(now, "report");
  json["report"] = type.name;
  for (std::size_t i = 0; i < type.field_count(); ++i) json[std::string(type.fields[i].name)] = values[i];
  print(text_of(json));
}

void NodeOutput::warning(Time now, std::string_view sentence) {
  if (!json_) return screen_.complain(sentence);
  Json json = event_at(now, "warning");
  json["warning"] = sentence;
  print(text_of(json));
}

void NodeOutput::status(Time now, const std::vector<Fact>& facts) {
  if (!json_) {
    for (const Fact& fact : facts) print(fact.name + ": " + text_of(fact));
    return;
  }
  Json json = event_at(now, "status");
  for (const Fact& fact : facts) std::visit([&](const auto& value) { json[fact.name] = value; }, fact.value);
  print(text_of(json));
}

void NodeOutput::peers(Time now, const std::vector<std::string>& peers) {
  if (!json_) {
    if (peers.empty()) print("no peers are known");
    for (const std::string& peer : peers) print(peer);
    return;
  }
  Json json = event_at(now, "peers");
  json["peers"] = peers;
  print(text_of(json));
}

void NodeOutput::help(std::span<const Verb> builtin, std::span<const Verb> own) {
  analysis::Table table({{"", analysis::Align::left}, {"", analysis::Align::left}});
  for (const auto verbs : {own, builtin})
    for (const Verb& verb : verbs)
      table.add({std::string(verb.name) + (*verb.arguments == '\0' ? "" : " ") + verb.arguments, verb.help});
  std::ostringstream text;
  table.print(text, analysis::Style{});
  std::istringstream lines(text.str());
  for (std::string line; std::getline(lines, line);) this->line(Time{}, line);
}

void NodeOutput::left(Time now) {
  if (json_) print(text_of(event_at(now, "left")));
}

}  // namespace peerbed::app
