#include "analysis/results/results_text.h"

#include <array>
#include <cstdio>

#include "analysis/statistics/metric_words.h"

namespace peerbed::analysis {
namespace {

// Numbers as they are, everything else as a string.
std::string json_value(const std::string& text) {
  const auto number = exact_number(text);
  return number ? exact_text(*number) : json_string(text);
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string json_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x", static_cast<unsigned>(c));
      quoted += code.data();
    } else {
      quoted += c;
    }
  }
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
  std::string begin = "{\"scenario\":" + json_string(header_.scenario) + ",";
  for (std::size_t i = 0; i < unit.values.size(); ++i)
    begin += json_string(column_of(header_.parameters[i])) + ":" + json_value(unit.values[i]) + ",";
  begin += "\"seed\":" + std::to_string(unit.seed) + ",\"metric\":";
  for (const auto& [name, metric] : unit.metrics.all()) {
    out_ << (begun_ ? ",\n" : "\n") << begin << json_string(name) << ",\"value\":" << exact_text(metric.value)
         << ",\"unit\":\"" << word_of(metric.unit) << "\",\"better\":\"" << word_of(metric.better) << "\"}";
    begun_ = true;
  }
}

void JsonWriter::close() { out_ << "\n]\n"; }

}  // namespace peerbed::analysis
