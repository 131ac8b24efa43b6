// Content on the hosts' disks: nodes write, read, hash, import and export it.

#include <algorithm>

#include "sim/engine/world.h"

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

void World::put_file(NodeIndex node, std::string_view name, std::uint64_t seed, std::uint64_t size) {
  PEERBED_CONTRACT(is_file_name(name) && seed != 0, "a file has a name without slashes, and a seed");
  Content file;
  file.write(0, synthetic_extent(seed, 0, size));
  disks_.of(node).store.files.insert_or_assign(std::string(name), std::move(file));
}

void World::change_content(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size) {
  PEERBED_CONTRACT(status(node) == HostStatus::running, "a node that is down hears of nothing");
  disks_.erase(node, key);
  if (seed != 0) {
    Content file;
    file.write(0, synthetic_extent(seed, 0, size));
    disks_.of(node).store.contents[key].content = std::move(file);
  }
  answer_content(node, {ContentAction::changed, {key, 0, 0}, {}, false}, now_);
}

const ContentStore* World::stored(NodeIndex node) const noexcept {
  const HostDisk* disk = disks_.find(node);
  return disk == nullptr ? nullptr : &disk->store;
}

void World::set_disk(NodeIndex node, const DiskModel& model) {
  HostDisk& disk = disks_.of(node);
  disk.model = model;
  hosts_[node].slow_disk = disk.takes_time();
}

void World::store_content(NodeIndex node, const Effect& effect) {
  const ContentKey key{effect.argument};
  const Bytes bytes = effects_.bytes_of(effect);
  const auto name = [bytes] { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); };
  HostDisk& disk = disks_.of(node);
  switch (effect.kind) {
    case EffectKind::write_content: {
      disks_.erase(node, key);
      const Extent extent = literal_extent({bytes.begin(), bytes.end()});
      if (disks_.write(node, key, 0, std::span(&extent, 1))) {
        disk.pass(bytes.size(), now_);
        return;
      }
      return answer_content(node, {ContentAction::written, {key, 0, bytes.size()}, {}, true}, now_);
    }
    case EffectKind::erase_content:
      return disks_.erase(node, key);
    case EffectKind::read_content: {
      const std::uint64_t size = std::min<std::uint64_t>(size_of(disk, key), maximum_content_read);
      return answer_content(node, {ContentAction::read, {key, 0, 0}, {}, disks_.fails(node)}, disk.pass(size, now_));
    }
    case EffectKind::hash_content: {
      ContentRange range;
      std::memcpy(&range, bytes.data(), sizeof range);
      const bool fails = disks_.fails(node);
      Time done = std::max(disk.hashed_at, now_);
      if (options_.hashing.bits_per_second != 0) {
        __extension__ using Wide = unsigned __int128;
        done += Duration(static_cast<std::int64_t>(static_cast<Wide>(range.size) * 8'000'000'000 /
                                                   options_.hashing.bits_per_second));
      }
      disk.hashed_at = done = std::max(done, disk.pass(range.size, now_));
      return answer_content(node, {ContentAction::hashed, range, {}, fails}, done);
    }
    case EffectKind::import_content:
      return answer_content(node, {ContentAction::imported, {key, 0, 0}, name(), disks_.fails(node)}, now_);
    default:
      return answer_content(node, {ContentAction::exported, {key, 0, 0}, name(), disks_.fails(node)}, now_);
  }
}

void World::answer_content(NodeIndex node, ContentOperation operation, Time at) {
  const std::uint32_t slot = operations_.take();
  operations_[slot] = std::move(operation);
  queue_.push({.time = time_of(at),
               .destination = node,
               .source = node,
               .sequence = hosts_[node].sequence++,
               .what = Event::pack(EventKind::content, slot)});
}

void World::handle_content(const Event& event) {
  const NodeIndex node = event.destination;
  const ContentOperation operation = std::move(operations_[event.value()]);
  operations_.release(event.value());
  ContentReady ready;
  ready.key = operation.range.content;
  ready.action = operation.action;
  ready.range = operation.range;
  std::vector<std::byte> bytes;
  ready.found = !operation.failed && perform(node, operation, ready, bytes);
  ready.bytes = bytes;
  const std::uint32_t outcome = operation.action == ContentAction::read
                                    ? 0
                                    : (static_cast<std::uint32_t>(operation.action) << 1) | (ready.found ? 1 : 0);
  record({now_, node, node, event.sequence, StepKind::content, outcome, bytes, nullptr, &ready});
  run_handler(node, StepKind::content,
              [&](NodeArray& population, Environment& environment) { population.content(node, environment, ready); });
}

// Carries out the operation when it is due; false if there is no such content or file.
bool World::perform(NodeIndex node, const ContentOperation& operation, ContentReady& ready,
                    std::vector<std::byte>& bytes) {
  ContentStore& store = disks_.of(node).store;
  const ContentKey key = operation.range.content;
  const auto stored = store.contents.find(key);
  const bool is_stored = stored != store.contents.end();
  if (operation.action == ContentAction::imported) {
    const auto file = store.files.find(operation.name);
    if (file == store.files.end()) return false;
    disks_.erase(node, key);
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

void World::append_disks(TraceDigest& digest) const {
  const auto word = [&digest](std::uint64_t value) { digest.words(std::array{value}); };
  const auto add = [&](const Content& content) {
    for (const Content::Placed& placed : content.placed()) {
      const Extent& extent = placed.extent;
      digest.words(std::array{placed.begin, extent.seed, extent.offset, extent.size, extent.damage});
      if (extent.literal != nullptr) digest.bytes(std::span(*extent.literal).subspan(extent.offset, extent.size));
    }
  };
  for (NodeIndex node = 0; node < disks_.hosts(); ++node) {
    const HostDisk& disk = *disks_.find(node);
    if (disk.operations == 0 && disk.free_at == Time{} && !disks_.has_content(node))
      continue;  // the same as having no disk
    word(node);
    word(static_cast<std::uint64_t>(time_of(disk.free_at)));
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
