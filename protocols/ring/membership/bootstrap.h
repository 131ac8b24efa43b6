#pragma once
// The nodes through which a node comes into a ring, asked in turn. A joiner asks them for its place until one leads to
// it, for ever, more and more slowly; the first answer counts. A guest asks them to route its finds.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/ring/base/context.h"

namespace peerbed::ring {

constexpr std::size_t maximum_bootstrap = 8;

// At most maximum_bootstrap nodes. Whoever asks has put one in before.
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

  // ---- a guest -----------------------------------------------------------------------------------------------------
  // The one that answered last, as far as is known.
  Contact current() const noexcept;
  // Passes over the current one.
  Contact next() noexcept;
  // Who is asked instead of a silent one. If it leaves several finds unanswered, the first of them moves on to the next
  // node, and the others follow.
  Contact next_after(Address silent) noexcept { return current().address == silent ? next() : current(); }

  auto fields() const { return std::tie(nodes_, next_, id_, attempts_, started_, deadline_); }
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
  std::vector<Address> nodes_;
  std::size_t next_ = 0;
  std::uint32_t id_ = 0;        // of the latest question
  std::uint32_t attempts_ = 0;  // since the beginning
  Time started_;
  Time deadline_ = never;
};

}  // namespace peerbed::ring
