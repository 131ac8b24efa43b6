#include "sim/engine/transcript.h"

#include <set>
#include <string>
#include <vector>

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

class Listener : public Observer {
 public:
  void on_step(const Step& step) override { heard.push_back("step " + std::to_string(step.sequence)); }
  void on_trace(Time, NodeIndex, std::uint16_t event, const TraceValues&) override {
    heard.push_back("trace " + std::to_string(event));
  }
  void on_line(Time, NodeIndex, std::string_view line) override { heard.push_back("line " + std::string(line)); }
  void on_refusal(Time, NodeIndex, std::string_view code, std::string_view line) override {
    heard.push_back("refusal " + std::string(code) + " " + std::string(line));
  }
  void on_stream_effect(Time, NodeIndex, EffectKind, StreamId, std::uint64_t size) override {
    heard.push_back("effect " + std::to_string(size));
  }
  std::vector<std::string> heard;
};

Step step(std::uint32_t sequence) {
  return {.time = time_zero + 1s,
          .destination = 1,
          .source = 2,
          .sequence = sequence,
          .kind = StepKind::datagram,
          .bytes = {}};
}

std::uint64_t history_of(void (*happen)(Transcript&, History&)) {
  Transcript transcript;
  History history;
  happen(transcript, history);
  return history.value();
}

}  // namespace

TEST_CASE("an observer hears everything in order, and does not change the history") {
  const auto happen = [](Transcript& transcript, History& history) {
    transcript.step(step(1), history);
    transcript.trace(time_zero, 1, 4, TraceValues{5}, history);
    transcript.line(time_zero, 1, {}, "all is well", history);
    transcript.line(time_zero, 1, "busy", "come back later", history);
    transcript.step(step(2), history);
  };
  Listener listener;
  Transcript heard;
  heard.observe(&listener);
  History history;
  happen(heard, history);
  CHECK(listener.heard ==
        std::vector<std::string>{"step 1", "trace 4", "line all is well", "refusal busy come back later", "step 2"});
  CHECK(history.value() == history_of(happen));
}

TEST_CASE("every part of what happens is in the history of its host") {
  const std::uint64_t nothing = History().value();
  const std::uint64_t one = history_of([](Transcript& t, History& h) { t.step(step(1), h); });
  CHECK(one != nothing);
  CHECK(history_of([](Transcript& t, History& h) { t.step(step(2), h); }) != one);
  CHECK(history_of([](Transcript& t, History& h) {
          t.trace(time_zero, 1, 0, TraceValues{0, 0, 0, 1}, h);
        }) != history_of([](Transcript& t, History& h) {
          t.trace(time_zero, 1, 0, TraceValues{0, 0, 0, 2}, h);
        }));
  CHECK(history_of([](Transcript& t, History& h) { t.line(time_zero, 1, {}, "a", h); }) !=
        history_of([](Transcript& t, History& h) { t.line(time_zero, 1, {}, "b", h); }));
  const auto received = [](std::uint64_t offset) {
    StreamEvent event{
        .stream = {1}, .kind = StreamEventKind::content_received, .peer = {}, .bytes = {}, .range = {{2}, offset, 10}};
    Step told = step(1);
    told.stream = &event;
    Transcript transcript;
    History history;
    transcript.step(told, history);
    return history.value();
  };
  CHECK(received(0) != received(10));
}

TEST_CASE("every bit of a message is in the history, and so is the order of messages") {
  for (const std::size_t size : {1, 7, 8, 15, 16, 17, 31, 32, 40, 100}) {
    std::vector<std::byte> bytes(size);
    const auto value = [&bytes] {
      History history;
      history.add(1, 2);
      history.add(bytes);
      return history.value();
    };
    std::set<std::uint64_t> values{value()};
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      const std::byte one = std::byte{1} << (bit % 8);
      bytes[bit / 8] ^= one;
      values.insert(value());
      bytes[bit / 8] ^= one;
    }
    CHECK(values.size() == 8 * size + 1);
  }
  History ab;
  ab.add(1, 2);
  ab.add(3, 4);
  History ba;
  ba.add(3, 4);
  ba.add(1, 2);
  CHECK(ab.value() != ba.value());
}

TEST_CASE("stream effects are told, and requests to receive are not told") {
  Listener listener;
  Transcript transcript;
  transcript.observe(&listener);
  Effect effect{};
  effect.kind = EffectKind::write_stream;
  const std::vector<std::byte> bytes(7);
  transcript.stream_effect(time_zero, 1, effect, bytes);
  effect.kind = EffectKind::receive_bytes;
  transcript.stream_effect(time_zero, 1, effect, {});
  CHECK(listener.heard == std::vector<std::string>{"effect 7"});
}

TEST_CASE("nobody listens to a copy") {
  Listener listener;
  Transcript transcript;
  transcript.observe(&listener);
  History history;
  transcript.step(step(1), history);
  Transcript copy = transcript;
  copy.step(step(2), history);
  CHECK(listener.heard.size() == 1);
}

}  // namespace peerbed::sim::testing
