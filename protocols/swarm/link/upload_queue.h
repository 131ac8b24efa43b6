#pragma once
// The blocks that the other side of a link is to be sent, in the order in which it asked for them; at most
// maximum_requests. Only so few are in the network's hands at once that a cancelled one need not be sent.

#include <algorithm>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/contract.h"
#include "protocols/swarm/base/options.h"
#include "protocols/swarm/base/piece_map.h"

namespace peerbed::swarm {

class UploadQueue {
 public:
  struct Sending {
    Block block;
    bool ends_turn = false;  // a piece is at its end, or as much of several
  };

  bool empty() const noexcept { return waiting_.empty(); }
  bool is_full() const noexcept { return waiting_.size() >= maximum_requests; }
  bool is_idle() const noexcept { return waiting_.empty() && in_network_ == 0; }
  bool is_in_turn() const noexcept { return turn_ > 0; }  // a piece has begun
  std::span<const Block> waiting() const noexcept { return waiting_; }
  std::uint64_t sent() const noexcept { return sent_; }  // bytes, all in all

  void add(const Block& block) {
    PEERBED_CONTRACT(!is_full(), "the requests of one link are limited");
    waiting_.push_back(block);
  }
  // False: it is under way, or was never asked for.
  bool cancel(const Block& block) {
    const auto found = std::find(waiting_.begin(), waiting_.end(), block);
    if (found == waiting_.end()) return false;
    waiting_.erase(found);
    return true;
  }
  void clear() noexcept { waiting_.clear(); }

  bool may_send() const noexcept { return !waiting_.empty() && in_network_ < blocks_in_network; }
  // The first block is handed to the network.
  Sending send(const Geometry& geometry) {
    PEERBED_CONTRACT(may_send(), "a block that is sent waits, and there is room for it in the network's hands");
    const Block block = waiting_.front();
    waiting_.erase(waiting_.begin());
    ++in_network_;
    sent_ += block.size;
    turn_ += block.size;
    const std::uint32_t piece_size = geometry.size_of(block.piece);
    const bool ends_turn = block.offset + block.size >= piece_size || turn_ >= piece_size;
    if (ends_turn) turn_ = 0;
    return {block, ends_turn};
  }
  // The network has taken one.
  void note_sent() noexcept {
    if (in_network_ > 0) --in_network_;
  }

  auto fields() const { return std::tie(waiting_, in_network_, sent_, turn_); }

 private:
  static constexpr std::uint32_t blocks_in_network = 2;

  std::vector<Block> waiting_{};
  std::uint32_t in_network_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t turn_ = 0;  // bytes of these, of the piece that is being sent
};

}  // namespace peerbed::swarm
