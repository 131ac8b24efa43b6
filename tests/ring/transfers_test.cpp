#include "protocols/ring/requests/transfers.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::ring;

namespace {

const KeySpace space(64);

std::vector<std::byte> large(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
  return bytes;
}

Transfer putting(std::uint32_t id, const std::vector<std::byte>& value) {
  Transfer transfer{.id = id, .kind = Transfer::Kind::put, .key = Key{60}, .parts = PartSet::of(9, value)};
  transfer.bytes = value;
  return transfer;
}

Transfer fetching(std::uint32_t id, const std::vector<std::byte>& value) {
  Transfer transfer{.id = id, .kind = Transfer::Kind::get, .key = Key{60}, .parts = PartSet::of(9, value)};
  transfer.bytes.resize(value.size());
  return transfer;
}

std::vector<Operation> begin_all(Transfers& transfers, std::uint32_t id) {
  std::vector<Operation> operations;
  while (auto operation = transfers.begin_part(id, space)) operations.push_back(std::move(*operation));
  return operations;
}

}  // namespace

TEST_CASE("the parts that one transfer puts another fetches, and they make the value") {
  const auto value = large(2 * part_size + 100);
  Transfers transfers;
  transfers.add(putting(1, value));
  const auto puts = begin_all(transfers, 1);
  REQUIRE(puts.size() == 3);
  for (const Operation& put : puts) transfers.end_part(put, true);
  REQUIRE(transfers.is_idle(1));
  CHECK_FALSE(transfers.take(1).failed);

  transfers.add(fetching(2, value));
  auto gets = begin_all(transfers, 2);
  REQUIRE(gets.size() == 3);
  for (std::size_t i = 0; i < gets.size(); ++i) {
    CHECK(gets[i].key == puts[i].key);
    gets[i].bytes = puts[i].bytes;
    transfers.end_part(gets[i], true);
  }
  const Transfer fetched = transfers.take(2);
  CHECK_FALSE(fetched.failed);
  CHECK(fetched.parts.makes(fetched.bytes));
  CHECK(fetched.bytes == value);
}

TEST_CASE("a transfer fails when a part of it does, or is another one, and begins no more parts") {
  const auto value = large(100 * part_size);
  Transfers transfers;
  transfers.add(putting(1, value));
  const auto put = transfers.begin_part(1, space);
  transfers.end_part(*put, false);
  CHECK_FALSE(transfers.begin_part(1, space));
  CHECK(transfers.is_idle(1));
  CHECK(transfers.take(1).failed);

  transfers.add(fetching(2, value));
  auto first = transfers.begin_part(2, space);
  const auto another = transfers.begin_part(2, space);
  first->bytes = Part{.value = Key{60}, .set = 9, .number = another->part, .bytes = value}.write();
  transfers.end_part(*first, true);
  CHECK_FALSE(transfers.begin_part(2, space));
  CHECK_FALSE(transfers.is_idle(2));
}

TEST_CASE("a discarding transfer goes on when a part could not be discarded") {
  const auto value = large(3 * part_size);
  Transfers transfers;
  transfers.add({.id = 1, .kind = Transfer::Kind::discard, .key = Key{60}, .parts = PartSet::of(9, value)});
  const auto first = transfers.begin_part(1, space);
  REQUIRE(first);
  CHECK(first->kind == Operation::Kind::remove);
  transfers.end_part(*first, false);
  CHECK(begin_all(transfers, 1).size() == 2);
}

TEST_CASE("transfers share the parts that may be under way, and each may have one") {
  const auto value = large(200 * part_size);
  Transfers transfers;
  transfers.add(putting(1, value));
  CHECK(begin_all(transfers, 1).size() == maximum_parts_under_way);
  transfers.add(putting(2, value));
  CHECK(begin_all(transfers, 2).size() == 1);
}

TEST_CASE("parts of what is stored for a time outlive their record") {
  Transfer transfer = putting(1, large(2000));
  transfer.lifetime = std::chrono::minutes(1);
  Transfers transfers;
  transfers.add(std::move(transfer));
  CHECK(transfers.begin_part(1, space)->lifetime == std::chrono::minutes(1) + 2 * longest_transfer);
}

TEST_CASE("there is room for sixteen transfers and fetched values together") {
  Transfers transfers;
  for (std::uint32_t id = 1; id < maximum_transfers; ++id) transfers.add(putting(id, large(2000)));
  CHECK(transfers.has_room());
  transfers.keep(99, large(5));
  CHECK_FALSE(transfers.has_room());
  CHECK(transfers.may_discard());
  CHECK_FALSE(transfers.take_fetched(98));
  CHECK(transfers.take_fetched(99) == large(5));
  CHECK_FALSE(transfers.take_fetched(99));
  CHECK(transfers.has_room());
}
