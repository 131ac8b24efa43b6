#pragma once
// Finds the cause of each event: the step, at its source, in which it was sent, set or requested. Must be given all
// records of a trace in order, since the cause of an event may have happened long before it.

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analysis/trace/event_trace.h"

namespace peerbed::analysis {

class EventCauses {
 public:
  explicit EventCauses(const TraceHeader& header);

  // Takes the next record. Returns the number of the step that led to it: for a step, its cause; for a record that
  // belongs to a step, that step. Nothing for what comes from outside, or if the trace does not say.
  std::optional<std::uint64_t> add(const TraceRecord& record);

 private:
  // A step, and the first sequence number that it may have drawn.
  struct Draw {
    std::uint32_t from = 0;
    std::uint64_t event = 0;  // 0: a step that the trace omits
  };
  // What a node wrote into a stream up to an offset, and when.
  struct Written {
    std::uint64_t end = 0;
    std::uint64_t event = 0;
  };
  struct StreamEnd {
    std::vector<Written> written;  // from first_left on; everything before has arrived
    std::size_t first_left = 0;
    std::uint64_t written_end = 0;
    std::uint64_t received_end = 0;
    std::uint64_t opened_by = 0;
    std::uint64_t sent_by = 0;  // the step that last sent content
    std::uint64_t closed_by = 0;
    std::uint64_t reset_by = 0;
  };

  void note_draws(const TraceRecord& step);
  std::uint64_t draw_of(const TraceRecord& step) const;
  std::uint64_t cause_of_timer(const TraceRecord& step);
  std::uint64_t cause_of_stream(const TraceRecord& step);
  void note_stream(const TraceRecord& effect);
  std::uint64_t write_that_reaches(StreamEnd& end, std::uint64_t offset);
  // Each process of a node names its streams afresh.
  std::uint64_t key_of(std::uint32_t node, std::uint32_t stream) const noexcept {
    return (std::uint64_t{sessions_[node]} << 56) ^ (std::uint64_t{node} << 32) ^ stream;
  }

  bool simulated_;
  std::vector<std::vector<Draw>> draws_;  // by node, in order
  std::vector<std::uint8_t> sessions_;
  std::vector<std::uint64_t> exits_;
  std::unordered_map<std::uint64_t, std::uint64_t> put_off_;  // the last step that postponed a timer, by node and timer
  std::unordered_map<std::uint64_t, StreamEnd> streams_;
};

}  // namespace peerbed::analysis
