#pragma once
// A node is a value: `fields()` returns std::tie of all its state. Its canonical bytes are derived from that alone;
// digests of worlds are computed from them, and values can be read back from them. Unordered containers are refused:
// their order would leak into the digest.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace peerbed {

template <class Value>
concept HasFields = requires(const Value& value) {
  value.fields();
};

template <class Value>
void append_state(std::vector<std::byte>& out, const Value& value);

namespace state_detail {

template <class T>
inline constexpr bool is_range = false;
template <class T, class A>
inline constexpr bool is_range<std::vector<T, A>> = true;
template <class T, class A>
inline constexpr bool is_range<std::deque<T, A>> = true;
template <class T, std::size_t N>
inline constexpr bool is_range<std::array<T, N>> = true;
template <class K, class V, class C, class A>
inline constexpr bool is_range<std::map<K, V, C, A>> = true;
template <class K, class C, class A>
inline constexpr bool is_range<std::set<K, C, A>> = true;
template <>
inline constexpr bool is_range<std::string> = true;

template <class T>
inline constexpr bool is_pointer_like = false;
template <class T>
inline constexpr bool is_pointer_like<std::optional<T>> = true;
template <class T, class D>
inline constexpr bool is_pointer_like<std::unique_ptr<T, D>> = true;
template <class T>
inline constexpr bool is_pointer_like<std::shared_ptr<T>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class R, class P>
inline constexpr bool is_duration<std::chrono::duration<R, P>> = true;
template <class T>
inline constexpr bool is_time_point = false;
template <class C, class D>
inline constexpr bool is_time_point<std::chrono::time_point<C, D>> = true;

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;
template <class A, class B>
inline constexpr bool is_tuple<std::pair<A, B>> = true;

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

template <class T>
inline constexpr bool always_false = false;

inline void append_word(std::vector<std::byte>& out, std::uint64_t word, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(word >> (8 * i)));
}

inline bool read_word(std::span<const std::byte>& in, std::uint64_t& word, std::size_t size) {
  if (in.size() < size) return false;
  word = 0;
  for (std::size_t i = 0; i < size; ++i) word |= static_cast<std::uint64_t>(in[i]) << (8 * i);
  in = in.subspan(size);
  return true;
}

}  // namespace state_detail

template <class Value>
void append_state(std::vector<std::byte>& out, const Value& value) {
  using namespace state_detail;
  if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, float>) {
    static_assert(always_false<Value>, "a node keeps no floating-point state");
  } else if constexpr (std::is_enum_v<Value>) {
    append_word(out, static_cast<std::uint64_t>(value), sizeof(Value));
  } else if constexpr (std::is_integral_v<Value> || std::is_same_v<Value, std::byte>) {
    append_word(out, static_cast<std::uint64_t>(value), sizeof(Value));
  } else if constexpr (is_duration<Value>) {
    append_state(out, value.count());
  } else if constexpr (is_time_point<Value>) {
    append_state(out, value.time_since_epoch().count());
  } else if constexpr (is_range<Value>) {
    append_word(out, value.size(), 8);
    for (const auto& element : value) append_state(out, element);
  } else if constexpr (is_pointer_like<Value>) {
    append_word(out, value ? 1 : 0, 1);
    if (value) append_state(out, *value);
  } else if constexpr (is_tuple<Value>) {
    std::apply([&out](const auto&... element) { (append_state(out, element), ...); }, value);
  } else if constexpr (is_variant<Value>) {
    append_word(out, value.index(), 1);
    std::visit([&out](const auto& alternative) { append_state(out, alternative); }, value);
  } else if constexpr (HasFields<Value>) {
    append_state(out, value.fields());
  } else if constexpr (requires { value.value; }) {
    append_state(out, value.value);  // a one-field id
  } else if constexpr (std::is_empty_v<Value>) {
    // An empty alternative has no state.
  } else {
    static_assert(always_false<Value>, "give this type fields(): return std::tie(...) of its members");
  }
}

// Reads a value that append_state wrote from the front of `in`, and advances `in`. If it returns false, the bytes are
// invalid, and `value` must not be used. Values behind pointers are not read.
template <class Value>
[[nodiscard]] bool read_state(std::span<const std::byte>& in, Value& value);

namespace state_detail {

// The type to read a range's elements as: a map's keys are const once they are in it.
template <class Range>
struct ElementOf {
  using Type = typename Range::value_type;
};
template <class K, class V, class C, class A>
struct ElementOf<std::map<K, V, C, A>> {
  using Type = std::pair<K, V>;
};

template <class Range>
bool read_range(std::span<const std::byte>& in, Range& range) {
  std::uint64_t count = 0;
  if (!read_word(in, count, 8)) return false;
  if constexpr (requires { range.clear(); }) {
    range.clear();  // the range grows as elements are read, because the count may be false
    for (; count > 0; --count) {
      typename ElementOf<Range>::Type element{};
      if (!read_state(in, element)) return false;
      range.insert(range.end(), std::move(element));
    }
    return true;
  } else {
    return count == range.size() &&
           std::all_of(range.begin(), range.end(), [&in](auto& element) { return read_state(in, element); });
  }
}

}  // namespace state_detail

template <class Value>
bool read_state(std::span<const std::byte>& in, Value& value) {
  using namespace state_detail;
  if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value> || std::is_same_v<Value, std::byte>) {
    std::uint64_t word = 0;
    if (!read_word(in, word, sizeof(Value))) return false;
    value = static_cast<Value>(word);
    return true;
  } else if constexpr (is_duration<Value> || is_time_point<Value>) {
    std::uint64_t word = 0;
    if (!read_word(in, word, sizeof(Value))) return false;
    if constexpr (is_duration<Value>)
      value = Value(static_cast<typename Value::rep>(word));
    else
      value = Value(typename Value::duration(static_cast<typename Value::rep>(word)));
    return true;
  } else if constexpr (is_range<Value>) {
    return read_range(in, value);
  } else if constexpr (is_tuple<Value>) {
    return std::apply([&in](auto&... element) { return (read_state(in, element) && ...); }, value);
  } else if constexpr (HasFields<Value>) {
    // fields() returns references to the members of a non-const value.
    return std::apply(
        [&in]<class... Field>(const Field&... field) { return (read_state(in, const_cast<Field&>(field)) && ...); },
        value.fields());
  } else if constexpr (requires { value.value; }) {
    return read_state(in, value.value);
  } else {
    static_assert(always_false<Value>, "this type is not read again");
  }
}

}  // namespace peerbed
