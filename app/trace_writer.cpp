#include "app/trace_writer.h"

#include <nlohmann/json.hpp>

#include "scenarios/step_text.h"

namespace peerbed::app {
namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

TraceWriter::TraceWriter(std::ostream& out, const scenarios::Scenario& scenario, const TraceSelection& selection)
    : out_(out), scenario_(scenario), selection_(selection) {}

void TraceWriter::on_step(const sim::Step& step) {
  ++number_;
  if (!selection_.steps) return;
  Json json;
  json["event"] = number_;
  json["ns"] = nanoseconds_since_start(step.time);
  json["kind"] = scenarios::step_kind_name(step.kind);
  json["node"] = scenario_.name_of(step.destination);
  if (step.kind == sim::StepKind::timer) json["timer"] = step.timer;
  if (step.kind == sim::StepKind::datagram) {
    json["from"] = scenario_.name_of(step.source);
    const auto kinds = scenario_.group_of(step.source).protocol->message_kinds();
    const std::uint8_t kind = message_kind(step.bytes);
    if (kind < kinds.size()) json["message"] = kinds[kind];
    json["bytes"] = step.bytes.size();
  }
  out_ << line_of(json);
}

void TraceWriter::on_trace(Time time, sim::NodeIndex node, std::uint16_t type, const TraceValues& values) {
  if (!selection_.reports) return;
  const auto types = scenario_.group_of(node).protocol->trace_events();
  if (type >= types.size()) return;
  Json json;
  json["ns"] = nanoseconds_since_start(time);
  json["node"] = scenario_.name_of(node);
  json["report"] = types[type].name;
  for (std::size_t i = 0; i < types[type].field_count(); ++i) json[std::string(types[type].fields[i].name)] = values[i];
  out_ << line_of(json);
}

void TraceWriter::on_line(Time time, sim::NodeIndex node, std::string_view line) {
  if (!selection_.lines) return;
  Json json;
  json["ns"] = nanoseconds_since_start(time);
  json["node"] = scenario_.name_of(node);
  json["line"] = line;
  out_ << line_of(json);
}

}  // namespace peerbed::app
