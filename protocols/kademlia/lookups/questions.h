#pragma once
// The requests of a node that wait for an answer. An answer counts if it repeats the id of a request, which only those
// can know who saw it, and comes from the address that was asked.

#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/kademlia/base/contact.h"

namespace peerbed::kademlia {

constexpr Time never = Time::max();
constexpr std::size_t maximum_questions = 4096;  // then a node asks nothing more
constexpr std::size_t maximum_checks = 64;       // pings of newcomers and contacts; then the others are not pinged

struct Question {
  enum class Purpose : std::uint8_t {
    bootstrap,  // who is there? The identifier is not known
    newcomer,   // is the contact where it says it is? Asked once
    check,      // is the contact still there?
    lookup,     // subject: its number
    store,      // subject: the number of the operation
  };
  std::uint32_t id = 0;
  std::uint32_t subject = 0;
  Contact contact{};
  Time asked{};  // the first copy
  Time deadline{};
  std::uint8_t attempts = 1;
  Purpose purpose{};

  auto fields() const { return std::tie(id, subject, contact, asked, deadline, attempts, purpose); }
};

class Questions {
 public:
  bool is_full() const noexcept { return pending_.size() >= maximum_questions; }
  // Whether the contact is not pinged already, and few enough others are.
  bool may_check(const Contact& contact) const noexcept;
  std::size_t size() const noexcept { return pending_.size(); }

  // There is room, and no other question has its id.
  void add(const Question& question) { pending_.push_back(question); }
  bool has(std::uint32_t id) const noexcept;
  // The question that this answers, which is then settled.
  std::optional<Question> take_answered(std::uint32_t id, Address from) noexcept;
  // The first question whose deadline has come, which is then settled or to be added again.
  std::optional<Question> take_overdue(Time now) noexcept;
  Time earliest_deadline() const noexcept;

  auto fields() const { return std::tie(pending_); }

 private:
  std::vector<Question> pending_;  // in the order of asking
};

}  // namespace peerbed::kademlia
