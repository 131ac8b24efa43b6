#include "analysis/trace/trace_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "analysis/results/results_text.h"

namespace peerbed::analysis {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

std::string hexadecimal(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += digits[static_cast<std::size_t>(byte) >> 4];
    text += digits[static_cast<std::size_t>(byte) & 15];
  }
  return text;
}

bool is_wiped(const TraceRecord& crash) noexcept { return !crash.bytes.empty() && crash.bytes[0] != std::byte{0}; }

bool has_peer(const TraceRecord& record) noexcept {
  return record.kind == RecordKind::datagram || record.kind == RecordKind::stream;
}

}  // namespace

void add_values(JsonText& json, const TraceHeader& header, const TraceHeader::Report& report,
                const TraceRecord& record) {
  for (std::size_t i = 0; i < report.fields.size(); ++i) {
    const auto& [name, unit] = report.fields[i];
    json.key(name);
    const auto word = header.word_of(unit, record.values[i]);
    word ? json.text(*word) : json.number(record.values[i]);
  }
}

std::string_view stream_event_name(std::uint16_t number) noexcept {
  constexpr std::array<std::string_view, 9> names{"accepted",         "opened",       "bytes_received",
                                                  "content_received", "content_lost", "content_sent",
                                                  "half_closed",      "closed",       "reset"};
  return number < names.size() ? names[number] : std::string_view("unknown");
}

std::string seconds_text(std::int64_t nanoseconds) {
  std::string digits = std::to_string(nanoseconds % 1'000'000'000);
  digits.insert(0, 9 - std::min<std::size_t>(9, digits.size()), '0');
  return std::to_string(nanoseconds / 1'000'000'000) + "." + digits;
}

std::string TraceText::heading() const {
  return form_ == TraceForm::csv ? "event,ns,kind,node,from,what,bytes,values,cause\n" : "";
}

void TraceText::append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) {
  if (!is_told(record.kind)) return;
  switch (form_) {
    case TraceForm::text:
      return append_text(out, record, cause);
    case TraceForm::jsonl:
      return append_json(out, record, cause);
    case TraceForm::csv:
      return append_csv(out, record, cause);
  }
}

// The word or sentence that details a record within its kind.
std::string TraceText::what(const TraceRecord& record) const {
  switch (record.kind) {
    case RecordKind::datagram:
      return std::string(header_.message_name(record));
    case RecordKind::timer:
      return header_.timer_name(record);
    case RecordKind::crash:
      return is_wiped(record) ? "its disk is wiped" : "";
    case RecordKind::stream:
      return std::string(stream_event_name(record.number)) + " " + std::to_string(record.sequence);
    case RecordKind::report: {
      const TraceHeader::Report* report = header_.report_of(record);
      return report != nullptr ? report->name : std::to_string(record.number);
    }
    case RecordKind::command:
    case RecordKind::line:
      return std::string(record.text());
    default:
      return {};
  }
}

std::string TraceText::values(const TraceRecord& record) const {
  std::string text;
  const TraceHeader::Report* report = header_.report_of(record);
  if (report == nullptr) return text;
  for (std::size_t i = 0; i < report->fields.size(); ++i) {
    const auto& [name, unit] = report->fields[i];
    text.append(i == 0 ? "" : " ").append(name).append("=");
    if (unit == Unit::nanoseconds)
      text.append(seconds_text(static_cast<std::int64_t>(record.values[i]))).append("s");
    else if (const auto word = header_.word_of(unit, record.values[i]))
      text.append(*word);
    else
      append_number(text, record.values[i]);
  }
  return text;
}

void TraceText::append_text(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const {
  const std::string time = seconds_text(record.time);
  out.append(time.size() < 15 ? 15 - time.size() : 0, ' ').append(time).append("s ");
  std::string numbers = is_step(record.kind) ? " #" + std::to_string(record.event) : "  ";
  if (cause) numbers.append(" <- #").append(std::to_string(*cause));
  out.append(numbers).append(numbers.size() < 22 ? 22 - numbers.size() : 0, ' ');
  out.append(" ").append(header_.name_of(record.node)).append(": ");
  if (record.kind != RecordKind::report) out.append(analysis::name_of(record.kind));
  const bool quotes = record.kind == RecordKind::command || record.kind == RecordKind::line;
  if (const std::string which = what(record); !which.empty())
    out.append(record.kind == RecordKind::report ? "" : " ")
        .append(quotes ? "'" : "")
        .append(which)
        .append(quotes ? "'" : "");
  if (const std::string numbers_of_report = values(record); !numbers_of_report.empty())
    out.append(" ").append(numbers_of_report);
  if (record.size > 0) out.append(" (").append(std::to_string(record.size)).append(" bytes)");
  if (has_peer(record)) out.append(" from ").append(header_.name_of(record.source));
  out += '\n';
}

void TraceText::append_json(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const {
  JsonText json(out);
  json.open_object();
  if (is_step(record.kind)) json.key("event").number(record.event);
  json.key("ns").number(record.time);
  if (is_step(record.kind)) json.key("kind").text(analysis::name_of(record.kind));
  json.key("node").text(header_.name_of(record.node));
  if (record.kind == RecordKind::report) {
    json.key("report").text(what(record));
    if (const TraceHeader::Report* report = header_.report_of(record)) add_values(json, header_, *report, record);
  } else if (record.kind == RecordKind::line) {
    json.key("line").text(record.text());
  } else if (record.kind == RecordKind::exit) {
    json.key("exit").boolean(true);
  } else {
    add_step(json, record);
  }
  if (cause) json.key("cause").number(*cause);
  json.close_object();
  out += '\n';
}

void TraceText::add_step(JsonText& json, const TraceRecord& record) const {
  if (has_peer(record)) json.key("from").text(header_.name_of(record.source));
  if (record.kind == RecordKind::timer) {
    json.key("timer").number(record.number);
    if (const TraceHeader::Timer* timer = header_.timer_of(record)) json.key("what").text(timer->name);
  }
  if (record.kind == RecordKind::command) {
    json.key("command").text(record.text());
    return;
  }
  if (record.kind == RecordKind::crash && is_wiped(record)) json.key("wiped").boolean(true);
  if (record.kind == RecordKind::stream)
    json.key("stream").number(record.sequence).key("what").text(stream_event_name(record.number));
  if (const std::string_view message = header_.message_name(record); !message.empty())
    json.key("message").text(message);
  if (record.size > 0 || record.kind == RecordKind::datagram) json.key("bytes").number(record.size);
  if (!record.bytes.empty() && has_peer(record)) json.key("payload").text(hexadecimal(record.bytes));
}

void TraceText::append_csv(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const {
  if (is_step(record.kind)) append_number(out, record.event);
  out.append(",").append(std::to_string(record.time)).append(",").append(analysis::name_of(record.kind)).append(",");
  out.append(csv_field(header_.name_of(record.node))).append(",");
  if (has_peer(record)) out.append(csv_field(header_.name_of(record.source)));
  out.append(",").append(csv_field(what(record))).append(",");
  if (record.size > 0 || record.kind == RecordKind::datagram) append_number(out, record.size);
  out.append(",").append(csv_field(values(record))).append(",");
  if (cause) append_number(out, *cause);
  out += '\n';
}

}  // namespace peerbed::analysis
