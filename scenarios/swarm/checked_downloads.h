#pragma once
// What is demanded of peers that share and fetch files, where every interleaving of them is explored.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "check/nodes/node_options.h"
#include "check/nodes/view.h"
#include "scenarios/swarm/checked_peer.h"

namespace peerbed::scenarios {

// The files of all nodes, by name: of one name everywhere the same.
using OriginalFiles = std::map<std::string, check::StoredContent>;

// Each piece of its own bytes, so that no two are alike.
inline check::StoredContent original_file(std::uint64_t seed, std::uint64_t size, std::uint32_t piece_size) {
  check::StoredContent content;
  for (std::uint64_t piece = 0; content.size() < size; ++piece)
    content.append(static_cast<std::byte>(1 + (seed + piece) % 100),
                   std::min<std::uint64_t>(piece_size, size - content.size()));
  return content;
}

// All waits are over when a timer fires, but for that to give up: it lasts for a few pulses.
inline swarm::SharedOptions checked_options(swarm::Options options) {
  using std::chrono::milliseconds;
  options.ask_timeout = options.connect_timeout = options.retry_delay = options.block_timeout = milliseconds(10);
  options.have_period = options.idle_slot = options.choke_period = milliseconds(50);
  options.request_margin = milliseconds(1);
  options.give_up = milliseconds(1500);
  return std::make_shared<const swarm::Options>(options);
}
// By which a peer's clock advances when a timer fires. Two of these are no pause of its host.
constexpr Duration checked_age = std::chrono::milliseconds(400);
// Farther away than this, times are alike: longer than anything that a peer waits for then.
constexpr Duration checked_horizon = std::chrono::seconds(8);

inline std::string name_of(NodeIndex node, const swarm::SharedFile& file) {
  return "node " + std::to_string(node) + ", file " + file.name();
}

// Verified pieces are those of the original; empty: they are.
inline std::string wrong_bytes_in(const check::View<CheckedPeer>& view, const OriginalFiles& originals) {
  for (NodeIndex node = 0; node < view.size(); ++node) {
    if (!view.runs(node)) continue;
    const check::Disk& disk = view.process(node).disk;
    for (const swarm::SharedFile& file : view.node(node).peer().files()) {
      if (!file.has_manifest()) continue;
      const auto original = originals.find(file.name());
      const auto stored = disk.contents.find(file.key(swarm::Part::data));
      const bool is_whole = file.state == swarm::SharedFile::State::complete;
      if (original == originals.end() || original->second.size() != file.geometry().size)
        return name_of(node, file) + ": its manifest is of another file";
      for (std::uint32_t piece = 0; piece < file.geometry().pieces(); ++piece) {
        if (!is_whole && !file.map.verified().test(piece)) continue;
        const std::uint64_t offset = file.geometry().offset_of(piece);
        const std::uint64_t size = file.geometry().size_of(piece);
        const auto here = stored == disk.contents.end() ? std::nullopt : disk.part(file.piece_range(piece));
        if (!here || *here != original->second.part(offset, size))
          return name_of(node, file) + ": piece " + std::to_string(piece) + " on the disk differs from the source";
      }
      const auto visible = disk.files.find(file.local_name());
      if (file.is_here() && (visible == disk.files.end() || visible->second != original->second))
        return name_of(node, file) + " is complete but differs from the original";
    }
  }
  return {};
}

// Nothing is under way, and what somebody wants and another has is here; empty: so it is.
inline std::string unfinished_in(const check::View<CheckedPeer>& view, const std::vector<bool>& liars) {
  const auto offers = [&](NodeIndex node, const std::string& name) {
    const bool lies = !liars.empty() && liars[node];
    const swarm::SharedFile* file = view.runs(node) && !lies ? view.node(node).peer().file(name) : nullptr;
    return file != nullptr && file->state == swarm::SharedFile::State::complete;
  };
  for (NodeIndex node = 0; node < view.size(); ++node) {
    if (!view.runs(node)) continue;
    for (const swarm::SharedFile& file : view.node(node).peer().files())
      if (file.is_under_way()) return name_of(node, file) + " is under way";
    for (const std::string& name : view.node(node).wanted()) {
      const swarm::SharedFile* file = view.node(node).peer().file(name);
      for (NodeIndex other = 0; other < view.size() && (file == nullptr || !file->is_here()); ++other)
        if (other != node && offers(other, name))
          return "node " + std::to_string(node) + " has no " + name + ", though node " + std::to_string(other) +
                 " offers it";
    }
  }
  return {};
}

}  // namespace peerbed::scenarios
