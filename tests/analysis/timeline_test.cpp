// Metrics over time as a table, and JSON written piece by piece.

#include "analysis/results/timeline.h"

#include <chrono>

#include "analysis/results/json_text.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;
using namespace std::chrono_literals;

TEST_CASE("intervals are sensible and at most two hundred") {
  CHECK(sensible_interval(30min) == 10s);
  CHECK(sensible_interval(200s) == 1s);
  CHECK(sensible_interval(201s) == 2s);
  CHECK(sensible_interval(60s) == 500ms);
  CHECK(sensible_interval(Duration{1}) == Duration{1});
  for (std::int64_t length = 1; length < 400'000'000'000'000'000; length = length * 17 / 5 + 1) {
    const Duration interval = sensible_interval(Duration(length));
    CHECK(interval * 200 >= Duration(length));
    CHECK((length < 1'000 || interval * 79 < Duration(length)));
  }
}

TEST_CASE("a timeline is read back as it was written") {
  Timeline timeline{.interval = 100ms, .series = {}};
  timeline.set("a.count", 0, 3, "count");
  timeline.set("a.count", 2, 5, "count");
  timeline.set("b.mean", 1, 0.1, "ns");
  const std::string csv = timeline_csv(timeline);
  CHECK(csv == "seconds,metric,value,unit\n0,a.count,3,count\n0.1,b.mean,0.1,ns\n0.2,a.count,5,count\n");
  const auto read = read_timeline(csv, 100ms);
  REQUIRE(read);
  CHECK(timeline_csv(*read) == csv);
  CHECK_FALSE(read->series.at("a.count").values.at(1).has_value());
}

TEST_CASE("anything that is not a timeline is refused") {
  const std::string header = "seconds,metric,value,unit\n";
  for (const char* line : {"1", "1,a", "1,a,x,ns", "x,a,1,ns", "-1,a,1,ns", "1e300,a,1,ns", "nan,a,1,ns", "1,,1,ns"})
    CHECK_FALSE(read_timeline(header + line + "\n", 1s));
  CHECK_FALSE(read_timeline("metric,value\n", 1s));
  CHECK_FALSE(read_timeline("", 1s));
  CHECK_FALSE(read_timeline(header, 0s));
  CHECK(read_timeline(header, 1s));
}

TEST_CASE("JSON is written with its commas and escapes") {
  std::string text;
  JsonText out(text);
  out.open_object().key("a").open_list().number(1).number(0.1).number(1e300).null().close_list();
  out.key("b\"\n").text("x\\\x01").key("c").boolean(true).key("d").open_object().close_object();
  out.key("e").seconds(Duration{1'500'000'499}).key("f").number(1.0 / 0.0);
  out.thinned("g", 1, 2, "half").close_object();
  CHECK(text == R"({"a":[1,0.1,1e+300,null],"b\"\n":"x\\\u0001","c":true,"d":{},"e":1.5,"f":null,)"
                R"("g_thinned":{"kept":1,"of":2,"how":"half"}})");
}
