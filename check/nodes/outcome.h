#pragma once
// What comes of an input to a node, and the table that remembers it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "check/nodes/action.h"
#include "check/nodes/intern_table.h"
#include "check/streams/stream_effect.h"
#include "host/node_index.h"
#include "protocols/environment/random.h"
#include "protocols/environment/trace.h"

namespace peerbed::check {

// What a process is given. A message's id is the argument of a delivery.
struct Input {
  ActionKind kind{};
  std::uint32_t argument = 0;
};

// A fact that a node traced.
struct TracedEvent {
  std::uint16_t event = 0;
  TraceValues values{};
};

struct NodeTrace {
  NodeIndex node = 0;
  TracedEvent event{};
};

struct Outcome {
  InternId process = 0;
  std::vector<InternId> sent;  // messages, in their order
  std::vector<TracedEvent> traced;
  std::vector<StreamEffect> streams;
  // Of a node that may have streams: their ids as they are right after the input, in the order of their numbers. The
  // process that stands for this one knows them by others.
  std::vector<StreamId> ids;
};

// Outcomes by process and input, shared by threads.
class OutcomeTable {
 public:
  const Outcome* find(std::uint64_t key) const {
    const Part& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    for (std::size_t place = mix(key) & part.mask(); part.entries[place].outcome; place = (place + 1) & part.mask())
      if (part.entries[place].key == key) return part.entries[place].outcome;
    return nullptr;
  }
  // Keeps the first outcome that is entered under a key, and returns it.
  const Outcome& enter(std::uint64_t key, Outcome&& outcome) {
    Part& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    if (4 * (part.outcomes.size() + 1) > 3 * part.entries.size()) part.grow();
    std::size_t place = mix(key) & part.mask();
    for (; part.entries[place].outcome; place = (place + 1) & part.mask())
      if (part.entries[place].key == key) return *part.entries[place].outcome;
    part.outcomes.push_back(std::move(outcome));
    part.entries[place] = {key, &part.outcomes.back()};
    return part.outcomes.back();
  }
  // In bytes, with about four words for what each outcome owns.
  std::size_t memory() const {
    std::size_t bytes = 0;
    for (const Part& part : parts_)
      bytes += part.entries.size() * sizeof(Entry) + part.outcomes.size() * (sizeof(Outcome) + 32);
    return bytes;
  }

 private:
  struct Entry {
    std::uint64_t key = 0;
    const Outcome* outcome = nullptr;
  };
  struct Part {
    mutable std::mutex mutex;
    std::deque<Outcome> outcomes;  // they do not move
    std::vector<Entry> entries = std::vector<Entry>(64);

    std::size_t mask() const noexcept { return entries.size() - 1; }
    void grow() {
      std::vector<Entry> old(entries.size() * 2);
      old.swap(entries);
      for (const Entry& entry : old) {
        if (!entry.outcome) continue;
        std::size_t place = mix(entry.key) & mask();
        while (entries[place].outcome) place = (place + 1) & mask();
        entries[place] = entry;
      }
    }
  };

  const Part& part_of(std::uint64_t key) const noexcept { return parts_[mix(key) >> 58]; }
  Part& part_of(std::uint64_t key) noexcept { return parts_[mix(key) >> 58]; }

  std::array<Part, 64> parts_;
};

}  // namespace peerbed::check
