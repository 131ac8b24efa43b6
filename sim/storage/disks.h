#pragma once
// The hosts' disks: their contents, how fast they are, how large they are and how often they fail.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/trace_digest.h"
#include "sim/core/types.h"
#include "sim/storage/content_store.h"

namespace peerbed::sim {

struct DiskModel {
  Rate rate;                   // of reading and writing together; zero: operations take no time
  Duration latency{};          // of each operation, in addition
  std::uint64_t capacity = 0;  // bytes; zero: unlimited
  double failing = 0;          // share of operations that fail
  friend bool operator==(const DiskModel&, const DiskModel&) = default;
};

// One host's disk, and until when it is busy.
struct HostDisk {
  static constexpr std::uint64_t chunk = 262'144;  // bytes of a stream that a slow disk reads or writes at once
  DiskModel model;
  ContentStore store;
  Time free_at;                  // when the disk has done everything that it was asked to
  Time hashed_at;                // when the host has hashed everything that it was asked to
  std::uint64_t operations = 0;  // numbers the draws

  bool takes_time() const noexcept { return model.rate.bits_per_second != 0 || model.latency != Duration::zero(); }
  // Queues a read or write of `bytes` bytes behind all earlier ones. Returns when it is done.
  Time pass(std::uint64_t bytes, Time now);
  bool has_room_for(std::uint64_t bytes) const noexcept {
    return model.capacity == 0 || store.charged + bytes <= model.capacity;
  }
};

class Disks {
 public:
  explicit Disks(std::uint64_t seed) : seed_(seed) {}
  Disks(const Disks& other);
  Disks(Disks&&) = default;
  Disks& operator=(const Disks& other) { return *this = Disks(other); }
  Disks& operator=(Disks&&) = default;
  ~Disks() = default;

  // Makes room for the disks of so many hosts: from then on, each may be used in a thread of its own.
  void make_room(std::size_t hosts) {
    if (hosts > disks_.size()) disks_.resize(hosts);
  }
  HostDisk& of(NodeIndex node) {
    make_room(node + std::size_t{1});
    std::unique_ptr<HostDisk>& disk = disks_[node];
    if (!disk) disk = std::make_unique<HostDisk>();
    return *disk;
  }
  // Null for a host whose disk was never used.
  const HostDisk* find(NodeIndex node) const noexcept { return node < disks_.size() ? disks_[node].get() : nullptr; }
  // Erases the disk's contents; its model stays.
  void wipe(NodeIndex node);
  bool has_content(NodeIndex node) const noexcept;
  // Whether the next operation fails.
  bool fails(NodeIndex node);
  // Writes bytes into content; false when the disk is full or fails. Replaced bytes take no additional space.
  bool write(NodeIndex node, ContentKey key, std::uint64_t offset, std::span<const Extent> extents);
  void erase(NodeIndex node, ContentKey key);
  // A file of `size` bytes generated from the seed, which is not 0. The name is one component of a path.
  void put_file(NodeIndex node, std::string_view name, std::uint64_t seed, std::uint64_t size);
  // Replaces content by such bytes without asking the disk, as a user would. With seed 0, only erases it.
  void replace(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size);
  // What is on the disks, and until when they are busy.
  void append_state(TraceDigest& digest) const;

 private:
  std::uint64_t seed_;
  std::vector<std::unique_ptr<HostDisk>> disks_;  // by node; null: never used
};

}  // namespace peerbed::sim
