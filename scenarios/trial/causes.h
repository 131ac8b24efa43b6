#pragma once
// The steps of a run in memory, each with its cause, so that one can ask what led to a failure.

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/record/trace_recorder.h"

namespace peerbed::scenarios {

struct CausedStep {
  std::uint64_t cause = 0;  // number of the step that led to it, from 1; 0: it came from outside
  Duration at{};
  NodeIndex node = no_node;
  NodeIndex source = no_node;  // of a datagram
  analysis::RecordKind kind{};
  std::uint8_t message = 0;  // for a datagram: Header::kind
  bool reported = false;     // the node reported something in it
};

// Watches a run. Keeps 32 bytes for each step, and the lines of commands; runs of more steps than `most_steps` keep
// only the first ones.
class Causes final : public Observer {
 public:
  static constexpr std::size_t most_steps = 20'000'000;

  explicit Causes(const Scenario& scenario);

  void on_step(const Step& step) override { recorder_.on_step(step); }
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    recorder_.on_trace(time, node, type, values);
  }
  void on_exit(Time time, NodeIndex node) override { recorder_.on_exit(time, node); }
  void on_stream_effect(Time time, NodeIndex node, EffectKind kind, StreamId stream, std::uint64_t bytes) override {
    recorder_.on_stream_effect(time, node, kind, stream, bytes);
  }
  void on_timer_put_off(Time time, NodeIndex node, TimerId timer) override {
    recorder_.on_timer_put_off(time, node, timer);
  }

  // Step number n is at n - 1.
  const std::vector<CausedStep>& steps() const noexcept { return steps_; }
  // The line of a step that is a command.
  const std::string& line_of(std::size_t step) const;
  const analysis::TraceHeader& header() const noexcept { return header_; }
  // The name of a datagram's message; empty if its sender's protocol has none for it.
  std::string_view message_name(const CausedStep& step) const;

 private:
  void take(const analysis::TraceRecord& record);

  analysis::TraceHeader header_;
  analysis::EventCauses causes_;
  TraceRecorder recorder_;
  std::vector<CausedStep> steps_;
  std::vector<std::pair<std::size_t, std::string>> lines_;  // by step, in order
};

}  // namespace peerbed::scenarios
