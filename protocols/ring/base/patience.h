#pragma once
// How long a node waits for the answer of a peer, by measured round trips. Whether a wait is over is judged when its
// deadline comes, by what is known then: a node that learns meanwhile that its peers are far away waits on, and sends
// no copy. Attempts are counted from 1, and each wait is twice as long as the one before it, up to four times the
// first.

#include <cstdint>
#include <tuple>

#include "protocols/ring/base/context.h"

namespace peerbed::ring {

// When to judge the wait for an attempt that is sent now; the first wait is `least` or longer. While no round trip is
// known that is soon: until then another answer may have told how far away peers are.
Time next_deadline(const Context& context, Address peer, Duration least, unsigned attempts) noexcept;

// When to judge again a wait whose deadline has come; now, when it is over. The first attempt was sent at `asked`.
Time extended_deadline(const Context& context, Time asked, Address peer, Duration least, unsigned attempts) noexcept;

// The wait for an answer before somebody else is asked as well: the usual timeout, without the floor of others. A guess
// that is too short costs a message. Endless for a node that does not hedge.
Duration hedge_delay(const Context& context) noexcept;

// An answer to a copy of a question that was first sent at `asked`.
void note_answer(const Context& context, Time asked, Address from, std::uint32_t id);

// A question was given up, of which the copy with this id was the last.
void note_given_up(const Context& context, Time asked, Address peer, std::uint32_t id);

// A question to one peer, asked again with backoff until it is answered or given up. The caller sends the copies, and
// names the same peer in each call.
class Probe {
 public:
  bool is_open() const noexcept { return deadline_ != never; }
  Time deadline() const noexcept { return deadline_; }  // when the wait is judged; never: nothing is asked
  std::uint32_t id() const noexcept { return id_; }     // of the latest copy
  unsigned attempts() const noexcept { return attempts_; }
  bool is_answer(std::uint32_t id) const noexcept { return is_open() && is_same_question(id, id_); }

  // A new question. With more than one attempt it counts as if so many had been sent, in their time.
  void begin(const Context& context, Address peer, unsigned attempts = 1);
  // Its deadline has come: whether it waits on.
  bool still_waits(const Context& context, Address peer) noexcept;
  void begin_next_attempt(const Context& context, Address peer) noexcept;
  void take_answer(const Context& context, Address peer, std::uint32_t id);
  void give_up(const Context& context, Address peer);
  void end() noexcept { deadline_ = never; }

  auto fields() const { return std::tie(asked_, deadline_, id_, attempts_); }
  // Nothing of a question that is no longer open matters.
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(is_open());
    if (is_open()) form.add(fields());
  }
  // For a checker (check/canonical/questions.h).
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    if (is_open()) visitor.question(id_);
  }

 private:
  Time asked_{};  // the first copy
  Time deadline_ = never;
  std::uint32_t id_ = 0;
  std::uint8_t attempts_ = 0;
};

}  // namespace peerbed::ring
