#pragma once
// Gives the questions of a state their names: numbers from 1 for each asker, in the order in which they occur in nodes
// and messages.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "check/canonical/questions.h"
#include "check/nodes/handlers.h"
#include "check/nodes/intern_table.h"
#include "check/nodes/message.h"

namespace peerbed::check {

template <class N>
class QuestionNamesOf {};

template <QuestioningNode N>
class QuestionNamesOf<N> {
 public:
  // Renames the questions of a state: its processes, and the messages under way, which remain sorted.
  template <class Handlers>
  void rename(const Handlers& handlers, typename Handlers::Workspace& workspace, std::span<InternId> processes,
              std::span<InternId> messages) {
    entries_.clear();
    memories_.clear();
    for (const InternId process : processes) {
      const NamedQuestions& named = handlers.processes()[process].questions;
      note(named);
      memories_.push_back(named.marks);
    }
    note_messages(handlers, messages);
    give_copies();
    for (NodeIndex node = 0; node < processes.size(); ++node) rename(handlers, workspace, processes[node], node);
    bool is_changed = false;
    for (InternId& message : messages) {
      const InternId renamed = handlers.renamed(handlers.messages()[message], message, renaming_of(handlers, message));
      is_changed = is_changed || renamed != message;
      message = renamed;
    }
    const auto& table = handlers.messages();
    if (is_changed)
      std::sort(messages.begin(), messages.end(),
                [&](InternId one, InternId other) { return table.fingerprint(one) < table.fingerprint(other); });
  }

 private:
  static constexpr std::uint32_t copies = N::copies_per_question;
  static constexpr std::uint32_t unnamed = std::numeric_limits<std::uint32_t>::max();

  struct Entry {
    Question before;
    std::uint32_t number = 0;
    bool is_carried = false;
    std::uint32_t copy = 0;
    Question after() const noexcept { return {before.asker, number * copies + copy}; }
  };

  static bool is_same(const Question& one, const Question& other) noexcept {
    return one.asker == other.asker && one.id / copies == other.id / copies;
  }
  std::uint32_t number_of(const Question& question) const noexcept {
    for (const Entry& entry : entries_)
      if (is_same(entry.before, question)) return entry.number;
    return unnamed;
  }
  const Entry& entry_of(const Question& question) const {
    const auto entry =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& one) { return one.before == question; });
    PEERBED_CONTRACT(entry != entries_.end(), "each question of a state has a name");
    return *entry;
  }

  void note(const NamedQuestions& named) {
    for (const Question& question : named.all) {
      std::uint32_t number = 0;
      bool is_known = false;
      std::uint32_t highest = 0;
      for (const Entry& entry : entries_) {
        if (entry.before.asker != question.asker) continue;
        highest = std::max(highest, entry.number);
        if (is_same(entry.before, question)) number = entry.number;
        is_known = is_known || entry.before == question;
      }
      if (!is_known) entries_.push_back({question, number != 0 ? number : highest + 1});
    }
    for (const Question& question : named.carried)
      for (Entry& entry : entries_) entry.is_carried = entry.is_carried || entry.before == question;
  }

  // What tells a question apart that has no name yet, so that only messages name it: which do, beside which others of
  // what looks, and so on to this depth; and which nodes remember it if one carries it to them.
  template <class Table>
  std::uint64_t looks_of(const Table& table, std::span<const InternId> messages, const Question& question,
                         unsigned depth = 2) const {
    std::uint64_t sum = 0;
    bool is_carried = false;
    for (const InternId message : messages) {
      const NamedQuestions& named = table[message].questions;
      for (std::size_t i = 0; i < named.all.size(); ++i) {
        const Question& one = named.all[i];
        if (!is_same(one, question)) continue;
        std::uint64_t looks =
            table[message].shape.low + 3 * i + (one.id < question.id ? 0 : 1) + (one == question ? 1 : 0);
        for (std::size_t k = 0; k < named.all.size() && depth > 0; ++k)
          if (k != i) looks = mix(looks + looks_of(table, messages, named.all[k], depth - 1));
        sum += mix(looks);
      }
      is_carried = is_carried || std::count(named.carried.begin(), named.carried.end(), question) > 0;
    }
    const auto marks = N::marks_of_question(question.asker, question.id);
    for (std::size_t node = 0; node < memories_.size() && is_carried; ++node)
      for (std::size_t i = 0; i < marks.size(); ++i)
        if (std::count(memories_[node].begin(), memories_[node].end(), marks[i]) > 0)
          sum += mix(~(node * marks.size() + i));
    return sum;
  }

  // Messages that differ in ids alone come in the order of those that have a name by then, or of their looks. Of
  // others any may come first: should they differ after all, states that could be one remain two.
  template <class Handlers>
  void note_messages(const Handlers& handlers, std::span<const InternId> messages) {
    const auto& table = handlers.messages();
    order_.assign(messages.begin(), messages.end());
    std::stable_sort(order_.begin(), order_.end(),
                     [&](InternId one, InternId other) { return table[one].shape < table[other].shape; });
    for (auto begin = order_.begin(); begin != order_.end();) {
      const auto end =
          std::find_if(begin, order_.end(), [&](InternId one) { return table[one].shape != table[*begin].shape; });
      if (end - begin > 1)
        std::stable_sort(begin, end, [&](InternId one, InternId other) {
          const auto& first = table[one].questions.all;
          const auto& second = table[other].questions.all;
          for (std::size_t i = 0; i < first.size() && i < second.size(); ++i) {
            const std::uint32_t number = number_of(first[i]);
            const std::uint32_t its = number_of(second[i]);
            if (number != its) return number < its;
            if (first[i] == second[i]) continue;
            if (number != unnamed) return first[i].id < second[i].id;
            const std::uint64_t looks = looks_of(table, messages, first[i]);
            const std::uint64_t its_looks = looks_of(table, messages, second[i]);
            return looks != its_looks ? looks < its_looks : first[i].id < second[i].id;
          }
          return false;
        });
      for (auto message = begin; message != end; ++message) note(table[*message].questions);
      begin = end;
    }
  }

  // The copies of a question keep their order.
  void give_copies() {
    for (Entry& entry : entries_) {
      entry.copy = copies == 1 ? 0 : 1;
      for (const Entry& other : entries_)
        if (is_same(other.before, entry.before) && other.before.id < entry.before.id) ++entry.copy;
    }
  }

  template <class Handlers>
  void rename(const Handlers& handlers, typename Handlers::Workspace& workspace, InternId& id, NodeIndex node) {
    const auto& process = handlers.processes()[id];
    if (!process.runs()) return;
    Renaming& renaming = renaming_;
    renaming.clear();
    bool is_changed = !process.questions.counts_from_start;
    const auto add = [&](const Entry& entry) {
      const RenamedQuestion one{entry.before, entry.after(), entry.is_carried};
      is_changed = is_changed || one.before != one.after;
      if (std::none_of(renaming.begin(), renaming.end(),
                       [&](const RenamedQuestion& known) { return known.before == one.before; }))
        renaming.push_back(one);
    };
    for (const Question& question : process.questions.all) add(entry_of(question));
    if (!process.questions.marks.empty()) {
      std::size_t recalled = 0;
      for (const Entry& entry : entries_) {
        if (!entry.is_carried) continue;
        for (const std::uint64_t mark : N::marks_of_question(entry.before.asker, entry.before.id))
          if (std::count(process.questions.marks.begin(), process.questions.marks.end(), mark) > 0) {
            ++recalled;
            add(entry);
          }
      }
      is_changed = is_changed || recalled != process.questions.marks.size();
    }
    if (is_changed) id = handlers.renamed(workspace, id, node, renaming);
  }

  template <class Handlers>
  const Renaming& renaming_of(const Handlers& handlers, InternId message) {
    renaming_.clear();
    for (const Question& question : handlers.messages()[message].questions.all) {
      const Entry& entry = entry_of(question);
      if (entry.before != entry.after()) renaming_.push_back({entry.before, entry.after()});
    }
    if (renaming_.empty()) return renaming_;
    renaming_.clear();
    for (const Question& question : handlers.messages()[message].questions.all)
      renaming_.push_back({question, entry_of(question).after()});
    return renaming_;
  }

  std::vector<Entry> entries_;
  std::vector<InternId> order_;
  std::vector<std::span<const std::uint64_t>> memories_;  // of the nodes
  Renaming renaming_;
};

}  // namespace peerbed::check
