#pragma once
// How long peers take to answer, and so how long a node waits for them: the retransmission timeout of RFC 6298, over
// all peers together, and separately for each peer that is slower than the others.

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/round_trip.h"
#include "protocols/environment/time.h"
#include "protocols/ring/base/box.h"

namespace peerbed::ring {

constexpr std::size_t maximum_slow_peers = 32;      // the one heard longest ago gives way
constexpr std::size_t maximum_open_questions = 32;  // that were given up and may yet be answered; the oldest gives way
constexpr Duration longest_timeout = std::chrono::minutes(1);

// Only answers to the first copy of a question are measured (Karn's rule). Each copy has an id of its own, so that such
// an answer is known for what it is even when it comes after other copies were sent, or after the question was given
// up: a peer that is slower than the timeout is measured, too.
class RttTracker {
 public:
  bool known() const noexcept { return all_.known(); }
  // The wait for an answer of `peer`, at least `least`; `initial` while no round trip at all was measured.
  Duration timeout(Address peer, Duration least, Duration initial) const noexcept {
    return exceptions_ ? particular_timeout(peer, least, initial) : typical_timeout(least, initial);
  }
  // Of all peers together.
  Duration typical_timeout(Duration least, Duration initial) const noexcept {
    if (!all_.known()) return std::max(least, initial);
    return std::clamp(all_.timeout(), least, std::max(least, longest_timeout));
  }
  // Of the slowest peer.
  Duration greatest_timeout(Duration least, Duration initial) const noexcept {
    Duration greatest = typical_timeout(least, initial);
    if (exceptions_)
      for (const SlowPeer& peer : exceptions_->slow)
        greatest = std::max(greatest, std::min(peer.round_trip.timeout(), std::max(least, longest_timeout)));
    return greatest;
  }
  void note(Address peer, Duration sample) {
    const Duration usual = all_.known() ? all_.timeout() : sample;
    all_.note(sample);
    if (doubt_ > 0) --doubt_;
    if (exceptions_ || sample > usual) note_particular(peer, sample, usual);
  }
  // A question was answered of which more than one copy was sent.
  void note_answer_to_copy() noexcept { doubt_ = answers_until_trusted; }
  // Whether something was lost or late within the latest answers: then silence need not mean death.
  bool doubts_silence() const noexcept { return doubt_ > 0; }
  // A question whose first copy has this id was given up.
  void note_given_up(Address peer, std::uint32_t id, Time asked);
  // Whether the peer has left a question unanswered and was not heard since.
  bool is_silent(Address peer) const noexcept;
  // An answer to a question that was given up, if it is one.
  void note_late_answer(Address peer, std::uint32_t id, Time now);

  auto fields() const { return std::tie(all_, doubt_, exceptions_); }

 private:
  struct SlowPeer {
    Address address;
    RoundTrip round_trip;
    auto fields() const { return std::tie(address, round_trip); }
  };
  struct OpenQuestion {
    Address peer;
    std::uint32_t id = 0;
    Time asked;
    auto fields() const { return std::tie(peer, id, asked); }
  };
  struct Exceptions {
    std::vector<SlowPeer> slow;
    std::vector<OpenQuestion> open;
    auto fields() const { return std::tie(slow, open); }
  };

  Duration particular_timeout(Address peer, Duration least, Duration initial) const noexcept;
  void note_particular(Address peer, Duration sample, Duration usual);

  static constexpr std::uint8_t answers_until_trusted = 32;

  Box<Exceptions> exceptions_;
  RoundTrip all_;
  std::uint8_t doubt_ = 0;  // answers in time that it takes until silence is trusted
};

}  // namespace peerbed::ring
