#pragma once
// Stabilization as corrected by Zave (2017), in two parts, as exchanges of messages. Part 1 asks the first successor
// for its list and its predecessor. Part 2 asks that predecessor, if it lies before the first successor and so may be a
// better one: a candidate, which is adopted if it answers. In the end the first successor is notified.
//
// The node adopts what was answered, and says with each call what its table is.

#include <cstdint>
#include <tuple>

#include "protocols/ring/base/patience.h"
#include "protocols/ring/membership/asked_along.h"
#include "protocols/ring/routing/routing_table.h"
#include "protocols/ring/wire/membership_messages.h"

namespace peerbed::ring {

class Stabilization {
 public:
  // What a silence means.
  enum class Silence : std::uint8_t {
    waits,           // it is not long enough
    asks_again,      // the next question is counted, and to be sent
    candidate_ends,  // nothing depends on a candidate: this run is to be finished without it
    successor_ends,  // the first successor is dead
  };

  bool is_under_way() const noexcept { return probe_.is_open(); }
  bool is_of_candidate() const noexcept { return static_cast<bool>(candidate_); }
  Time deadline() const noexcept { return probe_.deadline(); }
  std::uint32_t question() const noexcept { return probe_.id(); }
  bool is_first_repetition() const noexcept { return probe_.attempts() == 2; }

  // Part 1, unless a run is under way. A node that knows only its predecessor asks that one.
  void begin(const Context& context, const RoutingTable& table, AskedAlong* along);
  // Part 2, or for a stranger that introduced itself.
  void ask_candidate(const Context& context, Contact candidate, AskedAlong* along);
  // Goes on with the next successor, which was asked so often along with the one before it.
  void begin_after(const Context& context, const RoutingTable& table, unsigned attempts);
  void send_query(const Context& context, const RoutingTable& table) const;

  // Who has answered: its list is to be adopted. Nobody if that is no answer that is awaited.
  Contact take_answer(const Context& context, const RoutingTable& table, Address from, const Neighbours& answer);
  Silence judge_silence(const Context& context, const RoutingTable& table);
  // Notifies the first successor.
  void finish(const Context& context, const RoutingTable& table, std::uint32_t incarnation);
  void end() noexcept { probe_.end(); }
  // A peer left: it is asked no more.
  void forget_candidate(Contact peer) noexcept;

  const Contact& candidate() const noexcept { return candidate_; }
  const Probe& probe() const noexcept { return probe_; }
  // For a checker (check/canonical/questions.h).
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    probe_.visit_questions(visitor);
  }

 private:
  void ask(const Context& context, Contact peer, AskedAlong* along);
  Contact asked(const RoutingTable& table) const noexcept;

  Probe probe_;        // of the candidate or the first successor
  Contact candidate_;  // nobody in part 1
};

}  // namespace peerbed::ring
