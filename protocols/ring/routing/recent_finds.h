#pragma once
// The finds that a node handled recently, so that a duplicate is confirmed but not forwarded again.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/environment/random.h"
#include "protocols/environment/time.h"
#include "protocols/ring/base/box.h"
#include "protocols/ring/base/compact_vector.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

// The latest eight, in the node itself; and a node that handles more than that within `span` keeps all of one to two
// spans, at most maximum_per_generation in each. A find is known by 32 bits of a hash: should two be taken for one, the
// asker's next attempt has another.
class RecentFinds {
 public:
  static constexpr std::size_t maximum_per_generation = 512;

  // Notes a find. Returns false when it is a copy of one that is remembered. `span` is called when it matters.
  template <class Span>
  bool note(Time now, const Find& find, const Span& span) {
    const std::uint32_t mark = mark_of(find.asker, find.id, find.at_owner);
    if (is_latest(mark) || (busy_ && is_busy_with(mark))) return false;
    latest_[next_++ % latest_.size()] = mark;
    if (busy_) note_busy(now, span(), mark);
    if (next_ % latest_.size() == 0) judge_load(now, span());
    return true;
  }

  auto fields() const { return std::tie(latest_, lap_begun_, next_, busy_); }
  // What of it can matter later, in a check (check/canonical/canonical_form.h).
  template <class Form>
  void write_canonical(Form& form) const {
    if (form.has_named_questions()) {
      std::vector<std::uint32_t> marks = all();
      std::sort(marks.begin(), marks.end());
      return form.add(marks);
    }
    form.add(next_ != 0);
    if (next_ == 0) return;
    // Laps that are longer than any span are alike.
    const std::chrono::milliseconds lap(milliseconds_at(form.now()) - lap_begun_);
    form.add(latest_, next_ % latest_.size(), std::min<Duration>(lap, std::chrono::hours(1)), busy_);
  }
  static constexpr std::array<std::uint64_t, 2> marks_of(Address asker, std::uint32_t id) noexcept {
    return {mark_of(asker, id, false), mark_of(asker, id, true)};
  }
  // For a checker (check/canonical/questions.h). Only those of which a copy is still about matter: they become the
  // latest.
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    std::vector<std::uint32_t> kept;
    for (const std::uint32_t mark : all())
      if (const auto recalled = visitor.recall(mark)) kept.push_back(static_cast<std::uint32_t>(recalled->mark));
    if constexpr (Visitor::renames) {
      if (kept.size() > latest_.size())
        busy_.get_or_create().marks.assign(kept.begin(), kept.end());
      else
        busy_ = {};
      latest_ = {};
      const std::size_t count = std::min(kept.size(), latest_.size());
      std::copy(kept.end() - static_cast<std::ptrdiff_t>(count), kept.end(), latest_.begin());
      next_ = static_cast<std::uint32_t>(count);
      lap_begun_ = next_ == 0 ? 0 : milliseconds_at(visitor.now());
    }
  }

 private:
  // Those of the older generation first.
  struct Generations {
    CompactVector<std::uint32_t> marks;
    Time begun;  // the younger generation
    std::uint32_t older = 0;
    auto fields() const { return std::tie(marks, begun, older); }
  };

  // A node may be visited on the way to a key and, once more, as its owner.
  static constexpr std::uint32_t mark_of(Address asker, std::uint32_t id, bool at_owner) noexcept {
    return static_cast<std::uint32_t>(key_of(asker.value, std::uint64_t{id} << 1 | at_owner)) | 1u;
  }
  // All are compared, as that takes fewer steps than to stop at the right one.
  bool is_latest(std::uint32_t mark) const noexcept {
    std::uint32_t equal = 0;
    for (const std::uint32_t latest : latest_) equal |= static_cast<std::uint32_t>(latest == mark);
    return equal != 0;
  }
  // The oldest first.
  std::vector<std::uint32_t> all() const {
    std::vector<std::uint32_t> marks;
    const auto add = [&marks](std::uint32_t mark) {
      if (mark != 0 && std::find(marks.begin(), marks.end(), mark) == marks.end()) marks.push_back(mark);
    };
    if (busy_)
      for (const std::uint32_t mark : busy_->marks) add(mark);
    for (std::size_t i = 0; i < latest_.size(); ++i) add(latest_[(next_ + i) % latest_.size()]);
    return marks;
  }
  bool is_busy_with(std::uint32_t mark) const noexcept {
    return std::find(busy_->marks.begin(), busy_->marks.end(), mark) != busy_->marks.end();
  }
  static std::uint32_t milliseconds_at(Time now) noexcept {
    return static_cast<std::uint32_t>(nanoseconds_since_start(now) / 1'000'000);
  }
  // Eight more were handled: that took longer than a span, or not.
  void judge_load(Time now, Duration span) {
    const std::uint32_t milliseconds = milliseconds_at(now);
    const bool is_busy = std::chrono::milliseconds(milliseconds - lap_begun_) < span;
    lap_begun_ = milliseconds;
    if (!is_busy) {
      busy_ = {};
    } else if (!busy_) {
      busy_.get_or_create().begun = now;
      busy_->marks.assign(latest_.begin(), latest_.end());
    }
  }
  void note_busy(Time now, Duration span, std::uint32_t mark) {
    auto& [marks, begun, older] = *busy_;
    if (now - begun >= span || marks.size() - older >= maximum_per_generation) {
      marks.erase(marks.begin(), marks.begin() + older);
      older = static_cast<std::uint32_t>(marks.size());
      begun = now;
    }
    marks.push_back(mark);
  }

  std::array<std::uint32_t, 8> latest_{};
  std::uint32_t lap_begun_ = 0;  // in milliseconds
  std::uint32_t next_ = 0;       // counts all that were noted
  Box<Generations> busy_;
};

}  // namespace peerbed::ring
