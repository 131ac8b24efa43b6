#pragma once
// Whether a silent predecessor is alive, and who takes its place if it is not: rectify as corrected by Zave (2017), as
// an exchange of messages.

#include <cstdint>
#include <tuple>
#include <utility>

#include "protocols/ring/base/contact.h"
#include "protocols/ring/base/patience.h"

namespace peerbed::ring {

// The node says with each call who its predecessor is, and ends the check when it has another or hears of it.
class PredecessorCheck {
 public:
  enum class Silence : std::uint8_t { waits, is_death };

  // Asks the predecessor, unless that is under way.
  void begin(const Context& context, Contact predecessor);
  bool is_answer(std::uint32_t id) const noexcept { return probe_.is_answer(id); }
  void take_answer(const Context& context, Contact predecessor, std::uint32_t id);
  Silence judge_silence(const Context& context, Contact predecessor);
  Time deadline() const noexcept { return probe_.deadline(); }
  void end() noexcept;

  // A node notified this one, and will precede it if the predecessor is dead. Of several the closest stays, as it would
  // had each been looked into on its own.
  void note_candidate(Key self, Contact notifier) noexcept;
  void forget_candidate(Contact peer) noexcept;
  // Ends the check. Nobody if nobody notified meanwhile.
  Contact take_candidate() noexcept;

  auto fields() const { return std::tie(probe_, candidate_); }
  // For a checker (check/canonical/questions.h).
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    probe_.visit_questions(visitor);
  }

 private:
  Probe probe_;
  Contact candidate_;
};

}  // namespace peerbed::ring
