#pragma once
// The options of a ring node. All nodes of a ring should be given the same options; nodes share one object.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "protocols/environment/time.h"

namespace peerbed::ring {

enum class LookupMode : std::uint8_t {
  recursive,  // each hop forwards the question; the last one answers the asker
  iterative,  // the asker asks each hop itself
};

// The longest successor list, and so the most contacts in a message.
constexpr std::size_t maximum_successors = 32;
// The most holders of one value: a bit each in 32 for all except the owner.
constexpr std::size_t maximum_replicas = 31;
// The most bytes in one value: a value and its envelope fit into one datagram.
constexpr std::size_t maximum_value_size = 1024;

struct Options {
  using Milliseconds = std::chrono::milliseconds;
  using Seconds = std::chrono::seconds;

  // The ring.
  unsigned key_bits = 64;                 // 8..64
  std::size_t successor_list_length = 8;  // r in Zave 2017; 1..maximum_successors
  Duration stabilize_period = Seconds{5};
  Duration check_predecessor_period = Seconds{5};  // also how often one lost contact is tried again
  bool notify_on_leave = true;                     // a graceful leave tells its neighbours and hands its values over
  bool check_reachability = false;  // a node that others cannot reach of their own accord becomes a guest

  // Periods are drawn anew each time, uniform within this share around their mean.
  unsigned period_jitter_percent = 10;  // 0..100

  // Waits follow measured round trips (RFC 6298). Each further wait for the same answer is twice as long, up to four
  // times the first. A peer is suspected after leaving `rpc_attempts` questions in a row unanswered.
  Duration initial_timeout = Seconds{4};     // the first wait while no round trip was measured
  Duration rpc_timeout = Milliseconds{500};  // the shortest first wait
  unsigned rpc_attempts = 5;                 // 1..16

  // Routing.
  LookupMode lookup_mode = LookupMode::recursive;
  bool successor_list_as_fingers = true;  // successors count as fingers when a next hop is chosen
  bool acknowledge_hops = true;       // recursive: each hop confirms, a silent hop is routed around, the owner answers
  bool forget_silent_fingers = true;  // a finger that let a hop time out is dropped until it is fixed
  bool fingers = true;                // without them finds go along the successors alone
  Duration fix_finger_period = Seconds{10};
  std::size_t fingers_per_run = 1;           // 0: all of them in each run
  Duration hop_timeout = Milliseconds{500};  // the shortest first wait for a hop, in either mode
  unsigned hop_attempts = 2;                 // 1..16, then the lookup goes around the hop
  // If a hop or holder is silent for longer than round trips usually take, and for this long, it is not given up yet,
  // but the next one is asked as well, and others go before it until it is heard. 0: never.
  Duration hedge_after = Duration{0};
  Duration lookup_timeout = Seconds{4};  // the shortest wait for the whole; doubled at each further attempt
  unsigned lookup_attempts = 4;          // 1..16, then the lookup has failed
  Duration lookup_period = Duration{0};  // each node looks up a uniform key this often; 0: never

  // Values.
  std::size_t replicas = 3;  // holders of each value in all: the owner and its next successors; 1..maximum_replicas
  // Longer than two silent successors in a row take to be noticed: what dies within it counts as dying together.
  Duration repair_period = Seconds{30};
  std::size_t maximum_values = 65'536;  // held by one node; more are refused
  unsigned operation_attempts = 6;      // 1..16 for a put or a get
  // How long removed and expired values are remembered: longer than any holder is away and comes back.
  Duration tombstone_lifetime = std::chrono::hours{24};
  // A put is refused if its stamp is ahead of its owner's clock by more than this.
  Duration maximum_clock_lead = std::chrono::hours{1};
  bool gets_end_early = false;  // recursive: any node that knows all holders of a key names them, not only the owner

  bool hedges() const noexcept { return hedge_after > Duration{0}; }

  // Without `fingers` and `check_reachability`, which came later: the digests of other rings stay as they were.
  auto fields() const {
    return std::tie(key_bits, successor_list_length, stabilize_period, check_predecessor_period, notify_on_leave,
                    period_jitter_percent, initial_timeout, rpc_timeout, rpc_attempts, lookup_mode,
                    successor_list_as_fingers, acknowledge_hops, forget_silent_fingers, fix_finger_period,
                    fingers_per_run, hop_timeout, hop_attempts, hedge_after, lookup_timeout, lookup_attempts,
                    lookup_period, replicas, repair_period, maximum_values, operation_attempts, tombstone_lifetime,
                    maximum_clock_lead, gets_end_early);
  }
  friend bool operator==(const Options& one, const Options& other) {
    return one.fingers == other.fingers && one.check_reachability == other.check_reachability &&
           one.fields() == other.fields();
  }
};

}  // namespace peerbed::ring
