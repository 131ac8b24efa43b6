#pragma once
// A form in which a trace leaves: lines, a capture, a timeline for a viewer.

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/trace/event_trace.h"

namespace peerbed::analysis {

class TraceExport {
 public:
  virtual ~TraceExport() = default;

  // What stands before the first record.
  virtual std::string heading() const { return {}; }
  // Adds what a record becomes. All records come in order: those that are wanted here, the others to pass_over().
  virtual void append(std::string& out, const TraceRecord& record, std::optional<std::uint64_t> cause) = 0;
  virtual void pass_over(const TraceRecord& /*record*/) {}
  // Adds what stands behind the last one.
  virtual void finish(std::string& /*out*/) {}
};

}  // namespace peerbed::analysis
