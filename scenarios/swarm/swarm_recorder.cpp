#include "scenarios/swarm/swarm_recorder.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/wire/frame.h"

namespace peerbed::scenarios {
namespace {

using swarm::TraceEvent;

constexpr std::string_view offered = " is offered: ";  // peers print NAME is offered: ROOT

double per_second(std::uint64_t bytes, Duration elapsed) {
  return static_cast<double>(bytes) * 1e9 / static_cast<double>(elapsed.count());
}

}  // namespace

SwarmRecorder::SwarmRecorder(std::span<const GroupPlan> peers) {
  for (const GroupPlan& group : peers) {
    first_ = group.address;
    for (std::size_t i = 0; i < group.count; ++i) peers_[group.first + static_cast<NodeIndex>(i)];
  }
}

void SwarmRecorder::on_step(const Step& step) {
  if (step.kind == StepKind::stream && step.bytes.size() == swarm::frame_size) return note_frame(step);
  if (step.kind != StepKind::start) return;
  const auto peer = peers_.find(step.destination);
  if (peer == peers_.end()) return;
  peer->second.started = true;
  peer->second.told_uploaded = peer->second.told_downloaded = 0;
}

void SwarmRecorder::note_frame(const Step& step) {
  const auto kind = static_cast<swarm::FrameKind>(step.bytes[1]);
  const bool may_ask = kind == swarm::FrameKind::unchoke;
  if (!may_ask && kind != swarm::FrameKind::choke) return;
  // A body of the same size may look like a frame, but has no check.
  if (!swarm::decode_frame(step.bytes) || !is_peer(step.destination) || !is_peer(step.source)) return;
  ++all_chokes_;
  if (chokes_.size() < maximum_chokes) chokes_.push_back({step.time, step.destination, step.source, may_ask});
}

void SwarmRecorder::on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  const auto peer = peers_.find(node);
  if (peer == peers_.end()) return;
  switch (static_cast<TraceEvent>(type)) {
    case TraceEvent::file_added:
    case TraceEvent::manifest_verified:
      return note_geometry(values[0], values[1], values[2]);
    case TraceEvent::piece_verified:
      return note_arrival(time, node, values);
    case TraceEvent::block_wasted:
      wasted_bytes_ += values[2];
      return;
    case TraceEvent::download_started:
      ++all_downloads_;
      if (downloads_.size() == maximum_downloads) return;
      under_way_.begin(node, time, downloads_.size());
      downloads_.push_back({.node = node, .file = file_of(values[0]), .from = time, .to = {}});
      return;
    case TraceEvent::download_done:
      return end_download(time, node, Duration(static_cast<std::int64_t>(values[0])), true, values);
    case TraceEvent::download_failed:
      return end_download(time, node, Duration(static_cast<std::int64_t>(values[0])), false, values);
    case TraceEvent::exchange_counted:
      return note_exchange(peer->second, values[0], values[1]);
    default:
      return;
  }
}

void SwarmRecorder::on_line(Time, NodeIndex, std::string_view line) {
  const std::size_t position = line.rfind(offered);
  if (position == std::string_view::npos) return;
  const auto root = swarm::parse_root(line.substr(position + offered.size()));
  if (!root) return;
  const std::size_t file = file_of(swarm::short_id(*root));
  if (file >= files_.size() || !files_[file].name.empty()) return;
  files_[file].name = line.substr(0, position);
  files_[file].root = swarm::to_string(*root);
}

// If there are too many files, a number past the last one.
std::size_t SwarmRecorder::file_of(std::uint64_t id) {
  const auto found = std::find_if(files_.begin(), files_.end(), [id](const File& file) { return file.id == id; });
  const auto index = static_cast<std::size_t>(found - files_.begin());
  if (found == files_.end() && files_.size() < maximum_files_told) files_.push_back({.id = id, .name = {}, .root = {}});
  return index;
}

void SwarmRecorder::note_geometry(std::uint64_t id, std::uint64_t size, std::uint64_t pieces) {
  const std::size_t file = file_of(id);
  if (file >= files_.size()) return;
  files_[file].size = size;
  files_[file].pieces = pieces;
}

void SwarmRecorder::note_arrival(Time time, NodeIndex node, const TraceValues& values) {
  ++all_arrivals_;
  verified_bytes_ += values[3];
  const std::size_t file = file_of(values[0]);
  const auto piece = static_cast<std::uint32_t>(values[1]);
  if (node >= maximum_snapshot_nodes || file >= files_.size() || piece % stride_ != 0) return;
  const Address source{values[2]};
  const NodeIndex giver = source.host() - first_.host();
  const bool is_known = source && is_peer(giver);
  arrivals_.push_back({time, node, is_known ? giver : no_node, static_cast<std::uint32_t>(file), piece});
  if (arrivals_.size() > maximum_arrivals) thin_arrivals();
}

void SwarmRecorder::thin_arrivals() {
  stride_ *= 2;
  std::erase_if(arrivals_, [this](const Arrival& arrival) { return arrival.piece % stride_ != 0; });
  // Thinning does not help if the same pieces are downloaded repeatedly.
  if (arrivals_.size() > maximum_arrivals) arrivals_.resize(maximum_arrivals);
}

void SwarmRecorder::end_download(Time time, NodeIndex node, Duration latency, bool done, const TraceValues& values) {
  const auto number = under_way_.end(node, time - latency);
  if (!number) return;
  Download& ended = downloads_[*number];
  ended.to = time;
  ended.done = done;
  ended.size = values[1];
  if (!done) return;
  ended.duplicates = values[2];
  ended.stall = Duration(static_cast<std::int64_t>(values[3]));
}

// Counts are per process; a new process begins at zero.
void SwarmRecorder::note_exchange(Peer& peer, std::uint64_t uploaded, std::uint64_t downloaded) {
  peer.uploaded += uploaded - std::min(uploaded, peer.told_uploaded);
  peer.downloaded += downloaded - std::min(downloaded, peer.told_downloaded);
  peer.told_uploaded = uploaded;
  peer.told_downloaded = downloaded;
}

void SwarmRecorder::measure(const StateView& states, Duration elapsed, IntervalValues& values) {
  if (elapsed <= Duration::zero()) return;
  if (measured_every_ == Duration::zero()) measured_every_ = elapsed;
  std::uint64_t all_up = 0;
  std::uint64_t all_down = 0;
  std::size_t rated = 0;
  for (auto& [node, peer] : peers_) {
    const auto* state = peer.started ? states.node<swarm::Peer>(node) : nullptr;
    if (state != nullptr) note_exchange(peer, state->uploaded(), state->downloaded());
    const std::uint64_t up = peer.uploaded - std::exchange(peer.measured_uploaded, peer.uploaded);
    const std::uint64_t down = peer.downloaded - std::exchange(peer.measured_downloaded, peer.downloaded);
    all_up += up;
    all_down += down;
    if (++rated > maximum_rated_peers) continue;
    peer.up.push_back(static_cast<float>(per_second(up, elapsed)));
    peer.down.push_back(static_cast<float>(per_second(down, elapsed)));
  }
  values.set("swarm.upload_rate", per_second(all_up, elapsed), "B/s");
  values.set("swarm.download_rate", per_second(all_down, elapsed), "B/s");
  values.set("swarm.verified_rate", per_second(verified_bytes_, elapsed), "B/s");
  values.set("swarm.wasted_rate", per_second(wasted_bytes_, elapsed), "B/s");
  const auto done = std::count_if(downloads_.begin(), downloads_.end(), [](const auto& one) { return one.done; });
  const auto ended = std::count_if(downloads_.begin(), downloads_.end(), [](const auto& one) { return !!one.to; });
  values.set("swarm.downloads_done", static_cast<double>(done), "count");
  values.set("swarm.downloads_under_way", static_cast<double>(downloads_.size()) - static_cast<double>(ended), "count");
  verified_bytes_ = wasted_bytes_ = 0;
}

void SwarmRecorder::write(analysis::JsonText& out) const {
  out.open_object();
  write_files(out);
  write_arrivals(out);
  write_rates(out);
  write_downloads(out);
  write_chokes(out);
  write_shares(out);
  out.close_object();
}

void SwarmRecorder::write_files(analysis::JsonText& out) const {
  out.key("files").open_list();
  for (const File& file : files_) {
    out.open_object();
    if (!file.name.empty()) out.key("name").text(file.name);
    if (!file.root.empty()) out.key("root").text(file.root);
    if (file.pieces > 0) {
      // Piece sizes are powers of two.
      const std::uint64_t piece_size = std::bit_ceil((file.size + file.pieces - 1) / file.pieces);
      out.key("size").number(file.size).key("piece_size").number(piece_size).key("pieces").number(file.pieces);
    }
    out.close_object();
  }
  out.close_list();
}

void SwarmRecorder::write_arrivals(analysis::JsonText& out) const {
  out.key("arrivals").open_list();
  for (const Arrival& arrival : arrivals_) {
    out.open_list().seconds(arrival.time - time_zero).number(arrival.node).number(arrival.file).number(arrival.piece);
    out.number(arrival.source == no_node ? -1 : static_cast<std::int64_t>(arrival.source)).close_list();
  }
  out.close_list();
  if (arrivals_.size() < all_arrivals_)
    out.thinned("arrivals", arrivals_.size(), all_arrivals_,
                "one of every " + std::to_string(stride_) + " pieces, at the first " +
                    std::to_string(maximum_snapshot_nodes) + " nodes");
}

void SwarmRecorder::write_rates(analysis::JsonText& out) const {
  std::size_t rated = 0;
  out.key("rates").open_object().key("interval").seconds(measured_every_).key("nodes").open_list();
  for (const auto& [node, peer] : peers_) {
    if (peer.up.empty()) continue;
    ++rated;
    const auto write_series = [&out](const char* key, const std::vector<float>& series) {
      out.key(key).open_list();
      for (const float rate : series) out.number(static_cast<std::int64_t>(rate));
      out.close_list();
    };
    out.open_object().key("n").number(node);
    write_series("down", peer.down);
    write_series("up", peer.up);
    out.close_object();
  }
  out.close_list();
  if (rated > 0 && rated < peers_.size()) out.thinned("nodes", rated, peers_.size(), "the first peers");
  out.close_object();
}

void SwarmRecorder::write_downloads(analysis::JsonText& out) const {
  out.key("downloads").open_list();
  for (const Download& one : downloads_) {
    out.open_object().key("node").number(one.node).key("file").number(one.file).key("from").seconds(one.from -
                                                                                                    time_zero);
    if (one.to) out.key("to").seconds(*one.to - time_zero).key("size").number(one.size);
    if (one.done) out.key("duplicates").number(one.duplicates).key("stall").seconds(one.stall);
    out.key("done").boolean(one.done).close_object();
  }
  out.close_list();
  if (downloads_.size() < all_downloads_) out.thinned("downloads", downloads_.size(), all_downloads_, "the first ones");
}

void SwarmRecorder::write_chokes(analysis::JsonText& out) const {
  out.key("chokes").open_list();
  for (const Choke& one : chokes_) {
    out.open_list().seconds(one.time - time_zero).number(one.node).number(one.source);
    out.number(one.may_ask ? 0 : 1).close_list();
  }
  out.close_list();
  if (chokes_.size() < all_chokes_) out.thinned("chokes", chokes_.size(), all_chokes_, "the first ones");
}

void SwarmRecorder::write_shares(analysis::JsonText& out) const {
  out.key("shares").open_list();
  for (const auto& [node, peer] : peers_) {
    if (node >= maximum_snapshot_nodes || peer.uploaded + peer.downloaded == 0) continue;
    out.open_object().key("node").number(node).key("uploaded").number(peer.uploaded);
    out.key("downloaded").number(peer.downloaded).close_object();
  }
  out.close_list();
}

}  // namespace peerbed::scenarios
