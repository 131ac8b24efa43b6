#include "analysis/trace/event_trace_writer.h"

#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace peerbed::analysis {

using namespace trace_coding;

namespace trace_coding {

std::uint64_t checksum_of(const BlockHeader& header, const unsigned char* records) noexcept {
  const std::uint64_t seed = XXH3_64bits(&header, offsetof(BlockHeader, checksum));
  return XXH3_64bits_withSeed(records, header.size, seed);
}

}  // namespace trace_coding

EventTraceWriter::EventTraceWriter(const std::string& file, const TraceHeader& header)
    : name_(file),
      file_(std::fopen(file.c_str(), "wb")),
      buffer_(block_header_size + block_limit + longest_record_without_bytes + longest_bytes),
      next_(buffer_.data() + block_header_size),
      known_(header.node_count()) {
  const std::string json = write_trace_header(header);
  const std::uint64_t size = json.size();
  write(magic.data(), magic.size());
  write(&size, sizeof size);
  write(json.data(), json.size());
}

void EventTraceWriter::add(const TraceRecord& record) {
  if (block_.records == 0) begin_block(record);
  const std::uint64_t expected = event_ + (is_step(record.kind) ? 1 : 0);
  unsigned char* const head = next_++;
  unsigned flags = static_cast<unsigned>(record.kind);
  if (record.event != expected) {
    flags |= skips_events;
    put_number(record.event - expected);
  }
  if (record.time == time_)
    flags |= at_same_time;
  else
    put_number(small_difference(static_cast<std::uint64_t>(time_), static_cast<std::uint64_t>(record.time)));
  if (record.node == node_)
    flags |= at_same_node;
  else
    put_number(record.node);
  event_ = record.event;
  time_ = record.time;
  node_ = record.node;
  put_what_it_is(record);
  if (!record.bytes.empty()) {
    flags |= keeps_bytes;
    const std::size_t kept = std::min(record.bytes.size(), longest_bytes);
    put_number(kept);
    std::memcpy(next_, record.bytes.data(), kept);
    next_ += kept;
  }
  *head = static_cast<unsigned char>(flags);
  ++block_.records;
  if (next_ >= buffer_.data() + block_header_size + block_limit) end_block();
}

void EventTraceWriter::put_what_it_is(const TraceRecord& record) {
  switch (record.kind) {
    case RecordKind::datagram:
      *next_++ = record.message;
      put_number(record.source);
      put_cause(record);
      put_number(record.size);
      return put_next_sequence(record);
    case RecordKind::timer:
      put_number(record.number);
      put_cause(record);
      return put_next_sequence(record);
    case RecordKind::content:
      put_number(record.number);
      put_cause(record);
      put_number(record.size);
      return put_next_sequence(record);
    case RecordKind::stream:
      put_number(record.number);
      put_number(record.source);
      put_number(record.sequence);
      put_number(record.peer_stream);
      put_number(record.size);
      return put_next_sequence(record);
    case RecordKind::start:
    case RecordKind::leave:
    case RecordKind::command:
    case RecordKind::crash:
    case RecordKind::pause:
    case RecordKind::resume:
      put_cause(record);
      return put_next_sequence(record);
    case RecordKind::report:
      return put_values(record);
    case RecordKind::stream_effect:
      put_number(record.number);
      put_number(record.sequence);
      return put_number(record.size);
    case RecordKind::timer_put_off:
      return put_number(record.number);
    case RecordKind::unrecorded:
      return put_next_sequence(record);
    case RecordKind::line:
    case RecordKind::exit:
      return;
  }
}

// The cause drew this number shortly before its source reached its last known one.
void EventTraceWriter::put_cause(const TraceRecord& record) noexcept {
  std::uint32_t& known = known_.of(record.source);
  put_number(small_difference(known, record.sequence));
  if (is_from_outside(record.kind)) known = record.sequence + 1;
}

void EventTraceWriter::put_next_sequence(const TraceRecord& record) noexcept {
  std::uint32_t& known = known_.of(record.node);
  put_number(small_difference(known, record.next_sequence));
  known = record.next_sequence;
}

// Often only the first values are used: trailing zeros are omitted.
void EventTraceWriter::put_values(const TraceRecord& record) noexcept {
  put_number(record.number);
  std::size_t count = record.values.size();
  while (count > 0 && record.values[count - 1] == 0) --count;
  put_number(count);
  for (std::size_t i = 0; i < count; ++i) put_number(record.values[i]);
}

void EventTraceWriter::begin_block(const TraceRecord& first) {
  known_.begin_block();
  block_ = {.time = first.time, .event = event_};
  time_ = first.time;
  node_ = nobody;
}

void EventTraceWriter::end_block() {
  const unsigned char* const records = buffer_.data() + block_header_size;
  block_.size = static_cast<std::uint32_t>(next_ - records);
  block_.checksum = checksum_of(block_, records);
  std::memcpy(buffer_.data(), &block_, sizeof block_);
  write(buffer_.data(), block_header_size + block_.size);
  next_ = buffer_.data() + block_header_size;
  block_ = {};
}

void EventTraceWriter::write(const void* bytes, std::size_t size) {
  if (!file_ || std::fwrite(bytes, 1, size, file_.get()) != size)
    throw std::runtime_error(name_ + ": cannot be written: " + std::strerror(errno) +
                             "; make room, or choose another folder");
  bytes_written_ += size;
}

void EventTraceWriter::close() {
  if (block_.records > 0) end_block();
  block_ = {.time = time_, .event = event_};
  end_block();
  if (std::fflush(file_.get()) != 0) write(nullptr, 1);
  file_.reset();
}

}  // namespace peerbed::analysis
