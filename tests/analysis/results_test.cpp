// The results of a sweep as files: what is written is read back, and the same results give the same bytes.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "analysis/results/results_database.h"
#include "analysis/results/results_text.h"
#include "analysis/results/sweep_statistics.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

const SweepHeader header{"a \"quoted\", name", "0123456789abcdef", "1.0", {"peers", "seed", "loss"}};

UnitResult unit_at(const char* peers, std::uint64_t seed, double time) {
  UnitResult unit{.values = {peers, "odd", "{a: 1, b: 2}"}, .seed = seed, .digest = "00000000000000ff", .events = 7};
  unit.good = true;
  unit.metrics.set("time", time, Unit::nanoseconds, Better::less);
  unit.metrics.set("share", 0.1, Unit::flag, Better::more);
  unit.distributions["hops"] = {{1, 5}, {2, seed}};
  return unit;
}

void add_all(ResultSink& sink) {
  sink.add(unit_at("1", 1, 1e9 / 3));
  sink.add(unit_at("1", 2, 2e9));
  sink.add(unit_at("2", 1, 5));
  sink.close();
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "peerbed_results_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string bytes_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a database returns the results that were written") {
  const TemporaryFolder folder;
  {
    DatabaseWriter writer(folder.file("r.sqlite"), header);
    add_all(writer);
  }
  const SweepResults results = read_database(folder.file("r.sqlite"));
  CHECK(results.header().scenario == header.scenario);
  CHECK(results.header().scenario_digest == header.scenario_digest);
  CHECK(results.header().parameters == header.parameters);
  REQUIRE(results.points().size() == 2);
  CHECK(results.points()[1] == std::vector<std::string>{"2", "odd", "{a: 1, b: 2}"});
  CHECK(results.digests().at({1, 1}) == "00000000000000ff");
  const MetricSamples& time = results.metrics().at("time");
  CHECK(time.unit == Unit::nanoseconds);
  CHECK(time.better == Better::less);
  CHECK(time.by_point[0] == Samples{{1, 1e9 / 3}, {2, 2e9}});
  CHECK(time.by_point[1] == Samples{{1, 5}});
  // All seeds of a point together.
  CHECK(results.distributions()[0].at("hops") == std::vector<Bar>{{1, 10}, {2, 3}});
}

TEST_CASE("the same results make the same database, byte for byte") {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"}) {
    DatabaseWriter writer(folder.file(name), header);
    add_all(writer);
  }
  CHECK(bytes_of(folder.file("a")).size() > 4096);
  CHECK(bytes_of(folder.file("a")) == bytes_of(folder.file("b")));
}

TEST_CASE("a file that is not a database is refused by name") {
  const TemporaryFolder folder;
  std::ofstream(folder.file("r.sqlite")) << std::string(5000, 'x');
  CHECK_THROWS_WITH(read_database(folder.file("r.sqlite")), Catch::Contains("r.sqlite: file is not a database"));
  CHECK_THROWS_WITH(read_database(folder.file("none")), Catch::Contains("none: cannot be opened"));
  CHECK_THROWS_WITH(DatabaseWriter(folder.file("no/where"), header), Catch::Contains("cannot be opened"));
}

TEST_CASE("comma-separated values have a row for each run and metric, and quotes only where needed") {
  std::ostringstream out;
  CsvWriter writer(out, header);
  add_all(writer);
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  CHECK(line == "scenario,peers,parameter.seed,loss,seed,metric,value,unit,better");
  std::getline(lines, line);
  CHECK(line == "\"a \"\"quoted\"\", name\",1,odd,\"{a: 1, b: 2}\",1,share,0.1,share,more");
  std::getline(lines, line);
  CHECK(line == "\"a \"\"quoted\"\", name\",1,odd,\"{a: 1, b: 2}\",1,time,333333333.3333333,ns,less");
}

TEST_CASE("JSON has an object for each run and metric, with numbers as numbers") {
  std::ostringstream out;
  JsonWriter writer(out, {"s", "", "1", {"peers"}});
  UnitResult unit{.values = {"4"}, .seed = 9};
  unit.metrics.set("time", 1.5, Unit::nanoseconds, Better::less);
  writer.add(unit);
  unit.values = {"a\"b\n"};
  writer.add(unit);
  writer.close();
  CHECK(out.str() ==
        "[\n"
        R"({"scenario":"s","peers":4,"seed":9,"metric":"time","value":1.5,"unit":"ns","better":"less"},)"
        "\n"
        R"({"scenario":"s","peers":"a\"b\n","seed":9,"metric":"time","value":1.5,"unit":"ns","better":"less"})"
        "\n]\n");
}

TEST_CASE("a point is compared with the first one by the seeds that both have") {
  const Samples first{{1, 10.0}, {2, 20.0}, {3, 30.0}};
  const Change change = change_between(first, {{1, 11.0}, {2, 21.0}, {4, 99.0}});
  CHECK(change.pairs == 2);
  CHECK(change.difference == 1);
  CHECK(change.base == 15);
  CHECK(change.interval == Interval{1, 1});
  // One pair says nothing about chance, so the samples are treated as independent.
  CHECK(change_between(first, {{1, 11.0}, {5, 13.0}}).pairs == 0);
  CHECK(change_between(first, {{1, 11.0}, {5, 13.0}}).difference == -8);
}

TEST_CASE("statistics have a row for each metric and point") {
  SweepResults results({"s", "", "1", {"peers"}});
  for (const auto& [peers, seed, time] : {std::tuple{"1", 1, 4.0}, {"1", 2, 6.0}, {"2", 1, 2.0}, {"2", 2, 3.0}}) {
    UnitResult unit{.values = {peers}, .seed = static_cast<std::uint64_t>(seed)};
    unit.metrics.set("time", time, Unit::none, Better::less);
    results.add(unit);
  }
  std::ostringstream out;
  write_statistics_csv(out, results);
  std::istringstream lines(out.str());
  std::string line;
  std::getline(lines, line);
  CHECK(line.starts_with("peers,metric,unit,better,runs,mean,mean_low,mean_high,"));
  std::getline(lines, line);
  CHECK(line.starts_with("1,time,,less,2,5,"));
  CHECK(line.ends_with(",4,4.2,5,5.8,6,,,,"));
  std::getline(lines, line);
  CHECK(line.starts_with("2,time,,less,2,2.5,"));
  CHECK(line.find(",2,-2.5,") != std::string::npos);
}
