#include "protocols/swarm/link/partings.h"

#include "tests/catch.h"
#include "tests/swarm/stage.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

constexpr StreamId stream{7};

StreamEvent event(StreamId of, StreamEventKind kind) {
  return {.stream = of, .kind = kind, .peer = {}, .bytes = {}, .range = {}};
}

Partings::End end(Stage& stage, Partings& partings, StreamId of, CloseReason reason, bool is_quiet = true) {
  return stage.act([&](const Context& context) { return partings.end(context, of, reason, is_quiet); });
}

}  // namespace

TEST_CASE("a quiet stream ends with a word that says why, and is read on until the other side is done") {
  Stage stage;
  Partings partings;
  CHECK(end(stage, partings, stream, CloseReason::full) == Partings::End::parting);
  const auto frames = stage.frames(stream);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].kind == FrameKind::goodbye);
  CHECK(close_reason_of(frames[0].piece) == CloseReason::full);
  CHECK(stage.of(EffectKind::close_stream).size() == 1);
  CHECK(stage.of(EffectKind::receive_bytes).size() == 1);
  stage.act([&](const Context& context) { partings.read_on(context, event(stream, StreamEventKind::bytes_received)); });
  CHECK(stage.of(EffectKind::receive_bytes).size() == 1);
  stage.act([&](const Context& context) { partings.read_on(context, event(stream, StreamEventKind::closed)); });
  CHECK(partings.empty());
  CHECK(stage.effects.all().empty());
}

TEST_CASE("a stream on which something is to come, or that ends for a fault, is reset without a word") {
  Stage stage;
  Partings partings;
  CHECK(end(stage, partings, stream, CloseReason::full, false) == Partings::End::reset);
  CHECK(stage.effects.all().size() == 1);
  CHECK(stage.of(EffectKind::reset_stream).size() == 1);
  for (const CloseReason reason : {CloseReason::silent, CloseReason::wrong_bytes, CloseReason::leaving}) {
    CHECK(end(stage, partings, stream, reason) == Partings::End::reset);
    CHECK(stage.effects.all().size() == 1);
  }
  CHECK(partings.empty());
}

TEST_CASE("a goodbye is answered without one") {
  Stage stage;
  Partings partings;
  CHECK(stage.act([&](const Context& context) { return partings.answer(context, stream, true); }) ==
        Partings::End::parting);
  CHECK(stage.frames(stream).empty());
  CHECK(stage.of(EffectKind::close_stream).size() == 1);
}

TEST_CASE("no more than so many streams part at once") {
  Stage stage;
  Partings partings;
  for (std::uint32_t i = 0; i < maximum_partings; ++i)
    REQUIRE(end(stage, partings, StreamId{i + 1}, CloseReason::done) == Partings::End::parting);
  CHECK(end(stage, partings, StreamId{1000}, CloseReason::done) == Partings::End::reset);
  CHECK(partings.size() == maximum_partings);
}

TEST_CASE("a stream whose other side is never done is reset in the end") {
  Stage stage;
  Partings partings;
  (void)end(stage, partings, stream, CloseReason::done);
  stage.now += 10 * stage.options.connect_timeout - 1ms;
  stage.act([&](const Context& context) { partings.end_overdue(context); });
  CHECK(partings.size() == 1);
  stage.now += 1ms;
  stage.act([&](const Context& context) { partings.end_overdue(context); });
  CHECK(partings.empty());
  CHECK(stage.of(EffectKind::reset_stream).size() == 1);
}
