#pragma once
// What a run consists of, in order: steps, and what nodes trace and print. All of it goes into the history of its host
// and, if there is one, to an observer, which can change nothing. A copy has no observer.

#include <cstdint>
#include <span>
#include <string_view>

#include "host/observer.h"
#include "protocols/environment/effects.h"
#include "sim/core/history.h"

namespace peerbed::sim {

// What an observer is told.
enum class Shown : std::uint8_t {
  everything,
  reports,  // what nodes trace and print, and that they leave
};

class Transcript {
 public:
  Transcript() = default;
  Transcript(const Transcript&) noexcept {}
  Transcript(Transcript&&) = default;
  Transcript& operator=(const Transcript&) noexcept { return *this = Transcript(); }
  Transcript& operator=(Transcript&&) = default;
  ~Transcript() = default;

  // Not owned; null for none.
  void observe(Observer* observer, Shown shown = Shown::everything) noexcept {
    observer_ = observer;
    observer_of_all_ = shown == Shown::everything ? observer : nullptr;
  }
  Observer* observer() const noexcept { return observer_; }
  Shown shown() const noexcept { return observer_ == observer_of_all_ ? Shown::everything : Shown::reports; }

  void step(const Step& step, History& history) {
    const std::uint64_t kind = static_cast<std::uint64_t>(step.kind) | (static_cast<std::uint64_t>(step.timer) << 8) |
                               (static_cast<std::uint64_t>(step.bytes.size()) << 32);
    history.add(static_cast<std::uint64_t>(nanoseconds_since_start(step.time)),
                (static_cast<std::uint64_t>(step.destination) << 32) | step.source);
    history.add(std::uint64_t{step.sequence}, kind);
    history.add(step.bytes);
    if (observer_of_all_ != nullptr) observer_of_all_->on_step(step);
    if (step.stream != nullptr && step.stream->range.size > 0) add_range(step.stream->range, history);
  }
  void trace(Time now, NodeIndex node, std::uint16_t event, const TraceValues& values, History& history);
  // A line without a code is not a refusal.
  void line(Time now, NodeIndex node, std::string_view code, std::string_view line, History& history);

  // Of these only the observer is told: what they lead to is a step in its turn.
  void stream_effect(Time now, NodeIndex node, const Effect& effect, Bytes bytes);
  void timer_put_off(Time now, NodeIndex node, TimerId timer) {
    if (observer_of_all_ != nullptr) observer_of_all_->on_timer_put_off(now, node, timer);
  }
  void exit(Time now, NodeIndex node) {
    if (observer_ != nullptr) observer_->on_exit(now, node);
  }

 private:
  static void add_range(const ContentRange& range, History& history) noexcept {
    history.add(range.content.value, range.offset);
    history.add(range.size, 0);
  }

  Observer* observer_ = nullptr;
  Observer* observer_of_all_ = nullptr;  // the same, or null
};

}  // namespace peerbed::sim
