// Arbitrary bytes as an event trace: once as a whole file, and once as the records of a block whose header and checksum
// are correct. What is read reads back the same after it is written, and every export accepts it.

#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_reader.h"
#include "analysis/trace/event_trace_writer.h"
#include "analysis/trace/trace_capture.h"
#include "analysis/trace/trace_filter.h"
#include "analysis/trace/trace_text.h"
#include "analysis/trace/trace_timeline.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/memory_file.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

// A record that owns its bytes.
struct Kept {
  TraceRecord record;
  std::string bytes;
  auto fields() const {
    return std::tie(record.kind, record.message, record.number, record.node, record.event, record.time, record.source,
                    record.sequence, record.peer_stream, record.next_sequence, record.size, record.values, bytes);
  }
};

std::vector<Kept> read_all(EventTraceReader& reader) {
  std::vector<Kept> all;
  for (TraceRecord record; reader.next(record);) {
    all.push_back({record, std::string(record.text())});
    all.back().record.bytes = {};
  }
  return all;
}

// The record with its bytes attached again.
TraceRecord whole(const Kept& kept) {
  TraceRecord record = kept.record;
  record.bytes = std::as_bytes(std::span(kept.bytes));
  return record;
}

void expect_same_when_written_again(const TraceHeader& header, const std::vector<Kept>& records) {
  const fuzz::MemoryFile file(nullptr, 0);
  EventTraceWriter writer(file.path(), header);
  for (const Kept& kept : records) writer.add(whole(kept));
  writer.close();
  EventTraceReader reader(file.path());
  const std::vector<Kept> again = read_all(reader);
  FUZZ_EXPECT(reader.complaint().empty());
  FUZZ_EXPECT(again.size() == records.size());
  for (std::size_t i = 0; i < again.size(); ++i) FUZZ_EXPECT(again[i].fields() == records[i].fields());
}

void export_all(const TraceHeader& header, const std::vector<Kept>& records) {
  TraceText text(header, TraceForm::text);
  TraceText lines(header, TraceForm::jsonl);
  TraceText table(header, TraceForm::csv);
  TraceTimeline timeline(header);
  TraceCapture capture(header);
  EventCauses causes(header);
  const TraceFilter filter(header, {.nodes = {"*"}, .kinds = {"*"}});
  std::string out;
  for (const Kept& kept : records) {
    const TraceRecord record = whole(kept);
    const auto cause = causes.add(record);
    for (TraceExport* form : {static_cast<TraceExport*>(&text), static_cast<TraceExport*>(&lines),
                              static_cast<TraceExport*>(&table), static_cast<TraceExport*>(&timeline)})
      form->append(out, record, cause);
    if (record.size < 1 << 20) capture.append(out, record, cause);
    filter(record);
    out.clear();
  }
  timeline.finish(out);
}

void try_file(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file(data, size);
  try {
    EventTraceReader reader(file.path());
    if (reader.header().node_count() > 10'000) return;
    const std::vector<Kept> records = read_all(reader);
    expect_same_when_written_again(reader.header(), records);
    export_all(reader.header(), records);
  } catch (const std::runtime_error&) {
  }
}

TraceHeader small_header() {
  TraceHeader header;
  header.first_address = Address::ipv4(0x0A000001, 4000);
  header.protocols = {{"any", {"", "hello"}, {{"heard", {{"bytes", Unit::bytes}, {"wait", Unit::nanoseconds}}}}}};
  header.groups = {{"nodes", 0, 0, 4}};
  return header;
}

// The first byte is the number of records that the header claims.
std::vector<std::uint8_t> file_around(const std::uint8_t* data, std::size_t size) {
  using namespace trace_coding;
  const std::string json = write_trace_header(small_header());
  BlockHeader block{.size = static_cast<std::uint32_t>(size - 1), .records = data[0], .event = 1};
  block.checksum = checksum_of(block, data + 1);
  const std::uint64_t json_size = json.size();
  std::vector<std::uint8_t> file(magic.size() + sizeof json_size + json.size() + sizeof block + size - 1);
  std::uint8_t* next = file.data();
  const auto put = [&next](const void* bytes, std::size_t count) {
    std::memcpy(next, bytes, count);
    next += count;
  };
  put(magic.data(), magic.size());
  put(&json_size, sizeof json_size);
  put(json.data(), json.size());
  put(&block, sizeof block);
  put(data + 1, size - 1);
  return file;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try_file(data, size);
  if (size < 2) return 0;
  const std::vector<std::uint8_t> file = file_around(data, size);
  try_file(file.data(), file.size());
  return 0;
}
