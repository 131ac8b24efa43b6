#include "protocols/kademlia/lookups/questions.h"

#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::kademlia;
using namespace std::chrono_literals;

namespace {

constexpr Contact contact(std::uint32_t number) { return {{number, 0, 0}, Address::ipv4(number, 1)}; }

}  // namespace

TEST_CASE("an answer counts once, and only from the address that was asked") {
  Questions questions;
  questions.add({.id = 7, .contact = contact(1), .deadline = time_zero + 1s});
  CHECK_FALSE(questions.take_answered(7, contact(2).address).has_value());
  CHECK_FALSE(questions.take_answered(8, contact(1).address).has_value());
  CHECK(questions.take_answered(7, contact(1).address).has_value());
  CHECK_FALSE(questions.take_answered(7, contact(1).address).has_value());
}

TEST_CASE("what is overdue is taken one at a time") {
  Questions questions;
  CHECK(questions.earliest_deadline() == never);
  questions.add({.id = 1, .contact = contact(1), .deadline = time_zero + 3s});
  questions.add({.id = 2, .contact = contact(2), .deadline = time_zero + 1s});
  CHECK(questions.earliest_deadline() == time_zero + 1s);
  CHECK_FALSE(questions.take_overdue(time_zero).has_value());
  CHECK(questions.take_overdue(time_zero + 3s)->id == 1);
  CHECK(questions.take_overdue(time_zero + 3s)->id == 2);
  CHECK_FALSE(questions.take_overdue(time_zero + 3s).has_value());
}

TEST_CASE("a contact is pinged once at a time, and few are at once, however many ask") {
  Questions questions;
  for (std::uint32_t i = 1; i <= maximum_checks; ++i) {
    CHECK(questions.may_check(contact(i)));
    questions.add({.id = i, .contact = contact(i), .purpose = Question::Purpose::newcomer});
    CHECK_FALSE(questions.may_check(contact(i)));
  }
  CHECK_FALSE(questions.may_check(contact(1000)));
}
