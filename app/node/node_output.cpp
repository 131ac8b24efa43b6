#include "app/node/node_output.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analysis/results/json_document.h"
#include "analysis/results/table.h"
#include "analysis/statistics/metric_words.h"
#include "app/node/node_control.h"
#include "protocols/environment/address.h"

namespace peerbed::app {
namespace {

using analysis::Json;
using analysis::json_line;

// `ns` counts from the start of the process, `unix_ns` from 1970, so that several nodes' events can be merged.
Json event_at(Time now, const char* event) {
  const auto wall = std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch());
  Json json;
  json["ns"] = nanoseconds_since_start(now);
  json["unix_ns"] = wall.count();
  json["event"] = event;
  return json;
}

// Values that are not quantities become strings: readers round numbers beyond 2^53.
Json value_of(Unit unit, std::uint64_t value) {
  if (unit == Unit::address) return to_string(Address{value});
  if (unit == Unit::identifier) return analysis::identifier_text(value);
  return value;
}

std::string text_of(const TraceEventType& type, const TraceValues& values) {
  std::string text(type.name);
  for (std::size_t i = 0; i < type.field_count(); ++i) {
    const Json value = value_of(type.fields[i].unit, values[i]);
    text.append(" ").append(type.fields[i].name).append("=");
    text += value.is_string() ? value.get<std::string>() : value.dump();
  }
  return text;
}

std::string text_of(const Fact& fact) {
  const auto* number = std::get_if<std::uint64_t>(&fact.value);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(fact.value);
}

}  // namespace

bool NodeOutput::is_heard_as_json() const noexcept { return json_ || (control_ != nullptr && control_->has_clients()); }

void NodeOutput::tell(const std::string& event) {
  if (json_) screen_.print(event);
  if (control_ != nullptr) control_->tell(event);
}

void NodeOutput::listening(Time now, const std::string& endpoint) {
  if (!json_) screen_.complain("listening on " + endpoint);
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "listening");
  json["endpoint"] = endpoint;
  tell(json_line(json));
}

void NodeOutput::line(Time now, std::string_view text) {
  if (!json_) screen_.print(text);
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "line");
  json["line"] = text;
  tell(json_line(json));
}

void NodeOutput::report(Time now, const TraceEventType& type, const TraceValues& values) {
  if (screen_.shows(LogLevel::debug)) screen_.complain(text_of(type, values), LogLevel::debug);
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "report");
  json["report"] = type.name;
  for (std::size_t i = 0; i < type.field_count(); ++i)
    json[std::string(type.fields[i].name)] = value_of(type.fields[i].unit, values[i]);
  tell(json_line(json));
}

void NodeOutput::refusal(Time now, std::string_view code, std::string_view sentence) {
  if (!json_) screen_.print(sentence);
  tell_error(now, code, sentence);
}

void NodeOutput::trouble(Time now, std::string_view code, std::string_view sentence) {
  if (!json_) screen_.complain(sentence, LogLevel::error);
  tell_error(now, code, sentence);
}

void NodeOutput::tell_error(Time now, std::string_view code, std::string_view sentence) {
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "error");
  json["code"] = code;
  json["error"] = sentence;
  tell(json_line(json));
}

void NodeOutput::answers(Time now, const std::string& name) {
  if (!json_) screen_.complain(name + " answers");
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "answers");
  json["who"] = name;
  tell(json_line(json));
}

void NodeOutput::warning(Time now, std::string_view sentence) {
  if (!json_) screen_.complain(sentence, LogLevel::warning);
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "warning");
  json["warning"] = sentence;
  tell(json_line(json));
}

void NodeOutput::status(Time now, const std::vector<Fact>& facts) {
  if (!json_)
    for (const Fact& fact : facts) screen_.print(fact.name + ": " + text_of(fact));
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "status");
  for (const Fact& fact : facts) std::visit([&](const auto& value) { json[fact.name] = value; }, fact.value);
  tell(json_line(json));
}

void NodeOutput::peers(Time now, const std::vector<std::string>& peers) {
  if (!json_ && peers.empty()) screen_.print("no peers are known");
  if (!json_)
    for (const std::string& peer : peers) screen_.print(peer);
  if (!is_heard_as_json()) return;
  Json json = event_at(now, "peers");
  json["peers"] = peers;
  tell(json_line(json));
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
  if (is_heard_as_json()) tell(json_line(event_at(now, "left")));
}

}  // namespace peerbed::app
