#include "analysis/trace/event_trace.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {
namespace {

constexpr unsigned format_number = 1;
constexpr std::uint32_t maximum_nodes = 10'000'000;

std::string_view unit_word(Unit unit) noexcept {
  if (unit == Unit::identifier) return "identifier";
  if (unit == Unit::address) return "address";
  if (unit == Unit::code) return "code";
  return unit == Unit::flag ? "flag" : word_of(unit);
}

Unit unit_called(std::string_view word) noexcept {
  if (word == "identifier") return Unit::identifier;
  if (word == "address") return Unit::address;
  if (word == "code") return Unit::code;
  return word == "flag" ? Unit::flag : unit_of(word);
}

Json json_of(const TraceHeader::Protocol& protocol) {
  Json reports = Json::array();
  for (const TraceHeader::Report& report : protocol.reports) {
    Json fields = Json::array();
    for (const auto& [name, unit] : report.fields) fields.push_back({{"name", name}, {"unit", unit_word(unit)}});
    reports.push_back({{"name", report.name}, {"fields", fields}});
  }
  Json timers = Json::array();
  for (const auto& [name, is_patience] : protocol.timers) timers.push_back({{"name", name}, {"patience", is_patience}});
  return {{"name", protocol.name}, {"messages", protocol.messages}, {"reports", reports}, {"timers", timers}};
}

TraceHeader::Protocol protocol_in(const Json& json) {
  TraceHeader::Protocol protocol;
  protocol.name = json.at("name").get<std::string>();
  protocol.messages = json.at("messages").get<std::vector<std::string>>();
  for (const Json& report : json.at("reports")) {
    TraceHeader::Report& added = protocol.reports.emplace_back();
    added.name = report.at("name").get<std::string>();
    for (const Json& field : report.at("fields"))
      added.fields.push_back({field.at("name").get<std::string>(), unit_called(field.at("unit").get<std::string>())});
  }
  if (json.contains("timers"))
    for (const Json& timer : json["timers"])
      protocol.timers.push_back({timer.at("name").get<std::string>(), timer.at("patience").get<bool>()});
  return protocol;
}

// Every index must be within the table that it refers to.
bool is_consistent(const TraceHeader& header) {
  std::uint64_t nodes = 0;
  for (const TraceHeader::Group& group : header.groups) {
    if (group.first != nodes || group.protocol >= header.protocols.size()) return false;
    nodes += group.count;
    if (group.count == 0 || nodes > maximum_nodes) return false;
  }
  for (const TraceHeader::Protocol& protocol : header.protocols)
    for (const TraceHeader::Report& report : protocol.reports)
      if (report.fields.size() > maximum_trace_fields) return false;
  return nodes > 0;
}

// Traces of earlier versions store the host and the port as numbers.
std::optional<Address> first_address_in(const Json& json) {
  if (json.is_string()) return Address::parse(json.get<std::string>());
  return Address::ipv4(json.at(0).get<std::uint32_t>(), json.at(1).get<std::uint16_t>());
}

}  // namespace

const TraceHeader::Group& TraceHeader::group_of(std::uint32_t node) const {
  const auto behind = std::upper_bound(groups.begin(), groups.end(), node,
                                       [](std::uint32_t value, const Group& group) { return value < group.first; });
  return *std::prev(behind);
}

std::string TraceHeader::name_of(std::uint32_t node) const {
  if (const auto own = names.find(node); own != names.end()) return own->second;
  const Group& group = group_of(node);
  return group.name + "." + std::to_string(node - group.first);
}

std::string TraceHeader::name_at(Address address) const {
  const std::uint32_t node = address.host() - first_address.host();
  const bool is_node = node < node_count() && address == address_of(node);
  return is_node ? name_of(node) : to_string(address);
}

std::optional<std::string> TraceHeader::word_of(Unit unit, std::uint64_t value) const {
  if (unit == Unit::address) return name_at(Address{value});
  if (unit == Unit::identifier) return identifier_text(value);
  return std::nullopt;
}

std::string_view TraceHeader::message_name(const TraceRecord& record) const {
  if (record.kind != RecordKind::datagram || record.source >= node_count()) return {};
  const auto& messages = protocol_of(record.source).messages;
  return record.message < messages.size() ? std::string_view(messages[record.message]) : std::string_view();
}

const TraceHeader::Timer* TraceHeader::timer_of(const TraceRecord& record) const {
  if (record.kind != RecordKind::timer) return nullptr;
  const auto& timers = protocol_of(record.node).timers;
  return record.number < timers.size() && !timers[record.number].name.empty() ? &timers[record.number] : nullptr;
}

std::string TraceHeader::timer_name(const TraceRecord& record) const {
  const Timer* timer = timer_of(record);
  return timer != nullptr ? timer->name : std::to_string(record.number);
}

const TraceHeader::Report* TraceHeader::report_of(const TraceRecord& record) const {
  if (record.kind != RecordKind::report) return nullptr;
  const auto& reports = protocol_of(record.node).reports;
  return record.number < reports.size() ? &reports[record.number] : nullptr;
}

std::string_view name_of(RecordKind kind) noexcept {
  constexpr std::array<std::string_view, static_cast<std::size_t>(RecordKind::last) + 1> names{
      "datagram", "timer",  "start",  "leave", "command", "content",       "crash",         "pause",
      "resume",   "stream", "report", "line",  "exit",    "stream_effect", "timer_put_off", "unrecorded"};
  return names[static_cast<std::size_t>(kind)];
}

std::string write_trace_header(const TraceHeader& header) {
  Json json;
  json["format"] = format_number;
  json["scenario"] = header.scenario;
  json["seed"] = header.seed;
  json["simulated"] = header.simulated;
  json["contents"] = {{"steps", header.contents.steps},
                      {"reports", header.contents.reports},
                      {"lines", header.contents.lines},
                      {"payloads", header.contents.payloads}};
  json["first_address"] = to_string(header.first_address);
  json["groups"] = Json::array();
  for (const TraceHeader::Group& group : header.groups)
    json["groups"].push_back(
        {{"name", group.name}, {"protocol", group.protocol}, {"first", group.first}, {"count", group.count}});
  json["protocols"] = Json::array();
  for (const TraceHeader::Protocol& protocol : header.protocols) json["protocols"].push_back(json_of(protocol));
  json["names"] = Json::array();
  for (const auto& [node, name] : header.names) json["names"].push_back({node, name});
  return json_line(json);
}

std::optional<TraceHeader> read_trace_header(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != format_number) return std::nullopt;
    TraceHeader header;
    header.scenario = json.at("scenario").get<std::string>();
    header.seed = json.at("seed").get<std::uint64_t>();
    header.simulated = json.at("simulated").get<bool>();
    const Json& contents = json.at("contents");
    header.contents = {contents.at("steps").get<bool>(), contents.at("reports").get<bool>(),
                       contents.at("lines").get<bool>(), contents.at("payloads").get<bool>()};
    const auto first_address = first_address_in(json.at("first_address"));
    if (!first_address) return std::nullopt;
    header.first_address = *first_address;
    for (const Json& group : json.at("groups"))
      header.groups.push_back({group.at("name").get<std::string>(), group.at("protocol").get<std::uint32_t>(),
                               group.at("first").get<std::uint32_t>(), group.at("count").get<std::uint32_t>()});
    for (const Json& protocol : json.at("protocols")) header.protocols.push_back(protocol_in(protocol));
    for (const Json& name : json.at("names"))
      header.names[name.at(0).get<std::uint32_t>()] = name.at(1).get<std::string>();
    if (!is_consistent(header)) return std::nullopt;
    return header;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace peerbed::analysis
