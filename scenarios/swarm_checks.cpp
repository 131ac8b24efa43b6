#include "scenarios/swarm_checks.h"

#include <algorithm>

#include "protocols/environment/random.h"
#include "protocols/swarm/peer.h"

namespace peerbed::scenarios {
namespace {

using sim::Content;
using State = swarm::SharedFile::State;

constexpr std::uint64_t content_purpose = 0xF11E;

const FileOnDisk* file_of_seed(std::span<const FileOnDisk> files, std::uint64_t seed) {
  const auto found = std::find_if(files.begin(), files.end(), [seed](const auto& file) { return file.seed() == seed; });
  return found == files.end() ? nullptr : &*found;
}

// Bytes [begin, end) of the content that a peer takes for verified.
struct Stretch {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

bool is_right(const Content::Placed& placed, const FileOnDisk& file) {
  const sim::Extent& extent = placed.extent;
  return extent.literal == nullptr && extent.seed == file.seed() && extent.damage == 0 && extent.offset == placed.begin;
}

// Whether the content holds the file's own bytes in all of the stretch.
bool holds(const Content& content, const Stretch& stretch, const FileOnDisk& file) {
  std::uint64_t reached = stretch.begin;
  for (const Content::Placed& placed : content.placed()) {
    if (placed.end() <= reached) continue;
    if (placed.begin > reached || !is_right(placed, file)) break;
    reached = placed.end();
    if (reached >= stretch.end) return true;
  }
  return reached >= stretch.end;
}

// Verified pieces, those that follow one another as one stretch.
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

// The file that the scenario put on disks and that this content is a copy of, as its first right byte says.
const FileOnDisk* original_of(const Content& content, std::span<const FileOnDisk> files) {
  for (const Content::Placed& placed : content.placed())
    if (const FileOnDisk* file = file_of_seed(files, placed.extent.seed); file != nullptr && is_right(placed, *file))
      return file;
  return nullptr;
}

}  // namespace

std::uint64_t FileOnDisk::seed() const noexcept {
  std::uint64_t seed = content_purpose;
  for (const char letter : content) seed = key_of(seed, static_cast<unsigned char>(letter));
  return seed | 1;
}

void check_integrity(const sim::World& world, sim::NodeIndex node, std::span<const FileOnDisk> files,
                     CheckReport& report) {
  if (world.status(node) == sim::HostStatus::down) return;
  const sim::ContentStore* store = world.stored(node);
  if (store == nullptr) return;
  for (const swarm::SharedFile& file : world.node<swarm::Peer>(node).files()) {
    if (!file.has_manifest()) continue;
    const std::vector<Stretch> stretches = verified_stretches(file);
    const auto stored = store->contents.find(file.key(swarm::Part::data));
    if (stretches.empty() || stretches.back().end == 0) continue;
    const Content nothing;
    const Content& content = stored == store->contents.end() ? nothing : stored->second.content;
    const FileOnDisk* original = original_of(content, files);
    const bool right = original != nullptr && original->size == file.geometry().size &&
                       std::all_of(stretches.begin(), stretches.end(),
                                   [&](const Stretch& stretch) { return holds(content, stretch, *original); });
    const auto name = [&] { return "node " + std::to_string(node) + ", file " + file.name(); };
    report.expect("no peer believes a wrong byte", right,
                  [&] { return name() + ": verified pieces are not on the disk as the source had them"; });
    if (file.state != State::complete) continue;
    report.expect("completed files equal the original", right && content.size() == original->size,
                  [&] { return name() + " is complete, but not the original"; });
  }
}

}  // namespace peerbed::scenarios
