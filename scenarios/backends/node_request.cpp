#include "scenarios/backends/node_request.h"

#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

using analysis::Json;
using Nanoseconds = std::chrono::nanoseconds;

std::optional<NodeRequest> request_in(const Json& json) {
  const auto name = json.at("request").get<std::string>();
  const auto number = [&json](const char* key) { return json.at(key).get_ref<const std::uint64_t&>(); };
  if (name == "begin")
    return BeginNode{std::chrono::steady_clock::time_point(Nanoseconds(static_cast<std::int64_t>(number("epoch"))))};
  if (name == "command") return CommandNode{json.at("line").get<std::string>()};
  if (name == "leave") return DismissNode{};
  if (name == "show") return ShowNode{number("look")};
  if (name == "change") return ChangeNodeNetwork{number("change")};
  if (name == "end") return EndNode{};
  return std::nullopt;
}

}  // namespace

std::string write_request(const NodeRequest& request) {
  const Json json = std::visit(
      overloaded{[](const BeginNode& begin) -> Json {
                   return {{"request", "begin"}, {"epoch", Nanoseconds(begin.epoch.time_since_epoch()).count()}};
                 },
                 [](const CommandNode& command) -> Json {
                   return {{"request", "command"}, {"line", command.line}};
                 },
                 [](const DismissNode&) -> Json {
                   return {{"request", "leave"}};
                 },
                 [](const ShowNode& show) -> Json {
                   return {{"request", "show"}, {"look", show.look}};
                 },
                 [](const ChangeNodeNetwork& change) -> Json {
                   return {{"request", "change"}, {"change", change.change}};
                 },
                 [](const EndNode&) -> Json {
                   return {{"request", "end"}};
                 }},
      request);
  return analysis::json_line(json) + "\n";
}

std::optional<NodeRequest> read_request(std::string_view line) {
  try {
    return request_in(Json::parse(line));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace peerbed::scenarios
