#include "analysis/trace/event_trace_reader.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "analysis/results/fault_of_file.h"

namespace peerbed::analysis {

using namespace trace_coding;

namespace {

// Decoding checks its bounds once per record: this many zeros after a block stop any number that runs past its end.
constexpr std::size_t padding = longest_record_without_bytes;
constexpr std::size_t largest_block = block_limit + longest_record_without_bytes + longest_bytes;

}  // namespace

EventTraceReader::EventTraceReader(const std::string& file) : name_(file), known_(0) {
  const std::string fault = fault_of_file(file);
  if (fault.empty()) file_.reset(std::fopen(file.c_str(), "rb"));
  if (!file_)
    throw std::runtime_error(file + ": " + (fault == "is missing" ? "no such trace" : fault) +
                             "; run the scenario again with --out and --trace");
  char start[magic.size()];
  std::uint64_t size = 0;
  const bool begins = read(start, sizeof start) && std::string_view(start, sizeof start) == magic;
  if (!begins || !read(&size, sizeof size) || size > longest_header)
    throw std::runtime_error(file + ": this is not an event trace; run the scenario again with --out and --trace");
  std::string json;
  // A damaged length must not allocate more memory than the file fills.
  for (char part[4096]; size > 0;) {
    const std::size_t taken = std::min<std::uint64_t>(size, sizeof part);
    if (!read(part, taken)) break;
    json.append(part, taken);
    size -= taken;
  }
  auto header = read_trace_header(json);
  if (size > 0 || !header)
    throw std::runtime_error(file + ": the trace's header is damaged; run the scenario again with --out and --trace");
  header_ = std::move(*header);
  nodes_ = header_.node_count();
  known_ = KnownSequences(nodes_);
  buffer_.resize(largest_block + padding);
}

bool EventTraceReader::stop(const std::string& why) {
  ended_ = true;
  left_ = 0;
  complaint_ = name_ + ": " + why;
  return false;
}

bool EventTraceReader::read_block_header(BlockHeader& block) {
  if (!read(&block, sizeof block))
    return stop("the trace is truncated after event " + std::to_string(event_) +
                ": the run was killed, or the disk was full");
  if (block.size > largest_block || (block.size == 0) != (block.records == 0) || block.records > block.size)
    return stop("the trace is damaged after event " + std::to_string(event_) + "; the rest is not read");
  return true;
}

bool EventTraceReader::read_block() {
  if (ended_) return false;
  BlockHeader block;
  if (!read_block_header(block)) return false;
  if (!read(buffer_.data(), block.size))
    return stop("the trace is truncated after event " + std::to_string(event_) +
                ": the run was killed, or the disk was full");
  if (checksum_of(block, buffer_.data()) != block.checksum)
    return stop("the trace is damaged after event " + std::to_string(event_) + "; the rest is not read");
  std::memset(buffer_.data() + block.size, 0, padding);
  known_.begin_block();
  next_ = buffer_.data();
  end_ = next_ + block.size;
  left_ = block.records;
  event_ = block.event;
  time_ = block.time;
  node_ = nobody;
  ended_ = block.records == 0;
  return !ended_;
}

void EventTraceReader::skip_before(std::int64_t time) {
  while (true) {
    const long here = std::ftell(file_.get());
    BlockHeader block;
    BlockHeader following;
    const bool can_skip = read(&block, sizeof block) && block.size > 0 && block.size <= largest_block &&
                          std::fseek(file_.get(), block.size, SEEK_CUR) == 0 && read(&following, sizeof following) &&
                          following.size > 0 && following.time < time;
    std::fseek(file_.get(), can_skip ? here + static_cast<long>(block_header_size + block.size) : here, SEEK_SET);
    if (!can_skip) return;
  }
}

bool EventTraceReader::decode(TraceRecord& record) {
  const unsigned head = *next_++;
  record = {};
  record.kind = static_cast<RecordKind>(head & kind_mask);
  event_ += is_step(record.kind) ? 1 : 0;
  if ((head & skips_events) != 0) event_ += take_number();
  if ((head & at_same_time) == 0)
    time_ = static_cast<std::int64_t>(undo_difference(static_cast<std::uint64_t>(time_), take_number()));
  if ((head & at_same_node) == 0) node_ = static_cast<std::uint32_t>(take_number());
  record.event = event_;
  record.time = time_;
  record.node = node_;
  take_what_it_is(record);
  const std::uint64_t kept = (head & keeps_bytes) != 0 ? take_number() : 0;
  --left_;
  const bool fits = next_ <= end_ && kept <= longest_bytes && kept <= static_cast<std::uint64_t>(end_ - next_);
  if (!fits || !is_sound(record) || (left_ == 0 && next_ + kept != end_))
    return stop("the trace is damaged after event " + std::to_string(event_) + "; the rest is not read");
  record.bytes = std::as_bytes(std::span(next_, kept));
  next_ += kept;
  return true;
}

// Every node must be known to the header, and no time may precede the beginning.
bool EventTraceReader::is_sound(const TraceRecord& record) const noexcept {
  if (record.node >= nodes_ || record.time < 0) return false;
  const bool has_source = record.kind == RecordKind::datagram || record.kind == RecordKind::stream;
  return !has_source || record.source < nodes_;
}

void EventTraceReader::take_what_it_is(TraceRecord& record) {
  switch (record.kind) {
    case RecordKind::datagram:
      record.message = *next_++;
      record.source = static_cast<std::uint32_t>(take_number());
      take_cause(record);
      record.size = take_number();
      return take_next_sequence(record);
    case RecordKind::timer:
      record.number = static_cast<std::uint16_t>(take_number());
      record.source = record.node;
      take_cause(record);
      return take_next_sequence(record);
    case RecordKind::content:
      record.number = static_cast<std::uint16_t>(take_number());
      record.source = record.node;
      take_cause(record);
      record.size = take_number();
      return take_next_sequence(record);
    case RecordKind::stream:
      record.number = static_cast<std::uint16_t>(take_number());
      record.source = static_cast<std::uint32_t>(take_number());
      record.sequence = static_cast<std::uint32_t>(take_number());
      record.peer_stream = static_cast<std::uint32_t>(take_number());
      record.size = take_number();
      return take_next_sequence(record);
    case RecordKind::start:
    case RecordKind::leave:
    case RecordKind::command:
    case RecordKind::crash:
    case RecordKind::pause:
    case RecordKind::resume:
      take_cause(record);
      return take_next_sequence(record);
    case RecordKind::report:
      return take_values(record);
    case RecordKind::stream_effect:
      record.number = static_cast<std::uint16_t>(take_number());
      record.sequence = static_cast<std::uint32_t>(take_number());
      record.size = take_number();
      return;
    case RecordKind::timer_put_off:
      record.number = static_cast<std::uint16_t>(take_number());
      return;
    case RecordKind::unrecorded:
      return take_next_sequence(record);
    case RecordKind::line:
    case RecordKind::exit:
      return;
  }
}

void EventTraceReader::take_cause(TraceRecord& record) {
  std::uint32_t& known = known_.of(record.source);
  record.sequence = undo_difference(known, take_number());
  if (is_from_outside(record.kind)) known = record.sequence + 1;
}

void EventTraceReader::take_next_sequence(TraceRecord& record) {
  std::uint32_t& known = known_.of(record.node);
  record.next_sequence = known = undo_difference(known, take_number());
}

void EventTraceReader::take_values(TraceRecord& record) {
  record.number = static_cast<std::uint16_t>(take_number());
  const std::uint64_t count = std::min<std::uint64_t>(take_number(), record.values.size());
  for (std::size_t i = 0; i < count; ++i) record.values[i] = take_number();
}

}  // namespace peerbed::analysis
