// A sweep before anything runs: its seeds, its points, how units are identified, and its errors.

#include <filesystem>
#include <fstream>
#include <functional>

#include "scenarios/run/standard_protocols.h"
#include "scenarios/sweep/sweep_plan.h"
#include "scenarios/sweep/unit_record.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

using Seeds = std::vector<std::uint64_t>;

const std::string scenario = R"(name: t
duration: 10s
parameters: {nodes: 4, list: 2}
network: {latency: {exponential: 10ms}}
groups:
  nodes: {protocol: ring, count: $nodes, options: {successor_list_length: $list}}
expect: [lookup.done.count == 0]
)";

class File {
 public:
  explicit File(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "peerbed_plan_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    write("t.yaml", text);
  }
  ~File() { std::filesystem::remove_all(folder_); }
  void write(const char* name, const std::string& text) const { std::ofstream(folder_ + "/" + name) << text; }
  SweepPlan plan(std::vector<Axis> axes, std::vector<Override> settings = {}, Seeds seeds = {1, 2, 3}) const {
    return plan_sweep(read_document(folder_ + "/t.yaml"), standard_protocols(), std::move(settings), std::move(axes),
                      std::move(seeds));
  }

 private:
  std::string folder_;
};

std::string complaint(const std::function<void()>& what) {
  try {
    what();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("seeds are ranges and lists, in ascending order") {
  CHECK(parse_seeds("1..4", "") == Seeds{1, 2, 3, 4});
  CHECK(parse_seeds("7", "") == Seeds{7});
  CHECK(parse_seeds("20,3..5,0", "") == Seeds{0, 3, 4, 5, 20});
}

TEST_CASE("invalid seeds are reported in one sentence") {
  const std::pair<const char*, const char*> answers[] = {
      {"", "--seeds: expected seeds, such as 1..20 or 1,2,5..9, but found ''"},
      {"1..", "--seeds: expected seeds, such as 1..20 or 1,2,5..9, but found '1..'"},
      {"a..3", "--seeds: expected seeds, such as 1..20 or 1,2,5..9, but found 'a..3'"},
      {"1-20", "--seeds: expected seeds, such as 1..20 or 1,2,5..9, but found '1-20'"},
      {"1,,2", "--seeds: expected seeds, such as 1..20 or 1,2,5..9, but found ''"},
      {"20..1", "--seeds: the range 20..1 is reversed; write 1..20"},
      {"1..3,2", "--seeds: seed 2 is given twice; give it once"},
      {"9223372036854775808", "--seeds: a seed is at most 9223372036854775807"},
      {"0..9223372036854775807", "--seeds: there are more than 100,000 seeds; use fewer"}};
  for (const auto& [text, answer] : answers) CHECK(complaint([&] { parse_seeds(text, "--seeds"); }) == answer);
}

TEST_CASE("an axis has a name and values, whose brackets may contain commas") {
  const Axis axis = parse_axis("churn.0.session={weibull: {shape: 0.6, scale: 2min}},{exponential: 3min},\"a,b\"", "");
  CHECK(axis.name == "churn.0.session");
  CHECK(axis.values ==
        std::vector<std::string>{"{weibull: {shape: 0.6, scale: 2min}}", "{exponential: 3min}", "\"a,b\""});
}

TEST_CASE("an invalid axis is reported in one sentence") {
  const std::pair<const char*, const char*> answers[] = {
      {"peers", "--param: missing '='; write --param peers=1,2,4"},
      {"=1", "--param: no parameter before the '='; write --param peers=1,2,4"},
      {"peers=", "--param: a value is missing beside a comma or after the '='"},
      {"peers=1,,2", "--param: a value is missing beside a comma or after the '='"},
      {"peers=1,2,1", "--param: the value 1 is given twice; give it once"}};
  for (const auto& [text, answer] : answers) CHECK(complaint([&] { parse_axis(text, "--param"); }) == answer);
}

TEST_CASE("axes are crossed, the last one fastest, and every point has every seed") {
  const SweepPlan plan = File(scenario).plan({{"nodes", {"4", "8"}}, {"list", {"2", "3"}}});
  REQUIRE(plan.points.size() == 4);
  CHECK(plan.points[1].values == std::vector<std::string>{"4", "3"});
  CHECK(plan.points[2].values == std::vector<std::string>{"8", "2"});
  CHECK(plan.unit_count() == 12);
  CHECK(plan.unit(0) == SweepUnit{0, 1});
  CHECK(plan.unit(4) == SweepUnit{1, 2});
  CHECK(plan.expected == std::vector<std::string>{"lookup.done.count"});
  const Scenario last = plan.scenario_of(plan.unit(11), standard_protocols());
  CHECK(last.node_count() == 8);
  CHECK(last.seed == 3);
}

TEST_CASE("without axes there is one point") {
  const SweepPlan plan = File(scenario).plan({});
  CHECK(plan.points.size() == 1);
  CHECK(plan.unit_count() == 3);
  CHECK(plan.points[0].digest == plan.digest);
}

TEST_CASE("a digest depends on what the scenario says, not on how it is written") {
  const std::string digest = File(scenario).plan({}).digest;
  CHECK(File("# Another remark.\n" + scenario + "seed: 9\n").plan({}).digest == digest);
  CHECK(File(scenario + "measure_from: 1s\n").plan({}).digest != digest);
  CHECK(File(scenario).plan({}, {{"nodes", "5", ""}}).digest != digest);
  const SweepPlan plan = File(scenario).plan({{"nodes", {"4", "8"}}});
  CHECK(plan.digest == digest);
  CHECK(plan.points[0].digest == digest);  // as in the file
  CHECK(plan.points[1].digest != digest);
}

TEST_CASE("a digest covers the files that a scenario names") {
  const std::string text =
      "duration: 10s\nnetwork: {latency: {matrix: {file: m.txt, format: text}}}\ngroups: {nodes: {protocol: ring, "
      "count: 2}}\n";
  const File file(text);
  file.write("m.txt", "0 10\n10 0\n");
  const std::string before = file.plan({}).digest;
  CHECK(file.plan({}).digest == before);
  file.write("m.txt", "0 11\n11 0\n");
  CHECK(file.plan({}).digest != before);
}

TEST_CASE("what is wrong at any point is reported before anything runs") {
  const File file(scenario);
  const auto with = [&file](std::vector<Axis> axes) { return complaint([&] { file.plan(axes); }); };
  CHECK(with({{"noodles", {"1"}}}) == "--param noodles=1: unknown key 'noodles'; did you mean 'nodes'?");
  CHECK(with({{"nodes", {"4", "0"}}}) ==
        "--param nodes=0: groups.nodes.count: expected a whole number from 1 to 10000000, but found '0'");
  CHECK(with({{"seed", {"1", "2"}}}) == "--param seed: seeds are not a parameter; write --seeds 1..20");
  CHECK(with({{"nodes", {"1"}}, {"nodes", {"2"}}}) ==
        "--param nodes: the parameter is given twice; give all its values in one --param");
  std::vector<std::string> many;
  for (int i = 1; i <= 40'000; ++i) many.push_back(std::to_string(i));
  CHECK(with({{"nodes", many}}) == "--param nodes: the sweep has more than 100,000 runs; use fewer");
}

TEST_CASE("a run's record is read back as it was written, unless it is cut short") {
  UnitRecord record;
  record.result = {.values = {"4", "a\"b"}, .seed = 7, .digest = "00000000000000ff", .events = 12};
  record.result.metrics.set("time", 1.0 / 3, Unit::nanoseconds, Better::less);
  record.result.metrics.set("count", std::uint64_t{3});
  record.result.distributions["hops"] = {{1, 2}, {UINT64_MAX, 1}};
  record.unmet = {"count > 3: was 3"};
  record.findings = {"time"};
  const std::string text = write_unit_record(record);
  const auto read = read_unit_record(text);
  REQUIRE(read);
  CHECK(read->result.values == record.result.values);
  CHECK(read->result.seed == 7);
  CHECK(read->result.metrics.find("time")->value == 1.0 / 3);
  CHECK(read->result.metrics.find("time")->better == Better::less);
  CHECK(read->result.metrics.find("count")->unit == Unit::count);
  CHECK(read->result.distributions == record.result.distributions);
  CHECK(read->unmet == record.unmet);
  CHECK(write_unit_record(*read) == text);
  for (std::size_t size = 0; size + 1 < text.size(); ++size) CHECK_FALSE(read_unit_record(text.substr(0, size)));
}
