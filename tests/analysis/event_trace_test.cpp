// Event traces: what is written is read back, damage is reported, and all exports agree.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "analysis/results/pattern.h"
#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_reader.h"
#include "analysis/trace/event_trace_writer.h"
#include "analysis/trace/trace_capture.h"
#include "analysis/trace/trace_filter.h"
#include "analysis/trace/trace_text.h"
#include "analysis/trace/trace_timeline.h"
#include "protocols/environment/random.h"
#include "protocols/environment/stream.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

namespace fs = std::filesystem;

class TemporaryFile {
 public:
  TemporaryFile() : name_((fs::temp_directory_path() / ("peerbed_trace_" + std::to_string(::getpid()))).string()) {}
  ~TemporaryFile() { fs::remove(name_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

TraceHeader small_header() {
  TraceHeader header;
  header.scenario = "small";
  header.seed = 7;
  header.contents.payloads = true;
  header.first_address = Address::ipv4(0x0A000001, 4000);
  header.protocols = {{"chat", {"", "hello", "hi"}, {{"heard", {{"bytes", Unit::bytes}, {"wait", Unit::nanoseconds}}}}},
                      {"mute", {}, {}}};
  header.groups = {{"a", 0, 0, 3}, {"b", 1, 3, 2}};
  header.names = {{2, "peer 2"}};
  return header;
}

// A record for comparison: it owns its bytes.
struct Kept {
  TraceRecord record;
  std::string bytes;

  explicit Kept(const TraceRecord& from) : record(from), bytes(from.text()) { record.bytes = {}; }
  auto fields() const {
    return std::tie(record.kind, record.message, record.number, record.node, record.event, record.time, record.source,
                    record.sequence, record.peer_stream, record.next_sequence, record.size, record.values, bytes);
  }
  friend bool operator==(const Kept& one, const Kept& other) { return one.fields() == other.fields(); }
};

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

// One record of every kind, with small and with extreme values.
std::vector<TraceRecord> one_of_each() {
  constexpr std::uint32_t most = UINT32_MAX;
  return {
      {.kind = RecordKind::start, .node = 0, .event = 1, .time = 0, .sequence = 0},
      {.kind = RecordKind::start, .node = 4, .event = 2, .time = 0, .sequence = 1},
      {.kind = RecordKind::command, .node = 0, .event = 3, .time = 5, .sequence = 2, .bytes = bytes_of("say hello")},
      {.kind = RecordKind::report, .node = 0, .event = 3, .time = 5, .values = {UINT64_MAX, 0, 3, 0}},
      {.kind = RecordKind::line, .node = 0, .event = 3, .time = 5, .bytes = bytes_of("h\xE9 \"there\"\n")},
      {.kind = RecordKind::stream_effect,
       .number = 1,
       .node = 0,
       .event = 3,
       .time = 5,
       .sequence = 3,
       .size = 1 << 20},
      {.kind = RecordKind::timer_put_off, .number = 9, .node = 0, .event = 3, .time = 5},
      {.kind = RecordKind::datagram,
       .message = 1,
       .node = 1,
       .event = 4,
       .time = 1'000'005,
       .source = 0,
       .sequence = 0,
       .next_sequence = 17,
       .size = 5,
       .bytes = bytes_of("\x01\x01hey")},
      {.kind = RecordKind::timer,
       .number = 65'535,
       .node = 1,
       .event = 900,
       .time = INT64_MAX - 1,
       .source = 1,
       .sequence = most,
       .next_sequence = most},
      {.kind = RecordKind::content,
       .number = 3,
       .node = 2,
       .event = 901,
       .time = 3,
       .source = 2,
       .sequence = 4,
       .next_sequence = 5,
       .size = UINT64_MAX},
      {.kind = RecordKind::stream,
       .number = 2,
       .node = 2,
       .event = 902,
       .time = 3,
       .source = 0,
       .sequence = 2,
       .peer_stream = 1,
       .next_sequence = 5,
       .size = 3,
       .bytes = bytes_of("abc")},
      {.kind = RecordKind::pause, .node = 3, .event = 903, .time = 4, .sequence = 3, .next_sequence = 6},
      {.kind = RecordKind::resume, .node = 3, .event = 904, .time = 4, .sequence = 4, .next_sequence = 6},
      {.kind = RecordKind::unrecorded, .node = 3, .event = 904, .time = 4, .next_sequence = 8},
      {.kind = RecordKind::leave, .node = 4, .event = 905, .time = 5, .sequence = 5, .next_sequence = 1},
      {.kind = RecordKind::exit, .node = 4, .event = 905, .time = 5},
      {.kind = RecordKind::crash,
       .node = 0,
       .event = UINT64_MAX,
       .time = 6,
       .sequence = most,
       .bytes = bytes_of("\x01")}};
}

void write_trace(const std::string& file, const std::vector<TraceRecord>& records) {
  EventTraceWriter writer(file, small_header());
  for (const TraceRecord& record : records) writer.add(record);
  writer.close();
}

std::vector<Kept> all_of(EventTraceReader& reader) {
  std::vector<Kept> all;
  for (TraceRecord record; reader.next(record);) all.emplace_back(record);
  return all;
}

// Enough datagrams and timers to fill several blocks: hosts answer one another, a microsecond apart.
std::vector<TraceRecord> long_story(std::uint64_t events) {
  std::vector<TraceRecord> records;
  std::array<std::uint32_t, 5> sequences{};
  KeyedStream draws(1);
  for (std::uint64_t event = 1; event <= events; ++event) {
    const auto node = static_cast<std::uint32_t>(draws.below(5));
    const auto source = static_cast<std::uint32_t>(draws.below(5));
    const bool is_timer = node == source;
    records.push_back(
        {.kind = is_timer ? RecordKind::timer : RecordKind::datagram,
         .message = static_cast<std::uint8_t>(is_timer ? 0 : 1),
         .node = node,
         .event = event,
         .time = static_cast<std::int64_t>(1000 * event),
         .source = source,
         .sequence = sequences[source] - static_cast<std::uint32_t>(draws.below(sequences[source] + 1)) / 9,
         .next_sequence = sequences[node],
         .size = is_timer ? 0 : std::uint64_t{40}});
    sequences[node] += static_cast<std::uint32_t>(draws.below(3));
  }
  return records;
}

std::string text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string exported(TraceExport& form, const std::string& file) {
  EventTraceReader reader(file);
  EventCauses causes(reader.header());
  std::string out = form.heading();
  for (TraceRecord record; reader.next(record);) {
    const auto cause = causes.add(record);
    form.append(out, record, cause);
  }
  form.finish(out);
  return out;
}

}  // namespace

TEST_CASE("a record of every kind is read as it was written") {
  const TemporaryFile file;
  const auto records = one_of_each();
  write_trace(file.name(), records);
  EventTraceReader reader(file.name());
  const auto read = all_of(reader);
  CHECK(reader.complaint().empty());
  REQUIRE(read.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    CAPTURE(i);
    CHECK(read[i] == Kept(records[i]));
  }
  CHECK(reader.header().name_of(2) == "peer 2");
  CHECK(reader.header().name_of(4) == "b.1");
  CHECK(write_trace_header(reader.header()) == write_trace_header(small_header()));
}

TEST_CASE("a long trace is read as it was written, in about ten bytes per record") {
  const TemporaryFile file;
  const auto records = long_story(100'000);
  write_trace(file.name(), records);
  CHECK(fs::file_size(file.name()) < 13 * records.size());
  EventTraceReader reader(file.name());
  const auto read = all_of(reader);
  REQUIRE(read.size() == records.size());
  bool same = true;
  for (std::size_t i = 0; i < records.size(); ++i) same = same && read[i] == Kept(records[i]);
  CHECK(same);
}

TEST_CASE("a trace that was cut short is read up to the last complete block") {
  const TemporaryFile file;
  write_trace(file.name(), long_story(100'000));
  const std::string whole = text_of(file.name());
  std::size_t last = 100'001;
  for (const std::size_t size : {whole.size() - 1, whole.size() - 32, whole.size() - 33, whole.size() / 2}) {
    CAPTURE(size);
    fs::resize_file(file.name(), size);
    EventTraceReader reader(file.name());
    const auto read = all_of(reader);
    CHECK(read.size() > 0);
    CHECK(read.size() < last);
    last = read.size() + 1;
    CHECK(reader.complaint() == file.name() + ": the trace is truncated after event " +
                                    std::to_string(read.back().record.event) +
                                    ": the run was killed, or the disk was full");
  }
}

TEST_CASE("a damaged trace is read up to the damage") {
  const TemporaryFile file;
  write_trace(file.name(), long_story(100'000));
  std::string bytes = text_of(file.name());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  std::ofstream(file.name(), std::ios::binary) << bytes;
  EventTraceReader reader(file.name());
  const auto read = all_of(reader);
  CHECK(read.size() > 10'000);
  CHECK(read.size() < 60'000);
  CHECK(reader.complaint() == file.name() + ": the trace is damaged after event " +
                                  std::to_string(read.back().record.event) + "; the rest is not read");
}

TEST_CASE("anything that is not a trace is refused in one sentence") {
  const TemporaryFile file;
  const auto complaint = [&file] {
    try {
      EventTraceReader reader(file.name());
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).substr(file.name().size());
    }
    return std::string("nothing");
  };
  CHECK(complaint() == ": no such trace; run the scenario again with --out and --trace");
  std::ofstream(file.name()) << "PBEVENT1abcdefgh";
  CHECK(complaint() == ": this is not an event trace; run the scenario again with --out and --trace");
  write_trace(file.name(), {});
  fs::resize_file(file.name(), 100);
  CHECK(complaint() == ": the trace's header is damaged; run the scenario again with --out and --trace");
  std::string bytes = text_of(file.name());
  bytes[15] = 1;  // the header claims a length of 2^56 bytes
  std::ofstream(file.name(), std::ios::binary) << bytes;
  CHECK(complaint() == ": this is not an event trace; run the scenario again with --out and --trace");
}

TEST_CASE("a window read by seeking equals the same window of the whole trace") {
  const TemporaryFile file;
  write_trace(file.name(), long_story(100'000));
  EventTraceReader reader(file.name());
  const std::vector<Kept> whole = all_of(reader);
  std::size_t least_read = whole.size();
  for (std::int64_t from = 0; from < 100'000'000; from += 2'000'000) {
    CAPTURE(from);
    const auto is_inside = [from](const Kept& kept) { return kept.record.time >= from; };
    EventTraceReader window(file.name());
    window.skip_before(from);
    const std::vector<Kept> sought = all_of(window);
    least_read = std::min(least_read, sought.size());
    const auto begin = std::find_if(whole.begin(), whole.end(), is_inside);
    CHECK(std::equal(begin, whole.end(), std::find_if(sought.begin(), sought.end(), is_inside), sought.end()));
  }
  CHECK(least_read < whole.size() / 2);  // it did not start at the beginning
}

TEST_CASE("an event is caused by the step that drew its number") {
  EventCauses causes(small_header());
  const auto step = [&causes](RecordKind kind, std::uint64_t event, std::uint32_t node, std::uint32_t source,
                              std::uint32_t sequence, std::uint32_t next) {
    return causes.add(
        {.kind = kind, .node = node, .event = event, .source = source, .sequence = sequence, .next_sequence = next});
  };
  CHECK_FALSE(step(RecordKind::command, 1, 0, nobody, 0, 10));  // draws 10 and 11
  CHECK_FALSE(step(RecordKind::command, 2, 0, nobody, 1, 12));  // draws nothing
  CHECK_FALSE(step(RecordKind::command, 3, 0, nobody, 2, 12));  // draws 12
  CHECK(step(RecordKind::datagram, 4, 1, 0, 12, 0) == 3);
  CHECK(step(RecordKind::datagram, 5, 1, 0, 10, 0) == 1);
  CHECK(step(RecordKind::timer, 6, 0, 0, 11, 13) == 1);
  CHECK_FALSE(step(RecordKind::datagram, 7, 1, 0, 9, 0));  // before the beginning of the trace
  causes.add({.kind = RecordKind::unrecorded, .node = 0, .event = 7, .next_sequence = 20});
  CHECK(step(RecordKind::datagram, 8, 1, 0, 19, 0) == 6);
  CHECK_FALSE(step(RecordKind::datagram, 9, 1, 0, 20, 0));  // caused by an omitted step
  CHECK(causes.add({.kind = RecordKind::report, .node = 1, .event = 9}) == 9);
}

TEST_CASE("patterns match like a shell's") {
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("peer *", "peer 12"));
  CHECK(matches_pattern("a*b*c", "a-b-b-c"));
  CHECK_FALSE(matches_pattern("a*b*c", "a-b-b-"));
  CHECK_FALSE(matches_pattern("nodes.1", "nodes.12"));
  CHECK_FALSE(matches_pattern("", "x"));
  CHECK(matches_pattern("*a*a*a*a*a*a*a*b", std::string(200, 'a') + "b"));
}

TEST_CASE("a filter selects by node name, by any name of a kind, and by time") {
  const TraceHeader header = small_header();
  const auto records = one_of_each();
  const auto count = [&](const TraceChoice& choice) {
    const TraceFilter is_wanted(header, choice);
    return std::count_if(records.begin(), records.end(), is_wanted);
  };
  CHECK(count({}) == static_cast<std::ptrdiff_t>(records.size()));
  CHECK(count({.nodes = {"a.0"}}) == 9);  // two of them come from there
  CHECK(count({.nodes = {"b.*", "peer 2"}}) == 8);
  CHECK(count({.kinds = {"hello"}}) == 1);
  CHECK(count({.kinds = {"heard", "start"}}) == 3);
  CHECK(count({.from = 5, .until = 6}) == 7);
  CHECK_THROWS_WITH(count({.nodes = {"c.*"}}),
                    "no node is called 'c.*'; the first one is called 'a.0', and '*' matches any text");
  CHECK_THROWS_WITH(count({.kinds = {"bye"}}), Catch::Contains("unknown kind of record 'bye'"));
}

TEST_CASE("JSON lines say of each record what it is and what caused it") {
  const TemporaryFile file;
  write_trace(file.name(), one_of_each());
  const TraceHeader header = small_header();
  TraceText form(header, TraceForm::jsonl);
  std::istringstream lines(exported(form, file.name()));
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) {
    CHECK_NOTHROW(nlohmann::json::parse(line));
    all.push_back(line);
  }
  REQUIRE(all.size() == one_of_each().size() - 3);  // records that only help to find causes are left out
  CHECK(all[2] == R"({"event":3,"ns":5,"kind":"command","node":"a.0","command":"say hello"})");
  CHECK(all[3] == R"({"ns":5,"node":"a.0","report":"heard","bytes":18446744073709551615,"wait":0,"cause":3})");
  CHECK(all[4] == "{\"ns\":5,\"node\":\"a.0\",\"line\":\"h\xEF\xBF\xBD \\\"there\\\"\\n\",\"cause\":3}");
  CHECK(all[5] == R"({"event":4,"ns":1000005,"kind":"datagram","node":"a.1","from":"a.0","message":"hello",)"
                  R"("bytes":5,"payload":"0101686579","cause":3})");
}

TEST_CASE("CSV has a row of nine cells for each record") {
  const TemporaryFile file;
  write_trace(file.name(), one_of_each());
  const TraceHeader header = small_header();
  TraceText form(header, TraceForm::csv);
  const std::string csv = exported(form, file.name());
  CHECK(csv.starts_with("event,ns,kind,node,from,what,bytes,values,cause\n1,0,start,a.0,,,,,\n"));
  CHECK(csv.find("\n4,1000005,datagram,a.1,a.0,hello,5,,3\n") != std::string::npos);
  CHECK(csv.find("\n,5,report,a.0,,heard,,bytes=18446744073709551615 wait=0.000000000s,3\n") != std::string::npos);
  CHECK(csv.find("\n,5,line,a.0,,\"h\xE9 \"\"there\"\"\n\",,,3\n") != std::string::npos);
}

TEST_CASE("a timeline has a slice for each step and an arrow for each cause") {
  const TemporaryFile file;
  write_trace(file.name(), long_story(2000));
  const TraceHeader header = small_header();
  TraceTimeline form(header);
  const auto json = nlohmann::json::parse(exported(form, file.name()));
  std::map<std::string, int> by_phase;
  std::map<std::uint64_t, double> begin_of;
  std::uint64_t causes = 0;
  for (const auto& event : json.at("traceEvents")) {
    ++by_phase[event.at("ph").get<std::string>()];
    if (event.at("ph") != "X") continue;
    begin_of[event.at("args").at("event").get<std::uint64_t>()] = event.at("ts").get<double>();
    if (!event.at("args").contains("cause")) continue;
    ++causes;
    CHECK(begin_of.at(event.at("args").at("cause").get<std::uint64_t>()) <= event.at("ts").get<double>());
  }
  CHECK(by_phase["X"] == 2000);
  CHECK(causes > 1000);
  CHECK(by_phase["s"] == static_cast<int>(causes));
  CHECK(by_phase["f"] == static_cast<int>(causes));
}
