#pragma once
// Whether a datagram is lost: never, independently, or in bursts (Gilbert 1960, Elliott 1963). A model is a small
// value. The memory of a bursty link is a separate LossState, which the network keeps for each direction.

#include <cstdint>

#include "protocols/environment/random.h"

namespace peerbed::sim {

// Each packet first moves the link between its two states, then is lost with the probability of the state it is in.
// A bad spell lasts 1 / to_good packets on average; a link begins in the good state.
struct GilbertElliott {
  double to_bad = 0;        // P(good -> bad) at each packet: p in Gilbert 1960
  double to_good = 1;       // P(bad -> good): r in Elliott 1963
  double loss_in_good = 0;  // 1 - k in Elliott's notation
  double loss_in_bad = 1;   // 1 - h
  friend constexpr bool operator==(const GilbertElliott&, const GilbertElliott&) = default;
};

struct LossState {
  bool bad = false;
  friend constexpr bool operator==(const LossState&, const LossState&) = default;
};

class LossModel {
 public:
  constexpr LossModel() = default;  // loses nothing
  // Throws std::invalid_argument for a probability outside [0, 1].
  static LossModel independent(double probability);
  // Also throws if to_bad > 0 while to_good = 0: such a link would break for ever.
  static LossModel gilbert_elliott(const GilbertElliott& parameters);

  // The fate of the next packet. Takes no draw, one draw (independent) or two (bursty), whatever the outcome.
  bool lost(LossState& state, KeyedStream& draws) const noexcept {
    return kind_ != Kind::none && lost_by_chance(state, draws);
  }

  constexpr bool is_lossless() const noexcept { return kind_ == Kind::none; }
  // The long-run share of packets lost.
  double mean() const noexcept;
  // Whether the fate of one packet depends on those before it; only then must a link keep its LossState.
  constexpr bool has_memory() const noexcept { return kind_ == Kind::bursty; }

  friend constexpr bool operator==(const LossModel&, const LossModel&) = default;

 private:
  enum class Kind : std::uint8_t { none, independent, bursty };

  bool lost_by_chance(LossState& state, KeyedStream& draws) const noexcept;

  Kind kind_ = Kind::none;
  GilbertElliott parameters_;  // independent loss is stored in loss_in_good
};

}  // namespace peerbed::sim
