#pragma once
// What the parts of a node share while it handles one input: the world outside, the options, who the node is, how long
// its peers take to answer, the ids of its questions, and the one timer for all that it waits for.

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "protocols/environment/environment.h"
#include "protocols/ring/base/contact.h"
#include "protocols/ring/base/key.h"
#include "protocols/ring/base/options.h"
#include "protocols/ring/base/rtt_tracker.h"

namespace peerbed::ring {

constexpr Time never = Time::max();

// Each timer fires once; "When..." says what the node does then.
enum Timer : TimerId {
  stabilize_timer,          // When to compare lists with the first successor.
  fix_finger_timer,         // When to look up the next finger again.
  check_predecessor_timer,  // When to check a silent predecessor, and to try a lost peer again.
  lookup_timer,             // When the built-in workload looks up another key.
  deadline_timer,           // When the earliest awaited answer is overdue.
  repair_timer,             // When to compare and complete the holders of this node's values.
};

// What random draws are for.
enum Purpose : std::size_t { draw_phase, draw_jitter, draw_workload, draw_hurry, draw_first_id };

// The id of a question counts its copies in the lowest bits, so that an answer tells which copy it answers.
constexpr std::uint32_t copies_per_id = 32;
constexpr std::uint32_t id_of_next_copy(std::uint32_t id) noexcept {
  return id % copies_per_id == copies_per_id - 1 ? id : id + 1;
}
constexpr std::uint32_t id_of_first_copy(std::uint32_t id) noexcept { return id - id % copies_per_id; }
constexpr bool is_first_copy(std::uint32_t id) noexcept { return id % copies_per_id == 1; }
constexpr bool is_same_question(std::uint32_t id, std::uint32_t other) noexcept {
  return id_of_first_copy(id) == id_of_first_copy(other);
}

// Numbers the questions of a node, one after the other.
class QuestionIds {
 public:
  QuestionIds() = default;
  // Begins anywhere: peers may remember questions of a former process of this host.
  explicit QuestionIds(std::uint64_t random) noexcept
      : last_(static_cast<std::uint32_t>(random) / copies_per_id * copies_per_id) {}

  // The id of a question's first copy: never 0, which asks for no answer.
  std::uint32_t next() noexcept {
    last_ += copies_per_id;
    return last_ + 1;
  }

  auto fields() const { return std::tie(last_); }
  // For a checker (check/canonical/questions.h).
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    visitor.number_after(last_, copies_per_id);
  }

 private:
  std::uint32_t last_ = 0;
};

// Fires at the earliest of all deadlines that are awaited. It is never cancelled: most answers come in time, and one
// idle firing is cheaper than a cancellation each.
class DeadlineTimer {
 public:
  void await(Environment& environment, Time deadline) {
    if (deadline >= armed_) return;
    armed_ = deadline;
    environment.set_timer(deadline_timer, deadline - environment.now());
  }
  // It has fired: what is still waited for is to be awaited again.
  void disarm() noexcept { armed_ = never; }

  auto fields() const { return std::tie(armed_); }

 private:
  Time armed_ = never;
};

struct Context {
  Environment& environment;
  const Options& options;
  Key self;
  RttTracker& rtt;
  QuestionIds& ids;
  DeadlineTimer& deadlines;

  Time now() const noexcept { return environment.now(); }
  void await(Time deadline) const { deadlines.await(environment, deadline); }
  KeySpace space() const noexcept { return KeySpace(options.key_bits); }
  Contact own_contact() const noexcept { return {self, environment.self()}; }
  bool is_valid(Contact contact) const noexcept { return contact && space().contains(contact.key); }

  Duration response_timeout(Address peer, Duration least) const noexcept {
    return rtt.timeout(peer, least, options.initial_timeout);
  }
  // The wait before something is asked again of nobody in particular: each is twice as long as the one before it, up to
  // four times the first.
  Duration backoff(unsigned attempts) const noexcept {
    return rtt.typical_timeout(options.rpc_timeout, options.rpc_timeout) * (1u << std::min(attempts - 1, 2u));
  }
};

}  // namespace peerbed::ring
