#include "protocols/ring/requests/operations.h"

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

using Next = Operations::Next;

constexpr Contact owner = contact_at(200);
constexpr Contact second = contact_at(300);
constexpr Contact third = contact_at(400);
const std::vector<std::byte> some = bytes_of("some");

class Client : public PartSurroundings {
 public:
  // Begins an operation, and finds these holders for it.
  std::uint32_t begin(Operation::Kind kind, const std::vector<Contact>& holders = {owner, second, third}) {
    Operation operation = Operations::on("name", kind, KeySpace(options.key_bits));
    if (kind == Operation::Kind::put) operation.bytes = some;
    const std::uint32_t id = operations.begin(request_context(), operation);
    find(id, holders);
    return id;
  }
  Next find(std::uint32_t id, const std::vector<Contact>& holders = {owner, second, third}) {
    operations.locate(id);
    return operations.ask(request_context(), id, owner, holders);
  }
  Next take(std::uint32_t id, Contact from, PutDone::Outcome outcome, ValueStamp stamp = {}) {
    return operations.take(request_context(), from.address, PutDone{id, outcome, stamp});
  }
  Next take(std::uint32_t id, Contact from, std::uint64_t time, bool certain) {
    const Key key = operations.find(id)->key;
    Value value{.id = id, .here = time > 0, .certain = certain};
    if (value.here) value.copy = ValueCopy::of(key, {{time, 1}}, some);
    return operations.take(request_context(), from.address, value);
  }
  // At the operation's deadline.
  Next handle_overdue(std::uint32_t id) {
    now = operations.earliest_deadline();
    return operations.handle_overdue(request_context(), id);
  }
  template <class Question>
  std::vector<Address> asked() {
    std::vector<Address> result;
    for (const auto& letter : sent<Question>()) result.push_back(letter.to);
    forget_effects();
    return result;
  }

  Operations operations;
};

}  // namespace

TEST_CASE("a put asks the owner alone, and is done when that says so") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::put);
  CHECK(client.count_of(TraceEvent::put_begun) == 1);
  const auto puts = client.sent<Put>();
  REQUIRE(puts.size() == 1);
  CHECK(puts[0].to == owner.address);
  CHECK(puts[0].message.copy.is_intact(key_of_name("name", KeySpace(64))));
  CHECK(client.take(id, second, PutDone::Outcome::stored) == Next::wait);
  CHECK(client.take(id + copies_per_id, owner, PutDone::Outcome::stored) == Next::wait);
  CHECK(client.take(id, owner, PutDone::Outcome::stored) == Next::succeed);
  CHECK(client.count_of(TraceEvent::value_acknowledged) == 1);
  CHECK(client.operations.take(id).attempts == 1);
  CHECK(client.operations.size() == 0);
}

TEST_CASE("a silent owner of a put is asked again for a while, and then the owner is located again") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::put);
  client.forget_effects();
  const Time begun = client.now;
  std::size_t copies = 0;
  while (client.handle_overdue(id) == Next::wait && client.operations.find(id)->stage == Operation::Stage::asking)
    copies += client.asked<Put>().size();
  CHECK(copies >= 1);
  CHECK(client.now - begun >= client.options.lookup_timeout);
  CHECK(client.operations.find(id)->stage == Operation::Stage::waiting);
  CHECK(client.handle_overdue(id) == Next::locate);
}

TEST_CASE("no copy of a put is sent that the retry budget does not pay for") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::put);
  while (client.retry_budget.spend()) {
  }
  client.forget_effects();
  client.handle_overdue(id);
  CHECK(client.asked<Put>().empty());
  CHECK(client.operations.find(id)->stage == Operation::Stage::waiting);
}

TEST_CASE("a put fails after as many attempts as the options say, and when nobody is found") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::put);
  for (unsigned attempt = 1; attempt < client.options.operation_attempts; ++attempt) {
    CHECK(client.take(id, owner, PutDone::Outcome::refused) == Next::wait);
    CHECK(client.handle_overdue(id) == Next::locate);
    CHECK(client.find(id) == Next::wait);
  }
  CHECK(client.take(id, owner, PutDone::Outcome::refused) == Next::fail);
  client.operations.take(id);
  const std::uint32_t other = client.begin(Operation::Kind::put);
  client.take(other, owner, PutDone::Outcome::not_owner);
  CHECK(client.find(other, {}) == Next::fail);
}

TEST_CASE("a put that is outdated goes above what is there, and an answer to an earlier stamp changes nothing") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::put);
  const ValueStamp before = client.operations.find(id)->state.stamp;
  const ValueStamp present{before.time + 1000, 1};
  CHECK(client.take(id, owner, PutDone::Outcome::outdated, present) == Next::wait);
  const ValueStamp after = client.operations.find(id)->state.stamp;
  CHECK(after > present);
  CHECK(after.operation == before.operation);
  client.forget_effects();
  CHECK(client.take(id, owner, PutDone::Outcome::outdated, present) == Next::wait);
  CHECK(client.asked<Put>().empty());
  // Later operations of this node do not follow the stamp of a clock that is ahead.
  client.now += 1ns;
  const std::uint32_t next = client.begin(Operation::Kind::put);
  CHECK(client.operations.find(next)->state.stamp.time == client.clock());
}

TEST_CASE("stamps of operations at one instant differ, and later ones are later") {
  Client client;
  const std::uint32_t one = client.begin(Operation::Kind::put);
  const std::uint32_t two = client.begin(Operation::Kind::put);
  CHECK(client.operations.find(one)->state.stamp.time < client.operations.find(two)->state.stamp.time);
  CHECK(client.operations.find(one)->name_of_all != client.operations.find(two)->name_of_all);
}

TEST_CASE("a record of which copies were sent is put again with parts of its own when another put overtakes it") {
  Client client;
  Operation operation = Operations::on("name", Operation::Kind::put, KeySpace(64));
  operation.whole = some;
  const std::uint32_t id = client.operations.begin(client.request_context(), operation);
  client.find(id);
  client.handle_overdue(id);
  const std::uint64_t time = client.operations.find(id)->state.stamp.time + 1000;
  CHECK(client.take(id, owner, PutDone::Outcome::outdated, {time, 1}) == Next::put_again);
  CHECK(client.operations.take(id).state.stamp.time == time);
}

TEST_CASE("a get takes the word of whoever is certain, and else asks all holders for the newest") {
  Client client;
  std::uint32_t id = client.begin(Operation::Kind::get);
  CHECK(client.asked<Get>() == std::vector{owner.address});
  CHECK(client.take(id, owner, 5, true) == Next::succeed);
  CHECK(client.operations.take(id).bytes == some);

  id = client.begin(Operation::Kind::get);
  client.forget_effects();
  CHECK(client.take(id, owner, 5, false) == Next::wait);
  CHECK(client.take(id, owner, 9, false) == Next::wait);  // has been heard
  CHECK(client.asked<Get>() == std::vector{second.address});
  CHECK(client.take(id, second, 7, false) == Next::wait);
  CHECK(client.asked<Get>() == std::vector{third.address});
  CHECK(client.take(id, third, 6, false) == Next::succeed);
  const Operation get = client.operations.take(id);
  CHECK(get.state.stamp.time == 7);
  CHECK(get.owner_answered);
  CHECK(get.owner_stamp.time == 5);
}

TEST_CASE("a value that does not fit its checksum counts for nothing") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::get, {owner});
  Value value{.id = id, .here = true, .certain = true};
  value.copy = ValueCopy::of(Key{1}, {{5, 1}}, some);
  CHECK(client.operations.take(client.request_context(), owner.address, value) == Next::wait);
  CHECK(client.operations.find(id)->state.stamp.time == 0);
}

TEST_CASE("what an owner says twice not to be there is absent") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::get, {owner});
  CHECK(client.take(id, owner, 0, true) == Next::wait);
  CHECK(client.handle_overdue(id) == Next::locate);
  client.find(id, {owner});
  CHECK_FALSE(Operations::is_absent(*client.operations.find(id)));
  CHECK(client.take(id, owner, 0, true) == Next::fail);
  CHECK(Operations::is_absent(*client.operations.find(id)));
}

TEST_CASE("others that an owner names are asked in their turn, at most forty nodes in all") {
  Client client;
  const std::uint32_t id = client.begin(Operation::Kind::get, {owner, second});
  Value value{.id = id};
  value.elsewhere.add(second);
  value.elsewhere.add(third);
  client.forget_effects();
  client.operations.take(client.request_context(), owner.address, value);
  CHECK(client.asked<Get>() == std::vector{second.address});
  CHECK(client.take(id, second, 0, false) == Next::wait);
  CHECK(client.asked<Get>() == std::vector{third.address});
}

TEST_CASE("a hedging get asks more and more holders while they are silent, and takes the first certain answer") {
  Client client;
  client.options.hedge_after = 5ms;
  const std::uint32_t id = client.begin(Operation::Kind::get, {owner, second, third, contact_at(500)});
  CHECK(client.asked<Get>() == std::vector{owner.address});
  CHECK(client.operations.late_holders(client.request_context(), id).size() == 1);
  CHECK(client.handle_overdue(id) == Next::wait);
  CHECK(client.asked<Get>() == std::vector{second.address});
  CHECK(client.handle_overdue(id) == Next::wait);
  CHECK(client.asked<Get>() == std::vector{third.address, contact_at(500).address});
  CHECK(client.operations.late_holders(client.request_context(), id).size() == 4);
  CHECK(client.take(id, third, 5, false) == Next::wait);
  CHECK(client.take(id, owner, 5, true) == Next::succeed);
}

TEST_CASE("a hedging get whose holders are all silent goes on with what was seen, or tries again") {
  Client client;
  client.options.hedge_after = 5ms;
  const std::uint32_t id = client.begin(Operation::Kind::get, {owner});
  CHECK(client.handle_overdue(id) == Next::wait);
  CHECK(client.operations.find(id)->stage == Operation::Stage::waiting);
  CHECK(client.operations.late_holders(client.request_context(), id).empty());
}

TEST_CASE("one operation too many is to fail") {
  Client client;
  for (std::size_t i = 0; i < maximum_operations; ++i) client.begin(Operation::Kind::get);
  CHECK_FALSE(client.operations.are_too_many());
  const std::uint32_t last = client.begin(Operation::Kind::get);
  CHECK(client.operations.are_too_many());
  client.operations.take(last);
  CHECK_FALSE(client.operations.are_too_many());
}
