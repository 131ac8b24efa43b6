#pragma once
// What the swarm records over time: which piece arrived where and when, how fast peers sent and received, and the
// progress of downloads.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/protocol/protocol.h"
#include "scenarios/protocol/protocol_recorder.h"
#include "scenarios/swarm/downloads_under_way.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_arrivals = 60'000;  // above this, only every second, fourth, ... piece of a file is kept
constexpr std::size_t maximum_rated_peers = 128;  // the first ones; only their rates over time are kept
constexpr std::size_t maximum_downloads = 10'000;
constexpr std::size_t maximum_files_told = 256;
constexpr std::size_t maximum_chokes = 20'000;

class SwarmRecorder final : public ProtocolRecorder {
 public:
  // `peers` are the groups of peers, without trackers.
  explicit SwarmRecorder(std::span<const GroupPlan> peers);

  std::string_view name() const override { return "swarm"; }
  void on_step(const Step& step) override;
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override;
  void on_line(Time time, NodeIndex node, std::string_view line) override;
  void measure(const StateView& states, Duration elapsed, IntervalValues& values) override;
  void write(analysis::JsonText& out) const override;

 private:
  struct File {
    std::uint64_t id = 0;  // first eight bytes of its root
    std::string name;
    std::string root;
    std::uint64_t size = 0;
    std::uint64_t pieces = 0;
  };
  struct Arrival {
    Time time;
    NodeIndex node = 0;
    NodeIndex source = no_node;  // set if one peer sent the whole piece
    std::uint32_t file = 0;
    std::uint32_t piece = 0;
  };
  // A source let a node ask, or forbade it.
  struct Choke {
    Time time;
    NodeIndex node = 0;
    NodeIndex source = 0;
    bool may_ask = false;
  };
  struct Download {
    NodeIndex node = 0;
    std::size_t file = 0;
    Time from;
    std::optional<Time> to;
    std::uint64_t size = 0;
    std::uint64_t duplicates = 0;
    Duration stall{};
    bool done = false;
  };
  struct Peer {
    bool started = false;
    std::uint64_t uploaded = 0;  // total payload, over all its processes
    std::uint64_t downloaded = 0;
    std::uint64_t told_uploaded = 0;  // reported by the current process
    std::uint64_t told_downloaded = 0;
    std::uint64_t measured_uploaded = 0;  // total payload at the last measurement
    std::uint64_t measured_downloaded = 0;
    std::vector<float> up;  // bytes per second, one value per measurement
    std::vector<float> down;
  };

  bool is_peer(NodeIndex node) const { return peers_.contains(node); }
  std::size_t file_of(std::uint64_t id);
  void note_geometry(std::uint64_t id, std::uint64_t size, std::uint64_t pieces);
  void note_frame(const Step& step);
  void note_arrival(Time time, NodeIndex node, const TraceValues& values);
  void thin_arrivals();
  void end_download(Time time, NodeIndex node, Duration latency, bool done, const TraceValues& values);
  static void note_exchange(Peer& peer, std::uint64_t uploaded, std::uint64_t downloaded);
  void write_files(analysis::JsonText& out) const;
  void write_arrivals(analysis::JsonText& out) const;
  void write_rates(analysis::JsonText& out) const;
  void write_downloads(analysis::JsonText& out) const;
  void write_chokes(analysis::JsonText& out) const;
  void write_shares(analysis::JsonText& out) const;

  Address first_;  // of the scenario's first node
  std::map<NodeIndex, Peer> peers_;
  std::vector<File> files_;
  std::vector<Arrival> arrivals_;
  std::uint64_t all_arrivals_ = 0;
  std::uint32_t stride_ = 1;  // of the pieces whose arrivals are kept
  std::vector<Download> downloads_;
  DownloadsUnderWay under_way_;  // by their place in downloads_
  std::uint64_t all_downloads_ = 0;
  std::vector<Choke> chokes_;
  std::uint64_t all_chokes_ = 0;
  Duration measured_every_{};
  // Since the last measurement.
  std::uint64_t verified_bytes_ = 0;
  std::uint64_t wasted_bytes_ = 0;
};

}  // namespace peerbed::scenarios
