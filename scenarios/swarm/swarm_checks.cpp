#include "scenarios/swarm/swarm_checks.h"

#include <algorithm>

#include "protocols/environment/random.h"
#include "protocols/swarm/peer.h"

namespace peerbed::scenarios {
namespace {

using State = swarm::SharedFile::State;

constexpr std::uint64_t content_purpose = 0xF11E;
// A peer checks its downloads ten times a second, and its messages pass through queues.
constexpr Duration tolerance = std::chrono::seconds(2);
constexpr int slowest_clock = 4;  // a clock may run at a quarter of the right speed, or stop

// Bytes [begin, end) of content that a peer considers verified.
struct Stretch {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// The verified pieces; adjacent ones form one stretch.
std::vector<Stretch> verified_stretches(const swarm::SharedFile& file) {
  const swarm::Geometry& geometry = file.geometry();
  if (file.state == State::complete) return {{0, geometry.size}};
  std::vector<Stretch> stretches;
  for (std::uint32_t piece = 0; piece < geometry.pieces(); ++piece) {
    if (!file.map.verified().test(piece)) continue;
    const std::uint64_t begin = geometry.offset_of(piece);
    const std::uint64_t end = begin + geometry.size_of(piece);
    if (!stretches.empty() && stretches.back().end == begin)
      stretches.back().end = end;
    else
      stretches.push_back({begin, end});
  }
  return stretches;
}

// The file on disks that these bytes are a copy of, judging by the first bytes that count.
const FileOnDisk* original_of(const StoredBytes& bytes, const Stretch& first, std::span<const FileOnDisk> files) {
  const std::uint64_t enough = std::min(first.end, first.begin + 64);
  const auto found = std::find_if(files.begin(), files.end(), [&](const FileOnDisk& file) {
    return bytes.right_until(file.seed(), first.begin, enough) == enough;
  });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

std::uint64_t FileOnDisk::seed() const noexcept {
  std::uint64_t seed = content_purpose;
  for (const char letter : content) seed = key_of(seed, static_cast<unsigned char>(letter));
  return seed | 1;
}

void check_integrity(const StateView& states, NodeIndex node, std::span<const FileOnDisk> files, CheckReport& report) {
  const auto* peer = states.is_up(node) ? states.node<swarm::Peer>(node) : nullptr;
  if (peer == nullptr) return;
  for (const swarm::SharedFile& file : peer->files()) {
    if (!file.has_manifest()) continue;
    const std::vector<Stretch> stretches = verified_stretches(file);
    if (stretches.empty() || stretches.back().end == 0) continue;
    const auto bytes = states.stored(node, file.key(swarm::Part::data));
    if (bytes == nullptr) continue;
    const FileOnDisk* original = original_of(*bytes, stretches.front(), files);
    const bool right = original != nullptr && original->size == file.geometry().size &&
                       std::all_of(stretches.begin(), stretches.end(), [&](const Stretch& stretch) {
                         return bytes->right_until(original->seed(), stretch.begin, stretch.end) == stretch.end;
                       });
    const auto name = [&] { return "node " + std::to_string(node) + ", file " + file.name(); };
    report.expect("no peer believes a wrong byte", right,
                  [&] { return name() + ": verified pieces on the disk differ from the source"; });
    if (file.state != State::complete) continue;
    report.expect("completed files equal the original", right && bytes->size() == original->size,
                  [&] { return name() + " is complete but differs from the original"; });
  }
}

void DownloadWatch::begin_look(const StateView& states) {
  const Duration now = states.elapsed();
  longest_gap_ = std::max(longest_gap_, now - now_);
  now_ = now;
}

// Measured by the true clock and by the host's own, which may be wrong; a peer whose clock does not move at all checks
// nothing. A pause between two looks goes unnoticed.
bool DownloadWatch::stands_still(const Standing& standing, Duration give_up, Time clock) const {
  const Duration allowed = give_up + longest_gap_ + tolerance;
  const Duration passed = now_ - standing.since;
  const Duration shown = clock - standing.clock;
  return passed > allowed && (shown > allowed || shown < passed / slowest_clock);
}

void DownloadWatch::check(const StateView& states, NodeIndex node, Duration give_up, CheckReport& report) {
  const auto* peer = states.runs(node) ? states.node<swarm::Peer>(node) : nullptr;
  std::vector<Standing> before = std::move(standings_[node]);
  standings_[node].clear();
  if (peer == nullptr) return;
  for (const swarm::SharedFile& file : peer->files()) {
    if (!file.download) continue;
    const Progress progress{file.download->kept, file.map.verified_count(), file.state};
    const auto known = std::find_if(before.begin(), before.end(), [&](const Standing& standing) {
      return standing.file == file.number && standing.started == file.download->started &&
             standing.progress == progress;
    });
    const Standing standing =
        known != before.end() ? *known : Standing{file.number, file.download->started, progress, now_, peer->pulsed()};
    standings_[node].push_back(standing);
    report.expect("downloads end", !stands_still(standing, give_up, peer->pulsed()), [&] {
      return "node " + std::to_string(node) + ", file " + file.name() + ": nothing received for " +
             std::to_string((now_ - standing.since) / std::chrono::seconds(1)) + " s, " +
             std::to_string(file.map.verified_count()) + " of " + std::to_string(file.geometry().pieces()) +
             " pieces complete";
    });
  }
}

void RefusalWatch::note(NodeIndex node, swarm::TraceEvent event) {
  if (event != swarm::TraceEvent::frame_refused && event != swarm::TraceEvent::datagram_refused) return;
  ++refused_;
  latest_ = node;
}

void RefusalWatch::check(const StateView& states, CheckReport& report) const {
  if (states.has_harmed_messages()) return;
  report.expect("honest messages are accepted", refused_ == 0, [&] {
    return std::to_string(refused_) + " frames or datagrams were refused, the latest by node " +
           std::to_string(latest_);
  });
}

}  // namespace peerbed::scenarios
