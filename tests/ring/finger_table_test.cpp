#include "protocols/ring/routing/finger_table.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::ring;

namespace {

const KeySpace space(8);

Contact at(std::uint64_t key) { return {Key{key}, Address::ipv4(1, static_cast<std::uint16_t>(key + 1))}; }

FingerTable table_of(std::initializer_list<std::uint64_t> keys) {
  FingerTable table;
  for (const std::uint64_t key : keys) table.append(at(key));
  return table;
}

std::vector<std::uint64_t> keys_of(const FingerTable& table) {
  std::vector<std::uint64_t> keys;
  for (const Contact contact : table.all()) keys.push_back(contact.key.value);
  return keys;
}

}  // namespace

TEST_CASE("a finger that is found again changes nothing") {
  FingerTable table = table_of({3, 9, 70});
  table.assign(space, Key{0}, 3, at(9));
  CHECK(keys_of(table) == std::vector<std::uint64_t>{3, 9, 70});
}

TEST_CASE("a newcomer that lies closer takes the place of the old finger") {
  FingerTable table = table_of({3, 12, 70});
  table.assign(space, Key{0}, 3, at(9));
  CHECK(keys_of(table) == std::vector<std::uint64_t>{3, 9, 70});
}

TEST_CASE("whoever lies between the start and the member found is gone") {
  FingerTable table = table_of({3, 9, 20, 70});
  table.assign(space, Key{0}, 3, at(40));
  CHECK(keys_of(table) == std::vector<std::uint64_t>{3, 40, 70});
}

TEST_CASE("a finger is inserted where there was none") {
  FingerTable table = table_of({3, 70});
  table.assign(space, Key{0}, 4, at(30));
  CHECK(keys_of(table) == std::vector<std::uint64_t>{3, 30, 70});
  table.assign(space, Key{0}, 7, at(200));
  CHECK(keys_of(table) == std::vector<std::uint64_t>{3, 30, 70, 200});
}

TEST_CASE("a finger that only the node itself could be empties the rest") {
  FingerTable table = table_of({3, 9, 70, 130});
  table.assign(space, Key{0}, 5, at(0));
  CHECK(keys_of(table) == std::vector<std::uint64_t>{3, 9});
}

TEST_CASE("the top of a ring of 64 bits is a finger like any other") {
  FingerTable table;
  table.assign(KeySpace(64), Key{5}, 63, {Key{1}, Address::ipv4(1, 1)});
  CHECK(table.all().size() == 1);
  CHECK(table.remove({Key{1}, Address::ipv4(1, 1)}));
  CHECK(table.all().empty());
}
