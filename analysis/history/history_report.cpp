#include "analysis/history/history_report.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace peerbed::analysis {
namespace {

std::size_t ended_gets(const KeyHistory& history) {
  return static_cast<std::size_t>(
      std::count_if(history.operations().begin(), history.operations().end(), [](const Operation& operation) {
        return operation.kind == Operation::Kind::get && operation.answered != never;
      }));
}

// How far an operation is from a span of time; 0 if they overlap.
Duration distance(const Operation& operation, Time from, Time until) {
  if (operation.answered < from) return from - operation.answered;
  return operation.invoked > until ? operation.invoked - until : Duration{};
}

std::tuple<int, std::size_t, std::size_t> badness(const Verdict& verdict, const KeyHistory& history) {
  return {-static_cast<int>(verdict.level()), verdict.flawed_gets, history.operations().size()};
}

class Excerpt {
 public:
  Excerpt(const KeyHistory& history, const Breach* breach, const NameOfProcess& name_of)
      : history_(history), operations_(history.operations()), breach_(breach), name_of_(name_of) {
    place_.resize(operations_.size(), operations_.size());
  }

  HistoryExcerpt take() {
    choose();
    HistoryExcerpt excerpt{.operations = {}, .precedences = {}, .of = operations_.size()};
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      place_[chosen_[i]] = i;
      excerpt.operations.push_back(drawn(chosen_[i]));
    }
    if (breach_ == nullptr) return excerpt;
    for (const std::size_t each : breach_->operations) excerpt.operations[place_[each]].is_marked = true;
    for (const auto& [earlier, later] : breach_->precedences)
      excerpt.precedences.push_back({place_[earlier], place_[later]});
    return excerpt;
  }

 private:
  // Those of the breach with the puts of their values, and those nearest to them in time.
  void choose() {
    Time from = Time::max();
    Time until = Time::min();
    std::set<std::size_t> staying;
    if (breach_ != nullptr) staying.insert(breach_->operations.begin(), breach_->operations.end());
    if (staying.empty()) from = until = time_zero;
    for (const std::size_t each : std::set<std::size_t>(staying))
      if (const auto put = put_of(each)) staying.insert(*put);
    const auto must_stay = [&staying](std::size_t each) { return staying.contains(each); };
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      chosen_.push_back(i);
      if (!must_stay(i)) continue;
      from = std::min(from, operations_[i].invoked);
      until = std::max(until, operations_[i].answered == never ? operations_[i].invoked : operations_[i].answered);
    }
    std::stable_sort(chosen_.begin(), chosen_.end(), [&](std::size_t one, std::size_t other) {
      return std::tuple(!must_stay(one), distance(operations_[one], from, until)) <
             std::tuple(!must_stay(other), distance(operations_[other], from, until));
    });
    chosen_.resize(std::min(chosen_.size(), most_drawn_operations));
    std::stable_sort(chosen_.begin(), chosen_.end(), [this](std::size_t one, std::size_t other) {
      return operations_[one].invoked < operations_[other].invoked;
    });
  }

  // The put that an operation is or counts for.
  std::optional<std::size_t> put_of(std::size_t index) const {
    const Operation& operation = operations_[index];
    if (operation.kind == Operation::Kind::put) return index;
    return operation.answered == never ? std::nullopt : history_.reading_of(operation).put;
  }

  DrawnOperation drawn(std::size_t index) const {
    const Operation& operation = operations_[index];
    const bool is_put = operation.kind == Operation::Kind::put;
    const std::optional<std::size_t> put = put_of(index);
    return {.is_put = is_put,
            .is_nothing = is_put ? operation.is_remove() : !operation.finds,
            .process = name_of_(operation.process),
            .value = put ? history_.number_of(*put) : 0,
            .invoked = operation.invoked,
            .answered = operation.answered,
            .is_marked = false};
  }

  const KeyHistory& history_;
  std::span<const Operation> operations_;
  const Breach* breach_;
  const NameOfProcess& name_of_;
  std::vector<std::size_t> chosen_;
  std::vector<std::size_t> place_;  // in the excerpt, by index
};

}  // namespace

HistoryReport report_of(std::span<const Histories* const> all, const NameOfProcess& name_of) {
  HistoryReport report;
  const KeyHistory* worst = nullptr;
  Verdict worst_verdict;
  std::uint64_t worst_key = 0;
  const auto look_at = [&](std::uint64_t key, const KeyHistory& history) {
    const std::size_t gets = ended_gets(history);
    if (gets == 0) return;
    Verdict verdict = history.judge();
    ++report.keys;
    ++report.keys_of_level[static_cast<std::size_t>(verdict.level())];
    report.atomic += verdict.against_atomic ? 0 : 1;
    report.regular += verdict.against_regular ? 0 : 1;
    report.monotonic += verdict.against_monotonic ? 0 : 1;
    report.gets += gets;
    report.flawed_gets += verdict.flawed_gets;
    if (worst != nullptr && badness(verdict, history) <= badness(worst_verdict, *worst)) return;
    worst = &history;
    worst_verdict = std::move(verdict);
    worst_key = key;
  };
  for (const Histories* histories : all)
    for (const auto& [key, history] : *histories) look_at(key, history);
  if (worst == nullptr) return report;
  const Breach* reason = worst_verdict.reason();
  report.worst = WorstKey{.key = worst_key,
                          .level = worst_verdict.level(),
                          .why = reason == nullptr ? "" : sentence_of(*worst, *reason, name_of),
                          .excerpt = Excerpt(*worst, reason, name_of).take()};
  return report;
}

}  // namespace peerbed::analysis
