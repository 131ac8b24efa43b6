#include "scenarios/protocol/value_history.h"

#include "protocols/ring/base/trace.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;
using namespace std::chrono_literals;
using ring::TraceEvent;

namespace {

constexpr std::uint64_t key = 77;

// The events of one key, at given seconds.
class Told {
 public:
  void put(int second, std::uint64_t operation, Duration lifetime = Duration::max()) {
    const std::uint64_t time = 1000;
    const std::uint64_t until =
        lifetime == Duration::max() ? UINT64_MAX : time + static_cast<std::uint64_t>(lifetime.count());
    note(second, TraceEvent::put_begun, {operation, key, until, time});
  }
  void remove(int second, std::uint64_t operation) { note(second, TraceEvent::put_begun, {operation, key, 0, 1000}); }
  void acknowledged(int second, std::uint64_t operation) {
    note(second, TraceEvent::value_acknowledged, {key, 1000, operation, 0});
  }
  void get(int second, std::uint64_t operation) { note(second, TraceEvent::get_begun, {operation, key}); }
  // How many gets are wrong after this one returned a put's value.
  std::uint64_t returned(int second, std::uint64_t operation, std::uint64_t put) {
    note(second, TraceEvent::get_returned, {operation, key, 1000, put});
    return wrong_gets();
  }
  std::uint64_t returned_nothing(int second, std::uint64_t operation) {
    note(second, TraceEvent::get_returned, {operation, key, 0, 0});
    return wrong_gets();
  }

 private:
  void note(int second, TraceEvent event, const TraceValues& values) {
    history_.note(time_zero + std::chrono::seconds(second), 0, ring::index_of(event), values);
  }
  std::uint64_t wrong_gets() { return wrong_ += history_.take_wrong_gets().count; }

  ValueHistory history_{ring::trace_table, ValueHistory::Gets::forgotten};
  std::uint64_t wrong_ = 0;
};

}  // namespace

TEST_CASE("a get returns the put that was acknowledged last") {
  Told told;
  told.put(1, 1);
  told.acknowledged(2, 1);
  told.put(3, 2);
  told.acknowledged(4, 2);
  told.get(5, 100);
  CHECK(told.returned(6, 100, 2) == 0);
  told.get(7, 101);
  CHECK(told.returned(8, 101, 1) == 1);
}

TEST_CASE("a get that began before the acknowledgement may return the older value or the newer one") {
  Told told;
  told.put(1, 1);
  told.acknowledged(2, 1);
  told.put(3, 2);
  told.get(4, 100);
  told.get(4, 101);
  told.acknowledged(5, 2);
  CHECK(told.returned(6, 100, 1) == 0);
  CHECK(told.returned(6, 101, 2) == 0);
}

TEST_CASE("of overlapping puts either may be the last") {
  Told told;
  told.put(1, 1);
  told.put(2, 2);
  told.acknowledged(3, 2);
  told.acknowledged(4, 1);
  told.get(5, 100);
  told.get(5, 101);
  CHECK(told.returned(6, 100, 1) == 0);
  CHECK(told.returned(6, 101, 2) == 0);
}

TEST_CASE("a put that was never acknowledged may take effect at any time, and never has to") {
  Told told;
  told.put(1, 1);
  told.put(2, 2);
  told.acknowledged(3, 2);
  told.get(50, 100);
  told.get(51, 101);
  CHECK(told.returned(52, 100, 1) == 0);
  CHECK(told.returned(52, 101, 2) == 0);
}

TEST_CASE("a get that finds nothing is correct only before the first acknowledgement") {
  Told told;
  told.put(1, 1);
  told.get(2, 100);
  told.acknowledged(3, 1);
  CHECK(told.returned_nothing(4, 100) == 0);
  told.get(5, 101);
  CHECK(told.returned_nothing(6, 101) == 1);
}

TEST_CASE("a value that nobody put is wrong") {
  Told told;
  told.get(5, 100);
  CHECK(told.returned(6, 100, 9) == 1);
}

TEST_CASE("after a remove nothing is correct, and the removed value is wrong") {
  Told told;
  told.put(1, 1);
  told.acknowledged(2, 1);
  told.remove(3, 2);
  told.acknowledged(4, 2);
  told.get(5, 100);
  CHECK(told.returned_nothing(6, 100) == 0);
  told.get(7, 101);
  CHECK(told.returned(8, 101, 1) == 1);
}

TEST_CASE("an expired value is absent, and must not be returned") {
  Told told;
  told.put(1, 1, 30s);
  told.acknowledged(2, 1);
  told.get(10, 100);
  CHECK(told.returned(11, 100, 1) == 0);
  told.get(40, 101);
  CHECK(told.returned_nothing(41, 101) == 0);
  told.get(42, 102);
  CHECK(told.returned(43, 102, 1) == 1);
}

TEST_CASE("a value with a lifetime must not be missing before its end") {
  Told told;
  told.put(1, 1, 30s);
  told.acknowledged(2, 1);
  told.get(10, 100);
  CHECK(told.returned_nothing(11, 100) == 1);
}
