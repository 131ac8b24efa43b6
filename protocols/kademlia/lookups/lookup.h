#pragma once
// One iterative lookup: the contacts found so far, closest to the target first, and whom to ask next. At most
// `concurrency` requests are under way; one that is late no longer counts among them. The lookup is over when the
// `resiliency` closest contacts that are not silent have all answered, or when enough of them had the value that it
// looks for.

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/kademlia/base/contact.h"
#include "protocols/kademlia/base/options.h"

namespace peerbed::kademlia {

// Why a node looks something up.
enum class LookupReason : std::uint8_t {
  command,   // a person asked
  workload,  // the built-in random lookups
  join,      // of itself
  refresh,   // of a bucket's range
  store,     // subject: the operation that stores a value at the closest nodes
  get,       // subject: the operation that wants a value
};

constexpr std::size_t maximum_candidates = 128;         // of one lookup; farther ones give way
constexpr std::uint16_t maximum_lookup_requests = 256;  // then it ends with what it knows

struct Candidate {
  enum class State : std::uint8_t { unasked, asked, late, answered, silent };
  Contact contact{};
  State state{};
  std::uint8_t depth = 1;  // requests in the chain that leads to it, the one to itself included
  Time answered{};
  std::uint64_t token = 0;  // that it gave
  bool has_value = false;

  auto fields() const { return std::tie(contact, state, depth, answered, token, has_value); }
};

class Lookup {
 public:
  Lookup(std::uint32_t number, const Id& target, LookupReason reason, std::uint32_t subject, Time started) noexcept
      : target_(target), started_(started), number_(number), subject_(subject), reason_(reason) {}

  std::uint32_t number() const noexcept { return number_; }
  const Id& target() const noexcept { return target_; }
  LookupReason reason() const noexcept { return reason_; }
  std::uint32_t subject() const noexcept { return subject_; }
  Time started() const noexcept { return started_; }

  // Contacts that the asker knew, or that a node at this depth named.
  void add(std::span<const Contact> contacts, const Id& self, unsigned depth_of_source);
  // Whom to ask now, which counts as asked; nothing until something else happens.
  std::optional<Contact> next(const Options& options) noexcept;
  // The contact's depth; nothing if it was not asked, or has answered before.
  std::optional<unsigned> note_answer(const Contact& contact, std::uint64_t token, Time now) noexcept;
  // The same for one that has the value which is looked for. False if it does not count.
  bool note_value(const Contact& contact, Time now) noexcept;
  void note_late(const Contact& contact) noexcept;    // it is asked once more
  void note_silent(const Contact& contact) noexcept;  // it was asked as often as it may be
  bool is_over(const Options& options) const noexcept;

  // The closest contact that has answered; null if none has.
  const Candidate* closest() const noexcept;
  std::span<const Candidate> candidates() const noexcept { return candidates_; }
  std::uint16_t requests() const noexcept { return requests_; }  // with all copies
  std::uint16_t rounds() const noexcept { return rounds_; }      // 0 if it is pipelined
  std::uint16_t timeouts() const noexcept { return timeouts_; }  // contacts found silent

  auto fields() const {
    return std::tie(target_, started_, candidates_, number_, requests_, rounds_, timeouts_, subject_, values_,
                    left_in_round_, reason_);
  }

 private:
  bool is_passed_over(const Candidate& candidate, bool is_closer_answered) const noexcept;
  Candidate* find(const Contact& contact) noexcept;

  Id target_;
  Time started_;
  std::vector<Candidate> candidates_;  // closest first
  std::uint32_t number_;
  std::uint32_t subject_;
  std::uint16_t requests_ = 0;
  std::uint16_t rounds_ = 0;
  std::uint16_t timeouts_ = 0;
  std::uint8_t values_ = 0;         // contacts that had the value
  std::uint8_t left_in_round_ = 0;  // requests that the current round may still send
  LookupReason reason_;
};

}  // namespace peerbed::kademlia
