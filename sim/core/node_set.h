#pragma once
// A set of hosts as bits. Partitions and clogs are made of these.

#include <cstdint>
#include <span>
#include <vector>

#include "sim/core/types.h"

namespace peerbed::sim {

class NodeSet {
 public:
  NodeSet() = default;
  explicit NodeSet(std::span<const NodeIndex> nodes) {
    for (const NodeIndex node : nodes) insert(node);
  }
  void insert(NodeIndex node) {
    if (node / 64 >= words_.size()) words_.resize(node / 64 + 1);
    words_[node / 64] |= std::uint64_t{1} << (node % 64);
  }
  bool contains(NodeIndex node) const noexcept {
    return node / 64 < words_.size() && (words_[node / 64] >> (node % 64) & 1) != 0;
  }

 private:
  std::vector<std::uint64_t> words_;
};

}  // namespace peerbed::sim
