#include "sim/storage/content_operations.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

namespace {

std::uint64_t size_of(const HostDisk& disk, ContentKey key) {
  const auto stored = disk.store.contents.find(key);
  return stored == disk.store.contents.end() ? 0 : stored->second.content.size();
}

std::vector<std::byte> bytes_of(const Content& content, std::uint64_t limit) {
  std::vector<Extent> extents;
  content.read(0, std::min(content.size(), limit), extents);
  std::vector<std::byte> bytes(std::min(content.size(), limit));
  std::span<std::byte> rest(bytes);
  for (const Extent& extent : extents) {
    materialise(extent, rest.first(extent.size));
    rest = rest.subspan(extent.size);
  }
  return bytes;
}

}  // namespace

std::optional<ContentOperations::Pending> ContentOperations::begin(Disks& disks, NodeIndex node, const Effect& effect,
                                                                   Bytes bytes, Time now) {
  const ContentKey key{effect.argument};
  const auto name = [bytes] { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  HostDisk& disk = disks.of(node);
  switch (effect.kind) {
    case EffectKind::write_content: {
      disks.erase(node, key);
      const Extent extent = literal_extent({bytes.begin(), bytes.end()});
      if (!disks.write(node, key, 0, std::span(&extent, 1)))
        return add({ContentAction::written, {key, 0, bytes.size()}, {}, true}, now);
      disk.pass(bytes.size(), now);
      return std::nullopt;
    }
    case EffectKind::erase_content:
      disks.erase(node, key);
      return std::nullopt;
    case EffectKind::read_content: {
      const std::uint64_t size = std::min<std::uint64_t>(size_of(disk, key), maximum_content_read);
      const bool fails = disks.fails(node);
      return add({ContentAction::read, {key, 0, 0}, {}, fails}, disk.pass(size, now));
    }
    case EffectKind::hash_content: {
      const ContentRange range = range_in(bytes);
      const bool fails = disks.fails(node);
      return add({ContentAction::hashed, range, {}, fails}, hash_done(disk, range.size, now));
    }
    case EffectKind::import_content:
      return add({ContentAction::imported, {key, 0, 0}, name(), disks.fails(node)}, now);
    default:
      PEERBED_CONTRACT(effect.kind == EffectKind::export_content, "the effect is one on content");
      return add({ContentAction::exported, {key, 0, 0}, name(), disks.fails(node)}, now);
  }
}

// When a host that is now asked to hash this many bytes will have read and hashed them.
Time ContentOperations::hash_done(HostDisk& disk, std::uint64_t size, Time now) const {
  Time done = std::max(disk.hashed_at, now);
  if (hashing_.bits_per_second != 0) {
    __extension__ using Wide = unsigned __int128;
    done += Duration(static_cast<std::int64_t>(static_cast<Wide>(size) * 8'000'000'000 / hashing_.bits_per_second));
  }
  return disk.hashed_at = std::max(done, disk.pass(size, now));
}

ContentOperations::Pending ContentOperations::announce_change(ContentKey key, Time now) {
  return add({ContentAction::changed, {key, 0, 0}, {}, false}, now);
}

ContentOperations::Pending ContentOperations::add(Operation operation, Time due) {
  const std::uint32_t slot = operations_.take();
  operations_[slot] = std::move(operation);
  return {slot, due};
}

std::uint32_t ContentOperations::take_over(ContentOperations& other, std::uint32_t slot) {
  const std::uint32_t taken = operations_.take();
  operations_[taken] = std::move(other.operations_[slot]);
  other.operations_.release(slot);
  return taken;
}

ContentReady ContentOperations::complete(Disks& disks, NodeIndex node, std::uint32_t slot,
                                         std::vector<std::byte>& bytes) {
  const Operation operation = std::move(operations_[slot]);
  operations_.release(slot);
  bytes.clear();
  ContentReady ready;
  ready.key = operation.range.content;
  ready.action = operation.action;
  ready.range = operation.range;
  ready.found = !operation.failed && perform(disks, node, operation, ready, bytes);
  ready.bytes = bytes;
  return ready;
}

// Returns false if there is no such content or file.
bool ContentOperations::perform(Disks& disks, NodeIndex node, const Operation& operation, ContentReady& ready,
                                std::vector<std::byte>& bytes) {
  ContentStore& store = disks.of(node).store;
  const ContentKey key = operation.range.content;
  const auto stored = store.contents.find(key);
  const bool is_stored = stored != store.contents.end();
  if (operation.action == ContentAction::imported) {
    const auto file = store.files.find(operation.name);
    if (file == store.files.end()) return false;
    disks.erase(node, key);
    store.contents[key].content = file->second;
    ready.range = {key, 0, file->second.size()};
    return true;
  }
  if (!is_stored) return false;
  const Content& content = stored->second.content;
  switch (operation.action) {
    case ContentAction::read:
      bytes = bytes_of(content, maximum_content_read);
      return true;
    case ContentAction::hashed: {
      const ContentRange& range = operation.range;
      if (range.offset > content.size() || range.size > content.size() - range.offset) return false;
      std::vector<Extent> extents;
      content.read(range.offset, range.size, extents);
      const Sha256 hash = hashes_.of(extents);
      bytes.assign(hash.begin(), hash.end());
      return true;
    }
    case ContentAction::changed:
      ready.is_file = true;
      return true;
    case ContentAction::exported:
      if (!is_file_name(operation.name)) return false;
      ready.range = {key, 0, content.size()};
      store.files.insert_or_assign(operation.name, content);
      stored->second.charged = 0;  // its space now belongs to the file, whatever becomes of the content
      return true;
    default:
      return false;
  }
}

void ContentOperations::append_state(std::uint32_t slot, TraceDigest& digest) const {
  const Operation& operation = operations_[slot];
  digest.words(std::array{static_cast<std::uint64_t>(operation.action), operation.range.content.value,
                          operation.range.offset, operation.range.size});
  digest.bytes(std::as_bytes(std::span(operation.name)));
}

}  // namespace peerbed::sim
