#include "analysis/results/results_text.h"

#include <utility>

#include "analysis/results/json_text.h"
#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

CsvWriter::CsvWriter(std::ostream& out, const SweepHeader& header) : out_(out), scenario_(csv_field(header.scenario)) {
  out_ << "scenario,";
  for (const std::string& name : header.parameters) out_ << csv_field(column_of(name)) << ',';
  out_ << "seed,metric,value,unit,better\n";
}

void CsvWriter::add(const UnitResult& unit) {
  std::string begin = scenario_ + ",";
  for (const std::string& value : unit.values) begin += csv_field(value) + ",";
  begin += std::to_string(unit.seed) + ",";
  for (const auto& [name, metric] : unit.metrics.all())
    out_ << begin << csv_field(name) << ',' << exact_text(metric.value) << ',' << word_of(metric.unit) << ','
         << word_of(metric.better) << '\n';
}

JsonWriter::JsonWriter(std::ostream& out, const SweepHeader& header) : out_(out), header_(header) { out_ << '['; }

void JsonWriter::add(const UnitResult& unit) {
  for (const auto& [name, metric] : unit.metrics.all()) {
    std::string row = std::exchange(begun_, true) ? ",\n" : "\n";
    JsonText json(row);
    json.open_object().key("scenario").text(header_.scenario);
    for (std::size_t i = 0; i < unit.values.size(); ++i) {
      json.key(column_of(header_.parameters[i]));
      const auto number = exact_number(unit.values[i]);
      number ? json.number(*number) : json.text(unit.values[i]);
    }
    json.key("seed").number(unit.seed).key("metric").text(name).key("value").number(metric.value);
    json.key("unit").text(word_of(metric.unit)).key("better").text(word_of(metric.better)).close_object();
    out_ << row;
  }
}

void JsonWriter::close() { out_ << "\n]\n"; }

}  // namespace peerbed::analysis
