#include "protocols/swarm/link/source_requests.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

void SourceRequests::claim(const Fetching& fetching, Request& request) {
  if (!request.released) return;
  request.released = false;
  fetching.map.claim(request.block);
}

void SourceRequests::release(const Fetching& fetching, Request& request) {
  if (request.released) return;
  request.released = true;
  fetching.map.release(request.block);
  const bool has_ranges = fetching.fragments != nullptr && !fetching.fragments->empty();
  if (has_ranges && fetching.map.is_free(request.block)) fetching.fragments->reopen(fetching.map, request.block);
}

void SourceRequests::add(const Fetching& fetching, const Block& block, Time now) {
  const bool alone = outstanding_ == 0;
  if (alone) last_progress_ = now;
  requests_.push_back({.block = block, .sent = now, .alone = alone});
  fetching.map.claim(block);
  outstanding_ += block.size;
}

// ---------------------------------------------------------------------------------------------------------------------
// What comes

bool SourceRequests::begin_arrival(const Block& block, Time now) {
  const auto found =
      std::find_if(requests_.begin(), requests_.end(), [&](const Request& request) { return request.block == block; });
  if (found == requests_.end()) return false;
  PEERBED_CONTRACT(!receiving_, "one block of a stream arrives at a time");
  if (found->alone) round_trip_ = std::min(round_trip_, now - found->sent);
  receiving_ = *found;
  requests_.erase(found);
  to_scratch_ = true;  // until it is known where it goes
  return true;
}

void SourceRequests::set_place(const Fetching& fetching, bool is_welcome) {
  PEERBED_CONTRACT(receiving_ && to_scratch_, "a place is given to a block that begins to arrive");
  to_scratch_ = !is_welcome;
  if (to_scratch_) return release(fetching, *receiving_);
  PEERBED_CONTRACT(!fetching.map.is_arriving(receiving_->block), "one source at a time writes a block to its place");
  claim(fetching, *receiving_);
  fetching.map.begin_arrival(receiving_->block);
}

void SourceRequests::note_delivery(Time now) {
  PEERBED_CONTRACT(receiving_.has_value(), "what is delivered has begun to arrive");
  const Time begun = receiving_->alone ? std::min(now, receiving_->sent + round_trip_) : last_progress_;
  pace_.add(receiving_->block.size, std::max<Duration>(now - begun, std::chrono::microseconds(1)));
  last_progress_ = now;
  outstanding_ -= receiving_->block.size;
}

void SourceRequests::end_arrival(const Fetching& fetching) {
  PEERBED_CONTRACT(receiving_.has_value(), "what ends has begun to arrive");
  if (!to_scratch_) fetching.map.end_arrival(receiving_->block);
  release(fetching, *receiving_);
  receiving_.reset();
}

// ---------------------------------------------------------------------------------------------------------------------
// What will not come

std::optional<bool> SourceRequests::reject(const Fetching& fetching, const Block& block) {
  const auto found =
      std::find_if(requests_.begin(), requests_.end(), [&](const Request& request) { return request.block == block; });
  if (found == requests_.end()) return std::nullopt;
  const bool was_expected = !found->released;
  release(fetching, *found);
  requests_.erase(found);
  outstanding_ -= block.size;
  stalled_ = false;  // it lives, and may be asked for something else
  return was_expected;
}

void SourceRequests::void_all(const Fetching& fetching, StreamId source, bool is_gone) {
  for (Request& request : requests_) release(fetching, request);
  requests_.clear();
  if (receiving_ && is_gone) end_arrival(fetching);
  outstanding_ = receiving_ ? receiving_->block.size : 0;
  stalled_ = false;
  disown(fetching, source);
  if (fetching.fragments != nullptr) fetching.fragments->leave(source);
}

void SourceRequests::disown(const Fetching& fetching, StreamId source) {
  for (Request& request : requests_) {
    const OpenPiece* piece = fetching.map.find(request.block.piece);
    if (piece != nullptr && piece->lone && piece->owner == source) release(fetching, request);
  }
  fetching.map.disown(source);
}

unsigned SourceRequests::release_copies(const Fetching& fetching, const Block& block) {
  unsigned copies = 0;
  for (Request& request : requests_) {
    if (request.block != block) continue;
    release(fetching, request);
    ++copies;
  }
  return copies;
}

std::vector<Block> SourceRequests::release_piece(const Fetching& fetching, std::uint32_t piece) {
  std::vector<Block> released;
  if (receiving_ && receiving_->block.piece == piece) release(fetching, *receiving_);
  for (Request& request : requests_) {
    if (request.block.piece != piece || request.released) continue;
    release(fetching, request);
    released.push_back(request.block);
  }
  return released;
}

std::uint64_t SourceRequests::stall(const Fetching& fetching, StreamId source) {
  stalled_ = true;
  std::uint64_t bytes = 0;
  for (Request& request : requests_) {
    if (!request.released) bytes += request.block.size;
    fetching.map.mark_doubled(request.block);
    release(fetching, request);
  }
  if (receiving_) {
    fetching.map.mark_doubled(receiving_->block);
    release(fetching, *receiving_);
  }
  disown(fetching, source);
  return bytes;
}

void SourceRequests::revive(const Fetching& fetching) {
  stalled_ = false;
  for (Request& request : requests_)
    if (request.released && fetching.map.is_free(request.block)) claim(fetching, request);
}

}  // namespace peerbed::swarm
