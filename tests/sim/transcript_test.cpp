#include "sim/engine/transcript.h"

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

std::uint64_t digest_of(void (*happen)(Transcript&)) {
  Transcript transcript;
  happen(transcript);
  return transcript.digest();
}

}  // namespace

TEST_CASE("an observer hears everything in order, and does not change the digest") {
  const auto happen = [](Transcript& transcript) {
    transcript.step(step(1));
    transcript.trace(time_zero, 1, 4, TraceValues{5});
    transcript.line(time_zero, 1, {}, "all is well");
    transcript.line(time_zero, 1, "busy", "come back later");
    transcript.step(step(2));
  };
  Listener listener;
  Transcript heard;
  heard.observe(&listener);
  happen(heard);
  CHECK(listener.heard ==
        std::vector<std::string>{"step 1", "trace 4", "line all is well", "refusal busy come back later", "step 2"});
  CHECK(heard.digest() == digest_of(happen));
}

TEST_CASE("every part of what happens is in the digest") {
  const std::uint64_t nothing = Transcript().digest();
  const std::uint64_t one = digest_of([](Transcript& t) { t.step(step(1)); });
  CHECK(one != nothing);
  CHECK(digest_of([](Transcript& t) { t.step(step(2)); }) != one);
  CHECK(digest_of([](Transcript& t) { t.trace(time_zero, 1, 0, TraceValues{1}); }) !=
        digest_of([](Transcript& t) { t.trace(time_zero, 1, 0, TraceValues{2}); }));
  CHECK(digest_of([](Transcript& t) { t.line(time_zero, 1, {}, "a"); }) !=
        digest_of([](Transcript& t) { t.line(time_zero, 1, {}, "b"); }));
  const auto received = [](std::uint64_t offset) {
    StreamEvent event{
        .stream = {1}, .kind = StreamEventKind::content_received, .peer = {}, .bytes = {}, .range = {{2}, offset, 10}};
    Step told = step(1);
    told.stream = &event;
    Transcript transcript;
    transcript.step(told);
    return transcript.digest();
  };
  CHECK(received(0) != received(10));
}

TEST_CASE("stream effects are told and not part of the digest, and requests to receive are not told") {
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
  CHECK(transcript.digest() == Transcript().digest());
}

TEST_CASE("a copy has the digest so far and nobody who listens") {
  Listener listener;
  Transcript transcript;
  transcript.observe(&listener);
  transcript.step(step(1));
  Transcript copy = transcript;
  CHECK(copy.digest() == transcript.digest());
  copy.step(step(2));
  CHECK(listener.heard.size() == 1);
  CHECK(copy.digest() != transcript.digest());
}

}  // namespace peerbed::sim::testing
