#include "analysis/explain/download_story.h"

#include <algorithm>
#include <map>
#include <set>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_reader.h"
#include "protocols/environment/stream.h"

namespace peerbed::analysis {
namespace {

constexpr std::int64_t shortest_stall = 250'000'000;  // nanoseconds
constexpr std::int64_t gaps_in_a_stall = 8;           // of the usual ones
constexpr std::int64_t shortest_choke = 1'000'000;    // nanoseconds

struct Arrival {
  std::int64_t time = 0;
  std::uint32_t source = 0;
  std::uint64_t bytes = 0;
};

// What happened at the downloading node, from its command to the end of the download.
struct Observed {
  std::int64_t command = 0;
  std::optional<std::int64_t> listed;  // when the tracker's list arrived, if not before the command
  std::optional<std::int64_t> started, connected, manifest;
  std::vector<Arrival> arrivals;
  struct Connection {
    std::int64_t from = 0;
    std::int64_t until = INT64_MAX;
  };
  std::map<std::uint32_t, std::vector<Connection>> sources;  // by node
  std::map<std::uint32_t, std::int64_t> round_trips;
  std::int64_t hashing = 0;
};

// The file of a download: of several that the node had under way, that whose last piece was verified before the end.
std::optional<std::uint64_t> file_of(const std::string& trace, const TimedOperation& operation) {
  std::optional<std::uint64_t> started, verified;
  EventTraceReader reader(trace);
  for (TraceRecord record; reader.next(record) && record.event <= operation.event;) {
    if (record.node != operation.node || record.time < operation.from) continue;
    const TraceHeader::Report* report = reader.header().report_of(record);
    if (report == nullptr) continue;
    // A download that a new process resumed does not start again.
    if (report->name == "download.started" && !started) started = record.values[0];
    if (report->name == "piece.verified") verified = record.values[0];
  }
  return operation.report == "download.done" && verified ? verified : started;
}

// Arrivals at a node that had several downloads under way, by file: bytes of a source belong to the piece that is
// verified next of those that the source, or several, sent.
class Pieces {
 public:
  void add(std::int64_t time, std::uint64_t file, std::uint32_t source, std::uint64_t size) {
    pieces_.push_back({time, file, source, size});
  }
  bool are_of_one_file() const {
    return std::all_of(pieces_.begin(), pieces_.end(), [&](const Piece& one) { return one.file == pieces_[0].file; });
  }
  // Asked in the order of time. Nothing if the bytes ended up in no piece.
  std::optional<std::uint64_t> file_of(const Arrival& arrival) {
    std::size_t& first = first_[arrival.source];
    while (first < pieces_.size() && (pieces_[first].time < arrival.time || pieces_[first].left == 0)) ++first;
    for (std::size_t i = first; i < pieces_.size(); ++i) {
      Piece& piece = pieces_[i];
      if (piece.left == 0 || (piece.source != arrival.source && piece.source != nobody)) continue;
      piece.left -= std::min(piece.left, arrival.bytes);
      return piece.file;
    }
    return std::nullopt;
  }

 private:
  struct Piece {
    std::int64_t time = 0;
    std::uint64_t file = 0;
    std::uint32_t source = nobody;  // nobody: several
    std::uint64_t left = 0;         // bytes that no arrival was taken for yet
  };
  std::vector<Piece> pieces_;                   // in order of time
  std::map<std::uint32_t, std::size_t> first_;  // by source: the first that may still take bytes of it
};

class Observer {
 public:
  Observer(const std::string& trace, const TimedOperation& operation)
      : reader_(trace), operation_(operation), file_(file_of(trace, operation)) {
    seen_.command = operation.from;
  }

  Observed observe() {
    EventCauses causes(reader_.header());
    std::map<std::uint64_t, std::int64_t> times;  // of the node's own steps
    for (TraceRecord record; reader_.next(record) && record.event <= operation_.event;) {
      const auto cause = causes.add(record);
      if (record.node != operation_.node) continue;
      if (is_step(record.kind)) times.insert_or_assign(record.event, record.time);
      if (record.kind == RecordKind::start) has_list_ = false;
      if (record.kind == RecordKind::content && record.time >= operation_.from && cause)
        if (const auto begun = times.find(*cause); begun != times.end()) seen_.hashing += record.time - begun->second;
      take(record);
    }
    if (!pieces_.are_of_one_file())
      std::erase_if(seen_.arrivals, [this](const Arrival& each) { return pieces_.file_of(each) != file_; });
    return std::move(seen_);
  }

 private:
  void take(const TraceRecord& record) {
    if (record.kind == RecordKind::command && record.time <= operation_.from &&
        (record.text().starts_with("DOWN") || record.text().starts_with("GET"))) {
      seen_.command = record.time;
      seen_.listed.reset();
      was_listed_ = has_list_;
    }
    if (record.kind == RecordKind::datagram && reader_.header().message_name(record).starts_with("list_")) {
      if (!was_listed_ && !has_list_) seen_.listed = record.time;
      has_list_ = true;
    }
    if (record.time < seen_.command) return;
    if (record.kind == RecordKind::report) take_report(record);
    if (record.kind == RecordKind::stream_effect && static_cast<StreamAction>(record.number) == StreamAction::open)
      opened_[record.sequence] = record.time;
    if (record.kind == RecordKind::stream) take_stream(record);
  }

  void take_report(const TraceRecord& record) {
    const TraceHeader::Report* report = reader_.header().report_of(record);
    if (report == nullptr) return;
    if (record.time < operation_.from) return;
    if (report->name == "piece.verified")
      pieces_.add(record.time, record.values[0], node_at(record.values[2]).value_or(nobody), record.values[3]);
    if (file_ && record.values[0] != *file_) return;
    if (report->name == "download.started" && !seen_.started) seen_.started = record.time;
    if (report->name == "manifest.verified") seen_.manifest = record.time;
    if (report->name != "source.gained" && report->name != "source.lost") return;
    const auto source = node_at(record.values[1]);
    if (!source) return;
    auto& connections = seen_.sources[*source];
    if (report->name == "source.gained") {
      connections.push_back({record.time});
      if (!seen_.connected) seen_.connected = record.time;
    } else if (!connections.empty()) {
      connections.back().until = record.time;
    }
  }

  void take_stream(const TraceRecord& record) {
    const auto kind = static_cast<StreamEventKind>(record.number);
    if (kind == StreamEventKind::opened)
      if (const auto opened = opened_.find(record.sequence); opened != opened_.end())
        seen_.round_trips[record.source] = record.time - opened->second;
    if (kind == StreamEventKind::content_received && record.time >= operation_.from)
      seen_.arrivals.push_back({record.time, record.source, record.size});
  }

  std::optional<std::uint32_t> node_at(std::uint64_t address) const {
    const std::uint64_t node = Address{address}.host() - reader_.header().first_address.host();
    return node < reader_.header().node_count() ? std::optional(static_cast<std::uint32_t>(node)) : std::nullopt;
  }

  EventTraceReader reader_;
  const TimedOperation& operation_;
  Observed seen_;
  std::optional<std::uint64_t> file_;
  Pieces pieces_;
  bool has_list_ = false;
  bool was_listed_ = false;
  std::map<std::uint32_t, std::int64_t> opened_;  // streams that the node opened
};

// Stretches of time.
struct Stretch {
  std::int64_t from = 0;
  std::int64_t until = 0;
};

std::int64_t overlap(const std::vector<Stretch>& stretches, std::int64_t from, std::int64_t until) {
  std::int64_t sum = 0;
  for (const Stretch& each : stretches)
    sum += std::max<std::int64_t>(std::min(each.until, until) - std::max(each.from, from), 0);
  return sum;
}

// When a source was connected but let the node ask for nothing. A connection begins choked.
std::vector<Stretch> choked_stretches(const Observed& seen, std::uint32_t node, std::uint32_t source,
                                      const Surroundings& around, std::int64_t end) {
  std::vector<Stretch> stretches;
  const auto connections = seen.sources.find(source);
  if (connections == seen.sources.end()) return stretches;
  for (const Observed::Connection& connection : connections->second) {
    bool choked = true;
    std::int64_t since = connection.from;
    const std::int64_t until = std::min(connection.until, end);
    for (const Surroundings::Choke& change : around.chokes) {
      if (change.node != node || change.source != source || change.time < connection.from || change.time >= until)
        continue;
      if (choked && !change.is_choked) stretches.push_back({since, change.time});
      if (!choked && change.is_choked) since = change.time;
      choked = change.is_choked;
    }
    if (choked && until > since) stretches.push_back({since, until});
  }
  return stretches;
}

// When every connected source choked the node, and when none was connected.
struct Idle {
  std::vector<Stretch> choked;
  std::vector<Stretch> alone;
};

Idle idle_stretches(const Observed& seen, const std::map<std::uint32_t, std::vector<Stretch>>& choked,
                    std::int64_t begin, std::int64_t end) {
  std::set<std::int64_t> changes{begin, end};
  const auto add = [&](std::int64_t time) {
    if (time > begin && time < end) changes.insert(time);
  };
  for (const auto& [source, connections] : seen.sources)
    for (const auto& connection : connections) {
      add(connection.from);
      add(connection.until);
    }
  for (const auto& [source, stretches] : choked)
    for (const Stretch& each : stretches) {
      add(each.from);
      add(each.until);
    }
  Idle idle;
  for (auto at = changes.begin(); std::next(at) != changes.end(); ++at) {
    const std::int64_t from = *at;
    const std::int64_t until = *std::next(at);
    bool any = false;
    bool may_ask = false;
    for (const auto& [source, connections] : seen.sources)
      for (const auto& connection : connections)
        if (connection.from <= from && connection.until >= until) {
          any = true;
          const auto stretches = choked.find(source);
          may_ask = may_ask || stretches == choked.end() || overlap(stretches->second, from, until) == 0;
        }
    if (!any) idle.alone.push_back({from, until});
    if (any && !may_ask) idle.choked.push_back({from, until});
  }
  return idle;
}

class Teller {
 public:
  Teller(const std::string& trace, const TimedOperation& operation, const Surroundings& around)
      : header_(EventTraceReader(trace).header()),
        operation_(operation),
        around_(around),
        seen_(Observer(trace, operation).observe()) {}

  Story tell() {
    story_.operation = operation_;
    story_.operation.from = seen_.command;
    if (operation_.node < around_.sites.size()) story_.site = around_.sites[operation_.node];
    story_.hashing = seen_.hashing;
    for (const auto& [source, connections] : seen_.sources)
      choked_[source] = choked_stretches(seen_, operation_.node, source, around_, operation_.until);
    find_sources();
    transfer(begin());
    add_sources();
    std::stable_sort(story_.parts.begin(), story_.parts.end(),
                     [](const StoryPart& a, const StoryPart& b) { return a.from < b.from; });
    const auto down = use_of(header_.name_of(operation_.node) + " down");
    if (down) {
      story_.queue_drops = down->dropped_queue;
      story_.utilisation = down->utilisation;
    }
    return std::move(story_);
  }

 private:
  void add(const std::string& what, std::int64_t from, std::int64_t until, std::int64_t time,
           const std::string& why = "") {
    if (time <= 0) return;
    const auto same = std::find_if(story_.parts.begin(), story_.parts.end(),
                                   [&what](const StoryPart& part) { return part.what == what; });
    if (same == story_.parts.end()) {
      story_.parts.push_back({what, from, until, time, why});
      return;
    }
    same->until = until;
    same->time += time;
  }

  // The time up to the first request.
  void find_sources() {
    std::int64_t at = seen_.command;
    const auto go_to = [&](const std::string& what, std::optional<std::int64_t> until, const std::string& why = "") {
      if (!until || *until <= at) return;
      add(what, at, *until, *until - at, why);
      at = *until;
    };
    go_to("tracker: waiting for its list", seen_.listed);
    go_to("asking peers who has the file", seen_.started);
    go_to("connecting to a first source", seen_.connected);
    go_to("manifest", seen_.manifest, "fetched from a source, and hashed");
    begin_ = at;
  }
  std::int64_t begin() const noexcept { return begin_; }

  void transfer(std::int64_t from) {
    const Idle idle = idle_stretches(seen_, choked_, from, operation_.until);
    std::vector<std::int64_t> gaps;
    std::int64_t before = from;
    for (const Arrival& arrival : seen_.arrivals) {
      if (arrival.time < from) continue;
      gaps.push_back(arrival.time - before);
      before = arrival.time;
    }
    std::sort(gaps.begin(), gaps.end());
    const std::int64_t usual = gaps.empty() ? 0 : gaps[gaps.size() / 2];
    const std::int64_t stall = std::max(shortest_stall, gaps_in_a_stall * usual);
    before = from;
    for (const Arrival& arrival : seen_.arrivals) {
      if (arrival.time < from) continue;
      pass(before, arrival.time, stall, idle, arrival.source);
      shares_[arrival.source].bytes += arrival.bytes;
      before = arrival.time;
    }
    const bool is_over = operation_.report == "download.done";
    if (is_over && before > from)
      add("hashing and disk", before, operation_.until, operation_.until - before, "after the last byte");
    else
      pass(before, operation_.until, 0, idle, nobody);
  }

  // The time until bytes of `source` arrived, or nobody's.
  void pass(std::int64_t from, std::int64_t until, std::int64_t stall, const Idle& idle, std::uint32_t source) {
    std::int64_t left = until - from;
    const std::int64_t choked = overlap(idle.choked, from, until);
    if (choked >= shortest_choke) {
      add("waiting for a choke to end", from, until, choked, "every connected source served others");
      left -= choked;
    }
    const std::int64_t alone = overlap(idle.alone, from, until);
    if (alone >= shortest_choke) {
      add("without a source", from, until, alone, "none was connected");
      left -= alone;
    }
    if (left > stall || source == nobody) {
      add("stalled", from, until, left, why_stalled(from, until));
      return;
    }
    add("transferring from " + header_.name_of(source), from, until, left);
    shares_[source].time += left;
  }

  // A source that went down in the meantime.
  std::string why_stalled(std::int64_t from, std::int64_t until) const {
    for (const Surroundings::Life& life : around_.lives)
      if (life.how != "up at end" && life.until > from - shortest_stall * 8 && life.until <= until &&
          seen_.sources.contains(life.node))
        return header_.name_of(life.node) + " went down (" + life.how + ")";
    return "no byte arrived: losses, or a slow source";
  }

  void add_sources() {
    for (const auto& [node, connections] : seen_.sources) shares_[node].node = node;
    for (auto& [node, share] : shares_) {
      share.node = node;
      if (node < around_.sites.size()) share.site = around_.sites[node];
      if (const auto trip = seen_.round_trips.find(node); trip != seen_.round_trips.end())
        share.round_trip = trip->second;
      if (const auto stretches = choked_.find(node); stretches != choked_.end())
        share.choked = overlap(stretches->second, seen_.command, operation_.until);
      if (const auto up = use_of(header_.name_of(node) + " up")) {
        share.queue_drops = up->dropped_queue;
        share.lost = up->dropped_loss + up->dropped_partition;
        share.utilisation = up->utilisation;
      }
      story_.sources.push_back(share);
    }
    std::stable_sort(story_.sources.begin(), story_.sources.end(),
                     [](const StorySource& a, const StorySource& b) { return a.bytes > b.bytes; });
  }

  // Of a link in the intervals that the download touches: sums, and the mean utilisation. Nothing if the links were not
  // recorded, zeros if this one was idle.
  std::optional<LinkRow> use_of(const std::string& link) const {
    if (around_.links_interval <= 0) return std::nullopt;
    LinkRow sum;
    double intervals = 0;
    const std::int64_t first = seen_.command / around_.links_interval * around_.links_interval;
    for (std::int64_t at = first; at < operation_.until; at += around_.links_interval) intervals += 1;
    bool is_known = false;
    for (const LinkRow& row : around_.links) {
      if (row.link != link) continue;
      is_known = true;
      const auto begin = static_cast<std::int64_t>(row.seconds * 1e9);
      if (begin >= operation_.until || begin + around_.links_interval <= seen_.command) continue;
      sum.dropped_queue += row.dropped_queue;
      sum.dropped_loss += row.dropped_loss;
      sum.dropped_partition += row.dropped_partition;
      sum.utilisation += row.utilisation;
    }
    if (!is_known) return std::nullopt;
    if (intervals > 0) sum.utilisation /= intervals;
    return sum;
  }

  TraceHeader header_;
  TimedOperation operation_;
  const Surroundings& around_;
  Observed seen_;
  std::map<std::uint32_t, std::vector<Stretch>> choked_;  // by source
  std::map<std::uint32_t, StorySource> shares_;
  std::int64_t begin_ = 0;
  Story story_;
};

}  // namespace

Story download_story(const std::string& trace, const TimedOperation& operation, const Surroundings& around) {
  return Teller(trace, operation, around).tell();
}

}  // namespace peerbed::analysis
