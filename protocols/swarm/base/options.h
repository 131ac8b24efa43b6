#pragma once
// The options of a tracker and its peers. All nodes of a swarm should be given the same options; they share one object.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>

#include "protocols/environment/time.h"

namespace peerbed::swarm {

// How a downloader divides the work among its sources.
enum class Division : std::uint8_t {
  swarming,  // each source is asked for the next blocks as it delivers: shares follow the measured rates
  fragment,  // the original scheme: n equal ranges, one a source; ranges of lost sources are fetched anew, whole
};

// Which peers a peer uploads to.
enum class Choking : std::uint8_t {
  tit_for_tat,  // upload_slots peers that gave the most in the last round, and one drawn at random
  rotation,     // upload_slots + 1 peers, those that waited longest first
  plain,        // every peer that asks, at once
};

constexpr std::uint32_t smallest_piece = 16 * 1024;
constexpr std::uint32_t largest_piece = 4 * 1024 * 1024;
constexpr std::uint32_t smallest_block = 4 * 1024;
constexpr std::uint32_t largest_block = 1024 * 1024;
constexpr std::size_t maximum_requests = 1024;  // unanswered ones of one stream
constexpr std::size_t maximum_trackers = 8;

struct Options {
  using Milliseconds = std::chrono::milliseconds;
  using Seconds = std::chrono::seconds;

  // The tracker. A peer gets a heartbeat heartbeat_interval after its last sign of life, and is dropped after
  // missed_heartbeats in a row, heartbeat_timeout apart, without an answer.
  Duration heartbeat_interval = Seconds{1};
  Duration heartbeat_timeout = Seconds{1};
  unsigned missed_heartbeats = 3;            // 1..16
  Duration push_period = Milliseconds{100};  // changes within it are pushed together
  std::size_t maximum_peers = 65'536;        // a tracker lists no more
  std::size_t remembered_changes = 8'192;    // a peer that missed more than these asks for the whole list

  // A peer and its trackers.
  Duration tracker_silence = Milliseconds{1500};  // without a heartbeat for this long, a peer registers again; 0: never
  std::size_t maximum_listed = 2'048;             // of a longer list a peer keeps its own random sample

  // What is offered.
  std::uint32_t piece_size = 1024 * 1024;  // of files that this peer adds; a power of two, 16 KiB..4 MiB
  std::size_t maximum_files = 65'536;      // shared by one peer
  bool ask_which = false;  // a name that means several files is not fetched, but said to: else what most have is taken
  Duration ask_timeout = Milliseconds{500};  // a peer that was asked by datagram is asked again; twice in all
  std::size_t ask_batch = 64;                // peers asked at once

  // Streams to other peers.
  std::size_t maximum_connections = 40;  // to and from other peers, for each file
  std::size_t wanted_connections = 20;  // a downloader with fewer opens more; half of the maximum leaves newcomers room
  Duration have_period = Milliseconds{1000};  // a peer that cannot use new pieces at once learns of them after this
  Duration connect_timeout = Seconds{1};  // a stream that is not open by then is tried again, more patiently each time
  Duration retry_delay = Milliseconds{400};  // before a lost source is tried again; doubled at each failure, up to 30 s
  bool hole_punching = false;                // peers that do not answer are told of by their trackers, and send first
  Duration give_up = Seconds{60};            // a download without progress for this long fails

  // Downloading.
  Division division = Division::swarming;
  std::uint32_t block_size = 128 * 1024;  // what one request asks for; at least a 64th of a piece
  std::uint32_t least_outstanding = 4;    // blocks asked of each source at least, and at most:
  std::uint32_t most_outstanding = 256;
  Duration request_margin = Milliseconds{50};  // outstanding requests cover this time beyond the round trip
  Duration block_timeout = Seconds{2};         // a source that delivers nothing for so long loses its blocks, and
                                               // after twice that its stream; slow ones get four times their pace
  unsigned endgame_copies = 2;                 // sources asked for the same block at the end; 1..4
  unsigned ban_after = 1;                      // wrong pieces of a file, then their source is banned for it
  std::uint64_t download_limit = 0;            // bits a second; 0: none

  // Uploading.
  Choking choking = Choking::tit_for_tat;
  std::size_t upload_slots = 6;  // regular ones
  Duration choke_period = Seconds{10};
  unsigned optimistic_rounds = 3;          // periods after which the drawn peer changes
  Duration idle_slot = Milliseconds{600};  // a slot whose peer asks for nothing is given to another after this
  bool suggest_pieces = true;              // a peer that has everything spreads each piece once before it repeats one
  std::uint64_t upload_limit = 0;          // bits a second; 0: none

  // The heartbeat of the original: one question every tenth of a second, and a peer that is slower than that is gone.
  static Options classic() {
    Options options;
    options.heartbeat_interval = options.heartbeat_timeout = options.push_period = Milliseconds{100};
    options.missed_heartbeats = 1;
    options.tracker_silence = Duration{0};
    options.division = Division::fragment;
    options.choking = Choking::plain;
    return options;
  }

  auto fields() const {
    return std::tie(heartbeat_interval, heartbeat_timeout, missed_heartbeats, push_period, maximum_peers,
                    remembered_changes, tracker_silence, maximum_listed, piece_size, maximum_files, ask_which,
                    ask_timeout, ask_batch, maximum_connections, wanted_connections, have_period, connect_timeout,
                    retry_delay, hole_punching, give_up, division, block_size, least_outstanding, most_outstanding,
                    request_margin, block_timeout, endgame_copies, ban_after, download_limit, choking, upload_slots,
                    choke_period, optimistic_rounds, idle_slot, suggest_pieces, upload_limit);
  }
  friend bool operator==(const Options& one, const Options& other) { return one.fields() == other.fields(); }
};

using SharedOptions = std::shared_ptr<const Options>;

// A broken contract is our own bug; scenarios and command lines are checked before.
void check(const Options& options) noexcept;

}  // namespace peerbed::swarm
