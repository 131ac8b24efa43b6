// Registers as Peerbed nodes: the counts are those that stateright publishes for its examples linearizable-register and
// paxos, which have an unordered network that does not duplicate, and leave a message under way that has no effect.

#include "check/engine/explorer.h"
#include "check/nodes/node_system.h"
#include "tests/catch.h"
#include "tests/check/register_history.h"
#include "tests/check/register_nodes.h"

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

template <class Server>
void check_register(std::uint8_t servers, std::uint8_t clients, std::uint64_t states) {
  using System = RegisterSystem<Server>;
  const System system(options_for<Server>(servers, clients), {}, RegisterHistory(servers));
  for (const std::size_t jobs : {1, 2}) {
    Explorer explorer(system, {.jobs = jobs});
    const Exploration& found = explorer.run();
    CHECK(found.verdict() == Verdict::proved);
    CHECK(found.states == states);
    // The history is judged after the fact: all states are made again, which also tests the paths to them.
    std::uint64_t not_linearizable = 0;
    bool is_value_read = false;
    for (StateNumber number = 0; number<found.states; number += found.states> 1000 ? 97 : 1) {
      const NodeState state = explorer.state(number);
      not_linearizable += !system.watch(state).is_linearizable();
      for (std::size_t i = 0; i < system.view(state).messages(); ++i) {
        const auto message = RegisterMessage::decode(system.view(state).message(i).bytes);
        is_value_read = is_value_read || (message.kind == RegisterMessage::Kind::get_done && message.value != 0);
      }
    }
    CHECK(not_linearizable == 0);
    CHECK(is_value_read);
  }
}

}  // namespace

TEST_CASE("the register of Attiya, Bar-Noy and Dolev with two clients and two servers has 544 states") {
  check_register<AbdServer>(2, 2, 544);
}

TEST_CASE("single-decree Paxos with two clients and three servers has 16,668 states") {
  check_register<PaxosServer>(3, 2, 16'668);
}
