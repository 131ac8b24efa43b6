#pragma once
// Whether the other side of a link may ask this one for blocks: it wants to, or not, and has a slot, or not. A choke
// voids what was asked before the other side has seen it.

#include <cstdint>
#include <tuple>

#include "protocols/environment/contract.h"
#include "protocols/environment/time.h"

namespace peerbed::swarm {

class UploadSlot {
 public:
  bool is_wanted() const noexcept { return wanted_; }  // the other side is interested
  bool is_given() const noexcept { return given_; }    // it is not choked
  void set_wanted(bool wanted) noexcept { wanted_ = wanted; }
  // The link is open: the other side waits from now on.
  void open(Time now) noexcept { changed_ = now; }

  // An unchoke, and a choke, are sent.
  void give(Time now) noexcept {
    PEERBED_CONTRACT(!given_, "a slot is given to a peer that has none");
    given_ = true;
    changed_ = last_asked_ = now;
  }
  void take(Time now) noexcept {
    PEERBED_CONTRACT(given_, "a slot is taken from a peer that has one");
    given_ = false;
    changed_ = last_asked_ = choked_at_ = now;
    ++unseen_chokes_;
  }
  // The other side has seen a choke.
  void note_seen(Time now) noexcept {
    if (unseen_chokes_ == 1) answer_time_ = now - choked_at_;
    if (unseen_chokes_ > 0) --unseen_chokes_;
  }
  // What it asks for now crossed with a choke.
  bool is_void() const noexcept { return !given_ || unseen_chokes_ > 0; }
  void note_request(Time now) noexcept { last_asked_ = now; }

  Time changed() const noexcept { return changed_; }
  // When it asked for a block, or got the slot.
  Time last_asked() const noexcept { return last_asked_; }
  // How long a choke took to be seen: a request after an unchoke takes as long.
  Duration answer_time() const noexcept { return answer_time_; }

  // Of `received` bytes that it sent in all, those of this round.
  std::uint64_t gave(std::uint64_t received) const noexcept { return received - received_before_; }
  void begin_round(std::uint64_t received) noexcept { received_before_ = received; }

  auto fields() const {
    return std::tie(wanted_, given_, unseen_chokes_, received_before_, changed_, choked_at_, answer_time_, last_asked_);
  }

 private:
  bool wanted_ = false;
  bool given_ = false;
  std::uint32_t unseen_chokes_ = 0;  // sent, and not yet answered
  std::uint64_t received_before_ = 0;
  Time changed_{};
  Time choked_at_{};  // when the last choke was sent
  Duration answer_time_{};
  Time last_asked_{};
};

}  // namespace peerbed::swarm
