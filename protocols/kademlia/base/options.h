#pragma once
// The options of a Kademlia node. All nodes of a network should be given the same options; nodes share one object.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "protocols/environment/time.h"

namespace peerbed::kademlia {

// The largest bucket, and so the most contacts in a message: with IPv6 addresses they fit into one datagram.
constexpr std::size_t maximum_bucket_size = 32;
constexpr std::size_t maximum_concurrency = 16;
constexpr std::size_t maximum_bootstrap = 8;
// The most bytes in one value: a value and its envelope fit into one datagram.
constexpr std::size_t maximum_value_size = 1024;

enum class LookupMode : std::uint8_t {
  pipelined,  // a lookup asks the next contact as soon as an answer comes
  rounds,     // it waits for all answers to one round of requests before it sends the next
};

struct Options {
  using Milliseconds = std::chrono::milliseconds;
  using Minutes = std::chrono::minutes;

  // The routing table.
  std::size_t bucket_size = 20;       // k; 1..maximum_bucket_size
  std::size_t replacement_cache = 8;  // contacts that wait for a place in a full bucket; 0..maximum_bucket_size
  unsigned stale_after = 2;           // 1..16 requests in a row without an answer, then a contact is stale
  Duration ping_after = Minutes{15};  // a newcomer has the oldest contact of a full bucket pinged if silent for so long
  Duration refresh_period = Minutes{60};  // a bucket in whose range nothing was looked up for so long is looked up

  // Lookups.
  std::size_t concurrency = 3;  // alpha; 1..maximum_concurrency requests of a lookup under way
  std::size_t resiliency = 20;  // closest nodes that must have answered; at most bucket_size of them
  LookupMode lookup_mode = LookupMode::pipelined;
  Duration lookup_period = Duration{0};  // each node looks up a uniform key this often; 0: never

  // Waits follow measured round trips (RFC 6298). Each further wait for the same answer is twice as long.
  Duration initial_timeout = std::chrono::seconds{4};  // the first wait while no round trip was measured
  Duration rpc_timeout = Milliseconds{200};            // the shortest first wait
  unsigned rpc_attempts = 2;               // 1..16 requests without an answer, then the contact is passed over
  Duration remember_silence = Minutes{1};  // lookups pass over a contact that was silent within this time; 0: never

  // Values.
  std::size_t read_quorum = 1;  // 1..maximum_bucket_size holders that a get hears, if there are; the newest counts
  Duration value_lifetime = std::chrono::hours{24};    // from the publication on, and the most that a node accepts
  Duration republish_period = std::chrono::hours{12};  // a publisher stores its values again this often; 0: never
  Duration replicate_period = std::chrono::hours{1};   // and a holder, unless somebody else did; 0: never
  std::size_t maximum_values = 65'536;                 // held by one node; more are refused

  // Periods are drawn anew each time, uniform within this share around their mean.
  unsigned period_jitter_percent = 10;  // 0..100

  auto fields() const {
    return std::tie(bucket_size, replacement_cache, stale_after, ping_after, refresh_period, concurrency, resiliency,
                    lookup_mode, lookup_period, initial_timeout, rpc_timeout, rpc_attempts, remember_silence,
                    read_quorum, value_lifetime, republish_period, replicate_period, maximum_values,
                    period_jitter_percent);
  }
  friend bool operator==(const Options& one, const Options& other) { return one.fields() == other.fields(); }
};

}  // namespace peerbed::kademlia
