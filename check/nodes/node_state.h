#pragma once
// A state of several nodes in 32-bit words: the ids of their processes, what is left of the budget, the id of the
// watch, and the ids of the messages under way, sorted by fingerprint.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace peerbed::check {

class NodeState {
 public:
  std::span<const std::uint32_t> words() const noexcept { return words_; }
  void assign(std::span<const std::uint32_t> words) { words_.assign(words.begin(), words.end()); }

  std::vector<std::uint32_t>& edit() noexcept { return words_; }
  std::uint32_t operator[](std::size_t place) const noexcept { return words_[place]; }

 private:
  std::vector<std::uint32_t> words_;
};

}  // namespace peerbed::check
