#pragma once
// A node is a value: `fields()` returns std::tie of all its state, and from that alone come its canonical bytes, on
// which digests of worlds are made. Unordered containers are refused: their order would leak into the digest.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
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

}  // namespace peerbed
