#include "protocols/ring/routing/searches.h"

#include "tests/catch.h"
#include "tests/ring/overlay_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

class Asker : public OverlaySurroundings {
 public:
  Lookups lookups;
  Searches searches;

  std::optional<Found> begin(Key key) {
    return searches.begin(routing(), lookups.begin(context(), table, key, LookupReason::operation, 0));
  }
  std::optional<Found> answer(NextHops answer, Contact from) {
    const auto queries = sent<NextHopQuery>();
    answer.id = queries.back().message.id;
    answer.self = from.key;
    return searches.take(routing(), lookups, from.address, answer);
  }
  Address asked() { return sent<NextHopQuery>().back().to; }
};

NextHops naming(std::initializer_list<std::uint64_t> keys, bool at_owner = false) {
  NextHops answer{.id = 0, .self = {}, .at_owner = at_owner};
  for (const std::uint64_t key : keys) answer.contacts.add(contact_at(key));
  return answer;
}

}  // namespace

TEST_CASE("a search goes from contact to contact until the owner says that it is, and names it and its holders") {
  Asker node;
  CHECK_FALSE(node.begin(Key{900}));
  CHECK(node.asked() == contact_at(400).address);
  CHECK_FALSE(node.answer(naming({700, 800}), contact_at(400)));
  CHECK(node.asked() == contact_at(700).address);
  CHECK_FALSE(node.answer(naming({950}), contact_at(700)));
  CHECK(node.asked() == contact_at(950).address);
  const auto found = node.answer(naming({960, 970}, true), contact_at(950));
  REQUIRE(found);
  CHECK(found->hops == 3);
  REQUIRE(found->holders.size() == 3);
  CHECK(found->holders[0] == contact_at(950));
  CHECK(found->holders[2] == contact_at(970));
}

TEST_CASE("a silent hop is asked again, then gone around, and counted, and asked no more") {
  Asker node;
  node.begin(Key{900});
  std::optional<Searches::SilentHop> silent;
  for (int i = 0; i < 20 && !silent; ++i) {
    node.now = node.searches.earliest_deadline();
    silent = node.searches.find_silent_hop(node.routing(), node.lookups, 0);
  }
  REQUIRE(silent);
  CHECK(silent->hop == contact_at(400));
  CHECK(node.sent<NextHopQuery>().size() == node.options.hop_attempts);
  CHECK_FALSE(node.searches.go_on(node.routing(), node.lookups, 0));
  CHECK(node.asked() == contact_at(300).address);
  CHECK_FALSE(node.answer(naming({400, 350}), contact_at(300)));
  CHECK(node.asked() == contact_at(350).address);
  const auto found = node.answer(naming({}, true), contact_at(350));
  REQUIRE(found);
  CHECK(found->timeouts == 1);
}

TEST_CASE("answers of others, to other questions or for forgotten lookups are passed over") {
  Asker node;
  node.begin(Key{900});
  CHECK_FALSE(node.answer(naming({}, true), contact_at(300)));
  CHECK_FALSE(node.searches.take(node.routing(), node.lookups, contact_at(400).address, naming({}, true)));
  node.searches.forget(node.lookups.pending().front().id);
  CHECK(node.searches.size() == 0);
  CHECK_FALSE(node.answer(naming({}, true), contact_at(400)));
}

TEST_CASE("an owner that names more holders than there are is believed as far as one message reaches") {
  Asker node;
  node.begin(Key{900});
  NextHops answer = naming({}, true);
  for (std::uint64_t key = 1001; answer.contacts.add(contact_at(key)); ++key) continue;
  const auto found = node.answer(answer, contact_at(400));
  REQUIRE(found);
  CHECK(found->holders.size() == ContactList::limit);
  CHECK(found->holders[0] == contact_at(400));
  CHECK(found->holders[ContactList::limit - 1] == contact_at(1000 + ContactList::limit - 1));
}

TEST_CASE("a search keeps the best of more contacts than it may ask") {
  Asker node;
  node.begin(Key{900'000});
  NextHops first = naming({});
  for (std::uint64_t key = 5000; first.contacts.add(contact_at(key)); --key) continue;
  CHECK_FALSE(node.answer(first, contact_at(400)));
  NextHops second = naming({});
  for (std::uint64_t key = 9000; second.contacts.size() < 2; --key) second.contacts.add(contact_at(key));
  CHECK_FALSE(node.answer(second, contact_at(5000)));
  CHECK(node.asked() == contact_at(9000).address);
  while (node.searches.earliest_deadline() != never) {
    node.now = node.searches.earliest_deadline();
    if (node.searches.find_silent_hop(node.routing(), node.lookups, 0))
      CHECK_FALSE(node.searches.go_on(node.routing(), node.lookups, 0));
  }
  CHECK(node.asked() == contact_at(4970).address);
}

TEST_CASE("a member shows contacts before the key, names its holders as the owner, or refers to a newcomer") {
  OverlaySurroundings node;
  const NextHops way = answer_to(node.routing(), {.id = 1, .key = Key{900}});
  CHECK_FALSE(way.at_owner);
  REQUIRE(way.contacts.size() >= 3);
  CHECK(way.contacts[0] == contact_at(400));
  const NextHops own = answer_to(node.routing(), {.id = 1, .key = Key{70}});
  CHECK(own.at_owner);
  CHECK(own.contacts.size() == 2);
  const NextHops refers = answer_to(node.routing(), {.id = 1, .key = Key{40}, .at_owner = true});
  CHECK_FALSE(refers.at_owner);
  REQUIRE(refers.contacts.size() == 1);
  CHECK(refers.contacts[0] == node.predecessor);
  node.now += 1h;
  CHECK(answer_to(node.routing(), {.id = 1, .key = Key{40}, .at_owner = true}).at_owner);
}
