#include "protocols/ring/membership/predecessor_check.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

TEST_CASE("a predecessor is dead after it has left all attempts unanswered, and is asked once at a time") {
  PartSurroundings node;
  node.rtt.note(node.predecessor.address, 1ms);
  PredecessorCheck check;
  check.begin(node.context(), node.predecessor);
  check.begin(node.context(), node.predecessor);
  CHECK(node.sent<Ping>().size() == 1);
  const auto next_silence = [&] {
    node.now = check.deadline();
    return check.judge_silence(node.context(), node.predecessor);
  };
  for (unsigned i = 1; i < node.options.rpc_attempts; ++i) CHECK(next_silence() == PredecessorCheck::Silence::waits);
  CHECK(next_silence() == PredecessorCheck::Silence::is_death);
  CHECK(node.sent<Ping>().size() == node.options.rpc_attempts);
  CHECK(check.deadline() == never);
}

TEST_CASE("an answer to any copy ends the check, and forgets who would have followed") {
  PartSurroundings node;
  PredecessorCheck check;
  check.note_candidate(node.self, contact_at(30));
  check.begin(node.context(), node.predecessor);
  const std::uint32_t id = node.sent<Ping>().front().message.id;
  CHECK(check.is_answer(id));
  check.take_answer(node.context(), node.predecessor, id);
  CHECK_FALSE(check.is_answer(id));
  CHECK_FALSE(check.take_candidate());
}

TEST_CASE("of several that notified the closest takes the place of a dead predecessor") {
  PredecessorCheck check;
  const Key self{100};
  for (const std::uint64_t key : {30u, 40u, 20u}) check.note_candidate(self, contact_at(key));
  check.forget_candidate(contact_at(30));
  CHECK(check.take_candidate() == contact_at(40));
  check.note_candidate(self, contact_at(40));
  check.forget_candidate(contact_at(40));
  CHECK_FALSE(check.take_candidate());
}
