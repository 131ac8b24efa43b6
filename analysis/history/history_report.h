#pragma once
// What the histories of all keys of a run come to: how many keys reached each level, and the worst key with the
// operations that show why, for a time diagram.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/history/history_words.h"
#include "analysis/history/key_history.h"

namespace peerbed::analysis {

using Histories = std::map<std::uint64_t, KeyHistory>;  // by key

constexpr std::size_t most_drawn_operations = 24;

// An operation in a time diagram.
struct DrawnOperation {
  bool is_put = false;
  bool is_nothing = false;  // a remove, or a get that found nothing
  std::string process;      // the client's name
  std::uint64_t value = 0;  // its number; 0: none
  Time invoked{};
  Time answered = never;
  bool is_marked = false;  // the breach is made of it
};

// The operations of a key nearest to a breach, by begin, with the breach's precedences between them.
struct HistoryExcerpt {
  std::vector<DrawnOperation> operations;
  std::vector<Precedence> precedences;
  std::size_t of = 0;  // how many the key has
};

struct WorstKey {
  std::uint64_t key = 0;
  Level level = Level::atomic;
  std::string why;  // it is not of the next stronger level; empty if it is atomic
  HistoryExcerpt excerpt;
};

// Of the keys that were got.
struct HistoryReport {
  std::uint64_t keys = 0;
  std::array<std::uint64_t, 4> keys_of_level{};  // whose strongest level it is
  std::uint64_t atomic = 0;
  std::uint64_t regular = 0;    // or atomic
  std::uint64_t monotonic = 0;  // whether they are regular or not
  std::uint64_t gets = 0;
  std::uint64_t flawed_gets = 0;  // that are not those of a regular register
  std::uint64_t unwatched = 0;    // operations that were too many to be judged
  std::optional<WorstKey> worst;
};

// The worst key is of the lowest level; of several, the one with the most flawed gets, then with the most operations.
HistoryReport report_of(std::span<const Histories* const> histories, const NameOfProcess& name_of);

}  // namespace peerbed::analysis
