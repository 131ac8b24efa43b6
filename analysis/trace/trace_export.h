#pragma once
// An output format of a trace: lines, a capture, a timeline for a viewer.

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/trace/event_trace.h"

namespace peerbed::analysis {

class TraceExport {
 public:
  virtual ~TraceExport() = default;

  // What precedes the first record.
  virtual std::string heading() const { return {}; }
  // Appends the output for a record. All records come in order: selected ones here, the others to pass_over().
  virtual void append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) = 0;
  virtual void pass_over(const TraceRecord& /*record*/) {}
  // Appends what follows the last record.
  virtual void finish(std::string& /*out*/) {}
};

}  // namespace peerbed::analysis
