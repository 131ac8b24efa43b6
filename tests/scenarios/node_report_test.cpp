// What nodes in their own processes report and are asked, written and read back.

#include "scenarios/backends/node_report.h"
#include "scenarios/backends/node_request.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::scenarios;

namespace {

template <class Report>
Report told(const Report& report) {
  const std::string line = write_report(report);
  REQUIRE(line.find('\n') == line.size() - 1);
  const auto read = read_report(std::string_view(line).substr(0, line.size() - 1));
  REQUIRE(read);
  REQUIRE(std::holds_alternative<Report>(*read));
  return std::get<Report>(*read);
}

TEST_CASE("a state arrives byte for byte") {
  NodeShown shown{.look = 17, .state = {}};
  CHECK(told(shown).state.empty());
  for (int byte = 0; byte < 256; ++byte) shown.state.push_back(static_cast<std::byte>(byte));
  CHECK(told(shown).look == 17);
  CHECK(told(shown).state == shown.state);
}

TEST_CASE("what a node traced, printed and sent arrives") {
  const Time time(std::chrono::milliseconds(1500));
  const NodeTraced traced = told(NodeTraced{time, 3, {1, 2, 3, UINT64_MAX}});
  CHECK(traced.time == time);
  CHECK(traced.type == 3);
  CHECK(traced.values == TraceValues{1, 2, 3, UINT64_MAX});
  CHECK(told(NodePrinted{time, "a \"line\"\twith ends\n"}).line == "a \"line\"\twith ends\n");
  CHECK(told(NodeLeft{time}).time == time);
  told(NodeReady{});
  NodeTraffic traffic;
  traffic.sent = {{}, {.datagrams = 5, .bytes = 600}};
  traffic.counters.inputs = 7;
  traffic.fates.lost = 2;
  traffic.late = Duration(9);
  const NodeTraffic read = told(traffic);
  REQUIRE(read.sent.size() == 2);
  CHECK(read.sent[1].datagrams == 5);
  CHECK(read.sent[1].bytes == 600);
  CHECK(read.counters.inputs == 7);
  CHECK(read.fates.lost == 2);
  CHECK(read.late == Duration(9));
}

TEST_CASE("anything that is not a report is refused") {
  for (const char* line :
       {"", "state", "{}", "[]", R"({"event": "rumour"})", R"({"event": "state", "look": 1})",
        R"({"event": "state", "state": "00"})", R"({"event": "state", "look": -1, "state": 7})",
        R"({"event": "state", "look": "one", "state": "00"})", R"({"event": "state", "look": 1, "state": "0"})",
        R"({"event": "state", "look": 1, "state": "0g"})", R"({"event": "state", "look": 1, "state": "-1"})",
        R"({"event": "state", "look": 1, "state": "00)", R"({"event": "report", "ns": 1, "type": 1, "values": 1})"}) {
    CAPTURE(line);
    CHECK_FALSE(read_report(line));
  }
}

template <class Request>
Request asked(const Request& request) {
  const std::string line = write_request(request);
  REQUIRE(line.find('\n') == line.size() - 1);
  const auto read = read_request(std::string_view(line).substr(0, line.size() - 1));
  REQUIRE(read);
  REQUIRE(std::holds_alternative<Request>(*read));
  return std::get<Request>(*read);
}

TEST_CASE("every request to a node arrives as it was made") {
  const std::chrono::steady_clock::time_point epoch(std::chrono::nanoseconds(123'456'789'012'345));
  CHECK(asked(BeginNode{epoch}).epoch == epoch);
  CHECK(asked(CommandNode{"put a \"line\"\nwith ends"}).line == "put a \"line\"\nwith ends");
  CHECK(asked(ShowNode{UINT64_MAX}).look == UINT64_MAX);
  CHECK(asked(ChangeNodeNetwork{3}).change == 3);
  asked(DismissNode{});
  asked(EndNode{});
}

TEST_CASE("anything that is not a request is refused") {
  for (const char* line :
       {"", "leave", "show 1", "{}", "[]", "7", R"({"request": "dance"})", R"({"request": 1})",
        R"({"request": "show"})", R"({"request": "show", "look": -1})", R"({"request": "show", "look": 1.5})",
        R"({"request": "show", "look": "1"})", R"({"request": "change", "change": 18446744073709551616})",
        R"({"request": "begin", "epoch": null})", R"({"request": "command", "line": 7})", R"({"request": "leave")"}) {
    CAPTURE(line);
    CHECK_FALSE(read_request(line));
  }
}

}  // namespace
