#include "protocols/swim/member_list.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::swim;
using namespace std::chrono_literals;
using Change = MemberList::Change;

namespace {

constexpr Address address(std::uint32_t host) { return Address::ipv4(host, 1); }

Update update(std::uint32_t host, std::uint32_t incarnation, Standing standing) {
  return {address(host), incarnation, standing, standing == Standing::alive ? Address{} : address(99)};
}

Time at(Duration since_start) { return time_zero + since_start; }

}  // namespace

TEST_CASE("a later incarnation overrides an earlier one, and worse news of the same one better news") {
  MemberList list({{.address = address(1)}});
  const auto apply = [&](std::uint32_t incarnation, Standing standing) {
    return list.apply(update(1, incarnation, standing), at(1s), 10);
  };
  CHECK(apply(0, Standing::alive) == Change::none);
  CHECK(apply(0, Standing::suspect) == Change::suspected);
  CHECK(apply(0, Standing::alive) == Change::none);
  CHECK(apply(0, Standing::suspect) == Change::none);
  CHECK(apply(1, Standing::suspect) == Change::renewed);
  CHECK(apply(2, Standing::alive) == Change::cleared);
  CHECK(apply(1, Standing::dead) == Change::none);
  CHECK(apply(3, Standing::alive) == Change::renewed);
  CHECK(apply(3, Standing::dead) == Change::died);
  CHECK(list.living() == 0);
  CHECK(apply(3, Standing::suspect) == Change::none);
  CHECK(apply(4, Standing::dead) == Change::none);
  CHECK(apply(4, Standing::alive) == Change::none);
  CHECK(apply(5, Standing::alive) == Change::joined);
  CHECK(list.living() == 1);
}

TEST_CASE("a member becomes known by its life and by suspicions, and not by its death") {
  MemberList list({});
  CHECK(list.apply(update(1, 0, Standing::dead), at(1s), 10) == Change::none);
  CHECK(list.find(address(1)) == nullptr);
  CHECK(list.apply(update(1, 0, Standing::alive), at(1s), 10) == Change::joined);
  CHECK(list.apply(update(2, 7, Standing::suspect), at(1s), 10) == Change::suspected);
  CHECK(list.living() == 2);
  REQUIRE(list.find(address(2)) != nullptr);
  CHECK(list.find(address(2))->incarnation == 7);
}

TEST_CASE("a full list refuses newcomers, unless the dead make room, who died first going first") {
  MemberList list({{.address = address(1)}, {.address = address(2)}, {.address = address(3)}});
  CHECK(list.apply(update(4, 0, Standing::alive), at(1s), 3) == Change::refused);
  list.apply(update(3, 0, Standing::dead), at(1s), 3);
  list.apply(update(1, 0, Standing::dead), at(2s), 3);
  CHECK(list.apply(update(4, 0, Standing::alive), at(3s), 3) == Change::joined);
  CHECK(list.find(address(3)) == nullptr);
  CHECK(list.find(address(1)) != nullptr);
  CHECK(list.living() == 2);
}

TEST_CASE("the dead are forgotten after a while") {
  MemberList list({{.address = address(1)}, {.address = address(2)}});
  list.apply(update(1, 0, Standing::dead), at(5s), 10);
  list.forget_dead(at(5s));
  CHECK(list.find(address(1)) != nullptr);
  list.forget_dead(at(6s));
  CHECK(list.find(address(1)) == nullptr);
  CHECK(list.living() == 1);
}

TEST_CASE("pages hold all living members once, in the order of addresses, and only the last is not full") {
  MemberList list({});
  for (std::uint32_t host = 2 * maximum_updates + 5; host > 0; --host)
    list.apply(update(host, host, Standing::alive), at(1s), 1000);
  list.apply(update(7, 7, Standing::dead), at(1s), 1000);
  std::vector<Update> all;
  Updates page = list.page_after({});
  while (page.full()) {
    all.insert(all.end(), page.all().begin(), page.all().end());
    page = list.page_after(all.back().member);
  }
  all.insert(all.end(), page.all().begin(), page.all().end());
  REQUIRE(all.size() == list.living());
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i - 1].member < all[i].member);
  for (const Update& each : all) CHECK((each.is_valid() && each.member != address(7)));
}

TEST_CASE("a digest tells lists apart by their living members and incarnations, in whatever order these were learned") {
  MemberList one({});
  MemberList other({});
  for (std::uint32_t host = 1; host <= 3; ++host) {
    one.apply(update(host, 0, Standing::alive), at(1s), 10);
    other.apply(update(4 - host, 0, Standing::alive), at(2s), 10);
  }
  CHECK(one.digest() == other.digest());
  one.apply(update(2, 0, Standing::suspect), at(3s), 10);
  CHECK(one.digest() == other.digest());
  one.apply(update(2, 1, Standing::alive), at(3s), 10);
  CHECK(one.digest() != other.digest());
  other.apply(update(2, 1, Standing::alive), at(3s), 10);
  one.apply(update(3, 0, Standing::dead), at(4s), 10);
  CHECK(one.digest() != other.digest());
}
