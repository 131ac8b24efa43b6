#pragma once
// A swarm in a simulated network, for tests: trackers first, then peers, and what all of them report.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "sim/engine/world.h"

namespace peerbed::swarm {

// What a world's nodes traced and printed.
class Journal : public Observer {
 public:
  struct Entry {
    Time time;
    NodeIndex node = 0;
    TraceValues values{};
  };
  struct Line {
    Time time;
    NodeIndex node = 0;
    std::string text;
  };
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    entries_[static_cast<TraceEvent>(type)].push_back({time, node, values});
  }
  void on_line(Time time, NodeIndex node, std::string_view line) override {
    lines_.push_back({time, node, std::string(line)});
  }

  const std::vector<Entry>& of(TraceEvent event) { return entries_[event]; }
  std::size_t count(TraceEvent event) { return entries_[event].size(); }
  const std::vector<Line>& lines() const { return lines_; }
  bool has_line(NodeIndex node, std::string_view part) const;

 private:
  std::map<TraceEvent, std::vector<Entry>> entries_;
  std::vector<Line> lines_;
};

struct SwarmShape {
  std::size_t trackers = 1;
  std::size_t peers = 2;
  std::uint64_t seed = 1;
  Duration latency = std::chrono::milliseconds(10);  // one way
};

class SwarmWorld {
 public:
  SwarmWorld(const Options& options, const SwarmShape& shape);

  sim::World& world() noexcept { return world_; }
  Journal& journal() noexcept { return journal_; }
  NodeIndex tracker(std::size_t index = 0) const { return static_cast<NodeIndex>(index); }
  NodeIndex peer(std::size_t index) const { return static_cast<NodeIndex>(trackers_ + index); }
  const Tracker& tracker_node(std::size_t index = 0) const { return world_.node<Tracker>(tracker(index)); }
  const Peer& peer_node(std::size_t index) const { return world_.node<Peer>(peer(index)); }

  void start_all();
  void run_for(Duration duration) { world_.run_until(world_.now() + duration); }
  // Runs until `done` holds, looked at every millisecond; false when it did not within the limit.
  template <class Condition>
  bool run_until(Condition done, Duration limit) {
    for (const Time end = world_.now() + limit; world_.now() < end; run_for(std::chrono::milliseconds(1)))
      if (done()) return true;
    return done();
  }
  void command(std::size_t peer_index, std::string_view line) { world_.command(peer(peer_index), line); }
  // Bytes a second that a peer's host can send, payload of streams alone.
  void set_upload(std::size_t peer_index, std::uint64_t bytes_per_second);
  void set_download(std::size_t peer_index, std::uint64_t bytes_per_second);
  // Gives a peer a file of its own and lets it add it; all of one seed and size are the same file.
  void give(std::size_t peer_index, std::string_view name, std::uint64_t size, std::uint64_t seed = 7);
  bool is_complete(std::size_t peer_index, std::string_view name) const;

 private:
  std::size_t trackers_;
  Journal journal_;
  sim::World world_;
};

}  // namespace peerbed::swarm
