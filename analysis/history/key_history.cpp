#include "analysis/history/key_history.h"

#include <algorithm>
#include <map>

#include "analysis/history/zones.h"
#include "protocols/environment/contract.h"

namespace peerbed::analysis {
namespace {

using Reading = KeyHistory::Reading;

constexpr std::size_t few_puts = 8;  // that are looked through one by one

struct ReadGet {
  std::size_t get = 0;
  Reading reading;
};

bool is_gone_by(const Operation& put, Time time) noexcept {
  return put.gone != never && put.gone - lifetime_tolerance <= time;
}

Breach breach_of(std::span<const Operation> operations, const ReadGet& read) {
  const auto& [get, reading] = read;
  Breach breach{.flaw = reading.flaw, .operations = {}, .precedences = {}, .one_value = {}, .other_value = {}};
  if (reading.put && reading.flaw != Flaw::missing) breach.operations.push_back(*reading.put);
  if (reading.newer) breach.operations.push_back(*reading.newer);
  breach.operations.push_back(get);
  if (reading.put && reading.newer && operations[*reading.put].precedes(operations[*reading.newer]))
    breach.precedences.push_back({*reading.put, *reading.newer});
  if (reading.newer) breach.precedences.push_back({*reading.newer, get});
  if (reading.flaw == Flaw::not_yet_put) breach.precedences.push_back({get, *reading.put});
  return breach;
}

// A put with the gets that counted for it: indices of operations.
class Clusters {
 public:
  Clusters(std::span<const Operation> operations, std::span<const ReadGet> gets) : operations_(operations) {
    zones_.push_back({Time::min(), Time::min()});
    values_.push_back(std::nullopt);
    members_.emplace_back();
    std::vector<std::size_t> place(operations.size());
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (operations[i].kind != Operation::Kind::put) continue;
      place[i] = zones_.size();
      zones_.emplace_back();
      values_.push_back(i);
      members_.emplace_back();
      add(place[i], i);
    }
    for (const ReadGet& each : gets) add(each.reading.put ? place[*each.reading.put] : 0, each.get);
  }

  std::optional<Breach> breach() const {
    const auto found = contradiction(zones_);
    if (!found) return std::nullopt;
    const auto [one, other] = *found;
    Breach breach{.flaw = Flaw::contradiction,
                  .operations = {},
                  .precedences = {},
                  .one_value = values_[one],
                  .other_value = values_[other]};
    add_precedence(one, other, breach);
    add_precedence(other, one, breach);
    return breach;
  }

 private:
  void add(std::size_t cluster, std::size_t index) {
    const Operation& operation = operations_[index];
    Zone& zone = zones_[cluster];
    zone.first_answer = std::min(zone.first_answer, operation.answered);
    zone.last_invocation = std::max(zone.last_invocation, operation.invoked);
    members_[cluster].push_back(index);
  }

  // The operation of `before` that ended first, and of those in `after` that began later the first one. What was absent
  // before all puts has no operation that shows it.
  void add_precedence(std::size_t before, std::size_t after, Breach& breach) const {
    const Time answered = zones_[before].first_answer;
    const auto& others = members_[after];
    std::size_t later = 0;
    bool is_found = false;
    for (const std::size_t each : others)
      if (operations_[each].invoked > answered &&
          (!is_found || operations_[each].invoked < operations_[later].invoked)) {
        later = each;
        is_found = true;
      }
    note(later, breach);
    const auto earlier = std::find_if(members_[before].begin(), members_[before].end(),
                                      [&](std::size_t each) { return operations_[each].answered == answered; });
    if (earlier == members_[before].end()) return;
    note(*earlier, breach);
    breach.precedences.push_back({*earlier, later});
  }

  static void note(std::size_t operation, Breach& breach) {
    if (std::find(breach.operations.begin(), breach.operations.end(), operation) == breach.operations.end())
      breach.operations.push_back(operation);
  }

  std::span<const Operation> operations_;
  std::vector<Zone> zones_;
  std::vector<std::optional<std::size_t>> values_;  // the put of each
  std::vector<std::vector<std::size_t>> members_;
};

// Of one client's gets.
std::optional<Breach> backwards(std::span<const Operation> operations, const std::vector<ReadGet>& gets) {
  std::vector<const ReadGet*> ended;
  for (const ReadGet& each : gets) ended.push_back(&each);
  std::vector<const ReadGet*> begun = ended;
  std::stable_sort(begun.begin(), begun.end(), [&](const ReadGet* one, const ReadGet* other) {
    return operations[one->get].invoked < operations[other->get].invoked;
  });
  std::stable_sort(ended.begin(), ended.end(), [&](const ReadGet* one, const ReadGet* other) {
    return operations[one->get].answered < operations[other->get].answered;
  });
  const ReadGet* newest = nullptr;  // of those that ended
  auto next = ended.begin();
  for (const ReadGet* get : begun) {
    for (; next != ended.end() && operations[(*next)->get].precedes(operations[get->get]); ++next)
      if ((*next)->reading.put &&
          (newest == nullptr || operations[*newest->reading.put].invoked < operations[*(*next)->reading.put].invoked))
        newest = *next;
    if (newest == nullptr) continue;
    const std::optional<std::size_t> put = get->reading.flaw == Flaw::missing ? std::nullopt : get->reading.put;
    const std::size_t known = *newest->reading.put;
    if (put && !operations[*put].precedes(operations[known])) continue;
    Breach breach{.flaw = Flaw::backwards, .operations = {}, .precedences = {}, .one_value = put, .other_value = known};
    if (put) breach.operations.push_back(*put);
    breach.operations.insert(breach.operations.end(), {known, newest->get, get->get});
    if (put) breach.precedences.push_back({*put, known});
    breach.precedences.push_back({newest->get, get->get});
    return breach;
  }
  return std::nullopt;
}

}  // namespace

std::string_view word_of(Level level) noexcept {
  switch (level) {
    case Level::atomic:
      return "atomic";
    case Level::regular:
      return "regular";
    case Level::monotonic:
      return "monotonic";
    case Level::none:
      break;
  }
  return "none";
}

Level Verdict::level() const noexcept {
  if (!against_atomic) return Level::atomic;
  if (!against_regular) return Level::regular;
  return against_monotonic ? Level::none : Level::monotonic;
}

const Breach* Verdict::reason() const noexcept {
  switch (level()) {
    case Level::atomic:
      return nullptr;
    case Level::regular:
      return &*against_atomic;
    case Level::monotonic:
      return &*against_regular;
    case Level::none:
      break;
  }
  return &*against_monotonic;
}

std::size_t KeyHistory::add(const Operation& operation) {
  const std::size_t index = operations_.size();
  operations_.push_back(operation);
  if (operation.kind != Operation::Kind::put) return index;
  PEERBED_CONTRACT(operation.value != 0 && !put_of(operation.value), "each put of a key has a value of its own");
  puts_.push_back(index);
  if (puts_.size() > few_puts)
    for (std::size_t i = by_value_.size(); i < puts_.size(); ++i) by_value_[operations_[puts_[i]].value] = puts_[i];
  if (operation.gone != never) passing_.push_back(index);
  operations_.back().answered = never;
  if (operation.answered != never) acknowledge(index, operation.answered);
  return index;
}

void KeyHistory::acknowledge(std::size_t put, Time answered) {
  Operation& operation = operations_[put];
  PEERBED_CONTRACT(operation.kind == Operation::Kind::put, "a put is acknowledged");
  if (answered >= operation.answered) return;
  operation.answered = answered;
  // Nearly always the last one.
  auto at = std::upper_bound(settled_.begin(), settled_.end(), answered,
                             [](Time time, const Settled& each) { return time < each.since; });
  const auto began = [this](std::size_t each) { return operations_[each].invoked; };
  if (at != settled_.begin() && began((at - 1)->put) >= operation.invoked) return;
  at = settled_.insert(at, {answered, put});
  const auto is_older = [&](const Settled& each) { return began(each.put) <= operation.invoked; };
  settled_.erase(at + 1, std::find_if_not(at + 1, settled_.end(), is_older));
}

std::size_t KeyHistory::number_of(std::size_t put) const {
  return static_cast<std::size_t>(std::lower_bound(puts_.begin(), puts_.end(), put) - puts_.begin()) + 1;
}

std::optional<std::size_t> KeyHistory::put_of(std::uint64_t value) const {
  if (puts_.size() > few_puts) {
    const auto found = by_value_.find(value);
    return found == by_value_.end() ? std::nullopt : std::optional(found->second);
  }
  const auto found =
      std::find_if(puts_.begin(), puts_.end(), [&](std::size_t put) { return operations_[put].value == value; });
  return found == puts_.end() ? std::nullopt : std::optional(*found);
}

std::optional<std::size_t> KeyHistory::settled_before(Time time) const {
  const auto after = std::lower_bound(settled_.begin(), settled_.end(), time,
                                      [](const Settled& each, Time since) { return each.since < since; });
  if (after == settled_.begin()) return std::nullopt;
  return (after - 1)->put;
}

bool KeyHistory::is_over(const Operation& put, std::optional<std::size_t> settled) const {
  return settled && put.precedes(operations_[*settled]);
}

Reading KeyHistory::reading_of(const Operation& get) const {
  const std::optional<std::size_t> newer = settled_before(get.invoked);
  const std::optional<std::size_t> known = put_of(get.value);
  if (get.finds) {
    if (!known) return {Flaw::never_put, std::nullopt, std::nullopt};
    const Operation& put = operations_[*known];
    if (get.precedes(put)) return {Flaw::not_yet_put, known, std::nullopt};
    if (is_over(put, newer)) return {Flaw::superseded, known, newer};
    if (put.gone != never && put.gone + lifetime_tolerance < get.invoked) return {Flaw::expired, known, std::nullopt};
    return {Flaw::none, known, std::nullopt};
  }
  const auto explains = [&](std::size_t index) {
    const Operation& put = operations_[index];
    return !get.precedes(put) && is_gone_by(put, get.answered) && !is_over(put, newer);
  };
  if (known && explains(*known)) return {Flaw::none, known, std::nullopt};
  if (!newer) return {};
  const auto other = std::find_if(passing_.rbegin(), passing_.rend(), explains);
  if (other != passing_.rend()) return {Flaw::none, *other, std::nullopt};
  return {Flaw::missing, std::nullopt, newer};
}

Verdict KeyHistory::judge() const {
  Verdict verdict;
  std::vector<ReadGet> gets;
  std::map<std::uint32_t, std::vector<ReadGet>> gets_of_process;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    const Operation& operation = operations_[i];
    if (operation.kind != Operation::Kind::get || operation.answered == never) continue;
    const ReadGet read{i, reading_of(operation)};
    gets.push_back(read);
    if (read.reading.flaw == Flaw::none) {
      gets_of_process[operation.process].push_back(read);
      continue;
    }
    ++verdict.flawed_gets;
    if (!verdict.against_regular) verdict.against_regular = breach_of(operations_, read);
    if (read.reading.flaw != Flaw::never_put && read.reading.flaw != Flaw::not_yet_put) {
      gets_of_process[operation.process].push_back(read);
    } else if (!verdict.against_monotonic) {
      verdict.against_monotonic = breach_of(operations_, read);
    }
  }
  verdict.against_atomic = verdict.against_regular ? verdict.against_regular : Clusters(operations_, gets).breach();
  for (auto process = gets_of_process.begin(); process != gets_of_process.end() && !verdict.against_monotonic;
       ++process)
    verdict.against_monotonic = backwards(operations_, process->second);
  return verdict;
}

}  // namespace peerbed::analysis
