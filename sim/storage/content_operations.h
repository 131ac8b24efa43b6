#pragma once
// What nodes do with content on their hosts' disks: write, read, hash, import, export and erase. An operation that its
// node hears of takes time: it is asked for, stays here under its slot, and is carried out when it is due. Callers
// complete each slot once.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/environment/effects.h"
#include "sim/core/pool.h"
#include "sim/core/trace_digest.h"
#include "sim/storage/disks.h"
#include "sim/storage/piece_hash.h"

namespace peerbed::sim {

class ContentOperations {
 public:
  // A host computes SHA-256 at this rate, one piece after the other; 0 means that it takes no time.
  explicit ContentOperations(Rate hashing) : hashing_(hashing) {}

  // An operation under way, and when it is due.
  struct Pending {
    std::uint32_t slot = 0;
    Time due;
  };
  // Begins what a node recorded: an effect on content, with its bytes. Returns nothing if the node hears no more of it.
  std::optional<Pending> begin(Disks& disks, NodeIndex node, const Effect& effect, Bytes bytes, Time now);
  // The node is to hear that the file behind this content was changed.
  Pending announce_change(ContentKey key, Time now);
  // Carries out an operation that is due and frees its slot. `bytes` receives the bytes that the result refers to.
  ContentReady complete(Disks& disks, NodeIndex node, std::uint32_t slot, std::vector<std::byte>& bytes);
  // Moves an operation of another table here, and returns its slot.
  std::uint32_t take_over(ContentOperations& other, std::uint32_t slot);
  // Frees the slot of an operation whose node is gone.
  void release(std::uint32_t slot) { operations_.release(slot); }

  std::size_t bytes() const noexcept { return operations_.bytes(); }             // memory taken by the table
  std::uint64_t hashes_computed() const noexcept { return hashes_.computed(); }  // the others were in the cache
  void append_state(std::uint32_t slot, TraceDigest& digest) const;

 private:
  struct Operation {
    ContentAction action{};
    ContentRange range;
    std::string name;  // of the file to import or export
    bool failed = false;
  };

  Pending add(Operation operation, Time due);
  Time hash_done(HostDisk& disk, std::uint64_t size, Time now) const;
  bool perform(Disks& disks, NodeIndex node, const Operation& operation, ContentReady& ready,
               std::vector<std::byte>& bytes);

  Rate hashing_;
  Pool<Operation> operations_;
  PieceHashes hashes_;
};

}  // namespace peerbed::sim
