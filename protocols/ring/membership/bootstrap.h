#pragma once
// The nodes through which a node comes into a ring, asked in turn. A joiner asks them for its place until one leads to
// it, for ever, more and more slowly; the first answer counts. Before that it may ask them whether others can reach it.
// A guest begins its searches with them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/ring/base/context.h"
#include "protocols/ring/wire/membership_messages.h"

namespace peerbed::ring {

constexpr std::size_t maximum_bootstrap = 8;
constexpr std::size_t maximum_known_by_guest = 16;

// At most maximum_bootstrap nodes, or maximum_known_by_guest of a guest. Whoever asks has put one in before.
class Bootstrap {
 public:
  Bootstrap() = default;
  explicit Bootstrap(std::span<const Address> nodes);

  std::span<const Address> nodes() const noexcept { return nodes_; }
  void put_first(Address node);

  // ---- joining -----------------------------------------------------------------------------------------------------
  void begin(Time now) noexcept;
  // Each node was asked twice since the beginning.
  bool is_exhausted() const noexcept { return attempts_ >= 2 * nodes_.size(); }
  // Asks the next one for this node's place; the first round waits for `patience` each.
  void ask(const Context& context, Duration patience);
  bool is_answer(std::uint32_t id) const noexcept { return is_same_question(id, id_); }
  Time started() const noexcept { return started_; }
  Time deadline() const noexcept { return deadline_; }  // never: nobody is asked
  void end() noexcept { deadline_ = never; }

  // ---- whether others can reach this node
  // ----------------------------------------------------------------------------
  enum class Reach : std::uint8_t { unknown, open, closed };
  Reach reach() const noexcept { return reach_; }
  // Asks the next node to have another one call, and one that answers until enough calls have not come: then the reach
  // is closed, and nothing is sent.
  void ask_for_call(const Context& context, Duration patience);
  // A call, or an answer. What it says of the reach is known then, if anything.
  void take(const Context& context, Address from, const Called& called);

  // ---- a guest -----------------------------------------------------------------------------------------------------
  // The one that answered last comes first.
  void note_heard(Address node);
  void note_silent(Address node) noexcept;

  auto fields() const {
    return std::tie(nodes_, next_, id_, attempts_, started_, deadline_, reach_, asked_, has_answered_, missed_calls_);
  }
  // A member asks them again only when it has lost everybody else, and then begins afresh.
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(deadline_ != never);
    // Where waits have no lengths, attempts are counted until each node was asked twice.
    const auto attempts =
        form.is_timed() ? attempts_ : std::min(attempts_, static_cast<std::uint32_t>(2 * nodes_.size()));
    if (deadline_ != never) return form.add(nodes_, next_, id_, attempts, started_, deadline_);
    if (form.may_be_isolated()) form.add(nodes_);
  }
  // For a checker (check/canonical/questions.h).
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    if (deadline_ != never) visitor.question(id_);
  }

 private:
  Address begin_attempt(const Context& context, Duration patience);
  void number_copy(const Context& context);
  void conclude(Reach reach) noexcept;

  std::vector<Address> nodes_;
  std::size_t next_ = 0;
  std::uint32_t id_ = 0;        // of the latest question
  std::uint32_t attempts_ = 0;  // since the beginning
  Time started_;
  Time deadline_ = never;
  Reach reach_ = Reach::unknown;
  std::size_t asked_ = 0;      // so many of the nodes, from the first, have heard of this one
  bool has_answered_ = false;  // the latest one that was asked for a call
  std::uint8_t missed_calls_ = 0;
};

}  // namespace peerbed::ring
