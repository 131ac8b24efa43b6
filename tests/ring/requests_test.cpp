#include "protocols/ring/requests/requests.h"

#include <map>

#include "tests/catch.h"
#include "tests/ring/part_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

constexpr Contact owner = contact_at(200);
const std::vector<std::byte> some = bytes_of("some");

std::vector<std::byte> large(std::size_t parts, std::uint8_t seed = 1) {
  std::vector<std::byte> bytes(parts * part_size);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256 + seed);
  return bytes;
}

// A person who puts and gets, and an owner of all keys that answers when it is told to.
class Client : public PartSurroundings {
 public:
  std::uint32_t put(std::string_view name, const std::vector<std::byte>& value) {
    const std::uint32_t id = requests.put(request_context(), name, value, Duration{0});
    pursue();
    return id;
  }
  std::uint32_t fetch(std::string_view name) {
    const std::uint32_t id = requests.fetch(request_context(), name);
    pursue();
    return id;
  }
  void remove(std::string_view name) {
    requests.remove(request_context(), name);
    pursue();
  }
  void discard_superseded(Store& of) {
    requests.discard_superseded();
    pursue(of);
  }
  // The owner is found for all that is sought.
  void pursue(Store& of) {
    REQUIRE(requests.begin_pursuit());
    while (const auto sought = requests.next_sought(request_context(), storage_context(), of)) {
      ++lookups;
      CHECK_FALSE(requests.begin_pursuit());
      const std::vector<Contact> holders = finds ? std::vector{owner} : std::vector<Contact>{};
      requests.found(request_context(), sought->operation, finds ? owner : Contact{}, holders);
    }
  }
  void pursue() { pursue(store); }
  // The owner answers what it was asked since the last time, as long as anything is asked. Returns how much that was.
  std::size_t answer() {
    std::size_t count = 0;
    while (true) {
      const auto puts = sent<Put>();
      const auto gets = sent<Get>();
      if (puts.empty() && gets.empty()) return count;
      count += puts.size() + gets.size();
      // What they refer to is kept: the effects may go.
      for (const auto& [to, put] : puts) order.push_back(put.key);
      forget_print();
      for (const auto& [to, put] : puts) {
        const bool is_refused = refused > 0 && refused-- == 1;
        if (!is_refused) held[put.key] = {put.copy.state, {put.copy.bytes.bytes.begin(), put.copy.bytes.bytes.end()}};
        const auto outcome = is_refused ? PutDone::Outcome::refused : PutDone::Outcome::stored;
        requests.take(request_context(), owner.address, PutDone{put.id, outcome, put.copy.state.stamp});
        pursue();
      }
      for (const auto& [to, get] : gets) {
        Value value{.id = get.id, .certain = true};
        const auto found = held.find(get.key);
        if (found != held.end()) {
          value.here = true;
          value.copy = ValueCopy::of(get.key, found->second.state, found->second.bytes);
        }
        requests.take(request_context(), owner.address, value);
        pursue();
      }
    }
  }
  // Everything that is overdue later on is handled, and answered, until nothing is under way.
  void go_on() {
    answer();
    for (int i = 0; i < 1000 && requests.operation_count() > 0; ++i) {
      now = requests.earliest_deadline();
      for (const std::uint32_t id : requests.overdue(now)) {
        requests.handle_overdue(request_context(), id);
        pursue();
      }
      answer();
    }
  }
  // The latest line that was printed.
  std::string line() {
    forget_print();
    return line_;
  }
  std::size_t values() const {
    return static_cast<std::size_t>(std::count_if(
        held.begin(), held.end(), [this](const auto& entry) { return !entry.second.state.is_gone(clock()); }));
  }

  Requests requests;
  Store store;
  std::map<Key, StoredValue> held;  // by the owner
  std::vector<Key> order;           // of puts
  std::size_t lookups = 0;
  std::size_t refused = 0;  // the put with this number from now on
  bool finds = true;

 private:
  void forget_print() {
    const auto bytes = latest(EffectKind::print_line);
    if (!bytes.empty()) line_.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    forget_effects();
  }

  std::string line_;
};

}  // namespace

TEST_CASE("a small value is put and fetched, each as one operation, and says how it went") {
  Client client;
  const std::uint32_t id = client.put("name", some);
  CHECK(client.requests.is_pending(id));
  CHECK(client.answer() == 1);
  CHECK_FALSE(client.requests.is_pending(id));
  CHECK(client.line() == "name is stored");
  const std::uint32_t fetched = client.fetch("name");
  CHECK(client.requests.is_first_try_of_get(fetched));
  CHECK(client.answer() == 1);
  CHECK(client.requests.take_fetched(fetched) == some);
  client.requests.get(client.request_context(), "name");
  client.pursue();
  client.answer();
  CHECK(client.line() == "name = some");
  CHECK(client.requests.progress() == 6);
}

TEST_CASE("a large value is put in parts, and its record when these are stored") {
  Client client;
  const auto value = large(3);
  client.put("name", value);
  CHECK(client.lookups == 3);
  CHECK(client.answer() == 4);
  CHECK(client.order.back() == key_of_name("name", KeySpace(64)));
  CHECK(client.line() == "name is stored");
  const std::uint32_t fetched = client.fetch("name");
  CHECK(client.answer() == 4);
  CHECK(client.requests.take_fetched(fetched) == value);
}

TEST_CASE("a large value of which a part cannot be stored is not stored, and what was stored of it is discarded") {
  Client client;
  client.options.operation_attempts = 1;
  client.put("name", large(3));
  client.refused = 2;
  client.go_on();
  CHECK(client.held.size() == 3);
  CHECK(client.values() == 0);
  CHECK(client.line().find("could not be stored") != std::string::npos);
}

TEST_CASE("a get whose parts are missing begins again four times, and then fails") {
  Client client;
  client.options.operation_attempts = 1;
  client.put("name", large(2));
  client.answer();
  std::erase_if(client.held, [](const auto& entry) { return entry.first != key_of_name("name", KeySpace(64)); });
  client.lookups = 0;
  const std::uint32_t id = client.fetch("name");
  client.go_on();
  CHECK_FALSE(client.requests.take_fetched(id));
  CHECK_FALSE(client.requests.is_pending(id));
  CHECK(client.line().find("parts of it are missing") != std::string::npos);
  CHECK(client.lookups == 4 * (1 + 2));
}

TEST_CASE("a record that another put overtakes gets parts of its own, and the earlier ones are discarded in the end") {
  Client client;
  client.put("name", large(2));
  // Parts are stored, and of the record two copies are sent.
  const auto parts = client.sent<Put>();
  client.forget_effects();
  for (const auto& [to, part] : parts) {
    client.held[part.key] = {part.copy.state, {}};
    client.requests.take(client.request_context(), owner.address, PutDone{part.id, {}, part.copy.state.stamp});
    client.pursue();
  }
  client.now = client.requests.earliest_deadline();
  for (const std::uint32_t id : client.requests.overdue(client.now))
    client.requests.handle_overdue(client.request_context(), id);
  client.pursue();
  const auto records = client.sent<Put>();
  REQUIRE(records.size() == 2);
  client.forget_effects();
  const ValueStamp newer{records[0].message.copy.state.stamp.time + 1000, 1};
  client.requests.take(client.request_context(), owner.address,
                       PutDone{records[0].message.id, PutDone::Outcome::outdated, newer});
  client.pursue();
  client.answer();
  CHECK(client.held.size() == 5);  // twice two parts, and the record
  CHECK(client.values() == 3);
  CHECK(client.held.at(key_of_name("name", KeySpace(64))).state.stamp > newer);
}

TEST_CASE("the parts of a superseded record are removed once the new state is with all holders") {
  Client client;
  client.options.replicas = 1;
  Store store;
  const PartSet old = PartSet::of(1, large(2));
  client.predecessor = contact_at(50);
  store.keep(client.storage_context(), Key{60}, {{5, 1}}, old.record());
  store.keep(client.storage_context(), Key{60}, {{6, 1}}, some);
  REQUIRE(store.has_superseded());
  client.discard_superseded(store);
  CHECK_FALSE(store.has_superseded());
  client.answer();
  CHECK(client.held.size() == 2);
  for (const auto& [key, value] : client.held) CHECK(value.state.until == ValueState::discarded);
}

TEST_CASE("what cannot be located fails, and a failing part ends the others' beginning") {
  Client client;
  client.finds = false;
  client.put("name", some);
  CHECK(client.line().find("could not be stored") != std::string::npos);
  client.lookups = 0;
  client.put("name", large(10));
  // The first part fails at once. None of those after it begins, but it may have been stored: it is discarded.
  CHECK(client.lookups == 2);
  CHECK(client.requests.operation_count() == 0);
}

TEST_CASE("a transfer of many parts that all fail at once ends without a deep recursion") {
  Client client;
  client.finds = false;
  Store store;
  client.options.replicas = 1;
  store.keep(client.storage_context(), Key{60}, {{5, 1}}, PartSet::of(1, large(1000)).record());
  store.keep(client.storage_context(), Key{60}, {{6, 1}}, some);
  client.discard_superseded(store);
  CHECK(client.lookups == 1000);
  CHECK(client.requests.operation_count() == 0);
}

TEST_CASE("values that are too large for the ring are refused") {
  Client client;
  CHECK(Requests::may_put(client.context(), "name", large(2)));
  CHECK_FALSE(Requests::may_put(client.context(), "name", std::vector<std::byte>(maximum_large_value + 1)));
  CHECK(client.line().find("a value has at most 1048576") != std::string::npos);
  client.options.key_bits = least_key_bits - 1;
  CHECK_FALSE(Requests::may_put(client.context(), "name", large(2)));
  CHECK(Requests::may_put(client.context(), "name", some));
}

TEST_CASE("more large values than may be under way are refused") {
  Client client;
  for (std::size_t i = 0; i < maximum_transfers; ++i) client.put("name", large(2));
  const std::uint32_t id = client.put("name", large(2));
  CHECK_FALSE(client.requests.is_pending(id));
  CHECK(client.line().find("try it again later") != std::string::npos);
  CHECK(client.fetch("name") == 0);
}

TEST_CASE("a value that was removed, or is not there, is not found") {
  Client client;
  client.put("name", some);
  client.answer();
  client.remove("name");
  client.answer();
  CHECK(client.line() == "name is removed");
  client.fetch("name");
  client.answer();
  CHECK(client.line().find("name was not found") != std::string::npos);
  client.fetch("other");
  client.go_on();
  CHECK(client.line().find("other was not found") != std::string::npos);
}
