// Registers as Peerbed nodes: the counts are those that stateright publishes for its examples linearizable-register and
// paxos, which have an unordered network that does not duplicate, and leave a message under way that has no effect.

#include <atomic>

#include "check/engine/explorer.h"
#include "check/nodes/node_system.h"
#include "tests/catch.h"
#include "tests/check/register_history.h"
#include "tests/check/register_nodes.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

template <class Server>
using RegisterSystem = NodeSystem<RegisterNode<Server>, PlainForm<RegisterNode<Server>>, RegisterHistory>;

template <class Server>
NodeOptions<RegisterNode<Server>> options_for(std::uint8_t servers, std::uint8_t clients) {
  NodeOptions<RegisterNode<Server>> options;
  for (std::uint8_t node = 0; node < servers + clients; ++node) {
    options.nodes.emplace_back(RegisterNetwork{servers, node});
    options.started.push_back(node);
  }
  options.clock = Clock::hasty;
  options.budget = {.start = 0};
  options.leaves_ineffective = true;
  return options;
}

// All states are linearizable, and in some a client is about to get a value.
template <class Server>
void check_register(std::uint8_t servers, std::uint64_t states) {
  auto options = options_for<Server>(servers, 2);
  std::atomic<bool> is_value_read = false;
  options.always.push_back({"seen", [&](const View<RegisterNode<Server>>& view) {
                              for (std::size_t i = 0; i < view.messages(); ++i) {
                                const auto message = RegisterMessage::decode(view.message(i).bytes);
                                if (message.kind == RegisterMessage::Kind::get_done && message.value != 0)
                                  is_value_read = true;
                              }
                              return true;
                            }});
  const RegisterSystem<Server> system(std::move(options), {}, RegisterHistory(servers));
  for (const std::size_t jobs : {1, 2}) {
    Explorer explorer(system, {.jobs = jobs});
    const Exploration& found = explorer.run();
    CHECK(found.verdict() == Verdict::proved);
    CHECK(found.states == states);
    CHECK(found.properties.back().name == "linearizable");
    CHECK(is_value_read);
  }
}

}  // namespace

TEST_CASE("the register of Attiya, Bar-Noy and Dolev with two clients and two servers has 544 states") {
  check_register<AbdServer>(2, 544);
}

TEST_CASE("single-decree Paxos with two clients and three servers has 16,668 states") {
  check_register<PaxosServer>(3, 16'668);
}

TEST_CASE("a history in which a get misses a put that ended before it is not linearizable") {
  using Kind = RegisterMessage::Kind;
  // Clients 1 and 2 of server 0.
  const auto message = [](NodeIndex from, NodeIndex to, Kind kind, std::uint8_t value) {
    Message sent{from, to, 0, std::vector<std::byte>(maximum_datagram_size)};
    Writer writer(sent.bytes);
    RegisterMessage{kind, 0, value, {}, {}}.encode(writer);
    sent.bytes.resize(writer.size());
    return sent;
  };
  for (const bool overlap : {false, true}) {
    INFO("the puts overlap: " << overlap);
    RegisterHistory history(1);
    history.on_send(message(1, 0, Kind::put, 'A'));
    if (overlap) history.on_send(message(2, 0, Kind::put, 'B'));
    history.on_delivery(message(0, 1, Kind::put_done, 0));
    if (!overlap) history.on_send(message(2, 0, Kind::put, 'B'));
    history.on_delivery(message(0, 2, Kind::put_done, 0));
    history.on_send(message(1, 0, Kind::get, 0));
    CHECK(history.holds());
    history.on_delivery(message(0, 1, Kind::get_done, 'A'));
    CHECK(history.holds() == overlap);
  }
}
