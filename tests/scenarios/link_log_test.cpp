// What is recorded of links: every packet and every drop of the run, and queues as they were.

#include <algorithm>
#include <map>

#include "analysis/results/link_table.h"
#include "scenarios/record/link_log.h"
#include "scenarios/record/result_json.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "tests/catch.h"
#include "tests/scenarios/eventful.h"

using namespace peerbed;
using namespace peerbed::scenarios;
using analysis::LinkRow;
using analysis::LinkTable;

namespace {

struct Recorded {
  RunResult result;
  LinkTable links;
};

Scenario load_text(const std::string& text) {
  return load_scenario(parse_document(text, "t.yaml"), standard_protocols());
}

Recorded record(const Scenario& scenario, Duration interval) {
  LinkLog log(scenario, interval);
  RunOptions options;
  options.links = &log;
  Recorded recorded{run_scenario(scenario, options), {}};
  recorded.links = log.finish(time_zero + recorded.result.simulated);
  return recorded;
}

LinkRow sum_of(const LinkTable& table) {
  LinkRow sum;
  for (const LinkRow& row : table)
    for (const analysis::LinkColumn& column : analysis::link_columns) sum.*column.field += row.*column.field;
  return sum;
}

std::uint64_t metric(const RunResult& result, const std::string& name) {
  const auto found = result.metrics.all().find(name);
  return found == result.metrics.all().end() ? 0 : static_cast<std::uint64_t>(found->second.value);
}

// The queue of a link that sends 8,000 bytes a second, filled by hand.
class ByHand {
 public:
  explicit ByHand(std::uint64_t queue) : log_(scenario_, std::chrono::seconds(1)) { link_.set({{64'000}, queue}); }

  void packet(std::int64_t milliseconds, std::uint64_t size) {
    const Time arrived = time_zero + std::chrono::milliseconds(milliseconds);
    Time at = arrived;
    const bool fits = link_.take(size, at);
    const sim::LinkArrival arrival{arrived, arrived, 1, fits ? 0u : 1u, fits ? size : 0};
    log_.on_arrival({}, sim::state_of(link_, arrival), arrival);
  }
  LinkTable finish() { return log_.finish(time_zero + scenario_.duration); }

 private:
  Scenario scenario_ = load_text("duration: 4s\ngroups: {nodes: {protocol: ring, count: 1}}\n");
  sim::Link link_;
  LinkLog log_;
};

// A swarm with partitions and loss.
const std::string crowded = [] {
  std::string text = peerbed::tests::small_swarm;
  text.resize(text.find("faults:"));
  return text +
         "faults:\n"
         "  - {at: 5s, command: fetchers, do: DOWN film}\n"
         "  - {at: 6s, network: {loss: 3%}, for: 3s}\n"
         "  - {at: 7s, partition: {random: 40%}, for: 2s}\n";
}();

}  // namespace

TEST_CASE("recording links does not change a run") {
  const Scenario scenario = load_text(peerbed::tests::eventful);
  const Recorded recorded = record(scenario, std::chrono::seconds(1));
  CHECK(result_json(recorded.result) == result_json(run_scenario(scenario)));
  CHECK(analysis::links_csv(recorded.links) == analysis::links_csv(record(scenario, std::chrono::seconds(1)).links));
}

TEST_CASE("every drop of a run is in one row of its links") {
  for (const std::string& text : {peerbed::tests::eventful, crowded}) {
    const Recorded recorded = record(load_text(text), std::chrono::milliseconds(500));
    const LinkRow sum = sum_of(recorded.links);
    const RunResult& run = recorded.result;
    CHECK(sum.dropped_queue == metric(run, "messages.dropped_queue") + metric(run, "streams.packets_overflowed"));
    CHECK(sum.dropped_loss + sum.dropped_partition == metric(run, "messages.lost") +
                                                          metric(run, "messages.dropped_partition") +
                                                          metric(run, "streams.packets_lost"));
    CHECK(sum.dropped_loss > 0);
    CHECK(sum.dropped_partition > 0);
    for (const LinkRow& row : recorded.links) {
      INFO(row.link << " at " << row.seconds);
      CHECK(row.utilisation >= 0);
      CHECK(row.utilisation <= 1);
      CHECK(row.queue_p50 <= row.queue_p90);
      CHECK(row.queue_p90 <= row.queue_p99);
      CHECK(row.queue_p99 <= row.queue_max);
      CHECK(row.queue_max <= row.queue);
    }
  }
}

TEST_CASE("the time in which links sent is what their bytes take") {
  const Recorded recorded = record(load_text(crowded), std::chrono::seconds(2));
  std::map<std::string, std::pair<double, double>> seconds;  // sending, and needed for the bytes
  for (const LinkRow& row : recorded.links) {
    if (row.rate == 0) continue;
    seconds[row.link].first += row.utilisation * 2;
    seconds[row.link].second += static_cast<double>(row.bytes) * 8 / static_cast<double>(row.rate);
  }
  CHECK(seconds.size() == 7);
  for (const auto& [link, each] : seconds) {
    INFO(link);
    CHECK(each.first == Approx(each.second).epsilon(0.01));
  }
}

TEST_CASE("links whose queues have a discipline, and that lose packets, have rows like others") {
  for (const char* discipline : {"red", "codel", "fq_codel", "drop_tail"}) {
    INFO(discipline);
    const std::string link = std::string("{rate: 4Mbit/s, queue: 20KiB, loss: 0.5%, discipline: ") + discipline + "}";
    const Recorded recorded = record(
        load_text("duration: 30s\nnetwork: {latency: 15ms}\ngroups:\n"
                  "  tracker: {protocol: swarm, count: 1, options: {role: tracker}}\n"
                  "  source: {protocol: swarm, count: 1, on_start: ADD film, uplink: " +
                  link + ", options: {files: [{name: film, size: 2MiB}]}}\n  fetchers: {protocol: swarm, count: 3, " +
                  "uplink: " + link + ", downlink: " + link +
                  "}\nworkload: [{at: 2s, each: fetchers, do: DOWN film}]\n"),
        std::chrono::seconds(1));
    const LinkRow sum = sum_of(recorded.links);
    const RunResult& run = recorded.result;
    CHECK(sum.dropped_queue == metric(run, "messages.dropped_queue") + metric(run, "streams.packets_overflowed"));
    CHECK(sum.dropped_loss == metric(run, "messages.lost") + metric(run, "streams.packets_lost"));
    CHECK(sum.dropped_queue > 0);
    CHECK(sum.dropped_loss > 0);
    CHECK(metric(run, "download.done.count") == 3);
    double busy = 0;
    double needed = 0;
    for (const LinkRow& row : recorded.links) {
      INFO(row.link << " at " << row.seconds);
      CHECK(row.utilisation >= 0);
      CHECK(row.utilisation <= 1);
      CHECK(row.queue_p50 <= row.queue_p99);
      CHECK(row.queue_p99 <= row.queue_max);
      CHECK(row.queue_max <= row.queue + 1'540);
      if (row.rate == 0) continue;
      busy += row.utilisation;
      needed += static_cast<double>(row.bytes) * 8 / static_cast<double>(row.rate);
    }
    CHECK(busy == Approx(needed).epsilon(0.01));
    const bool waits = std::any_of(recorded.links.begin(), recorded.links.end(),
                                   [](const LinkRow& row) { return row.queue_p50 > 1'000; });
    CHECK(waits);
  }
}

TEST_CASE("a row per interval, whatever its length, adds up to the run") {
  const Scenario scenario = load_text(crowded);
  // A link without a rate has rows only for the intervals in which something was dropped.
  const auto limited = [&](Duration interval) {
    std::vector<LinkRow> rows = record(scenario, interval).links;
    std::erase_if(rows, [](const LinkRow& row) { return row.rate == 0; });
    return sum_of(rows);
  };
  const LinkRow whole = limited(scenario.duration);
  const LinkRow pieces = limited(std::chrono::milliseconds(100));
  CHECK(whole.packets == pieces.packets);
  CHECK(whole.bytes == pieces.bytes);
  CHECK(whole.dropped() == pieces.dropped());
  CHECK(whole.dropped() > 0);
}

TEST_CASE("a queue is as full as the wire still has to send") {
  ByHand link(3'000);
  link.packet(500, 1'000);    // on the wire until 0.625 s
  link.packet(500, 2'000);    // until 0.875 s
  link.packet(500, 1'000);    // finds 3,000 bytes
  link.packet(2'900, 1'600);  // until 3.1 s
  const LinkTable table = link.finish();
  REQUIRE(table.size() == 3);
  CHECK(table[0].link == "nodes.0 up");
  CHECK(table[0].packets == 3);
  CHECK(table[0].bytes == 3'000);
  CHECK(table[0].dropped_queue == 1);
  CHECK(table[0].utilisation == Approx(0.375));
  CHECK(table[0].queue_max == 3'000);
  CHECK(table[0].queue_p50 == 0);
  // In 10 % of the second, the level was above 3,000 - 0.1 * 8,000.
  CHECK(table[0].queue_p90 == Approx(2'200).epsilon(0.03));
  CHECK(table[1].seconds == 2);
  CHECK(table[1].utilisation == Approx(0.1));
  CHECK(table[1].queue_max == 1'600);
  CHECK(table[2].packets == 0);
  CHECK(table[2].utilisation == Approx(0.1));
  CHECK(table[2].queue_max == 800);
}

TEST_CASE("the links of a topology go by their sites") {
  const Scenario scenario = load_scenario(PEERBED_SOURCE_DIR "/scenarios/swarm-bottleneck.yaml", standard_protocols(),
                                          {{"groups.source.options.files", "[{name: film, size: 4MiB}]", "--set"}});
  const LinkTable table = record(scenario, scenario.duration).links;
  const auto narrow = std::find_if(table.begin(), table.end(),
                                   [](const LinkRow& row) { return row.link == "west router -> east router"; });
  REQUIRE(narrow != table.end());
  CHECK(narrow->rate == 100'000'000);
  CHECK(narrow->queue == 500'000);
  CHECK(narrow->bytes > 4'000'000);
}
