#pragma once
// Passes the events of a run to several observers, in order.

#include <vector>

#include "host/observer.h"

namespace peerbed::scenarios {

class ObserverHub final : public Observer {
 public:
  // The observer must outlive the hub.
  void add(Observer& observer) { observers_.push_back(&observer); }

  void on_step(const Step& step) override;
  void on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) override;
  void on_line(Time time, NodeIndex node, std::string_view line) override;
  void on_refusal(Time time, NodeIndex node, std::string_view code, std::string_view sentence) override;
  void on_exit(Time time, NodeIndex node) override;
  void on_stream_effect(Time time, NodeIndex node, EffectKind kind, StreamId stream, std::uint64_t bytes) override;
  void on_timer_put_off(Time time, NodeIndex node, TimerId timer) override;

 private:
  std::vector<Observer*> observers_;
};

}  // namespace peerbed::scenarios
