#pragma once
// Records of a trace as lines: for people, as JSON, or as CSV.

#include <optional>
#include <string>
#include <string_view>

#include "analysis/trace/trace_export.h"

namespace peerbed::analysis {

enum class TraceForm : std::uint8_t { text, jsonl, csv };

// Whether a record is worth a line; the others are there for the sake of causes.
constexpr bool is_told(RecordKind kind) noexcept { return kind <= RecordKind::exit; }

class TraceText final : public TraceExport {
 public:
  TraceText(const TraceHeader& header, TraceForm form) : header_(header), form_(form) {}

  std::string heading() const override;
  // Adds the record's line, with its end.
  void append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) override;

 private:
  void append_text(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const;
  void append_json(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const;
  void append_json_step(std::string& out, const TraceRecord& record) const;
  void append_csv(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const;
  std::string what(const TraceRecord& record) const;
  std::string values(const TraceRecord& record) const;

  const TraceHeader& header_;
  TraceForm form_;
};

// Of a stream's step.
std::string_view stream_event_name(std::uint16_t number) noexcept;
// Seconds with nine decimals.
std::string seconds_text(std::int64_t nanoseconds);
// As a JSON string, with its quotation marks; bytes that are no UTF-8 are replaced.
void append_json_string(std::string& out, std::string_view text);

}  // namespace peerbed::analysis
