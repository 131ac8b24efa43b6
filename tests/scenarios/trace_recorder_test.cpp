// Causes and effects in small worlds, as a recorder and a reader of causes see them.

#include "scenarios/record/trace_recorder.h"
#include "analysis/trace/event_causes.h"
#include "analysis/trace/trace_text.h"
#include "tests/catch.h"
#include "tests/sim/chatter.h"
#include "tests/sim/streamer.h"

using namespace peerbed;
using namespace peerbed::scenarios;
using namespace peerbed::sim::testing;
using namespace std::chrono_literals;
using analysis::RecordKind;
using analysis::TraceRecord;

namespace {

analysis::TraceHeader header_of(std::uint32_t nodes) {
  analysis::TraceHeader header;
  header.protocols = {{"test", {}, {{"heard", {{"bytes", Unit::bytes}}}}}};
  header.groups = {{"nodes", 0, 0, nodes}};
  header.first_address = sim::address_of(0);
  return header;
}

// Everything that a world reports, with its causes.
class Story {
 public:
  explicit Story(sim::World& world, const TraceSelection& selection = {})
      : header_(header_of(static_cast<std::uint32_t>(world.size()))),
        causes_(header_),
        recorder_(header_, selection, [this](const TraceRecord& record) { take(record); }) {
    world.observe(&recorder_);
  }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  struct Told {
    TraceRecord record;
    std::string text;
    std::uint64_t cause = 0;
  };
  const std::vector<Told>& told() const noexcept { return told_; }
  // The last record of a kind at a node.
  const Told& last(RecordKind kind, std::uint32_t node) const {
    for (std::size_t i = told_.size(); i-- > 0;)
      if (told_[i].record.kind == kind && told_[i].record.node == node) return told_[i];
    FAIL("no such record");
    return told_.front();
  }
  const Told& step(std::uint64_t event) const {
    for (const Told& one : told_)
      if (one.record.event == event && analysis::is_step(one.record.kind)) return one;
    FAIL("no such step");
    return told_.front();
  }
  // From a step back to its origin, as "KIND@NODE".
  std::string chain(std::uint64_t event) const {
    std::string text;
    for (; event != 0; event = step(event).cause) {
      const Told& one = step(event);
      text.append(text.empty() ? "" : " <- ").append(analysis::name_of(one.record.kind));
      if (one.record.kind == RecordKind::stream)
        text.append(" ").append(analysis::stream_event_name(one.record.number));
      text.append("@").append(std::to_string(one.record.node));
      if (!one.text.empty() && one.record.kind == RecordKind::command) text.append(" '" + one.text + "'");
    }
    return text;
  }
  std::string chain_of_last(RecordKind kind, std::uint32_t node) const { return chain(last(kind, node).record.event); }

 private:
  void take(const TraceRecord& record) {
    told_.push_back({record, std::string(record.text()), causes_.add(record).value_or(0)});
    told_.back().record.bytes = {};
  }

  analysis::TraceHeader header_;
  analysis::EventCauses causes_;
  std::vector<Told> told_;
  TraceRecorder recorder_;
};

}  // namespace

TEST_CASE("an answer is caused by the question, and that by the command") {
  sim::World world = chatter_world(2, 5ms);
  Story story(world);
  world.command(1, "chat 2 1000000");  // it greets nodes that greet it
  world.run_until(at(1s));
  world.command(0, "send 1 hello");
  world.command(0, "send 1 nothing");  // later, but not the cause of the answer
  world.run_until(at(2s));
  CHECK(story.chain_of_last(RecordKind::datagram, 0) == "datagram@0 <- datagram@1 <- command@0 'send 1 hello'");
  const auto& heard = story.last(RecordKind::report, 0);
  CHECK(heard.cause == story.last(RecordKind::datagram, 0).record.event);
}

TEST_CASE("a timer is caused by the step that set it last") {
  sim::World world = chatter_world(1, 5ms);
  Story story(world);
  const auto cause_after = [&](std::initializer_list<const char*> commands) {
    for (const char* command : commands) {
      world.command(0, command);
      world.run_until(world.now() + 1ms);
    }
    world.run_until(world.now() + 1s);
    return story.chain_of_last(RecordKind::timer, 0);
  };
  CHECK(cause_after({"timer 0 50"}) == "timer@0 <- command@0 'timer 0 50'");
  CHECK(cause_after({"timer 0 50", "timer 0 80"}) == "timer@0 <- command@0 'timer 0 80'");  // postponed
  CHECK(cause_after({"timer 0 80", "timer 0 20"}) == "timer@0 <- command@0 'timer 0 20'");  // brought forward
  CHECK(cause_after({"timer 0 50", "cancel 0", "timer 0 90"}) == "timer@0 <- command@0 'timer 0 90'");
  CHECK(cause_after({"timer 0 50", "timer 0 90", "timer 0 10"}) == "timer@0 <- command@0 'timer 0 10'");
}

TEST_CASE("what a stream delivers is caused by the write that it came from") {
  sim::World world = streamer_world(2, 5ms);
  Story story(world);
  world.command(0, "open 1 1");
  world.command(0, "write 1 first");
  world.command(0, "write 1 second");
  world.run_until(at(100ms));
  CHECK(story.chain_of_last(RecordKind::stream, 0) == "stream opened@0 <- command@0 'open 1 1'");
  CHECK(story.chain_of_last(RecordKind::stream, 1) == "stream accepted@1 <- command@0 'open 1 1'");
  world.command(1, "ask 2 5");
  world.run_until(at(200ms));
  CHECK(story.chain_of_last(RecordKind::stream, 1) == "stream bytes_received@1 <- command@0 'write 1 first'");
  world.command(1, "ask 2 1");
  world.run_until(at(300ms));
  CHECK(story.chain_of_last(RecordKind::stream, 1) == "stream bytes_received@1 <- command@0 'write 1 second'");
  world.command(0, "close 1");
  world.command(1, "ask 2 100");
  world.run_until(at(400ms));
  CHECK(story.chain_of_last(RecordKind::stream, 1) == "stream half_closed@1 <- command@0 'close 1'");
  world.command(1, "reset 2");
  world.run_until(at(500ms));
  CHECK(story.chain_of_last(RecordKind::stream, 0) == "stream reset@0 <- command@1 'reset 2'");
}

TEST_CASE("content is caused by the step that asked for it") {
  sim::World world = chatter_world(1, 5ms);
  Story story(world);
  world.command(0, "store 7 text");
  world.command(0, "load 7");
  world.run_until(at(1s));
  CHECK(story.chain_of_last(RecordKind::content, 0) == "content@0 <- command@0 'load 7'");
}

TEST_CASE("a recorder changes nothing") {
  const auto digest = [](bool recorded) {
    sim::World world = chatter_world(3, 5ms);
    std::optional<Story> story;
    if (recorded) story.emplace(world);
    for (NodeIndex node = 0; node < 3; ++node) world.command(node, "chat 3 10");
    world.run_until(at(3s));
    return world.digest();
  };
  CHECK(digest(true) == digest(false));
}

TEST_CASE("for selected nodes the trace has what reaches them and what they send") {
  sim::World world = chatter_world(4, 5ms);
  TraceSelection selection;
  selection.nodes = {"nodes.1"};
  Story story(world, selection);
  for (NodeIndex node = 0; node < 4; ++node) world.command(node, "chat 4 10");
  world.run_until(at(3s));
  REQUIRE(story.told().size() > 300);
  std::size_t from_it = 0;
  for (const auto& [record, text, cause] : story.told()) {
    if (record.kind == RecordKind::unrecorded) continue;
    CHECK((record.node == 1 || record.source == 1));
    from_it += record.node != 1 ? 1 : 0;
  }
  CHECK(from_it > 100);
}

TEST_CASE("effects of an omitted step are not attributed to another step") {
  const auto causes_in = [](const TraceSelection& selection) {
    sim::World world = chatter_world(4, 5ms);
    Story story(world, selection);
    for (NodeIndex node = 0; node < 4; ++node) world.command(node, "chat 4 10");
    world.run_until(at(3s));
    std::map<std::uint64_t, std::uint64_t> causes;
    for (const auto& [record, text, cause] : story.told())
      if (analysis::is_step(record.kind)) causes[record.event] = cause;
    return causes;
  };
  const auto all = causes_in({});
  TraceSelection selection;
  selection.nodes = {"nodes.1"};
  selection.from = 1s;
  selection.until = 2s;
  const auto some = causes_in(selection);
  REQUIRE(some.size() > 100);
  std::size_t known = 0;
  for (const auto& [event, cause] : some) {
    CAPTURE(event);
    if (cause == 0) continue;
    ++known;
    CHECK(cause == all.at(event));
  }
  CHECK(known > 100);
}
