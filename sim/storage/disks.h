#pragma once
// The hosts' disks: their contents, how fast they are, when they are full and how often they fail.

#include <cstdint>
#include <deque>
#include <span>

#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/storage/content_store.h"

namespace peerbed::sim {

struct DiskModel {
  Rate rate;                   // of reading and writing together; zero: no time
  Duration latency{};          // of each operation, on top
  std::uint64_t capacity = 0;  // bytes; zero: unlimited
  double failing = 0;          // the share of operations that fail
  friend bool operator==(const DiskModel&, const DiskModel&) = default;
};

// One host's disk and what it is busy with.
struct HostDisk {
  DiskModel model;
  ContentStore store;
  Time free_at;                  // when it has done what it was asked for
  Time hashed_at;                // when the host has hashed what it was asked to
  std::uint64_t operations = 0;  // for draws

  bool takes_time() const noexcept { return model.rate.bits_per_second != 0 || model.latency != Duration::zero(); }
  // Reads or writes so many bytes after all that it was asked for before. Returns when that is done.
  Time pass(std::uint64_t bytes, Time now);
  bool has_room_for(std::uint64_t bytes) const noexcept {
    return model.capacity == 0 || store.charged + bytes <= model.capacity;
  }
};

class Disks {
 public:
  explicit Disks(std::uint64_t seed) : seed_(seed) {}

  HostDisk& of(NodeIndex node) {
    if (node >= disks_.size()) disks_.resize(node + std::size_t{1});
    return disks_[node];
  }
  // Null for a host whose disk was never touched.
  const HostDisk* find(NodeIndex node) const noexcept { return node < disks_.size() ? &disks_[node] : nullptr; }
  NodeIndex hosts() const noexcept { return static_cast<NodeIndex>(disks_.size()); }  // those with a disk are below it
  // What lies on it goes; the model stays.
  void wipe(NodeIndex node);
  bool has_content(NodeIndex node) const noexcept;
  // Whether the next operation fails.
  bool fails(NodeIndex node);
  // Puts bytes into content; false when the disk is full or fails. What is replaced needs no room of its own.
  bool write(NodeIndex node, ContentKey key, std::uint64_t offset, std::span<const Extent> extents);
  void erase(NodeIndex node, ContentKey key);

 private:
  std::uint64_t seed_;
  std::deque<HostDisk> disks_;  // by node
};

}  // namespace peerbed::sim
