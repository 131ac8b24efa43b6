#pragma once
// Writes records of a trace as lines: plain text, JSON, or CSV.

#include <optional>
#include <string>
#include <string_view>

#include "analysis/results/json_text.h"
#include "analysis/trace/trace_export.h"

namespace peerbed::analysis {

enum class TraceForm : std::uint8_t { text, jsonl, csv };

// Whether a record gets a line; the others only serve to find causes.
constexpr bool is_told(RecordKind kind) noexcept { return kind <= RecordKind::exit; }

class TraceText final : public TraceExport {
 public:
  TraceText(const TraceHeader& header, TraceForm form) : header_(header), form_(form) {}

  std::string heading() const override;
  // Appends the record's line, with its newline.
  void append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) override;

 private:
  void append_text(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const;
  void append_json(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const;
  void add_step(JsonText& json, const TraceRecord& record) const;
  void append_csv(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) const;
  std::string what(const TraceRecord& record) const;
  std::string values(const TraceRecord& record) const;

  const TraceHeader& header_;
  TraceForm form_;
};

// The name of a stream event.
std::string_view stream_event_name(std::uint16_t number) noexcept;
// The fields of a report, by name, in the object under way.
void add_values(JsonText& json, const TraceHeader& header, const TraceHeader::Report& report,
                const TraceRecord& record);
// Seconds with nine decimals.
std::string seconds_text(std::int64_t nanoseconds);

}  // namespace peerbed::analysis
