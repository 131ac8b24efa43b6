#pragma once
// One node as the checker holds it: the node, its clock and timers, and the content on its disk.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "check/canonical/questions.h"
#include "check/disks/disk.h"
#include "protocols/environment/content.h"
#include "protocols/environment/node.h"
#include "protocols/environment/state.h"
#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"

namespace peerbed::check {

enum class ProcessStatus : std::uint8_t { absent, running, left };

// How time passes for nodes.
enum class Clock : std::uint8_t {
  patient,  // a deadline passes only when nothing is under way: silence means death
  hasty,    // any timer may fire at any time
  ticks,    // discrete time: a message takes 1 to `most_delay` ticks, and timers are exact
};

// A node that keeps what only copies of earlier messages call for, and is told when none is under way any more.
template <class N>
concept QuietNode = requires(N node) {
  node.note_quiet();
};

template <class N>
struct Process {
  static constexpr std::int64_t unset = -1;
  static constexpr std::array<std::int64_t, N::timer_count> no_timers() {
    std::array<std::int64_t, N::timer_count> timers{};
    timers.fill(unset);
    return timers;
  }

  N node;  // as it was created, unless it runs
  ProcessStatus status = ProcessStatus::absent;
  std::uint32_t starts = 0;                                    // so many processes of this node there were
  Time clock{};                                                // its own; starts at zero with each process
  std::array<std::int64_t, N::timer_count> due = no_timers();  // by its clock, in nanoseconds
  Disk disk{};
  NamedQuestions questions{};       // where questions are named
  std::vector<StreamId> streams{};  // that the node keeps, in the order in which it does
  std::uint32_t accepted = 0;       // so many streams were opened to this process

  bool runs() const noexcept { return status == ProcessStatus::running; }
  bool is_set(std::size_t timer) const noexcept { return due[timer] != unset; }
};

// Decides which processes count as equal. Two equal ones must answer every input alike; the merge test samples that.
// This form suits a node that keeps no times: it compares the whole state and, under exact clocks, how long each timer
// still runs. A form for another node may also normalise a process in place, after each input, for example shift its
// times so that its clock stands still.
template <class N>
struct PlainForm {
  void normalise(Process<N>&) const {}
  void append(std::vector<std::byte>& out, const Process<N>& process, Clock clock) const {
    append_state(out, process.status);
    if (process.runs()) append_state(out, process.node);
    for (std::size_t timer = 0; timer < N::timer_count; ++timer) {
      append_state(out, process.is_set(timer));
      if (clock == Clock::ticks && process.is_set(timer))
        append_state(out, process.due[timer] - nanoseconds_since_start(process.clock));
    }
    append_state(out, process.disk);
  }
};

}  // namespace peerbed::check
