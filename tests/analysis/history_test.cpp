#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "analysis/history/history_json.h"
#include "analysis/history/history_report.h"
#include "analysis/history/key_history.h"
#include "analysis/history/zones.h"
#include "protocols/environment/random.h"
#include "tests/analysis/wgl.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::analysis;

namespace {

using Kind = Operation::Kind;

Time at(std::int64_t second) { return time_zero + std::chrono::seconds(second); }

Operation put(std::uint64_t value, std::int64_t from, std::int64_t until, std::uint32_t process = 0) {
  return {.process = process, .value = value, .invoked = at(from), .answered = at(until)};
}
Operation unanswered_put(std::uint64_t value, std::int64_t from) { return {.value = value, .invoked = at(from)}; }
Operation removal(std::uint64_t value, std::int64_t from, std::int64_t until) {
  return {.value = value, .invoked = at(from), .answered = at(until), .gone = at(from)};
}
Operation lasting(std::uint64_t value, std::int64_t from, std::int64_t until, std::int64_t gone) {
  return {.value = value, .invoked = at(from), .answered = at(until), .gone = at(gone)};
}
Operation get(std::uint64_t value, std::int64_t from, std::int64_t until, std::uint32_t process = 0) {
  return {.kind = Kind::get, .process = process, .value = value, .invoked = at(from), .answered = at(until)};
}
Operation nothing(std::uint64_t value, std::int64_t from, std::int64_t until, std::uint32_t process = 0) {
  Operation operation = get(value, from, until, process);
  operation.finds = false;
  return operation;
}

KeyHistory history_of(const std::vector<Operation>& operations) {
  KeyHistory history;
  for (const Operation& operation : operations) history.add(operation);
  return history;
}
Level level_of(const std::vector<Operation>& operations) { return history_of(operations).judge().level(); }
std::string why_of(const std::vector<Operation>& operations) {
  const KeyHistory history = history_of(operations);
  const Verdict verdict = history.judge();
  REQUIRE(verdict.reason() != nullptr);
  return sentence_of(history, *verdict.reason(), [](std::uint32_t process) { return "n" + std::to_string(process); });
}

// A history of a few puts, removes and gets whose times and results are drawn: most are inconsistent.
std::vector<Operation> drawn_history(KeyedStream& draws, bool has_removes) {
  std::vector<Operation> operations;
  const std::uint64_t puts = 1 + draws.below(4);
  for (std::uint64_t i = 0; i < puts; ++i) {
    const auto from = static_cast<std::int64_t>(draws.below(14));
    const auto until = from + static_cast<std::int64_t>(draws.below(6));
    Operation operation = put(i + 1, from, until, static_cast<std::uint32_t>(draws.below(3)));
    if (draws.below(5) == 0) operation.answered = never;
    if (has_removes && draws.below(3) == 0) operation.gone = operation.invoked;
    operations.push_back(operation);
  }
  const std::uint64_t gets = 1 + draws.below(5);
  for (std::uint64_t i = 0; i < gets; ++i) {
    const auto from = static_cast<std::int64_t>(draws.below(16));
    const std::uint64_t value = draws.below(puts + 1);
    Operation operation =
        get(value, from, from + static_cast<std::int64_t>(draws.below(5)), static_cast<std::uint32_t>(draws.below(3)));
    operation.finds = value != 0 && !operations[value - 1].is_remove();
    operations.push_back(operation);
  }
  std::stable_sort(operations.begin(), operations.end(),
                   [](const Operation& one, const Operation& other) { return one.invoked < other.invoked; });
  return operations;
}

// What a get may have seen, by the definition of a regular register.
bool is_regular_by_definition(const std::vector<Operation>& operations, const Operation& read) {
  const auto is_over = [&](const Operation& old) {
    return std::any_of(operations.begin(), operations.end(), [&](const Operation& newer) {
      return newer.kind == Kind::put && old.precedes(newer) && newer.precedes(read);
    });
  };
  const auto explains = [&](const Operation& each) {
    if (each.kind != Kind::put || read.precedes(each) || is_over(each)) return false;
    return read.finds ? each.value == read.value : each.is_remove();
  };
  const bool is_first = std::none_of(operations.begin(), operations.end(), [&](const Operation& each) {
    return each.kind == Kind::put && each.precedes(read);
  });
  return (!read.finds && is_first) || std::any_of(operations.begin(), operations.end(), explains);
}

}  // namespace

TEST_CASE("operations one after the other are atomic if each get returns the latest value") {
  CHECK(level_of({nothing(0, 0, 1), put(1, 2, 3), get(1, 4, 5), put(2, 6, 7), get(2, 8, 9)}) == Level::atomic);
  CHECK(level_of({put(1, 2, 3), put(2, 6, 7), get(1, 8, 9)}) == Level::monotonic);
}

TEST_CASE("of two gets during a put the later one may not return the older value, if the history is atomic") {
  CHECK(level_of({put(1, 0, 1), put(2, 2, 9), get(1, 3, 4), get(2, 5, 6, 1)}) == Level::atomic);
  const std::vector<Operation> inverted{put(1, 0, 1), put(2, 2, 9, 1), get(2, 3, 4, 2), get(1, 5, 6, 3)};
  CHECK(level_of(inverted) == Level::regular);
  CHECK(why_of(inverted) ==
        "the put of value 1 by n0 ended before the put of value 2 by n1 began, but a get by n2 of value 2 ended before "
        "a get by n3 of value 1 began");
}

TEST_CASE("a regular history need not be monotonic") {
  const KeyHistory history = history_of({put(1, 0, 1), put(2, 2, 9), get(2, 3, 4, 5), get(1, 5, 6, 5)});
  const Verdict verdict = history.judge();
  CHECK(verdict.level() == Level::regular);
  CHECK(verdict.against_monotonic);
}

TEST_CASE("a client that got an older value than before, and no longer the latest, reaches no level") {
  const std::vector<Operation> back{put(1, 0, 1), put(2, 2, 3), get(2, 4, 5, 7), get(1, 6, 8, 7)};
  CHECK(level_of(back) == Level::none);
  CHECK(why_of(back) == "n7 got value 2 at 5.000 s, and later the older value 1 at 8.000 s");
}

TEST_CASE("a put that was never acknowledged may take effect late, once, or never") {
  CHECK(level_of({unanswered_put(1, 0), put(2, 1, 2), get(2, 3, 4), get(1, 50, 51)}) == Level::atomic);
  CHECK(level_of({unanswered_put(1, 0), put(2, 1, 2), get(2, 3, 4), get(2, 50, 51)}) == Level::atomic);
  CHECK(level_of({unanswered_put(1, 0), put(2, 1, 2), get(1, 3, 4), get(2, 5, 6), get(1, 7, 8)}) == Level::regular);
}

TEST_CASE("a get that returns what was never put, or put only later, reaches no level") {
  CHECK(level_of({put(1, 0, 1), get(9, 2, 3)}) == Level::none);
  CHECK(why_of({put(1, 0, 1), get(9, 2, 3, 4)}) ==
        "the get by n4 that ended at 3.000 s returned a value that was never put");
  CHECK(level_of({get(1, 0, 1), put(1, 2, 3)}) == Level::none);
}

TEST_CASE("after a remove there is nothing, and what was removed does not return") {
  CHECK(level_of({put(1, 0, 1), removal(2, 2, 3), nothing(2, 4, 5)}) == Level::atomic);
  CHECK(level_of({put(1, 0, 1), removal(2, 2, 3), get(1, 4, 5)}) == Level::monotonic);
  CHECK(level_of({put(1, 0, 1), nothing(0, 2, 3)}) == Level::monotonic);
  CHECK(why_of({put(1, 0, 1), nothing(0, 2, 3)}) ==
        "the get by n0 that ended at 3.000 s found nothing, although value 1 was acknowledged before the get began");
}

TEST_CASE("a get that found nothing and knows of no remove counts for one that explains it") {
  CHECK(level_of({put(1, 0, 1), removal(2, 2, 3), nothing(0, 4, 5)}) == Level::atomic);
  CHECK(level_of({removal(1, 0, 1), put(2, 2, 3), removal(3, 4, 5), nothing(1, 6, 7)}) == Level::atomic);
  CHECK(level_of({removal(1, 0, 1), put(2, 2, 3), nothing(1, 6, 7)}) == Level::monotonic);
}

TEST_CASE("a value with a lifetime is there until its end, give or take what clocks may be off") {
  CHECK(level_of({lasting(1, 0, 1, 30), get(1, 10, 11), nothing(1, 40, 41)}) == Level::atomic);
  CHECK(level_of({lasting(1, 0, 1, 30), nothing(1, 10, 11)}) == Level::monotonic);
  CHECK(level_of({lasting(1, 0, 1, 30), get(1, 40, 41)}) == Level::monotonic);
  CHECK(level_of({lasting(1, 0, 1, 30), get(1, 34, 41)}) == Level::atomic);
  CHECK(level_of({lasting(1, 0, 1, 30), nothing(1, 20, 26)}) == Level::atomic);
}

TEST_CASE("acknowledgements that are told late and out of order count from when they were") {
  KeyHistory history;
  const std::size_t first = history.add(unanswered_put(1, 0));
  const std::size_t second = history.add(unanswered_put(2, 4));
  const std::size_t third = history.add(unanswered_put(3, 8));
  history.acknowledge(third, at(9));
  history.acknowledge(first, at(1));
  history.acknowledge(second, at(5));
  CHECK(history.reading_of(get(1, 4, 5)).flaw == Flaw::none);
  CHECK(history.reading_of(get(1, 6, 7)).flaw == Flaw::superseded);
  CHECK(history.reading_of(get(2, 8, 9)).flaw == Flaw::none);
  CHECK(history.reading_of(get(2, 10, 11)).flaw == Flaw::superseded);
  CHECK(history.reading_of(get(2, 10, 11)).newer == third);
}

TEST_CASE("zones contradict each other exactly if each of two has to come before the other") {
  KeyedStream draws(1);
  std::size_t found = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Zone> zones(1 + draws.below(6));
    for (Zone& zone : zones)
      zone = {draws.below(8) == 0 ? never : at(static_cast<std::int64_t>(draws.below(20))),
              at(static_cast<std::int64_t>(draws.below(20)))};
    bool is_contradiction = false;
    for (std::size_t i = 0; i < zones.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        is_contradiction = is_contradiction || (zones[i].must_precede(zones[k]) && zones[k].must_precede(zones[i]));
    const auto pair = contradiction(zones);
    REQUIRE(pair.has_value() == is_contradiction);
    if (!pair) continue;
    ++found;
    CHECK(pair->first != pair->second);
    CHECK(
        (zones[pair->first].must_precede(zones[pair->second]) && zones[pair->second].must_precede(zones[pair->first])));
  }
  CHECK(found > 2'000);
  CHECK(found < 18'000);
}

TEST_CASE("zones and a search for an order agree on whether a history is atomic") {
  KeyedStream draws(2);
  std::size_t atomic = 0;
  std::size_t regular = 0;
  constexpr int rounds = 30'000;
  for (int round = 0; round < rounds; ++round) {
    const std::vector<Operation> operations = drawn_history(draws, round % 2 == 0);
    const KeyHistory history = history_of(operations);
    const Verdict verdict = history.judge();
    // Any remove, and the absence before all puts, explains why nothing was found.
    WglSearch for_clients(operations, [&](std::size_t read, std::optional<std::size_t> state) {
      if (!operations[read].finds) return !state || operations[*state].is_remove();
      return state && operations[*state].value == operations[read].value;
    });
    const bool has_order = for_clients.finds_order();
    INFO("history " << round);
    if (verdict.against_regular || round % 2 != 0) REQUIRE(has_order == !verdict.against_atomic);
    if (!verdict.against_atomic) REQUIRE(has_order);
    if (!verdict.against_regular) {
      // Each get counts for a certain put.
      WglSearch by_reading(operations, [&](std::size_t read, std::optional<std::size_t> state) {
        return history.reading_of(operations[read]).put == state;
      });
      REQUIRE(by_reading.finds_order() == !verdict.against_atomic);
    }
    atomic += verdict.level() == Level::atomic ? 1 : 0;
    regular += verdict.level() == Level::regular ? 1 : 0;
  }
  CHECK(atomic > rounds / 50);
  CHECK(regular > rounds / 50);
}

TEST_CASE("a history is regular and monotonic exactly if each of its gets is, by the definitions") {
  KeyedStream draws(3);
  for (int round = 0; round < 30'000; ++round) {
    const std::vector<Operation> operations = drawn_history(draws, round % 2 == 0);
    const KeyHistory history = history_of(operations);
    const Verdict verdict = history.judge();
    std::size_t flawed = 0;
    bool is_monotonic = true;
    for (const Operation& later : operations) {
      if (later.kind != Kind::get) continue;
      flawed += is_regular_by_definition(operations, later) ? 0 : 1;
      const KeyHistory::Reading reading = history.reading_of(later);
      is_monotonic = is_monotonic && reading.flaw != Flaw::not_yet_put;
      for (const Operation& earlier : operations) {
        if (earlier.kind != Kind::get || earlier.process != later.process || !earlier.precedes(later)) continue;
        const auto known = history.reading_of(earlier).put;
        if (known && (!reading.put || operations[*reading.put].precedes(operations[*known]))) is_monotonic = false;
      }
    }
    INFO("history " << round);
    REQUIRE(verdict.flawed_gets == flawed);
    REQUIRE(verdict.against_regular.has_value() == (flawed > 0));
    REQUIRE(verdict.against_monotonic.has_value() == !is_monotonic);
    if (!verdict.against_atomic) REQUIRE(is_monotonic);
  }
}

TEST_CASE("what breaks a level is shown by operations of which one ended before another began") {
  KeyedStream draws(4);
  for (int round = 0; round < 10'000; ++round) {
    const std::vector<Operation> operations = drawn_history(draws, true);
    const KeyHistory history = history_of(operations);
    const Verdict verdict = history.judge();
    for (const auto& breach : {verdict.against_atomic, verdict.against_regular, verdict.against_monotonic}) {
      if (!breach) continue;
      REQUIRE(!breach->operations.empty());
      for (const auto& [earlier, later] : breach->precedences)
        REQUIRE(history.operations()[earlier].precedes(history.operations()[later]));
    }
  }
}

TEST_CASE("a report counts keys by level and draws the worst one") {
  Histories histories;
  histories[5] = history_of({put(1, 0, 1), get(1, 2, 3)});
  histories[6] = history_of({put(1, 0, 1)});  // nobody got it
  constexpr std::uint64_t worst = UINT64_MAX - 1;
  histories[worst] = history_of({put(1, 0, 1), put(2, 2, 9, 1), get(2, 3, 4, 2), get(1, 5, 6, 3)});
  const std::vector<const Histories*> all{&histories};
  const HistoryReport report = report_of(all, [](std::uint32_t process) { return "n" + std::to_string(process); });
  CHECK(report.keys == 2);
  CHECK(report.atomic == 1);
  CHECK(report.regular == 2);
  CHECK(report.gets == 3);
  REQUIRE(report.worst);
  CHECK(report.worst->key == worst);
  CHECK(report.worst->level == Level::regular);
  CHECK(report.worst->excerpt.operations.size() == 4);
  CHECK(report.worst->excerpt.precedences == std::vector<Precedence>{{0, 1}, {2, 3}});

  std::string text;
  JsonText out(text);
  write_history(report, out);
  const auto read = read_worst_key(Json::parse(text));
  REQUIRE(read);
  CHECK(read->key == worst);
  CHECK(read->why == report.worst->why);
  CHECK(read->excerpt.precedences == report.worst->excerpt.precedences);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(read->excerpt.operations[i].process == report.worst->excerpt.operations[i].process);
    CHECK(read->excerpt.operations[i].answered == report.worst->excerpt.operations[i].answered);
    CHECK(read->excerpt.operations[i].is_marked);
  }
}

TEST_CASE("of a long history the operations nearest to the contradiction are drawn") {
  std::vector<Operation> operations{put(1, 0, 1), put(2, 2, 9, 1), get(2, 3, 4, 2), get(1, 5, 6, 3)};
  for (int i = 0; i < 1000; ++i) operations.push_back(get(2, 20 + 2 * i, 21 + 2 * i));
  Histories histories;
  histories[1] = history_of(operations);
  const std::vector<const Histories*> all{&histories};
  const HistoryReport report = report_of(all, [](std::uint32_t) { return "n"; });
  REQUIRE(report.worst);
  CHECK(report.worst->excerpt.of == 1004);
  CHECK(report.worst->excerpt.operations.size() == most_drawn_operations);
  CHECK(report.worst->excerpt.operations.back().invoked == at(20 + 2 * (most_drawn_operations - 5)));
}
