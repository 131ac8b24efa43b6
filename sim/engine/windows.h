#pragma once
// Lets the lanes of a world handle their events at the same time, window by window. A window is as long as the
// lookahead, so what a lane sends to another arrives after it; the other takes it at the beginning of the next one.
// Between two windows all lanes wait for each other once (Nicol 1993, "The cost of conservative synchronization").

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <vector>

#include "sim/engine/barrier.h"
#include "sim/engine/commons.h"
#include "sim/engine/lane.h"
#include "sim/engine/workers.h"

namespace peerbed::sim {

// A lane takes what the others have sent to it, from their outboxes of this parity.
void receive(Commons& commons, std::span<Lane> lanes, Lane& lane, unsigned parity);

class Windows {
 public:
  Windows(const Windows&) = delete;
  Windows& operator=(const Windows&) = delete;
  // All of them outlive it. There are several lanes, with one observer, and a datagram takes at least `lookahead` from
  // one to another.
  Windows(Commons& commons, std::span<Lane> lanes, Duration lookahead, Workers& workers);

  // Handles the events before `end`, in nanoseconds. The observer is told in the total order, in this thread. `wakes`
  // says whether to begin with all threads, and is set to whether the last windows were worth it. If a handler or the
  // observer throws, the exception that one thread would have seen is thrown after the window.
  void run_until(std::int64_t end, bool& wakes);

 private:
  // Stands in for the observer of links, in all threads.
  class LinkWatch final : public LinkObserver {
   public:
    explicit LinkWatch(Windows& windows) : windows_(windows) {}
    void on_arrival(const LinkName& name, const LinkState& link, const LinkArrival& arrival) override {
      log_of(name.index).on_arrival(name, link, arrival);
    }
    void on_turn(const LinkName&, const LinkLimit&, const QueueTurn&) override {}
    void on_wire_loss(const LinkName& name, Time at, std::uint32_t packets) override {
      log_of(name.index).on_wire_loss(name, at, packets);
    }
    void on_path_drop(NodeIndex source, Time sent, PathDrop cause, std::uint32_t packets) override {
      log_of(source).on_path_drop(source, sent, cause, packets);
    }

   private:
    LaneLog& log_of(NodeIndex host) noexcept;

    Windows& windows_;
  };
  // How far a lane is, by the parity of the window.
  struct alignas(64) Progress {
    std::array<std::int64_t, 2> next{};  // when the first event is due that it has pending or has sent
    std::array<bool, 2> failed{};
    std::exception_ptr failure;
    bool observer_failed = false;
  };

  std::int64_t end_of_next(unsigned last) const noexcept;
  void take_part(std::size_t lane, Barrier& barrier);
  void run_alone();
  void step(std::size_t index, unsigned parity, std::int64_t window_end) noexcept;
  void tell(unsigned parity, const Event* last);
  void tell_last(unsigned parity) noexcept;
  void finish();
  const Progress* first_failure() const noexcept;
  std::uint64_t events() const noexcept;
  bool has_listeners() const noexcept { return listeners_.nodes != nullptr || listeners_.links != nullptr; }

  Commons& commons_;
  std::span<Lane> lanes_;
  Duration lookahead_;
  Workers& workers_;
  Listeners listeners_;
  Shown shown_;
  LinkWatch link_watch_;
  std::uint64_t most_in_window_;
  std::vector<Progress> progress_;
  std::int64_t end_ = 0;
  unsigned parity_ = 0;      // of the next window
  std::uint64_t count_ = 0;  // windows of the last batch
};

}  // namespace peerbed::sim
