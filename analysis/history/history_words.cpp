#include "analysis/history/history_words.h"

#include <array>
#include <cstdio>

namespace peerbed::analysis {
namespace {

std::string moment(Time time) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3f s", static_cast<double>(nanoseconds_since_start(time)) / 1e9);
  return text.data();
}

class Teller {
 public:
  Teller(const KeyHistory& history, const Breach& breach, const NameOfProcess& name_of)
      : history_(history), operations_(history.operations()), breach_(breach), name_of_(name_of) {}

  std::string sentence() const {
    const std::size_t last = breach_.operations.back();
    switch (breach_.flaw) {
      case Flaw::superseded: {
        const auto& [old_put, new_put] = breach_.precedences.front();
        return get_by(last) + " returned " + value_of(old_put) + ", although " + value_of(new_put) +
               ", whose put began after that, was acknowledged before the get began";
      }
      case Flaw::missing:
        return get_by(last) + " found nothing, although " + value_of(breach_.operations.front()) +
               " was acknowledged before the get began";
      case Flaw::not_yet_put:
        return get_by(last) + " returned " + value_of(breach_.operations.front()) +
               ", whose put began only after the get had ended";
      case Flaw::expired:
        return get_by(last) + " returned " + value_of(breach_.operations.front()) +
               ", whose lifetime was over before the get began";
      case Flaw::backwards: {
        const auto& [before, after] = breach_.precedences.back();
        return name_of_(operations_[before].process) + " got " + value(breach_.other_value) + " at " +
               moment(operations_[before].answered) + ", and later " + (breach_.one_value ? "the older " : "") +
               value(breach_.one_value) + " at " + moment(operations_[after].answered);
      }
      case Flaw::contradiction:
        return contradiction();
      case Flaw::never_put:
      case Flaw::none:
        break;
    }
    return get_by(last) + " " + std::string(phrase_of(breach_.flaw));
  }

 private:
  // Each value would have to be put before the other.
  std::string contradiction() const {
    std::string text;
    for (const Precedence& each : breach_.precedences) {
      const bool is_first = &each == &breach_.precedences.front();
      text += (is_first ? "" : ", but ") + told(each.earlier) + " ended before " + told(each.later) + " began";
    }
    return text + (breach_.one_value ? "" : ", which found what was there before all puts");
  }

  std::string get_by(std::size_t get) const {
    return "the get by " + name_of_(operations_[get].process) + " that ended at " + moment(operations_[get].answered);
  }
  std::string told(std::size_t index) const {
    const Operation& operation = operations_[index];
    const std::string by = " by " + name_of_(operation.process);
    if (operation.is_remove()) return "remove " + std::to_string(history_.number_of(index)) + by;
    if (operation.kind == Operation::Kind::put) return "the put of " + value_of(index) + by;
    const std::optional<std::size_t> seen = operation.finds ? history_.reading_of(operation).put : std::nullopt;
    return "a get" + by + (seen ? " of " + value_of(*seen) : " that found nothing");
  }

  std::string value(std::optional<std::size_t> put) const { return put ? value_of(*put) : "nothing"; }
  std::string value_of(std::size_t put) const {
    const std::string number = std::to_string(history_.number_of(put));
    return operations_[put].is_remove() ? "what remove " + number + " left" : "value " + number;
  }

  const KeyHistory& history_;
  std::span<const Operation> operations_;
  const Breach& breach_;
  const NameOfProcess& name_of_;
};

}  // namespace

std::string_view phrase_of(Flaw flaw) noexcept {
  switch (flaw) {
    case Flaw::never_put:
      return "returned a value that was never put";
    case Flaw::not_yet_put:
      return "returned a value that was put only after the get had ended";
    case Flaw::superseded:
      return "returned an older value than one acknowledged before the get started";
    case Flaw::expired:
      return "returned an expired value";
    case Flaw::missing:
      return "found nothing, although a put was acknowledged before the get started";
    case Flaw::backwards:
      return "returned an older value than its client had got before";
    case Flaw::contradiction:
    case Flaw::none:
      break;
  }
  return "is at odds with others";
}

std::string sentence_of(const KeyHistory& history, const Breach& breach, const NameOfProcess& name_of) {
  return Teller(history, breach, name_of).sentence();
}

}  // namespace peerbed::analysis
