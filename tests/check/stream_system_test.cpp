// Streams and disks of checked nodes, seen through one that fetches content from others.

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "check/engine/explorer.h"
#include "check/nodes/node_form.h"
#include "check/nodes/node_system.h"
#include "tests/catch.h"

using namespace peerbed::check;
using namespace peerbed;

namespace {

constexpr Address base = Address::ipv4(0x0A00'0001, 4000);
constexpr ContentKey stored{1};
constexpr std::uint64_t content_size = 20'000;

// Opens a stream to the giver, asks for its content, and closes; tries again whenever that fails. The giver imports a
// file at its start, gives it to whoever asks, and closes.
class Fetcher {
 public:
  static constexpr std::size_t timer_count = 1;  // the fetcher's patience
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 0> message_kinds{};
  static std::string stream_words(Bytes bytes) { return bytes.size() == 1 ? "wish" : ""; }

  explicit Fetcher(std::optional<Address> giver) : giver_(giver) {}

  void on_start(Environment& environment, Start) {
    if (giver_)
      call(environment);
    else
      environment.import_content(stored, "film");
  }
  void on_datagram(Environment&, Address, Bytes) {}
  void on_timer(Environment& environment, TimerId) {
    environment.reset_stream(stream_);
    call(environment);
  }
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment& environment) { environment.exit(); }
  void on_content(Environment&, const ContentReady& ready) { has_file_ = ready.found; }
  void on_stream(Environment& environment, const StreamEvent& event) {
    switch (event.kind) {
      case StreamEventKind::accepted:
        stream_ = event.stream;
        environment.receive_bytes(stream_, 1);
        break;
      case StreamEventKind::opened:
        environment.write_stream(stream_, Bytes(std::array{std::byte{7}}));
        environment.receive_content(stream_, {stored, 0, content_size});
        break;
      case StreamEventKind::bytes_received:
        environment.send_content(event.stream, {stored, 0, content_size});
        break;
      case StreamEventKind::content_sent:
        environment.close_stream(event.stream);
        environment.receive_bytes(event.stream, 1);
        break;
      case StreamEventKind::content_received:
        has_file_ = true;
        environment.close_stream(stream_);
        environment.cancel_timer(0);
        break;
      case StreamEventKind::closed:
      case StreamEventKind::reset:
        if (event.stream == stream_) stream_ = {};
        if (giver_ && !has_file_) call(environment);
        break;
      default:
        break;
    }
  }

  bool has_file() const { return has_file_; }
  bool has_stream() const { return stream_ != StreamId{}; }
  auto fields() const { return std::tie(stream_, has_file_, calls_); }
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(stream_, has_file_);
  }

 private:
  void call(Environment& environment) {
    stream_ = {2 * calls_++ + 1};
    environment.open_stream(stream_, *giver_);
    environment.set_timer(0, std::chrono::seconds(1));
  }

  std::optional<Address> giver_;  // none: it is one itself
  StreamId stream_{};
  bool has_file_ = false;
  std::uint32_t calls_ = 0;
};

using FetcherSystem = NodeSystem<Fetcher, NodeForm<Fetcher>>;

StoredContent film() {
  StoredContent bytes;
  bytes.append(std::byte{1}, content_size - 1);
  bytes.append(std::byte{2}, 1);
  return bytes;
}

NodeOptions<Fetcher> fetcher_and_giver() {
  NodeOptions<Fetcher> options;
  options.nodes = {Fetcher(base.plus(1)), Fetcher(std::nullopt)};
  options.addresses = {base, base.plus(1)};
  options.files = {{}, {{"film", film()}}};
  options.started = {1, 0};
  options.is_deadline[0] = true;
  options.budget.start = 0;
  options.always = {{"what was fetched is right", [](const View<Fetcher>& view) {
                       return !view.runs(0) || !view.node(0).has_file() ||
                              view.process(0).disk.contents.at(stored) == film();
                     }}};
  options.ideal = [](const View<Fetcher>& view) {
    return !view.runs(0) || !view.runs(1) || (view.node(0).has_file() && !view.node(0).has_stream());
  };
  return options;
}

NodeForm<Fetcher> form() { return {{.between_exchanges = false, .timed = false, .horizon = std::chrono::hours(12)}}; }

// Of an exploration in which all holds.
std::uint64_t proved_states(NodeOptions<Fetcher> options) {
  const FetcherSystem system(std::move(options), form());
  Explorer explorer(system, {.at_most_states = 100'000, .records_graph = true});
  const Exploration& found = explorer.run();
  CHECK(found.verdict() == Verdict::proved);
  CHECK_FALSE(explorer.graph().divergence());
  return found.states;
}

// What happens on the shortest way to a state of which `what` is true.
std::vector<std::string> way_to(NodeOptions<Fetcher> options, std::function<bool(const View<Fetcher>&)> what) {
  options.always = {{"never", [what](const View<Fetcher>& view) { return !what(view); }}};
  const FetcherSystem system(std::move(options), form());
  Explorer explorer(system, {.at_most_states = 100'000});
  const Exploration& found = explorer.run();
  REQUIRE(found.verdict() == Verdict::refuted);
  const auto path = explorer.path_to(*found.nearest_broken());
  const auto states = explorer.states_along(path);
  std::vector<std::string> way;
  for (std::size_t i = 1; i < path.size(); ++i) way.push_back(system.describe(states[i - 1], path[i].action));
  return way;
}

bool is_fetched(const View<Fetcher>& view) { return view.runs(0) && view.node(0).has_file(); }

}  // namespace

TEST_CASE("content comes over a stream in steps that have names") {
  CHECK(way_to(fetcher_and_giver(), is_fetched) ==
        std::vector<std::string>{"node 0 has a stream to node 1", "node 1 is called by node 0",
                                 "node 1 receives wish from node 0",
                                 "node 0 receives 20000 bytes of content from node 1"});
}

TEST_CASE("both sides of a stream close it") { CHECK(proved_states(fetcher_and_giver()) == 13); }

TEST_CASE("a stream is reset whose other side dies, at some time, and streams that are opened anew are the same") {
  NodeOptions<Fetcher> options = fetcher_and_giver();
  options.budget.crash = 1;
  CHECK(proved_states(options) < 100);
  options.budget.crash = options.budget.start = 3;
  CHECK(proved_states(options) < 30'000);
}

TEST_CASE("a stream to nobody is reset") {
  NodeOptions<Fetcher> options = fetcher_and_giver();
  options.started = {0};
  CHECK(proved_states(options) < 20);
}

TEST_CASE("a node that leaves resets its streams") {
  NodeOptions<Fetcher> options = fetcher_and_giver();
  options.budget.leave = 1;
  CHECK(proved_states(options) < 100);
}

TEST_CASE("a liar sends wrong content") {
  NodeOptions<Fetcher> options = fetcher_and_giver();
  options.liars = {false, true};
  const FetcherSystem system(options, form());
  Explorer explorer(system, {});
  CHECK(explorer.run().verdict() == Verdict::refuted);
}

TEST_CASE("an exchange takes streams to their end") {
  NodeOptions<Fetcher> options = fetcher_and_giver();
  options.granularity = Granularity::exchange;
  const FetcherSystem system(options, form());
  CHECK(system.view(system.initial_states().front()).node(0).has_file());
}
