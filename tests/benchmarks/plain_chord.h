#pragma once
// Chord as first written by Stoica et al. (2001), on the public contract: the W-Chord-S workload that other simulators
// run too. 24-bit ids, recursive lookups, no successor list, no storage, no retries. It keeps the reference workload's
// own generator, so that ids, phases and keys are the same everywhere.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"

namespace peerbed::benchmarks {

constexpr int id_bits = 24;
constexpr std::uint32_t id_mask = (1U << id_bits) - 1;

// SplitMix64.
struct WorkloadRandom {
  std::uint64_t state = 0;
  constexpr std::uint64_t next() noexcept { return mix(state += 0x9E3779B97F4A7C15ULL); }
  constexpr double unit() noexcept { return to_unit(next()); }
};

// A node's id and the host part of its address; every node listens on the same port.
struct Peer {
  std::uint32_t id = 0;
  std::uint32_t host = 0;  // 0: nobody
  friend constexpr bool operator==(const Peer&, const Peer&) = default;
  auto fields() const { return std::tie(id, host); }
};

class PlainChord {
 public:
  enum Timer : TimerId { stabilize, fix_finger, check_predecessor, look_up, timer_total };
  enum class Kind : std::uint8_t { find, found, get_predecessor, predecessor_is, notify, ping, pong };
  enum class Purpose : std::uint8_t { finger, look_up };
  enum TraceType : std::uint16_t { trace_lookup };

  static constexpr std::size_t timer_count = timer_total;
  static constexpr std::array<TraceEventType, 1> trace_events{{{"lookup.done", {{{"hops", Unit::count}}}}}};
  static constexpr std::array<std::string_view, 7> message_kinds{
      "find", "found", "get_predecessor", "predecessor_is", "notify", "ping", "pong"};

  // A node of a ring that is correct from the start; `ring` is sorted by id.
  PlainChord(const std::vector<Peer>& ring, std::size_t index);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment& environment) { environment.exit(); }
  auto fields() const { return std::tie(self_, predecessor_, next_finger_, waits_for_pong_, random_.state, fingers_); }
  friend bool operator==(const PlainChord& a, const PlainChord& b) { return a.fields() == b.fields(); }

  struct Message {
    Kind kind{};
    Purpose purpose{};
    std::uint8_t finger = 0;
    std::uint8_t hops = 0;
    Peer asker{};
    std::uint32_t key = 0;
    Peer answer{};
    void encode(Writer& writer) const;
  };

 private:
  Address address_of(Peer peer, Environment& environment) const;
  Peer closest_preceding_finger(std::uint32_t key) const;
  void find(Environment& environment, Purpose purpose, std::uint8_t finger, std::uint32_t key);
  void forward(Environment& environment, Message message);
  void finish(Environment& environment, const Message& message);

  Peer self_;
  Peer predecessor_;
  std::uint8_t next_finger_ = 0;
  bool waits_for_pong_ = false;
  WorkloadRandom random_;
  std::array<Peer, id_bits> fingers_;  // fingers_[0] is the successor
};

}  // namespace peerbed::benchmarks
