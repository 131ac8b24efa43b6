#include "scenarios/record/observer_hub.h"

namespace peerbed::scenarios {

void ObserverHub::on_step(const Step& step) {
  for (Observer* observer : observers_) observer->on_step(step);
}

void ObserverHub::on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) {
  for (Observer* observer : observers_) observer->on_trace(time, node, event, values);
}

void ObserverHub::on_line(Time time, NodeIndex node, std::string_view line) {
  for (Observer* observer : observers_) observer->on_line(time, node, line);
}

void ObserverHub::on_refusal(Time time, NodeIndex node, std::string_view code, std::string_view sentence) {
  for (Observer* observer : observers_) observer->on_refusal(time, node, code, sentence);
}

void ObserverHub::on_exit(Time time, NodeIndex node) {
  for (Observer* observer : observers_) observer->on_exit(time, node);
}

void ObserverHub::on_stream_effect(Time time, NodeIndex node, EffectKind kind, StreamId stream, std::uint64_t bytes) {
  for (Observer* observer : observers_) observer->on_stream_effect(time, node, kind, stream, bytes);
}

void ObserverHub::on_timer_put_off(Time time, NodeIndex node, TimerId timer) {
  for (Observer* observer : observers_) observer->on_timer_put_off(time, node, timer);
}

}  // namespace peerbed::scenarios
