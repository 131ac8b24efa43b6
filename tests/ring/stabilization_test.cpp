#include "protocols/ring/membership/stabilization.h"

#include "tests/catch.h"
#include "tests/ring/overlay_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

using Silence = Stabilization::Silence;

class Member : public OverlaySurroundings {
 public:
  Stabilization stabilization;

  void begin() { stabilization.begin(context(), table, nullptr); }
  Contact answer(Contact from) {
    return stabilization.take_answer(context(), table, from.address,
                                     Neighbours{.id = stabilization.question(), .self = from.key, .predecessor = {}});
  }
  // Until it means something.
  Silence silence() {
    for (int i = 0; i < 100; ++i) {
      now = stabilization.deadline();
      const Silence result = stabilization.judge_silence(context(), table);
      if (result == Silence::asks_again) stabilization.send_query(context(), table);
      if (result != Silence::waits && result != Silence::asks_again) return result;
    }
    return Silence::waits;
  }
};

}  // namespace

TEST_CASE("part 1 asks the first successor, and one run is under way at a time") {
  Member node;
  node.begin();
  node.begin();
  const auto queries = node.sent<NeighboursQuery>();
  REQUIRE(queries.size() == 1);
  CHECK(queries.front().to == contact_at(200).address);
  CHECK_FALSE(node.answer(contact_at(300)));
  CHECK_FALSE(node.answer({Key{201}, contact_at(200).address}));
  CHECK(node.answer(contact_at(200)) == contact_at(200));
  CHECK_FALSE(node.stabilization.is_under_way());
}

TEST_CASE("part 2 asks the candidate, and in the end the first successor is notified") {
  Member node;
  node.begin();
  node.answer(contact_at(200));
  node.stabilization.ask_candidate(node.context(), contact_at(150), nullptr);
  CHECK(node.sent<NeighboursQuery>().back().to == contact_at(150).address);
  CHECK(node.answer(contact_at(150)) == contact_at(150));
  node.table.adopt(node.options, contact_at(150), node.successors);
  node.stabilization.finish(node.context(), node.table, 7);
  const auto notices = node.sent<Notify>();
  REQUIRE(notices.size() == 1);
  CHECK(notices.front().to == contact_at(150).address);
  CHECK(notices.front().message.incarnation == 7);
  CHECK_FALSE(node.stabilization.is_of_candidate());
}

TEST_CASE("a successor is dead after all attempts, and a candidate is passed over after two") {
  Member node;
  node.begin();
  CHECK(node.silence() == Silence::successor_ends);
  CHECK(node.sent<NeighboursQuery>().size() == node.options.rpc_attempts);
  node.forget_effects();
  node.stabilization.ask_candidate(node.context(), contact_at(150), nullptr);
  CHECK(node.silence() == Silence::candidate_ends);
  CHECK(node.sent<NeighboursQuery>().size() == 2);
}

TEST_CASE("a node that knows only its predecessor asks that one, and a lonely one nobody") {
  Member node;
  for (const Contact successor : node.successors) node.table.drop_successor(node.options, successor);
  node.begin();
  REQUIRE(node.sent<NeighboursQuery>().size() == 1);
  CHECK(node.sent<NeighboursQuery>().front().to == node.predecessor.address);
  node.stabilization.forget_candidate(node.predecessor);
  CHECK_FALSE(node.stabilization.is_under_way());
  node.table.forget_predecessor();
  node.begin();
  CHECK_FALSE(node.stabilization.is_under_way());
}
