#pragma once
// A node for tests of streams: it follows its commands, and records what it was told.

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"
#include "sim/engine/world.h"
#include "tests/sim/chatter.h"

namespace peerbed::sim::testing {

// An event that a streamer was told: when, about which stream, and a word for it.
struct Told {
  Time at;
  std::uint32_t stream = 0;
  std::string what;
  auto fields() const { return std::tie(at, stream, what); }
};

// Commands: "open STREAM NODE", "write STREAM TEXT", "fill STREAM COUNT" (that many bytes), "ask STREAM COUNT", "send
// STREAM KEY OFFSET SIZE", "take STREAM KEY OFFSET SIZE" (into content), "close STREAM", "reset STREAM", "import KEY
// NAME", "export KEY NAME", "hash KEY OFFSET SIZE", "store KEY TEXT", "read KEY", "erase KEY". "serve SIZE [PIECE]":
// sends content 1 to every node that opens a stream, repeatedly, piece by piece, as fast as it leaves. "fetch STREAM
// NODE PIECE COUNT": opens a stream and receives that many pieces of PIECE bytes into content 2.
class Streamer {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 0> message_kinds{};

  void on_start(Environment&, Start) {
    told.clear();
    fetches.clear();
  }
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment&, TimerId) {}
  void on_leave(Environment& environment) { environment.exit(); }
  void on_command(Environment& environment, std::string_view line);
  void on_stream(Environment& environment, const StreamEvent& event);
  void on_content(Environment& environment, const ContentReady& ready) {
    static constexpr std::array<std::string_view, 5> actions{"read", "hashed", "imported", "exported", "written"};
    std::string what(actions[static_cast<std::size_t>(ready.action)]);
    if (!ready.found) what = "not " + what;
    if (ready.action == ContentAction::imported) what += " " + std::to_string(ready.range.size);
    if (ready.action == ContentAction::hashed) hash.assign(ready.bytes.begin(), ready.bytes.end());
    if (ready.action == ContentAction::read)
      what = {reinterpret_cast<const char*>(ready.bytes.data()), ready.bytes.size()};
    told.push_back({environment.now(), 0, what});
  }

  auto fields() const { return std::tie(told, hash, fetches, serves, piece_served); }

  struct Fetch {
    std::uint64_t piece = 0;
    std::uint64_t pieces = 0;
    std::uint64_t asked = 0;
    std::uint64_t done = 0;
    Time opened;
    Time finished;
    auto fields() const { return std::tie(piece, pieces, asked, done, opened, finished); }
  };
  std::vector<Told> told;
  std::vector<std::byte> hash;
  std::map<std::uint32_t, Fetch> fetches;
  std::uint64_t serves = 0;  // the size of content 1, whose pieces are sent to anyone; 0: it serves nobody
  std::uint64_t piece_served = 65'536;

 private:
  static constexpr std::array<std::string_view, 9> names{"accepted",         "opened",       "bytes",
                                                         "content received", "content lost", "content sent",
                                                         "half-closed",      "closed",       "reset"};
  void ask_more(Environment& environment, std::uint32_t stream);
};

inline void Streamer::ask_more(Environment& environment, std::uint32_t stream) {
  Fetch& fetch = fetches.at(stream);
  while (fetch.asked < fetch.pieces && fetch.asked < fetch.done + 4) {
    environment.receive_content({stream}, {{2}, fetch.asked * fetch.piece, fetch.piece});
    ++fetch.asked;
  }
}

inline void Streamer::on_stream(Environment& environment, const StreamEvent& event) {
  const std::uint32_t stream = event.stream.value;
  if (const auto fetch = fetches.find(stream); fetch != fetches.end()) {
    if (event.kind == StreamEventKind::opened) fetch->second.opened = environment.now();
    if (event.kind == StreamEventKind::content_received) {
      if (++fetch->second.done == fetch->second.pieces) fetch->second.finished = environment.now();
      return ask_more(environment, stream);
    }
  }
  if (serves > 0 && (event.kind == StreamEventKind::accepted || event.kind == StreamEventKind::content_sent)) {
    const int ahead = event.kind == StreamEventKind::accepted ? 4 : 1;
    std::uint64_t offset = event.kind == StreamEventKind::accepted ? 0 : event.range.offset + 4 * event.range.size;
    for (int i = 0; i < ahead; ++i, offset += piece_served)
      environment.send_content({stream}, {{1}, offset % (serves / piece_served * piece_served), piece_served});
    return;
  }
  std::string what(names[static_cast<std::size_t>(event.kind)]);
  if (event.kind == StreamEventKind::bytes_received)
    what = event.bytes.size() > 80 ? std::to_string(event.bytes.size())
                                   : std::string(reinterpret_cast<const char*>(event.bytes.data()), event.bytes.size());
  if (event.range.size > 0) what += " " + std::to_string(event.range.offset) + "+" + std::to_string(event.range.size);
  told.push_back({environment.now(), stream, what});
}

inline void Streamer::on_command(Environment& environment, std::string_view line) {
  const auto word = [&line] {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view taken = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return taken;
  };
  const auto number = [&word] {
    const std::string_view digits = word();
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  const std::string_view verb = word();
  const std::uint64_t first = number();
  const StreamId stream{static_cast<std::uint32_t>(first)};
  const auto range = [&](std::uint64_t key) {
    const std::uint64_t offset = number();
    return ContentRange{{key}, offset, number()};
  };
  if (verb == "open") environment.open_stream(stream, address_of(static_cast<NodeIndex>(number())));
  if (verb == "write") environment.write_stream(stream, std::as_bytes(std::span(line.data(), line.size())));
  if (verb == "fill") environment.write_stream(stream, std::vector<std::byte>(number(), std::byte{'x'}));
  if (verb == "ask") environment.receive_bytes(stream, number());
  if (verb == "send") environment.send_content(stream, range(number()));
  if (verb == "take") environment.receive_content(stream, range(number()));
  if (verb == "close") environment.close_stream(stream);
  if (verb == "reset") environment.reset_stream(stream);
  if (verb == "read") environment.read_content({first});
  if (verb == "erase") environment.erase_content({first});
  if (verb == "import") environment.import_content({first}, line);
  if (verb == "export") environment.export_content({first}, line);
  if (verb == "hash") environment.hash_content(range(first));
  if (verb == "store") environment.write_content({first}, std::as_bytes(std::span(line.data(), line.size())));
  if (verb == "serve") {
    serves = first;
    if (!line.empty()) piece_served = number();
  }
  if (verb == "fetch") {
    environment.open_stream(stream, address_of(static_cast<NodeIndex>(number())));
    const std::uint64_t piece = number();
    fetches[stream.value] = {piece, number(), 0, 0, {}, {}};
    ask_more(environment, stream.value);
  }
}

inline World streamer_world(std::size_t count, Duration latency, const WorldOptions& options = {}) {
  World world(options);
  world.add_population<Streamer>(count, [](NodeIndex) { return Streamer(); });
  world.network().set_default({.latency = LatencyModel::constant(latency)});
  for (NodeIndex node = 0; node < count; ++node) world.start(node);
  return world;
}

// Gives the node a file of this size as content 1, which it serves.
inline void give_file(World& world, NodeIndex node, std::uint64_t size, std::uint64_t seed = 7) {
  world.put_file(node, "file", seed, size);
  world.command(node, "import 1 file");
  world.command(node, "serve " + std::to_string(size));
}

inline const Streamer& streamer(const World& world, NodeIndex node) { return world.node<Streamer>(node); }

// What a node was told, as "STREAM WHAT" each.
inline std::vector<std::string> told(const World& world, NodeIndex node) {
  std::vector<std::string> all;
  for (const Told& one : streamer(world, node).told)
    all.push_back(one.stream == 0 ? one.what : std::to_string(one.stream) + " " + one.what);
  return all;
}

}  // namespace peerbed::sim::testing
