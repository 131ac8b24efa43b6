#include "protocols/environment/effects.h"

#include <string>

#include "protocols/environment/environment.h"
#include "tests/catch.h"

namespace peerbed {
namespace {

struct Greeting {
  std::uint32_t number = 0;
  void encode(Writer& writer) const {
    writer.header({1, 2});
    writer.integer(number);
  }
};

struct Recorder {
  DrawCounts draws{};
  Effects effects;
  Environment environment{time_zero, Address::ipv4(1, 1), 0, draws, effects};
};

std::string text_of(const Effects& effects, const Effect& effect) {
  const Bytes bytes = effects.bytes_of(effect);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("effects are kept in the order in which they were recorded") {
  Recorder recorder;
  recorder.environment.send(Address{9}, Greeting{77});
  recorder.environment.set_timer(3, std::chrono::milliseconds(5));
  recorder.environment.print("hello");
  recorder.environment.cancel_timer(3);

  const auto& all = recorder.effects.all();
  REQUIRE(all.size() == 4);
  CHECK(all[0].kind == EffectKind::send_datagram);
  CHECK(all[0].argument == 9);
  Reader reader(recorder.effects.bytes_of(all[0]));
  CHECK(reader.header().kind == 2);
  CHECK(reader.integer<std::uint32_t>() == 77);
  CHECK(reader.complete());
  CHECK(all[1].kind == EffectKind::set_timer);
  CHECK(all[1].number == 3);
  CHECK(all[1].argument == 5'000'000);
  CHECK(text_of(recorder.effects, all[2]) == "hello");
  CHECK(all[3].kind == EffectKind::cancel_timer);
}

TEST_CASE("bytes recorded early survive the log's growth") {
  Recorder recorder;
  for (int i = 0; i < 2000; ++i) recorder.environment.print("line " + std::to_string(i));
  const auto& all = recorder.effects.all();
  REQUIRE(all.size() == 2000);
  CHECK(text_of(recorder.effects, all[0]) == "line 0");
  CHECK(text_of(recorder.effects, all[1234]) == "line 1234");
}

TEST_CASE("a cleared log is empty and can be used again") {
  Recorder recorder;
  recorder.environment.print("old");
  recorder.effects.clear();
  CHECK(recorder.effects.all().empty());
  recorder.environment.print("new");
  REQUIRE(recorder.effects.all().size() == 1);
  CHECK(text_of(recorder.effects, recorder.effects.all()[0]) == "new");
  CHECK(recorder.effects.all()[0].offset == 0);
}

TEST_CASE("a negative delay counts as zero") {
  Recorder recorder;
  recorder.environment.set_timer(0, std::chrono::nanoseconds(-1));
  CHECK(recorder.effects.all()[0].argument == 0);
}

TEST_CASE("a trace event carries its four numbers") {
  Recorder recorder;
  recorder.environment.trace(6, {1, 2, 3, 4});
  const Effect& effect = recorder.effects.all().at(0);
  CHECK(effect.number == 6);
  TraceValues values{};
  REQUIRE(effect.size == sizeof(values));
  std::memcpy(values.data(), recorder.effects.bytes_of(effect).data(), sizeof(values));
  CHECK(values == TraceValues{1, 2, 3, 4});
}

TEST_CASE("a trace event type counts its named fields") {
  constexpr TraceEventType none{"joined", {}};
  constexpr TraceEventType two{"lookup.done", {{{"hops", Unit::count}, {"time", Unit::nanoseconds}}}};
  CHECK(none.field_count() == 0);
  CHECK(two.field_count() == 2);
}

}  // namespace
}  // namespace peerbed
