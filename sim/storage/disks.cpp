#include "sim/storage/disks.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "protocols/environment/contract.h"
#include "protocols/environment/random.h"

namespace peerbed::sim {

Time HostDisk::pass(std::uint64_t bytes, Time now) {
  if (!takes_time()) return now;
  __extension__ using Wide = unsigned __int128;
  constexpr std::uint64_t bits_nanoseconds = 8'000'000'000;
  const std::uint64_t rate = model.rate.bits_per_second;
  // Decades are as good as forever.
  constexpr std::int64_t longest = std::int64_t{1} << 58;
  const Wide moving = rate == 0 ? 0 : (static_cast<Wide>(bytes) * bits_nanoseconds + rate - 1) / rate;
  const Duration taken(static_cast<std::int64_t>(std::min<Wide>(moving, longest)));
  free_at = std::min(std::max(free_at, now) + taken, Time(Duration(longest)));
  return free_at + model.latency;
}

Disks::Disks(const Disks& other) : seed_(other.seed_) {
  disks_.reserve(other.disks_.size());
  for (const auto& disk : other.disks_) disks_.push_back(disk ? std::make_unique<HostDisk>(*disk) : nullptr);
}

void Disks::wipe(NodeIndex node) {
  if (find(node) != nullptr) disks_[node]->store = {};
}

bool Disks::has_content(NodeIndex node) const noexcept {
  const HostDisk* disk = find(node);
  return disk != nullptr && !(disk->store.contents.empty() && disk->store.files.empty());
}

bool Disks::fails(NodeIndex node) {
  HostDisk& disk = of(node);
  if (disk.model.failing <= 0) return false;
  return to_unit(key_of(seed_, node, disk.operations++)) < disk.model.failing;
}

bool Disks::write(NodeIndex node, ContentKey key, std::uint64_t offset, std::span<const Extent> extents) {
  HostDisk& disk = of(node);
  if (fails(node)) return false;
  std::uint64_t size = 0;
  for (const Extent& extent : extents) size += extent.size;
  if (!disk.has_room_for(size)) return false;
  ContentStore::Stored& stored = disk.store.contents[key];
  for (const Extent& extent : extents) {
    const std::uint64_t fresh = stored.content.write(offset, extent);
    stored.charged += fresh;
    disk.store.charged += fresh;
    offset += extent.size;
  }
  return true;
}

void Disks::erase(NodeIndex node, ContentKey key) {
  HostDisk& disk = of(node);
  const auto stored = disk.store.contents.find(key);
  if (stored == disk.store.contents.end()) return;
  disk.store.charged -= stored->second.charged;
  disk.store.contents.erase(stored);
}

namespace {

Content generated(std::uint64_t seed, std::uint64_t size) {
  Content content;
  content.write(0, synthetic_extent(seed, 0, size));
  return content;
}

}  // namespace

void Disks::put_file(NodeIndex node, std::string_view name, std::uint64_t seed, std::uint64_t size) {
  PEERBED_CONTRACT(is_file_name(name) && seed != 0, "a file has a name without slashes, and a seed");
  of(node).store.files.insert_or_assign(std::string(name), generated(seed, size));
}

void Disks::replace(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size) {
  erase(node, key);
  if (seed != 0) of(node).store.contents[key].content = generated(seed, size);
}

void Disks::append_state(TraceDigest& digest) const {
  const auto word = [&digest](std::uint64_t value) { digest.words(std::array{value}); };
  const auto add = [&](const Content& content) {
    for (const Content::Placed& placed : content.placed()) {
      const Extent& extent = placed.extent;
      digest.words(std::array{placed.begin, extent.seed, extent.offset, extent.size, extent.damage});
      if (extent.literal != nullptr) digest.bytes(std::span(*extent.literal).subspan(extent.offset, extent.size));
    }
  };
  for (NodeIndex node = 0; node < disks_.size(); ++node) {
    if (!disks_[node]) continue;
    const HostDisk& disk = *disks_[node];
    if (disk.operations == 0 && disk.free_at == Time{} && !has_content(node)) continue;  // the same as having no disk
    word(node);
    word(static_cast<std::uint64_t>(nanoseconds_since_start(disk.free_at)));
    word(disk.operations);
    for (const auto& [key, stored] : disk.store.contents) {
      word(key.value);
      add(stored.content);
    }
    for (const auto& [name, content] : disk.store.files) {
      digest.bytes(std::as_bytes(std::span(name)));
      add(content);
    }
  }
}

}  // namespace peerbed::sim
