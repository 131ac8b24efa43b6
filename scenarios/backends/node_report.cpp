#include "scenarios/backends/node_report.h"

#include "analysis/results/json_document.h"
#include "scenarios/text/overloaded.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace peerbed::scenarios {
namespace {

using analysis::Json;

// Counters are numbers all through, and travel as a list of them.
template <class Counters>
using Numbers = std::array<std::uint64_t, sizeof(Counters) / sizeof(std::uint64_t)>;

template <class Counters>
Numbers<Counters> numbers_of(const Counters& counters) {
  return std::bit_cast<Numbers<Counters>>(counters);
}

template <class Counters>
void add_numbers(Counters& sum, const Counters& other) {
  auto numbers = numbers_of(sum);
  const auto more = numbers_of(other);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += more[i];
  sum = std::bit_cast<Counters>(numbers);
}

template <class Counters>
Counters counters_of(const Json& json) {
  return std::bit_cast<Counters>(json.get<Numbers<Counters>>());
}

Json json_of(const NodeTraffic& traffic) {
  Json kinds = Json::array();
  for (std::size_t kind = 0; kind < traffic.sent.size(); ++kind)
    if (const TrafficCount& sent = traffic.sent[kind]; sent.datagrams > 0)
      kinds.push_back({kind, sent.datagrams, sent.bytes});
  return {{"sent", kinds},
          {"counters", numbers_of(traffic.counters)},
          {"fates", numbers_of(traffic.fates)},
          {"late", traffic.late.count()}};
}

NodeTraffic traffic_of(const Json& json) {
  NodeTraffic traffic;
  for (const Json& entry : json.at("sent")) {
    const auto kind = entry.at(0).get<std::uint8_t>();
    if (traffic.sent.size() <= kind) traffic.sent.resize(kind + std::size_t{1});
    traffic.sent[kind] = {entry.at(1).get<std::uint64_t>(), entry.at(2).get<std::uint64_t>()};
  }
  traffic.counters = counters_of<adapter::HostCounters>(json.at("counters"));
  traffic.fates = counters_of<ImposedNetwork::Fates>(json.at("fates"));
  traffic.late = Duration(json.at("late").get<std::int64_t>());
  return traffic;
}

// Two hexadecimal digits for each byte.
std::string text_of(const std::vector<std::byte>& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<std::size_t>(byte >> 4)];
    text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

std::optional<std::vector<std::byte>> bytes_in(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::vector<std::byte> bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint8_t byte = 0;
    const char* const begin = text.data() + 2 * i;
    const auto read = std::from_chars(begin, begin + 2, byte, 16);
    if (read.ec != std::errc{} || read.ptr != begin + 2) return std::nullopt;
    bytes[i] = std::byte{byte};
  }
  return bytes;
}

std::optional<NodeReport> shown_in(const Json& json) {
  auto state = bytes_in(json.at("state").get_ref<const std::string&>());
  if (!state) return std::nullopt;
  return NodeShown{json.at("look").get<std::uint64_t>(), std::move(*state)};
}

Time time_in(const Json& json) { return Time(Duration(json.at("ns").get<std::int64_t>())); }

}  // namespace

std::string write_report(const NodeReport& report) {
  const Json json = std::visit(
      overloaded{[](const NodeReady&) -> Json {
                   return {{"event", "ready"}};
                 },
                 [](const NodeTraced& traced) -> Json {
                   return {{"event", "report"},
                           {"ns", nanoseconds_since_start(traced.time)},
                           {"type", traced.type},
                           {"values", traced.values}};
                 },
                 [](const NodePrinted& printed) -> Json {
                   return {{"event", "line"}, {"ns", nanoseconds_since_start(printed.time)}, {"line", printed.line}};
                 },
                 [](const NodeLeft& left) -> Json {
                   return {{"event", "left"}, {"ns", nanoseconds_since_start(left.time)}};
                 },
                 [](const NodeTraffic& traffic) -> Json {
                   Json told = json_of(traffic);
                   told["event"] = "traffic";
                   return told;
                 },
                 [](const NodeShown& shown) -> Json {
                   return {{"event", "state"}, {"look", shown.look}, {"state", text_of(shown.state)}};
                 }},
      report);
  return analysis::json_line(json) + "\n";
}

std::optional<NodeReport> read_report(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    const auto event = json.at("event").get<std::string>();
    if (event == "ready") return NodeReady{};
    if (event == "report")
      return NodeTraced{time_in(json), json.at("type").get<std::uint16_t>(), json.at("values").get<TraceValues>()};
    if (event == "line") return NodePrinted{time_in(json), json.at("line").get<std::string>()};
    if (event == "left") return NodeLeft{time_in(json)};
    if (event == "traffic") return traffic_of(json);
    if (event == "state") return shown_in(json);
  } catch (const Json::exception&) {
  }
  return std::nullopt;
}

void add(NodeTraffic& sum, const NodeTraffic& other) {
  if (sum.sent.size() < other.sent.size()) sum.sent.resize(other.sent.size());
  for (std::size_t kind = 0; kind < other.sent.size(); ++kind) {
    sum.sent[kind].datagrams += other.sent[kind].datagrams;
    sum.sent[kind].bytes += other.sent[kind].bytes;
  }
  add_numbers(sum.counters, other.counters);
  add_numbers(sum.fates, other.fates);
  sum.late = std::max(sum.late, other.late);
}

}  // namespace peerbed::scenarios
