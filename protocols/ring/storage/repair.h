#pragma once
// When the owner of values compares its copies with those of the other holders, and what it has learned of these since:
// all of them have their turn once in a period, and at once after a change of the neighbours, which the caller tells.
// Before a node leaves it sees that its values are with those who come after it, for a bounded time.

#include <cstdint>
#include <tuple>

#include "protocols/environment/time.h"
#include "protocols/ring/storage/storage_context.h"

namespace peerbed::ring {

class Repair {
 public:
  // Has a run soon, unless one is due soon already.
  void hasten(const StorageContext& context);
  bool is_hastened(Time now) const noexcept { return hastened_ > now; }

  // Of the holders, nothing is known any more.
  void begin_placement() noexcept {
    alike_ = peers_informed_ = 0;
    hurry_ = 0;
  }
  void begin_run(const StorageContext& context) noexcept;
  // Runs follow one another quickly, for a while, until one finds that all is `done`.
  void end_run(const StorageContext& context, bool done);

  // Of holders, by place, since the last time that all of them had their turn.
  void note_alike(unsigned index) noexcept { alike_ |= 1u << index; }
  void note_informed(unsigned index) noexcept { peers_informed_ |= 1u << index; }
  bool is_alike(unsigned index) const noexcept { return (alike_ >> index & 1) != 0; }
  bool are_alike(std::uint32_t places) const noexcept { return (alike_ & places) == places; }
  bool are_informed(std::uint32_t places) const noexcept { return (peers_informed_ & places) == places; }

  // Leaving: the values are offered, and again after each wait, as often as a peer is asked.
  void begin_leaving(const StorageContext& context);
  bool may_wait_again(const StorageContext& context) noexcept;
  void wait_again(const StorageContext& context);
  Time leave_deadline() const noexcept { return leave_deadline_; }

  auto fields() const { return std::tie(alike_, peers_informed_, hurry_, compared_, hastened_, leave_deadline_); }

 private:
  std::uint32_t alike_ = 0;           // holders, by place, that were found to hold the same since `compared_`
  std::uint32_t peers_informed_ = 0;  // those of them that know the past of the own keys
  std::uint32_t hurry_ = 0;           // runs since the last one that found all complete; when leaving, waits
  Time compared_ = Time::min();       // when all holders' turn came last
  Time hastened_ = Time::min();       // a hurried run is due by then
  Time leave_deadline_ = never;
};

}  // namespace peerbed::ring
