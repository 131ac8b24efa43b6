// No datagram of an unvalidated peer makes a live node send more than three times its bytes, whether to that peer or to
// a third party that it names.

#include <type_traits>
#include <variant>

#include "protocols/coursework/messages.h"
#include "protocols/ring/node.h"
#include "protocols/ring/wire/messages.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "protocols/swarm/wire/messages.h"
#include "tests/adapter/journal.h"
#include "tests/adapter/keys.h"
#include "tests/adapter/neighbour.h"
#include "tests/catch.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using Datagram = Neighbour::Datagram;

template <class Message>
Datagram encoded(const Message& message) {
  Datagram bytes(maximum_datagram_size);
  Writer writer(bytes);
  message.encode(writer);
  REQUIRE(writer.ok());
  bytes.resize(writer.size());
  return bytes;
}

// One empty message of each kind.
template <class Message, std::size_t Index = 0>
void add_each(std::vector<Datagram>& all) {
  if constexpr (Index < std::variant_size_v<Message>) {
    all.push_back(encoded(std::variant_alternative_t<Index, Message>{}));
    add_each<Message, Index + 1>(all);
  }
}

ByteView text(std::string_view text) { return {Neighbour::bytes_of_text(text)}; }

// All kinds, especially those with long answers. `victim` is the address that a message may name as the one to answer.
std::vector<Datagram> swarm_messages() {
  std::vector<Datagram> all;
  add_each<swarm::Message>(all);
  all.push_back(encoded(swarm::Find{.id = 7, .root = {}, .name = text("file")}));
  all.push_back(encoded(swarm::OffersQuery{.id = 7, .first = 0}));
  return all;
}

std::vector<Datagram> ring_messages(Address victim, ring::Key stored) {
  std::vector<Datagram> all;
  add_each<ring::Message>(all);
  for (const auto purpose : {ring::Find::Purpose::lookup, ring::Find::Purpose::holders, ring::Find::Purpose::join})
    for (const std::uint64_t key : {std::uint64_t{5}, std::uint64_t{1} << 63})
      all.push_back(encoded(ring::Find{.id = 7, .token = 9, .key = {key}, .asker = victim, .purpose = purpose}));
  all.push_back(encoded(ring::Get{.id = 7, .key = stored}));
  all.push_back(encoded(ring::Notify{ring::Key{99}}));
  const ring::ValueState state{.stamp = {.time = 1, .operation = 7}, .until = ring::ValueState::forever};
  const std::uint64_t checksum =
      hash_bytes(text("mine").bytes, key_of(stored.value, state.stamp.time, state.stamp.operation, state.until));
  all.push_back(encoded(
      ring::Put{.id = 7, .key = stored, .copy = {.state = state, .checksum = checksum, .bytes = text("mine")}}));
  add_each<coursework::Message>(all);  // which a ring refuses
  return all;
}

HostOptions options_with(std::shared_ptr<const ClusterKey> key, bool address_validation) {
  HostOptions options;
  options.seed = 1;
  options.key = std::move(key);
  options.limits.address_validation = address_validation;
  return options;
}

// Sends each message from its own socket. Returns the largest ratio of what came back to it, or to the victim, to what
// it sent.
double worst_amplification(Host& host, const Endpoint& node, const Neighbour& victim,
                           const std::vector<Datagram>& messages) {
  std::vector<Neighbour> unvalidated;
  double worst = 0;
  for (const Datagram& message : messages) {
    victim.received();
    unvalidated.emplace_back(node);
    unvalidated.back().send(message);
    host.run_for(3ms);
    std::size_t at_victim = 0;
    for (const Datagram& datagram : victim.received()) at_victim += datagram.size();
    worst = std::max(worst, static_cast<double>(at_victim) / static_cast<double>(message.size()));
  }
  host.run_for(1200ms);  // for what is sent later, or again
  for (std::size_t i = 0; i < unvalidated.size(); ++i) {
    std::size_t back = 0;
    for (const Datagram& datagram : unvalidated[i].received()) back += datagram.size();
    worst = std::max(worst, static_cast<double>(back) / static_cast<double>(messages[i].size()));
  }
  std::size_t late = 0;
  for (const Datagram& datagram : victim.received()) late += datagram.size();
  std::size_t sent = 0;
  for (const Datagram& message : messages) sent += message.size();
  return std::max(worst, static_cast<double>(late) / static_cast<double>(sent));
}

double worst_of_swarm(std::shared_ptr<const ClusterKey> key, bool address_validation, bool at_tracker) {
  TemporaryDirectory directory;
  Host host(options_with(std::move(key), address_validation));
  const auto options = std::make_shared<const swarm::Options>();
  auto& tracker = host.add<swarm::Tracker>({}, [&](Address) { return swarm::Tracker(options); });
  tracker.start();
  const Address known = tracker.address();
  NodeOptions node_options;
  node_options.content.directory = directory.path();
  auto& peer =
      host.add<swarm::Peer>(node_options, [=](Address) { return swarm::Peer::make(options, std::span(&known, 1)); });
  peer.start();
  std::ofstream(directory.path() / "file") << "some text";
  peer.command("ADD file");
  REQUIRE(host.run_until([&] { return tracker.node().peers() == 1 && peer.node().file("file") != nullptr; }, 5s));
  host.run_for(200ms);
  const Endpoint node = at_tracker ? tracker.endpoint() : peer.endpoint();
  return worst_amplification(host, node, Neighbour(node), swarm_messages());
}

double worst_of_ring(std::shared_ptr<const ClusterKey> key, bool address_validation) {
  Host host(options_with(std::move(key), address_validation));
  ring::Options quick;
  quick.stabilize_period = 50ms;
  const auto options = std::make_shared<const ring::Options>(quick);
  std::vector<HostedNodeOf<ring::Node>*> nodes;
  for (std::uint64_t i = 0; i < 3; ++i) {
    std::vector<Address> doors;
    if (i > 0) doors.push_back(nodes[0]->address());
    nodes.push_back(
        &host.add<ring::Node>({}, [=](Address) { return ring::Node::joining(options, ring::Key{i << 62}, doors); }));
    nodes.back()->start();
  }
  REQUIRE(host.run_until([&] { return nodes[0]->node().successors().size() == 2; }, 5s));
  nodes[0]->command("put colour " + std::string(1000, 'x'));
  host.run_for(200ms);
  const Endpoint node = nodes[0]->endpoint();
  const Neighbour victim(node);
  const ring::Key stored = ring::key_of_name("colour", ring::KeySpace(options->key_bits));
  return worst_amplification(host, node, victim, ring_messages(victim.address(), stored));
}

}  // namespace

TEST_CASE("an unvalidated peer cannot amplify traffic through a tracker") {
  CHECK(worst_of_swarm(nullptr, true, true) <= 3);
  CHECK(worst_of_swarm(cluster_key('k'), true, true) == 0);
  CHECK(worst_of_swarm(nullptr, false, true) > 3);  // without challenges it could
}

TEST_CASE("an unvalidated peer cannot amplify traffic through a peer") {
  CHECK(worst_of_swarm(nullptr, true, false) <= 3);
  CHECK(worst_of_swarm(cluster_key('k'), true, false) == 0);
}

TEST_CASE("an unvalidated peer cannot amplify traffic through a ring node") {
  CHECK(worst_of_ring(nullptr, true) <= 3);
  CHECK(worst_of_ring(cluster_key('k'), true) == 0);
  CHECK(worst_of_ring(nullptr, false) > 3);
}

}  // namespace peerbed::adapter
