#pragma once
// What one source was asked for and has not answered yet, the block that is arriving from it, and how quickly it
// delivers. A request claims its block in the file's map from when it is sent until its answer has come or is waited
// for no more; each copy of a block that comes to nothing releases its claim, so that somebody else is asked. The
// outstanding bytes are those of all requests here, released or not.

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/base/piece_map.h"
#include "protocols/swarm/base/rate.h"
#include "protocols/swarm/link/fragments.h"

namespace peerbed::swarm {

struct Request {
  Block block;
  Time sent{};
  bool released = false;  // others may be asked for the block; it counts only if it comes first
  bool alone = false;     // nothing else was asked when it was: it measures the round trip
  auto fields() const { return std::tie(block, sent, released, alone); }
};

// What is fetched of a file.
struct Fetching {
  PieceMap& map;
  Fragments* fragments;  // of the download under way; null: there is none
};

class SourceRequests {
 public:
  bool empty() const noexcept { return requests_.empty() && !receiving_; }  // nothing is to come
  std::uint64_t outstanding() const noexcept { return outstanding_; }       // bytes
  std::span<const Request> unanswered() const noexcept { return requests_; }
  const std::optional<Request>& receiving() const noexcept { return receiving_; }  // the block that is arriving
  // What is arriving is not needed, and goes where nothing is read.
  bool is_to_scratch() const noexcept { return to_scratch_; }
  // It lost its blocks, and is to get no more before it delivers.
  bool is_stalled() const noexcept { return stalled_; }
  Time last_progress() const noexcept { return last_progress_; }  // when bytes came, or were first asked for
  const RateMeter& pace() const noexcept { return pace_; }
  Duration round_trip() const noexcept { return round_trip_; }  // the shortest seen; Duration::max() before
  void set_round_trip(Duration round_trip) noexcept { round_trip_ = round_trip; }
  // This host stood still for so long.
  void forgive(Duration late) noexcept { last_progress_ += late; }

  // Asks for a block. Fewer than maximum_requests are unanswered.
  void add(const Fetching& fetching, const Block& block, Time now);

  // A block begins to arrive; set_place() is next. False: it was not asked for, and nothing changed.
  [[nodiscard]] bool begin_arrival(const Block& block, Time now);
  // Where it goes: to its place, where no other writes, or to scratch; then somebody else may be asked for what this
  // copy is no good for.
  void set_place(const Fetching& fetching, bool is_welcome);
  // All of the arriving block has come. end_arrival() follows.
  void note_delivery(Time now);
  // The arriving block is here, or will never be.
  void end_arrival(const Fetching& fetching);

  // A block is refused. Returns whether it was still expected; nothing if it was not asked for, or voided meanwhile.
  std::optional<bool> reject(const Fetching& fetching, const Block& block);
  // After a choke, or at the end of the stream, nothing comes that was asked for, but for the block that is arriving,
  // and that comes unless the source is gone.
  void void_all(const Fetching& fetching, StreamId source, bool is_gone);
  // What the source was to fetch as a whole is anybody's. Of a piece that it alone was to send nothing that came counts
  // any more, nor what is to come.
  void disown(const Fetching& fetching, StreamId source);
  // A block has come from elsewhere. Returns how many requests for it are to be cancelled.
  unsigned release_copies(const Fetching& fetching, const Block& block);
  // A piece is to be closed: nobody owes a block of it. Returns the requests that are to be cancelled.
  std::vector<Block> release_piece(const Fetching& fetching, std::uint32_t piece);
  // A silent source: what it was asked for is anybody's, and if it comes first all the same, it counts. Returns how
  // many bytes that no answer has begun for.
  std::uint64_t stall(const Fetching& fetching, StreamId source);
  // It has delivered after all: of what it was asked for, what nobody else was asked for meanwhile is its again.
  void revive(const Fetching& fetching);

  auto fields() const {
    return std::tie(requests_, outstanding_, receiving_, to_scratch_, stalled_, last_progress_, round_trip_, pace_);
  }

 private:
  static void claim(const Fetching& fetching, Request& request);
  static void release(const Fetching& fetching, Request& request);

  std::vector<Request> requests_{};
  std::uint64_t outstanding_ = 0;
  std::optional<Request> receiving_{};
  bool to_scratch_ = false;
  bool stalled_ = false;
  Time last_progress_{};
  Duration round_trip_ = Duration::max();
  RateMeter pace_{};
};

}  // namespace peerbed::swarm
