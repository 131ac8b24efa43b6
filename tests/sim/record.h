#pragma once
// An observer that writes down all that it is told.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/observer.h"
#include "sim/network/link_observer.h"

namespace peerbed::sim::testing {

class Record : public Observer, public LinkObserver {
 public:
  void on_step(const Step& step) override {
    std::string line = "step " + std::to_string(static_cast<int>(step.kind));
    for (const std::uint64_t number : {std::uint64_t{step.source}, std::uint64_t{step.sequence},
                                       std::uint64_t{step.timer}, std::uint64_t{step.next_sequence}})
      line += " " + std::to_string(number);
    for (const std::byte byte : step.bytes) line += "," + std::to_string(static_cast<int>(byte));
    if (step.content != nullptr) {
      line += " content " + std::to_string(step.content->key.value) + (step.content->found ? " found" : " absent");
      line += " " + std::to_string(step.content->range.offset) + "+" + std::to_string(step.content->bytes.size());
    }
    if (step.stream != nullptr) {
      const StreamEvent& stream = *step.stream;
      line += " stream " + numbers(stream.stream.value, static_cast<int>(stream.kind), stream.peer.value,
                                   stream.bytes.size(), stream.range.content.value, stream.range.offset,
                                   stream.range.size, step.peer_stream.value);
    }
    add(step.time, step.destination, line);
  }
  void on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) override {
    std::string line = "trace " + std::to_string(event);
    for (const std::uint64_t value : values) line += " " + std::to_string(value);
    add(time, node, line);
  }
  void on_line(Time time, NodeIndex node, std::string_view line) override {
    add(time, node, "line " + std::string(line));
  }
  void on_refusal(Time time, NodeIndex node, std::string_view code, std::string_view sentence) override {
    add(time, node, "refusal " + std::string(code) + ": " + std::string(sentence));
  }
  void on_exit(Time time, NodeIndex node) override { add(time, node, "exit"); }
  void on_timer_put_off(Time time, NodeIndex node, TimerId timer) override {
    add(time, node, "put off " + std::to_string(timer));
  }

  void on_stream_effect(Time time, NodeIndex node, EffectKind kind, StreamId stream, std::uint64_t bytes) override {
    add(time, node, "effect " + numbers(static_cast<int>(kind), stream.value, bytes));
  }

  void on_arrival(const LinkName& name, const LinkState& link, const LinkArrival& arrival) override {
    const auto at = [](Time time) { return nanoseconds_since_start(time); };
    add(arrival.first, name.index,
        "arrival " + numbers(static_cast<int>(name.place), at(arrival.last), arrival.packets, arrival.dropped,
                             arrival.bytes, link.rate, link.queue, at(link.free_at), link.queued));
  }
  void on_turn(const LinkName&, const LinkLimit&, const QueueTurn&) override {}
  void on_wire_loss(const LinkName& name, Time at, std::uint32_t packets) override {
    add(at, name.index, "wire loss " + numbers(static_cast<int>(name.place), packets));
  }
  void on_path_drop(NodeIndex source, Time sent, PathDrop cause, std::uint32_t packets) override {
    add(sent, source, "dropped " + std::to_string(packets) + " by " + std::to_string(static_cast<int>(cause)));
  }

  std::vector<std::string> all;

 private:
  template <class... Numbers>
  static std::string numbers(Numbers... all) {
    std::string text;
    ((text += std::to_string(all) + " "), ...);
    return text;
  }
  void add(Time time, NodeIndex node, const std::string& what) {
    all.push_back(std::to_string(nanoseconds_since_start(time)) + " " + std::to_string(node) + " " + what);
  }
};

}  // namespace peerbed::sim::testing
