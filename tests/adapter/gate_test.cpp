// Whose datagrams reach a live node: those of unvalidated peers that prove that they receive, or with a key those of
// cluster members; and each datagram only once.

#include "adapter/datagrams/address_validator.h"

#include <array>

#include "tests/adapter/journal.h"
#include "tests/adapter/keys.h"
#include "tests/adapter/neighbour.h"
#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using sim::testing::Streamer;
using Datagram = Neighbour::Datagram;

constexpr auto type_challenge = std::byte{0xF2};
constexpr auto type_answer = std::byte{0xF3};

// Records what it receives, and echoes it.
struct Echo : Streamer {
  std::vector<std::string> heard;
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    heard.emplace_back(reinterpret_cast<const char*>(payload.data()), payload.size());
    environment.send(from, payload);
  }
};

struct Backend {
  explicit Backend(std::shared_ptr<const ClusterKey> key = nullptr) : host(options_with(key)) {
    host.observe(&journal);
    node = &host.add<Echo>({}, [](Address) { return Echo(); });
    node->start();
  }
  static HostOptions options_with(std::shared_ptr<const ClusterKey> key) {
    HostOptions options;
    options.seed = 1;
    options.key = std::move(key);
    return options;
  }
  const HostCounters& counters() const { return host.counters(); }
  const std::vector<std::string>& heard() const { return node->node().heard; }
  // What a neighbour receives: this many datagrams, or as many as arrive within a moment.
  std::vector<Datagram> answers(const Neighbour& neighbour, std::size_t count = 1) {
    std::vector<Datagram> all;
    const auto collect = [&] {
      for (Datagram& datagram : neighbour.received()) all.push_back(std::move(datagram));
      return count > 0 && all.size() >= count;
    };
    host.run_until(collect, count == 0 ? 20ms : 2s);
    return all;
  }
  // A member validates its address as hosts do; returns what it sent, for replaying.
  std::vector<Datagram> introduce(Neighbour& member, std::string_view text) {
    std::vector<Datagram> sent{member.say(text)};
    const auto challenges = answers(member);
    REQUIRE(challenges.size() == 1);
    const auto challenge = member.open(challenges[0]);
    REQUIRE(challenge);
    REQUIRE(challenge->type == DatagramType::challenge);
    Datagram answer(challenge->payload.begin(), challenge->payload.end());
    answer.resize(16);
    sent.push_back(member.say(DatagramType::answer, answer));
    return sent;
  }

  Journal journal;
  Host host;
  HostedNodeOf<Echo>* node = nullptr;
};

}  // namespace

TEST_CASE("an unvalidated peer is heard only after it has shown that it receives") {
  Backend backend;
  const Neighbour unvalidated(backend.node->endpoint());
  unvalidated.send(Neighbour::bytes_of_text("hello"));
  const auto challenges = backend.answers(unvalidated);
  REQUIRE(challenges.size() == 1);
  REQUIRE(challenges[0].size() == 9);
  CHECK(challenges[0][0] == type_challenge);
  CHECK(backend.heard().empty());

  Datagram answer = challenges[0];
  answer[0] = type_answer;
  answer.resize(17);
  Datagram wrong = answer;
  wrong[5] ^= std::byte{1};
  unvalidated.send(wrong);
  CHECK(backend.answers(unvalidated, 0).empty());
  CHECK(backend.heard().empty());
  Neighbour elsewhere(backend.node->endpoint());
  elsewhere.send(answer);  // another peer's answer
  CHECK(backend.answers(elsewhere, 0).empty());
  CHECK(backend.heard().empty());

  unvalidated.send(answer);
  CHECK(backend.answers(unvalidated).size() == 1);
  CHECK(backend.heard() == std::vector<std::string>{"hello"});
  unvalidated.send(Neighbour::bytes_of_text("again"));
  CHECK(backend.answers(unvalidated).size() == 1);
  CHECK(backend.heard().size() == 2);
}

TEST_CASE("an unvalidated peer of any size is sent at most three times what it sent") {
  Backend backend;
  std::vector<Neighbour> unvalidated;
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size < 40; ++size) {
    for (const unsigned first : {0x01U, 0xF1U, 0xF2U, 0xF3U}) {
      Datagram bytes(size, std::byte{0x55});
      if (size > 0) bytes[0] = static_cast<std::byte>(first);
      unvalidated.emplace_back(backend.node->endpoint());
      unvalidated.back().send(bytes);
      sizes.push_back(size);
    }
  }
  // Each but the smallest is challenged or answered.
  REQUIRE(backend.host.run_until([&] { return backend.counters().validation_datagrams >= 4 * 37; }, 5s));
  backend.host.run_for(5ms);
  for (std::size_t i = 0; i < unvalidated.size(); ++i) {
    std::size_t back = 0;
    for (const Datagram& datagram : unvalidated[i].received()) back += datagram.size();
    CHECK(back <= 3 * sizes[i]);
    CHECK((back > 0) == (sizes[i] >= 3));
  }
  CHECK(backend.heard().empty());
}

TEST_CASE("datagrams of unvalidated peers wait in a bounded queue that keeps the latest") {
  Backend backend;
  const Neighbour unvalidated(backend.node->endpoint());
  for (int i = 0; i < 10; ++i) unvalidated.send(Neighbour::bytes_of_text("text" + std::to_string(i)));
  auto challenges = backend.answers(unvalidated, 10);
  REQUIRE(challenges.size() == 10);
  CHECK(backend.counters().dropped_unvalidated == 10 - AddressValidator::maximum_waiting_of_one);
  std::vector<Neighbour> crowd;
  for (std::size_t i = 0; i < AddressValidator::maximum_waiting; ++i) {
    crowd.emplace_back(backend.node->endpoint());
    crowd.back().send(Neighbour::bytes_of_text("noise"));
  }
  REQUIRE(backend.host.run_until([&] { return backend.counters().validation_datagrams >= 10 + crowd.size(); }, 5s));
  challenges[0][0] = type_answer;
  challenges[0].resize(17);
  unvalidated.send(challenges[0]);
  CHECK(backend.answers(unvalidated, 0).empty());  // it is validated now, but its waiting datagrams are gone
  unvalidated.send(Neighbour::bytes_of_text("late"));
  CHECK(backend.answers(unvalidated).size() == 1);
  CHECK(backend.heard() == std::vector<std::string>{"late"});
}

TEST_CASE("with a key only members are heard") {
  Backend backend(cluster_key('k'));
  Neighbour member(backend.node->endpoint(), cluster_key('k'));
  backend.introduce(member, "hello");
  const auto answers = backend.answers(member);
  REQUIRE(answers.size() == 1);
  CHECK(backend.heard() == std::vector<std::string>{"hello"});
  CHECK(member.open(answers[0])->payload.size() == 5);

  Neighbour outsider(backend.node->endpoint(), cluster_key('l'));
  outsider.say("let me in");
  const Neighbour unvalidated(backend.node->endpoint());
  for (std::size_t size = 0; size < 1600; size += 7) unvalidated.send(Datagram(size, std::byte{0xF1}));
  unvalidated.send(answers[0]);  // a node's own datagram, sent back to it
  const auto dropped = [&] { return backend.counters().dropped_unauthentic + backend.counters().dropped_oversized; };
  CHECK(backend.host.run_until([&] { return dropped() == 2 + 229; }, 5s));
  CHECK(backend.answers(unvalidated, 0).empty());
  CHECK(backend.answers(outsider, 0).empty());
  CHECK(backend.heard().size() == 1);
  CHECK(backend.journal.warnings.size() == 2);  // each kind is reported once
}

TEST_CASE("a recorded datagram is not accepted twice, after a restart, or from another address") {
  Backend backend(cluster_key('k'));
  Neighbour member(backend.node->endpoint(), cluster_key('k'));
  auto recorded = backend.introduce(member, "pay 100");
  recorded.push_back(member.say("pay 200"));
  REQUIRE(backend.answers(member, 2).size() == 2);
  const Neighbour eavesdropper(backend.node->endpoint());
  const auto replay = [&] {
    const std::uint64_t before = backend.counters().dropped_unauthentic;
    for (const Datagram& datagram : recorded) {
      member.send(datagram);  // as anyone who forges the sender could
      eavesdropper.send(datagram);
    }
    REQUIRE(
        backend.host.run_until([&] { return backend.counters().dropped_unauthentic == before + recorded.size(); }, 5s));
    backend.host.run_for(5ms);
  };
  replay();
  CHECK(backend.heard().size() == 2);
  CHECK(backend.counters().dropped_replayed == 3);
  CHECK(backend.counters().dropped_unauthentic == 3);

  backend.node->crash();
  backend.node->start();
  member.received();
  replay();
  CHECK(backend.heard().empty());
  // Its challenges go only to the member, which answers in its own time: that admits only new datagrams.
  CHECK_FALSE(member.received().empty());
  CHECK(eavesdropper.received().empty());
}

TEST_CASE("members' datagrams that overtake one another are all accepted") {
  Backend backend(cluster_key('k'));
  Neighbour member(backend.node->endpoint(), cluster_key('k'));
  backend.introduce(member, "first");
  REQUIRE(backend.answers(member).size() == 1);
  std::vector<Datagram> late;
  for (int i = 0; i < 200; ++i) late.push_back(member.say("x"));
  REQUIRE(backend.answers(member, 200).size() == 200);
  std::reverse(late.begin(), late.end());
  for (const Datagram& datagram : late) member.send(datagram);
  CHECK(backend.host.run_until([&] { return backend.counters().dropped_replayed == 200; }, 5s));
  CHECK(backend.heard().size() == 201);
}

TEST_CASE("a full table of sessions forgets some without accepting recordings") {
  // The validator's behaviour can be observed without sockets here.
  struct Owner : AddressValidator::Owner {
    void transmit(Address, Bytes datagram) override { sent.emplace_back(datagram.begin(), datagram.end()); }
    void transmit_to_unvalidated(const Endpoint&, Bytes datagram) override { transmit({}, datagram); }
    void deliver(const Endpoint&, Bytes) override { ++heard; }
    void warn(Warning) override {}
    std::vector<Datagram> sent;
    std::size_t heard = 0;
  };
  const Endpoint self = Endpoint::ipv4(0x0A000001, 4000);
  const Endpoint home = Endpoint::ipv4(0x0A000002, 4000);
  Owner owner;
  HostCounters counters;
  constexpr std::size_t capacity = 100;
  AddressValidator validator(owner, counters, true, DatagramSeal(cluster_key('k'), self), capacity);
  std::vector<Datagram> recorded;
  const auto arrive = [&](DatagramSeal& member, DatagramType type, Bytes payload) {
    const Bytes sealed = member.seal(type, self, payload);
    recorded.emplace_back(sealed.begin(), sealed.end());
    validator.arrive(home, recorded.back());
  };
  const auto introduce = [&](DatagramSeal& member) {
    owner.sent.clear();
    arrive(member, DatagramType::data, Neighbour::bytes_of_text("hello"));
    Datagram answer(16);
    const auto challenge = member.open(self, owner.sent.at(0));
    std::copy_n(challenge->payload.begin(), 8, answer.begin());
    arrive(member, DatagramType::answer, answer);
  };
  DatagramSeal first(cluster_key('k'), home);
  introduce(first);
  REQUIRE(owner.heard == 1);
  const std::vector<Datagram> of_first = recorded;
  for (std::size_t i = 0; i < capacity; ++i) {
    recorded.clear();
    DatagramSeal member(cluster_key('k'), home);
    introduce(member);
  }
  REQUIRE(owner.heard == 1 + capacity);
  for (int round = 0; round < 2; ++round)
    for (const Datagram& datagram : of_first) validator.arrive(home, datagram);
  CHECK(owner.heard == 1 + capacity);
  CHECK(counters.dropped_replayed == 0);  // it is unvalidated again
}

}  // namespace peerbed::adapter
