#pragma once
// Reads an event trace, record by record, with a fixed amount of memory. Nothing in the file is trusted: reading stops
// at the end of the last undamaged block, and a sentence says why.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "analysis/trace/event_trace.h"
#include "analysis/trace/event_trace_coding.h"

namespace peerbed::analysis {

class EventTraceReader {
 public:
  // Throws std::runtime_error if there is no such file, or if it does not begin like a trace.
  explicit EventTraceReader(const std::string& file);

  const TraceHeader& header() const noexcept { return header_; }
  // Reads the next record; its bytes are valid until the next call. False at the end.
  bool next(TraceRecord& record) {
    while (left_ == 0)
      if (!read_block()) return false;
    return decode(record);
  }
  // Call before the first record: skips blocks that end before `time`. Earlier records may still follow.
  void skip_before(std::int64_t time);

  // After the end: empty if the trace is complete, otherwise a sentence that says what is wrong.
  const std::string& complaint() const noexcept { return complaint_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  bool read(void* bytes, std::size_t size) { return std::fread(bytes, 1, size, file_.get()) == size; }
  bool read_block();
  bool read_block_header(trace_coding::BlockHeader& block);
  bool decode(TraceRecord& record);
  void take_what_it_is(TraceRecord& record);
  void take_cause(TraceRecord& record);
  void take_next_sequence(TraceRecord& record);
  void take_values(TraceRecord& record);
  bool is_sound(const TraceRecord& record) const noexcept;
  std::uint64_t take_number() noexcept { return trace_coding::take_number(next_); }
  bool stop(const std::string& why);

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  TraceHeader header_;
  std::uint32_t nodes_;
  trace_coding::KnownSequences known_;
  std::vector<unsigned char> buffer_;  // a block's records, followed by zeros
  const unsigned char* next_ = nullptr;
  const unsigned char* end_ = nullptr;
  std::uint32_t left_ = 0;  // records left in the block
  bool ended_ = false;
  std::uint64_t event_ = 0;
  std::int64_t time_ = 0;
  std::uint32_t node_ = nobody;
  std::string complaint_;
};

}  // namespace peerbed::analysis
