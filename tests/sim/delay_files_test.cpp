#include "sim/network/delay_files.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/sim/temporary_file.h"

namespace peerbed::sim {

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

const auto load_text = [](const std::string& path) {
  return load_delay_text(path, DelayUnit::milliseconds, DelayMeasure::one_way);
};
const auto load_csv = [](const std::string& path) {
  return load_delay_csv(path, DelayUnit::milliseconds, DelayMeasure::one_way);
};
const auto king = [](const std::string& path) { return load_king(path); };

// WonderNetwork's record: minimum, average, maximum, deviation.
std::string record(std::uint32_t average) {
  std::string bytes;
  for (const std::uint32_t value : {average - 1, average, average + 1, std::uint32_t{7}})
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(value >> shift & 0xFF));
  return bytes;
}

// Round trips between different sites in ms, sorted.
struct Statistics {
  double mean = 0;
  double deviation = 0;
  std::vector<double> sorted;

  explicit Statistics(const DelayMatrix& delays) {
    for (SiteIndex from = 0; from < delays.size(); ++from)
      for (SiteIndex to = 0; to < delays.size(); ++to)
        if (from != to) sorted.push_back(2e-6 * static_cast<double>(delays(from, to).count()));
    std::sort(sorted.begin(), sorted.end());
    for (const double value : sorted) mean += value / static_cast<double>(sorted.size());
    for (const double value : sorted) deviation += (value - mean) * (value - mean) / static_cast<double>(sorted.size());
    deviation = std::sqrt(deviation);
  }
  // With linear interpolation.
  double percentile(double p) const {
    const double rank = p / 100 * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const double above = below + 1 < sorted.size() ? sorted[below + 1] : sorted[below];
    return sorted[below] + (rank - static_cast<double>(below)) * (above - sorted[below]);
  }
};

}  // namespace

TEST_CASE("a text matrix is read in its unit and measure") {
  const TemporaryFile file("# two sites\n0 30.5\n\n20\t0.25\r\n");
  const DelayMatrix one_way = load_text(file.path());
  REQUIRE(one_way.size() == 2);
  CHECK(one_way(0, 1) == 30'500us);
  CHECK(one_way(1, 0) == 20ms);
  CHECK(one_way(1, 1) == 250us);
  CHECK(load_delay_text(file.path(), DelayUnit::microseconds, DelayMeasure::round_trip)(0, 1) == 15'250ns);
  CHECK(load_delay_text(TemporaryFile("0 2\n2 0").path(), DelayUnit::seconds, DelayMeasure::round_trip)(0, 1) == 1s);
}

TEST_CASE("a text matrix that is incomplete or absurd is refused with its line") {
  CHECK_THAT(refusal("", load_text), Contains("no delays"));
  CHECK_THAT(refusal("# nothing\n", load_text), Contains("no delays"));
  CHECK_THAT(refusal("0 1\n", load_text), Contains("ends after 1 rows of 2"));
  CHECK_THAT(refusal("0 1\n1\n", load_text), StartsWith(":2: the row has 1 delays"));
  CHECK_THAT(refusal("0 1\n1 0\n1 1\n", load_text), StartsWith(":3: there are more rows"));
  CHECK_THAT(refusal("0 1\nx 0\n", load_text), StartsWith(":2: \"x\" is not a delay"));
  CHECK_THAT(refusal("0 nan\n1 0\n", load_text), StartsWith(":1: \"nan\" is not a delay"));
  CHECK_THAT(refusal("0 inf\n1 0\n", load_text), StartsWith(":1: \"inf\" is not a delay"));
  CHECK_THAT(refusal("0 1\n1e999 0\n", load_text), StartsWith(":2: \"1e999\" is not a delay"));
  CHECK_THAT(refusal("0 -1\n1 0\n", load_text), StartsWith(":1: \"-1\" between two sites is a missing"));
  CHECK_THAT(refusal("0 0\n1 0\n", load_text), StartsWith(":1: \"0\" between two sites is a missing"));
  CHECK_THAT(refusal("0 4300\n1 0\n", load_text), StartsWith(":1: \"4300\" is longer than 4.29 s"));
  std::string row;
  for (int i = 0; i < 8193; ++i) row += "1 ";
  CHECK_THAT(refusal(row, load_text), StartsWith(":1: there are 8193 sites"));
  CHECK_THAT(refusal(std::string((std::size_t{1} << 22) + 1, ' '), load_text), StartsWith(":1: the line is longer"));
  CHECK_THROWS_WITH(load_text("/nonexistent/file"), Contains("no such file"));
  CHECK_THROWS_WITH(load_text("/"), Contains("no such file"));
}

TEST_CASE("comma-separated delays include the names of their sites") {
  const TemporaryFile file("From/to, Oslo ,Lima\nOslo,0,105\nLima,103.5,0\n");
  const DelayMatrix delays = load_csv(file.path());
  CHECK(delays.names() == std::vector<std::string>{"Oslo", "Lima"});
  CHECK(delays.find("Lima") == SiteIndex{1});
  CHECK_FALSE(delays.find("Rome"));
  CHECK(delays(0, 1) == 105ms);
  CHECK(delays(1, 0) == 103'500us);
}

TEST_CASE("comma-separated delays are refused if names and delays do not agree") {
  CHECK_THAT(refusal("", load_csv), Contains("the file is empty"));
  CHECK_THAT(refusal("from\n", load_csv), StartsWith(":1: there are 0 sites"));
  CHECK_THAT(refusal("f,A,A\n", load_csv), StartsWith(":1: the site \"A\" is named twice"));
  CHECK_THAT(refusal("f,A,\n", load_csv), StartsWith(":1: a site's name"));
  CHECK_THAT(refusal("f,A,B\nA,0,1\nC,1,0\n", load_csv), StartsWith(":3: row \"C\" has no column"));
  CHECK_THAT(refusal("f,A,B\nA,0,1\nA,0,1\n", load_csv), StartsWith(":3: row \"A\" is given twice"));
  CHECK_THAT(refusal("f,A,B\nA,0,1\n", load_csv), Contains("column \"B\" has no row"));
  CHECK_THAT(refusal("f,A,B\n", load_csv), StartsWith(":1: the matrix ends after its header"));
  CHECK_THAT(refusal("f,A,B\nA,0,1,2\n", load_csv), StartsWith(":2: the row has 3 delays"));
  CHECK_THAT(refusal("f,A,B\nA,0,\nB,,0\n", load_csv), Contains("between A and B is missing"));
  CHECK_THAT(refusal("f,A,B\nA,0,1 parsec\nB,1,0\n", load_csv), StartsWith(":2: \"1 parsec\" is not a delay"));
  CHECK_THAT(refusal("0,1\n1,0\n1,1\n", load_csv), StartsWith(":3: there are more rows"));
  CHECK_THAT(refusal("\xFF\xFE,", load_csv), Contains("is in UTF-16"));
}

TEST_CASE("rows of comma-separated delays may come in any order, with quotes, blanks and an empty diagonal") {
  const DelayMatrix delays =
      load_csv(TemporaryFile("\xEF\xBB\xBF\"\",\"Porto, PT\",\"Lyon\" \r\n# measured in May\n\n\"Lyon\",\"17.5\",\r\n"
                             "\"Porto, PT\", ,\"18\"\r\n")
                   .path());
  CHECK(delays.names() == std::vector<std::string>{"Porto, PT", "Lyon"});
  CHECK(delays(0, 1) == 18ms);
  CHECK(delays(1, 0) == 17'500us);
  CHECK(delays(0, 0) == 0ms);
}

TEST_CASE("a quoted name may contain quotes, which are doubled, and separators") {
  const DelayMatrix delays =
      load_csv(TemporaryFile(",\"a \"\"x, y\"\"\",\"\"\"b\"\"\"\n\"a \"\"x, y\"\"\",,5\n\"\"\"b\"\"\",7,\n").path());
  CHECK(delays.names() == std::vector<std::string>{"a \"x, y\"", "\"b\""});
  CHECK(delays(0, 1) == 5ms);
  CHECK_THAT(refusal(",\"a,b\na,,5\nb,5,\n", load_csv), StartsWith(":1: a quote is not closed in this line"));
}

TEST_CASE("delays may be separated by semicolons or tabs, with decimal commas") {
  const auto expect = [](const char* content) {
    const DelayMatrix delays = load_csv(TemporaryFile(content).path());
    CHECK(delays.names() == std::vector<std::string>{"a", "b"});
    CHECK(delays(0, 1) == 10'500us);
    CHECK(delays(1, 0) == 11ms);
  };
  expect("from;a;b\na;0;10,5\nb;11;0\n");
  expect("from\ta\tb\na\t0\t10.5\nb\t11\t0\n");
}

TEST_CASE("a list of pairs gives delays too, with a header or without one") {
  for (const char* header : {"", "from,to,ms\n", "source,target,latency\n"}) {
    const DelayMatrix delays =
        load_csv(TemporaryFile(std::string(header) + "Rome,Oslo,20\nOslo,Rome,21\nLima,Oslo,105.5\nRome,Lima,99\n"
                                                     "Rome,Rome,0.3\n")
                     .path());
    CHECK(delays.names() == std::vector<std::string>{"Rome", "Oslo", "Lima"});
    CHECK(delays(0, 1) == 20ms);
    CHECK(delays(1, 0) == 21ms);
    CHECK(delays(1, 2) == 105'500us);
    CHECK(delays(2, 0) == 99ms);
    CHECK(delays(0, 0) == 300us);
  }
  CHECK(load_csv(TemporaryFile("from,to,ms\n7,8,30\n").path())(1, 0) == 30ms);
  CHECK_THAT(refusal("from,to,ms\nA,B,1\nA,C,1\n", load_csv), Contains("between B and C is missing"));
  CHECK_THAT(refusal("from,to,ms\nA,B,1\nA,B,2\n", load_csv), Contains("between A and B is given twice"));
  CHECK_THAT(refusal("from,to,ms\nA,B,1\nA,C\n", load_csv), StartsWith(":3: the line has 2 cells"));
  CHECK_THAT(refusal("from,to,ms\nA,B,soon\n", load_csv), StartsWith(":2: \"soon\" is not a delay"));
}

TEST_CASE("a square may lack the names of rows, or all names") {
  for (const char* text :
       {"a,b,c\n0,10,20\n11,0,30\n21,31,0\n", "0,10,20\n11,0,30\n21,31,0\n", "0;10,0;20\n11;;30\n21;31;NaN\n"}) {
    const DelayMatrix delays = load_csv(TemporaryFile(text).path());
    REQUIRE(delays.size() == 3);
    CHECK(delays(0, 2) == 20ms);
    CHECK(delays(1, 0) == 11ms);
  }
  CHECK(load_csv(TemporaryFile("0,10\n11,0\n").path())(0, 1) == 10ms);
  CHECK(load_csv(TemporaryFile("a,b\n0,10\n11,0\n").path()).names() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a delay that a square has in one direction holds for both, and cells may have units") {
  const DelayMatrix delays = load_csv(TemporaryFile("f,A,B,C\nA,-,,\nB,10 ms,NaN,\nC,0.02 s,5,0\n").path());
  CHECK(delays(0, 1) == 10ms);
  CHECK(delays(2, 0) == 20ms);
  CHECK(delays(1, 2) == 5ms);
  const auto round_trip = [](const char* text) {
    return load_delay_csv(TemporaryFile(text).path(), DelayUnit::microseconds, DelayMeasure::round_trip)(0, 1);
  };
  CHECK(round_trip("f,A,B\nA,0,10 ms\nB,7,0\n") == 5ms);
}

TEST_CASE("a list's columns may come in any order, beside others, if the first line names them") {
  const DelayMatrix delays =
      load_csv(TemporaryFile("loss,rtt_ms,Source,Target\r0.1,20,Rome,Oslo\r0,30,Oslo,Lima\r0,40,Lima,Rome\r").path());
  CHECK(delays.names() == std::vector<std::string>{"Rome", "Oslo", "Lima"});
  CHECK(delays(0, 1) == 20ms);
  CHECK(delays(0, 2) == 40ms);
  CHECK_THAT(refusal("from,to,loss,weight\nA,B,0,1\n", load_csv), StartsWith(":2: no column of the list is named"));
  CHECK_THAT(refusal("from,to,rtt,delay\nA,B,2,1\n", load_csv), Contains("both \"rtt\" and \"delay\""));
  CHECK_THAT(refusal("from,to,rtt,x\nA,B,2\n", load_csv), StartsWith(":2: the line has 3 cells"));
}

TEST_CASE("the title of the delays may name their unit") {
  const auto unit = [](const char* text) { return unit_in_csv(TemporaryFile(text).path()); };
  CHECK(unit("Average latency (ms),A,B\nA,0,1\nB,1,0\n") == DelayUnit::milliseconds);
  CHECK(unit("from,to,rtt_us\nA,B,5\n") == DelayUnit::microseconds);
  CHECK(unit("a,b,seconds\nA,B,5\n") == DelayUnit::seconds);
  CHECK_FALSE(unit("from,s,B\ns,0,1\nB,1,0\n"));
  CHECK_FALSE(unit("from,to,delay\nA,B,5\n"));
}

TEST_CASE("a square of two sites with numbers for names is no list") {
  const DelayMatrix delays = load_csv(TemporaryFile(",1,2\n1,0,10\n2,12,0\n").path());
  CHECK(delays.names() == std::vector<std::string>{"1", "2"});
  CHECK(delays(1, 0) == 12ms);
}

TEST_CASE("King data is read in p2psim's form, halved, and mirrored where one direction is missing") {
  const TemporaryFile file(
      "topology E2EGraph 3\nfailure_model NullFailureModel\n\nnode 1\nnode 2\nnode 7 Chord\n"
      "1,2 10000\n1,7 30001\n2,7 50000\n7,2 60000\n");
  const DelayMatrix delays = load_king(file.path());
  CHECK(delays.names() == std::vector<std::string>{"1", "2", "7"});
  CHECK(delays(0, 1) == 5ms);
  CHECK(delays(1, 0) == 5ms);
  CHECK(delays(0, 2) == 15'000'500ns);
  CHECK(delays(1, 2) == 25ms);
  CHECK(delays(2, 1) == 30ms);
  CHECK(delays(2, 2) == 0ns);
  CHECK(load_king(TemporaryFile("1 2 10000\n2 3 20000\n3 1 8000\n").path())(2, 0) == 4ms);
  CHECK(load_king(TemporaryFile("1 2 10\n").path(), DelayUnit::milliseconds)(1, 0) == 5ms);
}

TEST_CASE("King data is also read as a plain matrix of microseconds") {
  const DelayMatrix delays = load_king(TemporaryFile("0 10000 20000\n12000 0 6000\n9000 1000 0\n").path());
  CHECK(delays.size() == 3);
  CHECK(delays(0, 1) == 5ms);
  CHECK(delays(1, 0) == 6ms);
}

TEST_CASE("King data with a gap, a duplicate or an invalid line is refused") {
  CHECK_THAT(refusal("node 1\nnode 2\nnode 3\n1,2 5\n2,3 5\n", king), Contains("between 1 and 3 is missing"));
  CHECK_THAT(refusal("1,2 5\n1,2 6\n", king), Contains("between 1 and 2 is given twice"));
  CHECK_THAT(refusal("1,2 5\n1,3\n", king), StartsWith(":2: invalid line of King data"));
  CHECK_THAT(refusal("1,2 -1\n", king), StartsWith(":1: \"-1\" between two sites is a missing"));
  CHECK_THAT(refusal("a,b 5\n", king), StartsWith(":1: \"a\" is not the number of a site"));
  CHECK_THAT(refusal("node 1\nnode -2\n", king), StartsWith(":2: \"-2\" is not the number of a site"));
  CHECK_THAT(refusal("", king), Contains("there are 0 sites"));
}

TEST_CASE("WonderNetwork pings are read by their averages") {
  const TemporaryFile file(record(3700) + record(20'000) + record(30'001) + record(3700));
  const DelayMatrix delays = load_wondernetwork(file.path());
  REQUIRE(delays.size() == 2);
  CHECK(delays(0, 0) == 1850us);
  CHECK(delays(0, 1) == 10ms);
  CHECK(delays(1, 0) == 15'000'500ns);
  CHECK_THAT(refusal("", load_wondernetwork), Contains("has 0 bytes"));
  CHECK_THAT(refusal(record(1) + record(2), load_wondernetwork), Contains("has 32 bytes"));
  CHECK_THAT(refusal(record(1) + record(0) + record(1) + record(1), load_wondernetwork),
             Contains("from site 0 to 1 is missing"));
}

TEST_CASE("a delay matrix refuses what it cannot hold") {
  CHECK_THROWS_AS(DelayMatrix(8193), std::invalid_argument);
  CHECK_THROWS_AS(DelayMatrix(2, {"one"}), std::invalid_argument);
  DelayMatrix delays(2);
  CHECK_THROWS_AS(delays.set(0, 1, -1ns), std::invalid_argument);
  CHECK_THROWS_AS(delays.set(0, 1, 4'294'967'296ns), std::invalid_argument);
  delays.set(0, 1, 4'294'967'295ns);
  CHECK(delays(0, 1) == 4'294'967'295ns);
}

TEST_CASE("the 222 cities of WonderNetwork have their known round trips") {
  const auto path = data_set("latency/wondernetwork222_ping.bin");
  if (!path) {
    WARN("skipped: PEERBED_DATA names no folder of data sets");
    return;
  }
  const DelayMatrix delays = load_wondernetwork(*path);
  const Statistics statistics(delays);
  CHECK(delays.size() == 222);
  CHECK(statistics.mean == Approx(150.9).margin(0.05));
  CHECK(statistics.deviation == Approx(91.4).margin(0.05));
  CHECK(statistics.percentile(5) == Approx(22.9).margin(0.05));
  CHECK(statistics.percentile(50) == Approx(141.5).margin(0.05));
  CHECK(statistics.percentile(95) == Approx(312.9).margin(0.05));
  CHECK(statistics.percentile(99) == Approx(377.4).margin(0.05));
}

TEST_CASE("the 13 regions of AWS have their known round trips") {
  const auto path = data_set("latency/aws13_oneway_ms_cometbft.csv");
  if (!path) {
    WARN("skipped: PEERBED_DATA names no folder of data sets");
    return;
  }
  const DelayMatrix delays = load_csv(*path);
  const Statistics statistics(delays);
  CHECK(delays.size() == 13);
  CHECK(delays.find("Singapore") == SiteIndex{12});
  CHECK(statistics.mean == Approx(147.9).margin(0.05));
  CHECK(statistics.deviation == Approx(72.8).margin(0.05));
  CHECK(statistics.percentile(50) == Approx(138).margin(0.5));
  CHECK(statistics.percentile(95) == Approx(284).margin(0.5));
}

TEST_CASE("the 490 PlanetLab hosts load, and Seattle's missing measurements are refused") {
  const auto planetlab = data_set("latency/planetlab490_rtt_t1.txt");
  const auto seattle = data_set("latency/seattle99_rtt_t1.txt");
  if (!planetlab || !seattle) {
    WARN("skipped: PEERBED_DATA names no folder of data sets");
    return;
  }
  const DelayMatrix delays = load_delay_text(*planetlab, DelayUnit::milliseconds, DelayMeasure::round_trip);
  CHECK(delays.size() == 490);
  CHECK(delays(0, 1) == 87'500ns);
  CHECK_THROWS_WITH(load_delay_text(*seattle, DelayUnit::seconds, DelayMeasure::round_trip),
                    Contains("missing measurement"));
}

}  // namespace peerbed::sim
