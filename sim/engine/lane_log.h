#pragma once
// What observers are to be told of one lane, kept until it is known what the other lanes did at the same time. All that
// belongs to one event stays together.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "host/observer.h"
#include "sim/core/event.h"
#include "sim/network/link_observer.h"

namespace peerbed::sim {

// To whom it is told; either may be null.
struct Listeners {
  Observer* nodes = nullptr;
  LinkObserver* links = nullptr;
};

class LaneLog final : public Observer, public LinkObserver {
 public:
  // The event that is handled now; what follows belongs to it.
  void begin(const Event& event) noexcept { current_ = event; }
  void on_step(const Step& step) override;
  void on_trace(Time, NodeIndex, std::uint16_t event, const TraceValues& values) override;
  void on_line(Time, NodeIndex, std::string_view line) override;
  void on_refusal(Time, NodeIndex, std::string_view code, std::string_view sentence) override;
  void on_exit(Time, NodeIndex) override;
  void on_timer_put_off(Time, NodeIndex, TimerId timer) override;
  void on_stream_effect(Time, NodeIndex, EffectKind kind, StreamId stream, std::uint64_t bytes) override;
  // Links of the event's host.
  void on_arrival(const LinkName& name, const LinkState& link, const LinkArrival& arrival) override;
  void on_turn(const LinkName&, const LinkLimit&, const QueueTurn&) override {}  // lanes share no managed links
  void on_wire_loss(const LinkName& name, Time at, std::uint32_t packets) override;
  void on_path_drop(NodeIndex source, Time sent, PathDrop cause, std::uint32_t packets) override;

  // The first event that was not told yet; null when all were.
  const Event* next() const noexcept { return told_ < groups_.size() ? &groups_[told_].event : nullptr; }
  // Tells all that belongs to it.
  void tell_next(const Listeners& listeners);
  void clear() noexcept;

 private:
  struct Group {
    Event event;
    std::size_t end = 0;  // of its entries in bytes_
  };
  enum class What : std::uint8_t {
    step,
    step_with_content,
    step_with_stream,
    trace,
    line,
    exit,
    timer_put_off,
    stream_effect,
    arrival,
    wire_loss,
    path_drop,
  };
  struct Entry {
    What what{};
    StepKind kind{};
    // Of the trace event or the timer; bytes of the refusal's code; kind of the effect; place of the link; cause of the
    // drop.
    std::uint16_t number = 0;
    std::uint32_t size = 0;   // of the bytes that follow
    std::uint32_t timer = 0;  // or the stream, or packets dropped
    std::uint32_t next_sequence = 0;
  };

  void add(const Entry& entry, std::span<const std::byte> bytes, std::span<const std::byte> more = {});
  static void tell(const Listeners& listeners, const Event& event, const Entry& entry,
                   std::span<const std::byte> bytes);

  Event current_;
  std::vector<Group> groups_;
  std::vector<std::byte> bytes_;
  std::size_t told_ = 0;     // groups
  std::size_t told_to_ = 0;  // bytes
};

// The order of (time, destination).
constexpr bool is_earlier(const Event& a, const Event& b) noexcept {
  return a.time != b.time ? a.time < b.time : a.destination < b.destination;
}

// Tells what several lanes did, in the order in which one thread would have done it. What an event causes
// is due later, or at the same instant at the same host. So one thread handles events in the order of (time,
// destination), and each lane handles its own in that order; since no two lanes share a destination, there is only one
// way to merge them. If `last` is given, stops after that event.
void tell_in_order(std::span<LaneLog* const> logs, const Listeners& listeners, const Event* last = nullptr);

}  // namespace peerbed::sim
