// A trial gives what a run gives; a search keeps to the contract, can be repeated, and finds what random runs do not.

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "scenarios/plan/lower.h"
#include "scenarios/protocol/simple_protocol.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/run/standard_protocols.h"
#include "scenarios/search/search.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

struct NoOptions {
  template <class Reader>
  void read(Reader&) {}
};

// The first member sends a beat to the second each second. The second counts the beats that it misses: after gaps of
// exactly 3, 1, 4 and 2 beats, in this order, it opens, which it must not.
class Lock {
 public:
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<std::string_view, 2> message_kinds{"", "beat"};
  static constexpr std::array trace_events{TraceEventType{"closed", {}}, TraceEventType{"turned.once", {}},
                                           TraceEventType{"turned.twice", {}}, TraceEventType{"turned.thrice", {}},
                                           TraceEventType{"opened", {}}};
  static constexpr std::array<std::uint64_t, 4> gaps{3, 1, 4, 2};

  Lock(bool is_first, Address other) : is_first_(is_first), other_(other) {}

  void on_start(Environment& environment, Start) {
    if (is_first_) environment.set_timer(0, std::chrono::seconds(1));
  }
  void on_datagram(Environment& environment, Address, Bytes bytes) {
    const auto now = static_cast<std::uint64_t>(environment.now().time_since_epoch() / std::chrono::milliseconds(100));
    if (bytes.size() < 2 || heard_ == 0) {
      heard_ = now;
      return;
    }
    const std::uint64_t missed = (now - heard_ + 5) / 10;
    heard_ = now;
    if (missed <= 1) return;
    turned_ = missed - 1 == gaps[turned_ % gaps.size()] ? turned_ + 1 : 0;
    environment.trace(static_cast<std::uint16_t>(std::min<std::uint64_t>(turned_, 4)), {});
  }
  void on_timer(Environment& environment, TimerId) {
    const std::array<std::byte, 2> beat{std::byte{1}, std::byte{1}};
    environment.send(other_, Bytes(beat));
    environment.set_timer(0, std::chrono::seconds(1));
  }
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment& environment) { environment.exit(); }
  bool is_open() const { return turned_ >= gaps.size(); }
  auto fields() const { return std::tie(is_first_, other_, heard_, turned_); }

 private:
  bool is_first_;
  Address other_;
  std::uint64_t heard_ = 0;  // in tenths of a second
  std::uint64_t turned_ = 0;
};

Registry locks() {
  const auto make = [](const NoOptions&, const Member& member) { return Lock(member.index == 0, member.peer(1)); };
  const auto check = [](std::span<const Seen<Lock>> all, CheckReport& report) {
    for (const Seen<Lock>& each : all)
      report.expect("the lock stays closed", !each.node.is_open(), [] { return "it is open"; });
  };
  return Registry{protocol<Lock, NoOptions>("lock", "must not open", make, check)};
}

const std::string lock_text =
    "duration: 90s\nnetwork: {latency: 10ms}\ngroups: {c: {protocol: lock, count: 2}}\n"
    "checks: {every: 10s, settle: 1s, changes: true}\nsearch: {faults: [pause, partition, clog], calm: 5s}\n";

const std::string ring_text = R"(duration: 80s
network: {latency: 20ms}
groups:
  nodes:
    protocol: ring
    count: 5
    options: {successor_list_length: 3, stabilize_period: 2s, check_predecessor_period: 2s, initial_timeout: 500ms, rpc_timeout: 250ms, rpc_attempts: 2, lookup_timeout: 500ms}
checks: {every: 5s, settle: 20s, changes: true}
)";

const std::string short_cuts = "search: {length: {from: 20ms, to: 1s}, offset: {from: -1s, to: 1s}}\n";

Scenario load(const std::string& text, const Registry& registry = standard_protocols()) {
  return load_scenario(parse_document(text, "t.yaml"), registry);
}

// Round by round, in this process.
void go_on(Search& search, std::uint64_t runs, bool until_found = false) {
  Trial trial(search.scenario());
  Coverage coverage;
  while (search.tried() < runs && !(until_found && !search.findings().empty())) {
    std::vector<TrialReport> reports;
    const std::size_t count = std::min<std::uint64_t>(search.round_size(), runs - search.tried());
    for (std::size_t i = 0; i < count; ++i) reports.push_back(search.attempt(trial, coverage, search.tried() + i));
    search.take(std::move(reports));
  }
}

}  // namespace

TEST_CASE("a trial has the digest and the violations of a run") {
  Scenario scenario =
      load(ring_text + "faults: [{at: 5s, crash: nodes.1, for: 20s}, {at: 9s, pause: nodes.2, for: 5s}]\n" +
           "workload: [{every: 3s, do: 'lookup {key}'}]\n");
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    scenario.seed = seed;
    const RunResult run = run_scenario(scenario);
    const TrialOutcome outcome = Trial(scenario).run(seed);
    CHECK(outcome.digest == run.digest);
    CHECK(outcome.events == run.events);
    CHECK(outcome.violations.size() == run.violations.size());
  }
}

TEST_CASE("a trial is held to what the scenario demands at each look or at the end") {
  for (const char* demanded : {"always", "finally"}) {
    const std::string checks = std::string(", ") + demanded + ": [the ring is ideal]}";
    std::string text = ring_text;
    text.replace(text.rfind("}"), 1, checks);
    const Scenario scenario = load(text + "faults: [{at: 79s, crash: nodes.1}]\n");
    const RunResult run = run_scenario(scenario);
    const TrialOutcome outcome = Trial(scenario).run(scenario.seed);
    REQUIRE(outcome.violations.size() == 1);
    REQUIRE(run.violations.size() == 1);
    CHECK(outcome.violations.front().at == run.violations.front().first.at);
    CHECK((outcome.violations.front().at == scenario.duration) == (demanded == std::string("finally")));
  }
}

TEST_CASE("a trial and a run look at the same instants") {
  const Scenario scenario = load(lock_text + "faults: [{at: 10.5s, pause: c.0, for: 3s}]\n", locks());
  const RunResult run = run_scenario(scenario);
  CHECK(Trial(scenario).run(scenario.seed).digest == run.digest);
  // A look at the end of each ten seconds and of the run, and one at each change.
  Scenario periodic = scenario;
  periodic.checks_changes = false;
  const auto looks = [](const RunResult& result) {
    return result.metrics.find("check.the lock stays closed.looks")->value;
  };
  CHECK(looks(run) > looks(run_scenario(periodic)));
}

TEST_CASE("a search finds a fault that random runs do not find, and its finding fails as a run of its own") {
  Search random(load(lock_text, locks()), {.seed = 1, .guided = false});
  go_on(random, 500);
  CHECK(random.findings().empty());
  Search guided(load(lock_text, locks()), {.seed = 1});
  go_on(guided, 40'000, true);
  REQUIRE(guided.findings().size() == 1);
  const Finding& finding = guided.findings().front();
  CHECK(finding.violation.property == "the lock stays closed");
  const Scenario written = load(guided.written(finding.genome), locks());
  const RunResult run = run_scenario(written);
  REQUIRE(run.violations.size() == 1);
  CHECK(run.violations.front().property == finding.violation.property);
  CHECK(run.violations.front().first.at == finding.violation.at);
}

TEST_CASE("a search that is taken up again goes on as if it had not been interrupted") {
  const Scenario scenario = load(lock_text, locks());
  Search whole(scenario, {.seed = 7});
  go_on(whole, 64);
  Search resumed(scenario, {.seed = 7});
  resumed.restore(whole.standing(), whole.corpus(), whole.findings());
  const std::uint64_t more = 64 + 2 * whole.round_size();
  go_on(whole, more);
  go_on(resumed, more);
  CHECK(resumed.standing().hits == whole.standing().hits);
  REQUIRE(resumed.corpus().size() == whole.corpus().size());
  for (std::size_t i = 0; i < whole.corpus().size(); ++i) {
    CHECK(resumed.corpus()[i].digest == whole.corpus()[i].digest);
    CHECK(resumed.corpus()[i].genome == whole.corpus()[i].genome);
  }
}

TEST_CASE("what a search writes down replays to the digest of its trial") {
  Search search(load(ring_text + short_cuts), {.seed = 3});
  go_on(search, 150);
  REQUIRE(search.corpus().size() > 10);
  for (const CorpusEntry& entry : search.corpus())
    CHECK(run_scenario(load(search.written(entry.genome))).digest == entry.digest);
}

TEST_CASE("a search changes single messages, of kinds that were sent, and keeps to the nodes") {
  Search search(load(ring_text + "search: {faults: [crash, loss, duplicate, latency], length: {from: 20ms, to: 1s}}\n"),
                {.seed = 4});
  go_on(search, 1'500);
  std::set<SearchFault> kinds;
  for (const CorpusEntry& entry : search.corpus())
    for (const Deed& deed : entry.genome.deeds) {
      if (deed.kind == SearchFault::crash) continue;
      kinds.insert(deed.kind);
      CHECK(deed.message != 0);
      REQUIRE(deed.company.size() == 1);
      CHECK(deed.company.front() != deed.node);
    }
  CHECK(kinds.size() == 3);
  for (std::size_t i = 0; i < search.corpus().size(); i += 20)
    CHECK(run_scenario(load(search.written(search.corpus()[i].genome))).digest == search.corpus()[i].digest);
}

TEST_CASE("the moments of a run are those at which something new was reached, and what was sent after a report") {
  Search search(load(ring_text + short_cuts), {.seed = 3});
  go_on(search, 64);
  std::size_t messages = 0;
  for (const CorpusEntry& entry : search.corpus()) {
    REQUIRE_FALSE(entry.moments.empty());
    REQUIRE(entry.moments.size() <= Coverage::maximum_moments);
    for (const Moment& moment : entry.moments) {
      REQUIRE(moment.node < 5);
      if (moment.source == no_node) continue;
      REQUIRE(moment.source < 5);
      REQUIRE(moment.message != 0);
      ++messages;
    }
  }
  CHECK(messages > 100);
}

TEST_CASE("a report of a trial passes between processes unharmed, and a torn one is refused") {
  const TrialReport report{
      5, 100, 42, {1, 2, 65535}, {{Duration(7), 3, 2, 9, 4}}, TrialViolation{"order", Duration(9), "2 < 1"}};
  const std::string bytes = report.bytes();
  std::string_view rest = bytes;
  const auto taken = TrialReport::take(rest);
  REQUIRE(taken);
  CHECK(rest.empty());
  CHECK(taken->bytes() == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::string_view torn = std::string_view(bytes).substr(0, size);
    CHECK_FALSE(TrialReport::take(torn));
  }
}

TEST_CASE("a contract keeps faults within what a protocol is promised to bear, and every run ends in calm") {
  const Scenario scenario = load(ring_text + short_cuts);
  const Contract contract(scenario);
  const Generator generator(scenario.search, contract);
  std::size_t deaths = 0;
  for (std::uint64_t key = 0; key < 2'000; ++key) {
    const Genome genome = generator.campaign(key);
    std::vector<Duration> stopped;
    for (const Deed& deed : genome.deeds) {
      REQUIRE(deed.at < contract.until());
      if (deed.kind == SearchFault::crash || deed.kind == SearchFault::wipe || deed.kind == SearchFault::leave)
        stopped.push_back(deed.at);
    }
    deaths += stopped.size();
    // With lists of three successors, no three stop within the time to notice.
    for (std::size_t i = 2; i < stopped.size(); ++i) REQUIRE(stopped[i] - stopped[i - 2] > std::chrono::seconds(5));
    for (const ScheduledAction& action : contract.actions(genome)) REQUIRE(action.at <= contract.until());
  }
  CHECK(deaths > 1'000);
}

TEST_CASE("of a ring with values fewer nodes than hold one are cut off at a time, by a clog as by a partition") {
  std::string text = ring_text;
  text.insert(text.find("successor_list_length"), "replicas: 2, repair_period: 5s, ");
  const Contract contract(load(text + "search: {commands: [put a b], faults: [crash, partition, clog, command], "
                                      "length: {from: 20ms, to: 500ms}}\n"));
  const Duration at = std::chrono::seconds(2);
  const auto deed = [&](SearchFault kind, NodeIndex node, std::vector<NodeIndex> company = {}) {
    Deed made;
    made.kind = kind;
    made.at = at;
    made.length = std::chrono::milliseconds(100);
    made.node = node;
    made.company = std::move(company);
    return made;
  };
  const auto kept = [&](std::vector<Deed> deeds) {
    Genome genome;
    genome.deeds = std::move(deeds);
    contract.keep(genome);
    return genome.deeds.size();
  };
  for (const SearchFault kind : {SearchFault::partition, SearchFault::clog}) {
    CHECK(kept({deed(kind, 0)}) == 1);
    CHECK(kept({deed(kind, 0, {1, 2, 3})}) == 1);  // node 4 from the others
    CHECK(kept({deed(kind, 0, {1})}) == 0);
    CHECK(kept({deed(kind, 0, {1, 2})}) == 0);
    CHECK(kept({deed(kind, 0), deed(SearchFault::crash, 2)}) == 1);
  }
}

TEST_CASE("what keeps answers waiting, or seems to, leaves longer times to notice deaths and to recover") {
  const auto shortest_gap = [](const std::string& search) {
    std::string text = "duration: 10min\n" + ring_text.substr(ring_text.find('\n') + 1);
    text.insert(text.find("successor_list_length"), "replicas: 2, repair_period: 5s, ");
    const Scenario scenario = load(text + "search: {commands: [put a b], faults: [crash, command" + search);
    const Contract contract(scenario);
    const Generator generator(scenario.search, contract);
    Duration shortest = Duration::max();
    for (std::uint64_t key = 0; key < 2'000; ++key) {
      std::optional<Duration> last;
      for (const Deed& deed : generator.campaign(key).deeds) {
        if (deed.kind != SearchFault::crash) continue;
        if (last) shortest = std::min(shortest, deed.at - *last);
        last = deed.at;
      }
    }
    return std::pair(shortest, contract.until());
  };
  const auto [calm_gap, calm_end] = shortest_gap("]}\n");
  const auto [clock_gap, clock_end] = shortest_gap(", clock], offset: {from: -2s, to: 1s}}\n");
  CHECK(clock_gap > calm_gap + std::chrono::seconds(20));
  CHECK(clock_end == calm_end - std::chrono::seconds(24));
  CHECK(shortest_gap(", pause], length: {from: 20ms, to: 2s}}\n").second == clock_end);
}

TEST_CASE("a scenario without time for faults, or without faults, is refused") {
  REQUIRE_THROWS_WITH(Contract(load("duration: 30s\ngroups: {n: {protocol: ring, count: 3}}\n")),
                      Catch::Matchers::Contains("no time is left for faults"));
  REQUIRE_THROWS_WITH(Contract(load(ring_text + "search: {faults: command}\n")),
                      Catch::Matchers::Contains("nothing that a search may vary"));
  REQUIRE_THROWS_WITH(load(ring_text + "search: {faults: crahs}\n"), Catch::Matchers::Contains("crash"));
  REQUIRE_THROWS_WITH(load(ring_text + "search: {count: {from: 3, to: 2}}\n"), Catch::Matchers::Contains("exchange"));
}

// Found by a search: what a peer had said as it left was still believed when it was back.
TEST_CASE("a peer of the coursework that left and came back is found by others when their successor leaves") {
  const RunResult result = run_scenario(load(R"(duration: 4min
network: {latency: 13ms}
groups: {ring: {protocol: coursework, count: 5, options: {identifiers: [10, 60, 110, 160, 210], known: 60, ping_interval: 2s}}}
checks: {every: 5s, settle: 40s}
faults:
  - {at: 2s, leave: ring.2}
  - {at: 58s, leave: ring.0}
  - {at: 88s, start: ring.0}
  - {at: 112s, leave: ring.4}
)"));
  CHECK(result.violations.empty());
}
