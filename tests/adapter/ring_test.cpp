// The ring's nodes, unchanged, over real datagrams on loopback.

#include "protocols/ring/node.h"

#include <set>

#include "protocols/coursework/node.h"
#include "protocols/ring/base/trace.h"
#include "tests/adapter/journal.h"
#include "tests/adapter/keys.h"
#include "tests/catch.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using ring::Contact;
using ring::Key;
using ring::Node;
using ring::TraceEvent;

ring::Options quick_options() {
  ring::Options options;
  options.stabilize_period = options.check_predecessor_period = options.fix_finger_period = 30ms;
  options.repair_period = 100ms;
  options.rpc_timeout = options.hop_timeout = 100ms;
  options.rpc_attempts = 3;
  options.lookup_timeout = 500ms;
  options.replicas = 2;
  return options;
}

// A ring on loopback whose first node founds it; the others join through the first.
class LoopbackRing {
 public:
  explicit LoopbackRing(std::size_t count, std::shared_ptr<const ClusterKey> key = nullptr)
      : host_(HostOptions{.seed = 1, .key = std::move(key)}) {
    host_.observe(&journal);
    const auto options = std::make_shared<const ring::Options>(quick_options());
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<Address> doors;
      if (i > 0) doors.push_back(nodes_.front()->address());
      NodeOptions node_options;
      node_options.content.directory = directory_.path() / std::to_string(i);
      nodes_.push_back(
          &host_.add<Node>(node_options, [=](Address) { return Node::joining(options, Key{key_of(1, i)}, doors); }));
    }
  }

  Host& host() noexcept { return host_; }
  HostedNodeOf<Node>& node(std::size_t i) { return *nodes_[i]; }
  std::size_t size() const noexcept { return nodes_.size(); }
  // Whether all running nodes are members whose first successor is the next key.
  bool is_ideal() const {
    std::vector<Contact> members;
    for (const auto* node : nodes_)
      if (node->is_running()) members.push_back({node->node().self(), node->address()});
    std::sort(members.begin(), members.end());
    for (const auto* node : nodes_) {
      if (!node->is_running()) continue;
      const auto self = std::find(members.begin(), members.end(), Contact{node->node().self(), node->address()});
      const Contact next = self + 1 == members.end() ? members.front() : *(self + 1);
      if (!node->node().joined() || node->node().successors().empty() || node->node().successors()[0] != next)
        return false;
    }
    return true;
  }

  Journal journal;

 private:
  TemporaryDirectory directory_;
  Host host_;
  std::vector<HostedNodeOf<Node>*> nodes_;
};

}  // namespace

TEST_CASE("a ring forms on loopback, stores and finds values, and survives a crash and a departure") {
  std::shared_ptr<const ClusterKey> key;
  SECTION("unsealed") {}
  SECTION("sealed") { key = cluster_key('k'); }
  LoopbackRing ring(8, key);
  for (std::size_t i = 0; i < ring.size(); ++i) REQUIRE(ring.node(i).start());
  REQUIRE(ring.host().run_until([&] { return ring.is_ideal(); }, 10s));

  ring.node(2).command("put colour green");
  REQUIRE(ring.host().run_until([&] { return ring.journal.has_line(2, "colour"); }, 5s));
  ring.node(5).command("get colour");
  REQUIRE(ring.host().run_until([&] { return ring.journal.has_line(5, "green"); }, 5s));

  CHECK(ring.node(3).crash());
  CHECK_FALSE(ring.node(3).command("get colour"));
  ring.node(6).leave();
  REQUIRE(ring.host().run_until([&] { return ring.is_ideal() && !ring.node(6).is_running(); }, 10s));
  CHECK(ring.journal.exits == std::vector<NodeIndex>{6});
  ring.node(1).command("get colour");
  REQUIRE(ring.host().run_until([&] { return ring.journal.has_line(1, "green"); }, 5s));

  const Address before = ring.node(3).address();
  CHECK(ring.node(3).start());
  CHECK(ring.node(3).address() == before);
  REQUIRE(ring.host().run_until([&] { return ring.is_ideal(); }, 10s));

  for (int i = 0; i < 50; ++i) ring.node(0).command("lookup " + std::to_string(key_of(7, i)));
  const auto lookup = ring::index_of(TraceEvent::lookup_done);
  REQUIRE(ring.host().run_until([&] { return ring.journal.count(lookup) >= 50; }, 10s));
  const HostCounters& counters = ring.host().counters();
  CHECK(counters.sent.datagrams >= counters.delivered.datagrams);
  CHECK(counters.delivered.datagrams > 500);
  CHECK(counters.dropped_unauthentic + counters.dropped_replayed + counters.dropped_unvalidated == 0);
}

TEST_CASE("a node with another key cannot join a ring") {
  LoopbackRing ring(3, cluster_key('k'));
  for (std::size_t i = 0; i < ring.size(); ++i) REQUIRE(ring.node(i).start());
  REQUIRE(ring.host().run_until([&] { return ring.is_ideal(); }, 10s));
  Host elsewhere(HostOptions{.seed = 2, .key = cluster_key('l')});
  const auto options = std::make_shared<const ring::Options>(quick_options());
  const std::vector<Address> doors{ring.node(0).address()};
  auto& intruder = elsewhere.add<Node>({}, [=](Address) { return Node::joining(options, Key{key_of(1, 77)}, doors); });
  intruder.start();
  for (int i = 0; i < 30; ++i) {
    elsewhere.run_for(10ms);
    ring.host().run_for(10ms);
  }
  CHECK(intruder.node().successors().empty());
  CHECK(ring.is_ideal());
  CHECK(ring.host().counters().dropped_unauthentic > 0);
  CHECK(elsewhere.counters().delivered.datagrams == 0);
  CHECK(ring.journal.warnings.size() == 1);
}

TEST_CASE("a chord node that restarts finds its values on its disk") {
  LoopbackRing ring(1);
  ring.node(0).start();
  ring.node(0).command("put colour green");
  REQUIRE(ring.host().run_until([&] { return ring.journal.has_line(0, "colour"); }, 5s));
  ring.node(0).crash();
  ring.journal.lines.clear();
  ring.node(0).start();
  ring.host().run_for(50ms);
  ring.node(0).command("get colour");
  CHECK(ring.host().run_until([&] { return ring.journal.has_line(0, "green"); }, 5s));
}

TEST_CASE("the coursework ring joins, stores, requests and quits on loopback") {
  TemporaryDirectory directory;
  Journal journal;
  Host host;
  host.observe(&journal);
  coursework::Options options;
  options.ping_interval = 100ms;
  options.rpc_timeout = 100ms;
  const auto shared = std::make_shared<const coursework::Options>(options);
  const std::vector<std::uint64_t> ids{2, 4, 5, 8, 9, 14, 19};
  using Peer = coursework::Node;
  std::vector<HostedNodeOf<Peer>*> nodes;
  std::vector<Contact> contacts;
  NodeOptions node_options;
  node_options.content.directory = directory.path();
  node_options.content.visible.name_of = [](ContentKey key) {
    const std::string digits = std::to_string(10'000 + key.value % 0x10000).substr(1);
    return (key.value >= 0x10000 ? "received_" : "") + digits + ".pdf";
  };
  for (std::size_t i = 0; i < ids.size(); ++i) {
    node_options.content.hidden = ".peerbed-" + std::to_string(ids[i]);
    nodes.push_back(&host.add<Peer>(node_options, [&contacts, shared, i](Address) {
      return Peer::established(shared, contacts[i], contacts[(i + 1) % 7], contacts[(i + 2) % 7]);
    }));
    contacts.push_back({Key{ids[i]}, nodes.back()->address()});
  }
  node_options.content.hidden = ".peerbed-15";
  auto& joiner = host.add<Peer>(node_options, [&](Address self) {
    return Peer::joining(shared, {Key{15}, self}, contacts[1]);
  });
  for (auto* node : nodes) node->start();
  host.run_for(300ms);
  joiner.start();
  REQUIRE(host.run_until([&] { return joiner.node().joined(); }, 5s));
  CHECK(journal.has_line(5, "Peer 15 Join request received"));
  host.run_for(300ms);

  nodes[2]->command("Store 2067 the text of file 2067");
  REQUIRE(host.run_until([&] { return std::filesystem::exists(directory.path() / "2067.pdf"); }, 5s));
  CHECK(text_of(directory.path() / "2067.pdf") == "the text of file 2067");
  CHECK(journal.has_line(6, "Store 2067 request accepted"));
  nodes[3]->command("Request 2067");
  REQUIRE(host.run_until([&] { return journal.has_line(3, "File 2067 received"); }, 5s));
  CHECK(text_of(directory.path() / "received_2067.pdf") == "the text of file 2067");

  nodes[4]->command("Quit");
  REQUIRE(host.run_until([&] { return !nodes[4]->is_running(); }, 5s));
  CHECK(host.run_until([&] { return nodes[3]->node().successors()[0].key == Key{14}; }, 5s));
  nodes[5]->crash();
  CHECK(host.run_until([&] { return nodes[3]->node().successors()[0].key == Key{15}; }, 10s));
}

TEST_CASE("an interrupt lets all nodes leave and ends the loop") {
  LoopbackRing ring(4);
  for (std::size_t i = 0; i < ring.size(); ++i) ring.node(i).start();
  REQUIRE(ring.host().run_until([&] { return ring.is_ideal(); }, 10s));
  ring.host().interrupt();
  ring.host().run();
  CHECK(ring.journal.exits.size() == 4);
}

}  // namespace peerbed::adapter
