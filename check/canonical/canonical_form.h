#pragma once
// The canonical form of a node or a message: bytes that are equal for two values from which everything goes on alike.
// It is derived from the same `fields()` as the canonical bytes of a digest (protocols/environment/state.h), but times
// are relative to the node's clock, and what is constant is left out.
//
// A type that knows better says so with `write_canonical(form)`, a template that adds to the form what can matter
// later: not the details of a wait that is over, nor what only inputs read that never come in this check.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

#include "check/canonical/stream_numbers.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/message_codec.h"
#include "protocols/environment/state.h"
#include "protocols/environment/time.h"

namespace peerbed::check {

// What comes to nodes in a check, and how their times are seen.
struct Scope {
  bool commands = true;                // some are given
  bool isolation = true;               // nodes may lose everybody whom they know
  bool between_exchanges = true;       // nothing is under way; otherwise answers to earlier questions may be
  bool named_questions = false;        // NodeOptions::names_questions
  bool starts_alike = false;           // a node that starts again draws what it drew before
  bool timed = true;                   // waits have lengths; otherwise all of a node's are over when a timer fires
  Duration horizon = Duration::max();  // farther away than this, times are alike
};

class CanonicalForm {
 public:
  // Writes to the end of `out`. `now` is the clock of the node that is added.
  CanonicalForm(std::vector<std::byte>& out, const Scope& scope, Time now) : scope_(scope), now_(now), bytes_(out) {}

  template <class... Values>
  void add(const Values&... values) {
    (add_one(values), ...);
  }

  // What a type may ask to know what matters.
  bool has_commands() const noexcept { return scope_.commands; }
  bool may_be_isolated() const noexcept { return scope_.isolation; }
  bool is_between_exchanges() const noexcept { return scope_.between_exchanges; }
  bool is_timed() const noexcept { return scope_.timed; }
  bool has_named_questions() const noexcept { return scope_.named_questions; }
  Time now() const noexcept { return now_; }
  // Of all that was added, in the order of their numbers.
  std::vector<StreamId> take_streams() { return streams_.take(); }

 private:
  template <class Value>
  void add_one(const Value& value);
  void add_word(std::uint64_t word, std::size_t size) { state_detail::append_word(bytes_, word, size); }
  void add_time(Time time);

  const Scope& scope_;
  Time now_;
  std::vector<std::byte>& bytes_;
  StreamNumbers streams_;
};

// The ends of time stand for "never" and "not yet", however far away. Where waits have no lengths, a node's clock
// stands still until a timer fires, and then passes the horizon: what matters is only on which side of it a time lies.
inline void CanonicalForm::add_time(Time time) {
  if (time == Time::min() || time == Time::max()) return add_word(time == Time::min() ? 1 : 2, 1);
  const bool is_past = time < now_;
  const Duration distance = std::min(is_past ? now_ - time : time - now_, scope_.horizon);
  if (!scope_.timed && distance < scope_.horizon) return add_word(5, 1);
  add_word(is_past ? 3 : 4, 1);
  add_word(static_cast<std::uint64_t>(distance.count()), 8);
}

namespace canonical_detail {

template <class Value>
inline constexpr bool is_constant = false;
template <class Value>
inline constexpr bool is_constant<std::shared_ptr<const Value>> = true;

template <class Value>
concept Known = requires(const Value& value, CanonicalForm& form) {
  value.write_canonical(form);
};
template <class Value>
inline constexpr bool is_span = false;
template <class Value>
inline constexpr bool is_span<std::span<Value>> = true;

template <class Value>
concept Composed = requires {
  Value::members;
};
// A list in a message: its elements alone count.
template <class Value>
concept Bounded = requires(const Value& value) {
  value.all();
  Value::limit;
};

}  // namespace canonical_detail

template <class Value>
void CanonicalForm::add_one(const Value& value) {
  using namespace state_detail;
  using namespace canonical_detail;
  if constexpr (is_constant<Value>) {
    // What all nodes share never changes.
  } else if constexpr (Known<Value>) {
    value.write_canonical(*this);
  } else if constexpr (is_time_point<Value>) {
    add_time(value);
  } else if constexpr (std::is_same_v<Value, StreamId>) {
    add_word(streams_.of(value), 4);
  } else if constexpr (std::is_same_v<Value, bool>) {
    add_word(value ? 1 : 0, 1);
  } else if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value> || std::is_same_v<Value, std::byte>) {
    add_word(static_cast<std::uint64_t>(value), sizeof(Value));
  } else if constexpr (is_duration<Value>) {
    add_word(static_cast<std::uint64_t>(value.count()), 8);
  } else if constexpr (std::is_same_v<Value, ByteView>) {
    add_word(value.bytes.size(), 4);
    bytes_.insert(bytes_.end(), value.bytes.begin(), value.bytes.end());
  } else if constexpr (Bounded<Value>) {
    add_word(value.size(), 1);
    for (const auto& element : value.all()) add(element);
  } else if constexpr (is_range<Value> || is_span<Value>) {
    add_word(value.size(), 4);
    for (const auto& element : value) add(element);
  } else if constexpr (is_pointer_like<Value>) {
    add_word(value ? 1 : 0, 1);
    if (value) add(*value);
  } else if constexpr (is_tuple<Value>) {
    std::apply([this](const auto&... element) { (this->add(element), ...); }, value);
  } else if constexpr (is_variant<Value>) {
    add_word(value.index(), 1);
    std::visit([this](const auto& alternative) { this->add(alternative); }, value);
  } else if constexpr (HasFields<Value>) {
    add(value.fields());
  } else if constexpr (Composed<Value>) {
    std::apply([&](const auto... member) { (add(value.*member), ...); }, Value::members);
  } else if constexpr (requires { value.value; }) {
    add(value.value);
  } else if constexpr (std::is_empty_v<Value>) {
    // An empty alternative has no state.
  } else {
    static_assert(always_false<Value>, "give this type fields(): return std::tie(...) of its members");
  }
}

}  // namespace peerbed::check
