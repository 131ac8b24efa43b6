#pragma once
// The history of one key, and the strongest of three levels at which it was consistent. Operations that overlap in time
// may have taken effect in either order. A put that was never acknowledged may take effect at any time, or never.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/history/operation.h"

namespace peerbed::analysis {

// How far clocks may be off where a value has a lifetime: so much before or after its end it may be missing or found.
constexpr Duration lifetime_tolerance = std::chrono::seconds(5);

// From the weakest on. Atomic histories are both regular and monotonic. A regular one need not be monotonic: it counts
// as regular, the stronger of the two.
enum class Level : std::uint8_t {
  none,
  // No client's get returned a value that was over before the put of one began that an earlier get of this client had
  // returned (monotonic reads; Terry et al. 1994, "Session guarantees for weakly consistent replicated data").
  monotonic,
  // No get returned a value that was over before the put of one began that was acknowledged before the get began: it
  // returns the latest value, or one that overlaps it or the get (Lamport 1986, "On interprocess communication", for
  // one writer; Shao, Welch, Pierce and Lee 2011, "Multiwriter consistency conditions", for several).
  regular,
  // As if each operation had taken effect at one instant between its begin and its end (linearizable; Herlihy and Wing
  // 1990).
  atomic,
};
std::string_view word_of(Level level) noexcept;

enum class Flaw : std::uint8_t {
  none,
  // Of a get.
  never_put,    // it returned a value that was never put
  not_yet_put,  // it returned a value whose put began after the get ended
  superseded,   // it returned an older value than one that was acknowledged before it began
  expired,      // it returned a value whose lifetime was over before it began
  missing,      // it found nothing, though a value had been acknowledged
  // Of several operations.
  backwards,     // a client got an older value than it had got before
  contradiction  // of two values each would have to have been put before the other
};

// That one operation ended before another began. Indices.
struct Precedence {
  std::size_t earlier = 0;
  std::size_t later = 0;
  friend bool operator==(const Precedence&, const Precedence&) = default;
};

// Why a history does not reach a level.
struct Breach {
  Flaw flaw = Flaw::none;
  std::vector<std::size_t> operations;  // what breaks it; a get that does comes last
  std::vector<Precedence> precedences;  // between these
  // A contradiction: the puts of the two values; nothing: the absence before all puts.
  std::optional<std::size_t> one_value;
  std::optional<std::size_t> other_value;
};

struct Verdict {
  // Why the history is not atomic, not regular, not monotonic; nothing if it is.
  std::optional<Breach> against_atomic;
  std::optional<Breach> against_regular;
  std::optional<Breach> against_monotonic;
  std::size_t flawed_gets = 0;  // that are not those of a regular register

  Level level() const noexcept;
  // Why it is not of the next stronger level; null if it is atomic.
  const Breach* reason() const noexcept;
};

class KeyHistory {
 public:
  // What a get saw: the flaw that makes it irregular, if it has one, and the puts that show this.
  struct Reading {
    Flaw flaw = Flaw::none;
    std::optional<std::size_t> put;    // that the get counts for; nothing: the absence before all puts
    std::optional<std::size_t> newer;  // if superseded or missing: the latest that it had to see
  };

  // Operations in order of begin. Returns the index of the operation. A put's `answered` may be told later.
  std::size_t add(const Operation& operation);
  void acknowledge(std::size_t put, Time answered);

  std::span<const Operation> operations() const noexcept { return operations_; }
  // A put's number among the key's puts, from 1 on, in order of begin.
  std::size_t number_of(std::size_t put) const;

  // Of a get that ended, whether it was added or not. A get that found nothing counts for the remove, or the expired
  // put, that it knew of; if it knew of none, or of one too old, for any that explains it. O(log n), and O(n) for gets
  // that found nothing although there are values with lifetimes that are not over.
  Reading reading_of(const Operation& get) const;

  // O(n log n) beyond the readings.
  Verdict judge() const;

 private:
  // From `since` on, gets must not return what was over before this put began: of all that were acknowledged by then,
  // it began last.
  struct Settled {
    Time since{};
    std::size_t put = 0;
  };

  std::optional<std::size_t> put_of(std::uint64_t value) const;
  std::optional<std::size_t> settled_before(Time time) const;
  bool is_over(const Operation& put, std::optional<std::size_t> settled) const;

  std::vector<Operation> operations_;
  std::vector<std::size_t> puts_;                            // in order of begin
  std::unordered_map<std::uint64_t, std::size_t> by_value_;  // the same, once they are many
  std::vector<Settled> settled_;
  std::vector<std::size_t> passing_;  // puts of values that do not last, in order of begin
};

}  // namespace peerbed::analysis
