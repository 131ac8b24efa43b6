#pragma once
// The options of a SWIM member. All members of a group should be given the same options; members share one object. The
// defaults are those of memberlist for local networks, where it has them.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "protocols/environment/time.h"

namespace peerbed::swim {

constexpr std::size_t maximum_updates = 32;  // in a message: with IPv6 addresses they fit into one datagram
constexpr std::size_t maximum_proxies = 8;
constexpr std::size_t maximum_bootstrap = 8;
constexpr std::size_t least_list = 64;
constexpr std::size_t maximum_list = 65'536;

enum class ProbeOrder : std::uint8_t {
  round_robin,  // all members in turn, in an order that is drawn anew for each turn (section 4.3)
  random,       // each time any member, uniformly (section 3.1)
};

struct Options {
  using Seconds = std::chrono::seconds;

  // Failure detection.
  Duration probe_period = Seconds{1};                       // one member is probed in each: the protocol period
  Duration probe_timeout = std::chrono::milliseconds{500};  // then proxies are asked to ping; below probe_period
  std::size_t proxies = 3;                                  // k; 0..maximum_proxies
  ProbeOrder probe_order = ProbeOrder::round_robin;

  // A suspect that does not object is dead after suspicion_factor * max(1, log10 of the group's size) periods.
  unsigned suspicion_factor = 4;  // 0..64; 0: without suspicion

  // Lifeguard.
  unsigned suspicion_spread = 6;    // 1..64 times as long, until others confirm the suspicion; 1: without
  unsigned local_health_limit = 8;  // 0..64 times that periods and timeouts of a slow member may grow; 0: without
  bool buddy_system = true;         // a ping to a suspect says so, so that it objects soon

  // Gossip. An update travels in repeat_factor * log2 of the group's size messages of each member that has heard of it.
  std::size_t piggyback = maximum_updates;         // 1..maximum_updates updates in a message
  unsigned repeat_factor = 3;                      // 1..16
  Duration sync_period = Seconds{30};              // compare lists with another member this often; 0: never
  Duration remember_dead = std::chrono::hours{1};  // they may be on the other side of a partition
  std::size_t maximum_members = 4'096;             // least_list..maximum_list; further ones are not listed

  auto fields() const {
    return std::tie(probe_period, probe_timeout, proxies, probe_order, suspicion_factor, suspicion_spread,
                    local_health_limit, buddy_system, piggyback, repeat_factor, sync_period, remember_dead,
                    maximum_members);
  }
  friend bool operator==(const Options& one, const Options& other) { return one.fields() == other.fields(); }
};

}  // namespace peerbed::swim
