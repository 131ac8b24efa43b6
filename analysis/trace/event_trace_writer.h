#pragma once
// Writes an event trace. A record costs about ten bytes, but no allocation or system call: those come once per block of
// a quarter of a MiB. The trace is readable up to the last complete block, whatever happens to the writer.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "analysis/trace/event_trace.h"
#include "analysis/trace/event_trace_coding.h"

namespace peerbed::analysis {

class EventTraceWriter {
 public:
  // Throws std::runtime_error if the file cannot be written, as do the other functions that write.
  EventTraceWriter(const std::string& file, const TraceHeader& header);

  // Records must be in the order in which they happened: step numbers increase. Keeps the first 65,536 bytes of a
  // record.
  void add(const TraceRecord& record);
  // Ends the trace; otherwise it counts as cut short.
  void close();

  std::uint64_t bytes_written() const noexcept { return bytes_written_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  void begin_block(const TraceRecord& first);
  void put_number(std::uint64_t value) noexcept { next_ = trace_coding::put_number(next_, value); }
  void put_what_it_is(const TraceRecord& record);
  void put_cause(const TraceRecord& record) noexcept;
  void put_next_sequence(const TraceRecord& record) noexcept;
  void put_values(const TraceRecord& record) noexcept;
  void end_block();
  void write(const void* bytes, std::size_t size);

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<unsigned char> buffer_;  // the block's header, followed by its records
  unsigned char* next_;
  trace_coding::BlockHeader block_;
  trace_coding::KnownSequences known_;
  std::uint64_t event_ = 0;
  std::int64_t time_ = 0;
  std::uint32_t node_ = nobody;
  std::uint64_t bytes_written_ = 0;
};

}  // namespace peerbed::analysis
