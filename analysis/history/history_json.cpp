#include "analysis/history/history_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace peerbed::analysis {
namespace {

constexpr std::array levels{Level::none, Level::monotonic, Level::regular, Level::atomic};

void write_operation(const DrawnOperation& operation, JsonText& out) {
  out.open_object().key("kind").text(operation.is_put ? (operation.is_nothing ? "remove" : "put") : "get");
  out.key("node").text(operation.process).key("value").number(operation.value);
  if (!operation.is_put && operation.is_nothing) out.key("nothing").boolean(true);
  out.key("from").seconds(operation.invoked - time_zero);
  if (operation.answered != never) out.key("until").seconds(operation.answered - time_zero);
  if (operation.is_marked) out.key("marked").boolean(true);
  out.close_object();
}

void write_worst_key(const WorstKey& worst, JsonText& out) {
  // As text: a key may have more digits than a number in JSON.
  out.open_object().key("key").text(std::to_string(worst.key)).key("level").text(word_of(worst.level));
  if (!worst.why.empty()) out.key("why").text(worst.why);
  out.key("operations").open_list();
  for (const DrawnOperation& each : worst.excerpt.operations) write_operation(each, out);
  out.close_list();
  if (worst.excerpt.operations.size() < worst.excerpt.of)
    out.thinned("operations", worst.excerpt.operations.size(), worst.excerpt.of, "those nearest to the contradiction");
  out.key("precedences").open_list();
  for (const auto& [earlier, later] : worst.excerpt.precedences)
    out.open_list().number(earlier).number(later).close_list();
  out.close_list().close_object();
}

// Nothing if it is not one from 0 to 1e9.
std::optional<Time> moment(const Json& json, const char* key) {
  const Json value = json.value(key, Json());
  if (!value.is_number() || !(value.get<double>() >= 0 && value.get<double>() <= 1e9)) return std::nullopt;
  return time_zero + Duration(static_cast<std::int64_t>(std::round(value.get<double>() * 1e9)));
}

std::string text(const Json& json, const char* key) {
  const Json value = json.value(key, Json());
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<DrawnOperation> read_operation(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto invoked = moment(json, "from");
  const Json value = json.value("value", Json());
  const std::string kind = text(json, "kind");
  const bool is_known = kind == "put" || kind == "remove" || kind == "get";
  if (!invoked || !is_known || !value.is_number_unsigned()) return std::nullopt;
  return DrawnOperation{.is_put = kind != "get",
                        .is_nothing = kind == "remove" || json.value("nothing", Json()) == true,
                        .process = text(json, "node"),
                        .value = value.get<std::uint64_t>(),
                        .invoked = *invoked,
                        .answered = json.contains("until") ? moment(json, "until").value_or(never) : never,
                        .is_marked = json.value("marked", Json()) == true};
}

bool read_precedences(const Json& json, HistoryExcerpt& excerpt) {
  for (const Json& pair : json) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() || !pair[1].is_number_unsigned())
      return false;
    const Precedence precedence{pair[0].get<std::size_t>(), pair[1].get<std::size_t>()};
    if (std::max(precedence.earlier, precedence.later) >= excerpt.operations.size()) return false;
    excerpt.precedences.push_back(precedence);
  }
  return true;
}

}  // namespace

void write_history(const HistoryReport& report, JsonText& out) {
  out.open_object().key("keys").number(report.keys);
  for (const Level level : levels)
    out.key(word_of(level)).number(report.keys_of_level[static_cast<std::size_t>(level)]);
  out.key("gets").number(report.gets);
  if (report.unwatched > 0) out.key("unwatched").number(report.unwatched);
  if (report.worst) {
    out.key("worst");
    write_worst_key(*report.worst, out);
  }
  out.close_object();
}

std::optional<WorstKey> read_worst_key(const Json& history) {
  if (!history.is_object() || !history.contains("worst") || !history["worst"].is_object()) return std::nullopt;
  const Json& json = history["worst"];
  WorstKey worst;
  const std::string level = text(json, "level");
  const auto known = std::find_if(levels.begin(), levels.end(), [&](Level each) { return word_of(each) == level; });
  const std::string key = text(json, "key");
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), worst.key);
  if (known == levels.end() || error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  worst.level = *known;
  worst.why = text(json, "why");
  for (const Json& each : json.value("operations", Json::array())) {
    const auto operation = read_operation(each);
    if (!operation || worst.excerpt.operations.size() == most_drawn_operations) return std::nullopt;
    worst.excerpt.operations.push_back(*operation);
  }
  if (worst.excerpt.operations.empty() || !read_precedences(json.value("precedences", Json::array()), worst.excerpt))
    return std::nullopt;
  worst.excerpt.of = worst.excerpt.operations.size();
  return worst;
}

}  // namespace peerbed::analysis
