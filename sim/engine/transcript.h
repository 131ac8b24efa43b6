#pragma once
// What a run consists of, in order: steps, and what nodes trace and print. All of it goes into the digest and, if there
// is one, to an observer, which can change nothing. A copy has the digest so far and no observer.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "host/observer.h"
#include "protocols/environment/effects.h"
#include "sim/core/trace_digest.h"

namespace peerbed::sim {

class Transcript {
 public:
  Transcript() = default;
  Transcript(const Transcript& other) : digest_(other.digest_) {}
  Transcript(Transcript&&) = default;
  Transcript& operator=(const Transcript& other) { return *this = Transcript(other); }
  Transcript& operator=(Transcript&&) = default;
  ~Transcript() = default;

  // Not owned; null for none.
  void observe(Observer* observer) noexcept { observer_ = observer; }

  void step(const Step& step) {
    const std::uint64_t kind = static_cast<std::uint64_t>(step.kind) | (static_cast<std::uint64_t>(step.timer) << 8) |
                               (static_cast<std::uint64_t>(step.bytes.size()) << 32);
    digest_.words(static_cast<std::uint64_t>(nanoseconds_since_start(step.time)),
                  (static_cast<std::uint64_t>(step.destination) << 32) | step.source, std::uint64_t{step.sequence},
                  kind);
    digest_.bytes(step.bytes);
    if (observer_ != nullptr) observer_->on_step(step);
    if (step.stream != nullptr && step.stream->range.size > 0) add_range(step.stream->range);
  }
  void trace(Time now, NodeIndex node, std::uint16_t event, const TraceValues& values);
  // A line without a code is not a refusal.
  void line(Time now, NodeIndex node, std::string_view code, std::string_view line);

  // Of these only the observer is told: what they lead to is a step in its turn.
  void stream_effect(Time now, NodeIndex node, const Effect& effect, Bytes bytes);
  void timer_put_off(Time now, NodeIndex node, TimerId timer) {
    if (observer_ != nullptr) observer_->on_timer_put_off(now, node, timer);
  }
  void exit(Time now, NodeIndex node) {
    if (observer_ != nullptr) observer_->on_exit(now, node);
  }

  std::uint64_t digest() const { return digest_.value(); }

 private:
  void add_range(const ContentRange& range) {
    digest_.words(std::array{range.content.value, range.offset, range.size});
  }

  TraceDigest digest_;
  Observer* observer_ = nullptr;
};

}  // namespace peerbed::sim
