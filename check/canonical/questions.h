#pragma once
// The questions of nodes, and how their ids are renamed. Ids are numbers that grow for ever and are only compared, so
// states that differ in them alone go on alike: they get the same ids.
//
// A node type that can be renamed has
//   copies_per_question                the ids of a question: its number times this, and then its copies, from 1;
//                                      with 1, the number alone
//   marks_of_question(asker, id)       an array of what stands for an id where nodes remember it
//   visit_questions(visitor)           of a node: calls visitor.question(id) for each id of a question of its own, and
//                                      visitor.question(id, asker) for one of another node; visitor.carried(id, asker)
//                                      for one that comes to nodes which remember it; and visitor.number_after(last)
//                                      for each number from which it counts on. It remembers those marks alone that
//                                      visitor.recall(mark) knows, as the mark or the id that it returns
//   visit_questions(from, to, datagram, visitor)  the same for a datagram, which it encodes anew

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/time.h"

namespace peerbed::check {

template <class N>
concept QuestioningNode = requires {
  N::copies_per_question;
};

struct Question {
  Address asker;
  std::uint32_t id = 0;
  friend bool operator==(const Question&, const Question&) = default;
};

struct RenamedQuestion {
  Question before;
  Question after;
  bool is_carried = false;
  auto fields() const { return std::tie(before.asker, before.id, after.asker, after.id, is_carried); }
};
using Renaming = std::vector<RenamedQuestion>;

// New questions get numbers from here on, until they are renamed: more than there are names.
constexpr std::uint32_t first_new_question = 1u << 20;

// What a node or a message names, and what a node remembers.
class NamedQuestions {
 public:
  std::vector<Question> all;         // in the order in which they occur, possibly more than once
  std::vector<Question> carried;     // of them, those that come to nodes which remember them
  std::vector<std::uint64_t> marks;  // the oldest first
  bool counts_from_start = true;     // whatever it counts goes on from the first new question
};

// What a node remembers, under its new name.
struct Recalled {
  std::uint32_t id = 0;
  std::uint64_t mark = 0;
};

class QuestionCollector {
 public:
  static constexpr bool renames = false;

  QuestionCollector(Address self, NamedQuestions& found) noexcept : self_(self), found_(found) {}

  void question(std::uint32_t id) { question(id, self_); }
  void question(std::uint32_t id, Address asker) {
    if (id != 0) found_.all.push_back({asker, id});
  }
  void carried(std::uint32_t id) { carried(id, self_); }
  void carried(std::uint32_t id, Address asker) {
    question(id, asker);
    if (id != 0) found_.carried.push_back({asker, id});
  }
  void number_after(std::uint32_t last, std::uint32_t copies) {
    found_.counts_from_start = found_.counts_from_start && last == first_new_question * copies;
  }
  std::optional<Recalled> recall(std::uint64_t mark) {
    found_.marks.push_back(mark);
    return std::nullopt;
  }
  Time now() const noexcept { return {}; }

 private:
  Address self_;
  NamedQuestions& found_;
};

// Makes all ids alike.
class QuestionEraser {
 public:
  static constexpr bool renames = true;
  void question(std::uint32_t& id) { id = 0; }
  void question(std::uint32_t& id, Address) { id = 0; }
  void carried(std::uint32_t& id, Address) { id = 0; }
};

template <QuestioningNode N>
class QuestionRenamer {
 public:
  static constexpr bool renames = true;

  // Of a node at that address whose clock shows `now`.
  QuestionRenamer(Address self, Time now, const Renaming& renaming) noexcept
      : self_(self), now_(now), renaming_(renaming) {}

  void question(std::uint32_t& id) { question(id, self_); }
  void question(std::uint32_t& id, Address asker) {
    if (id == 0) return;
    for (const RenamedQuestion& one : renaming_)
      if (one.before == Question{asker, id}) {
        id = one.after.id;
        return;
      }
    PEERBED_CONTRACT(false, "each question that occurs is named");
  }
  void carried(std::uint32_t& id) { question(id, self_); }
  void carried(std::uint32_t& id, Address asker) { question(id, asker); }
  void number_after(std::uint32_t& last, std::uint32_t copies) { last = first_new_question * copies; }
  // Nothing if no copy of what it stands for occurs any more.
  std::optional<Recalled> recall(std::uint64_t mark) const {
    for (const auto& [before, after, is_carried] : renaming_) {
      if (!is_carried) continue;
      const auto marks = N::marks_of_question(before.asker, before.id);
      for (std::size_t i = 0; i < marks.size(); ++i)
        if (marks[i] == mark) return Recalled{after.id, N::marks_of_question(after.asker, after.id)[i]};
    }
    return std::nullopt;
  }
  Time now() const noexcept { return now_; }

 private:
  Address self_;
  Time now_;
  const Renaming& renaming_;
};

}  // namespace peerbed::check
