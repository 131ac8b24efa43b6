#pragma once
// A node at a later time: the same value with all its times shifted.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include "protocols/environment/state.h"
#include "protocols/environment/time.h"
#include "protocols/ring/routing/recent_finds.h"

namespace peerbed::check {

template <class Value>
void shift(Value& value, Duration by);

// One time in it is kept in 32 bits, as milliseconds that wrap around.
inline void shift(ring::RecentFinds& finds, Duration by) {
  const auto& [latest, lap_begun, next, busy] = std::as_const(finds).fields();
  const_cast<std::uint32_t&>(lap_begun) +=
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(by).count());
  shift(const_cast<std::remove_cvref_t<decltype(busy)>&>(busy), by);
}

// Shifts every time in the state of a node by so much. Times without end stay as they are.
template <class Value>
void shift(Value& value, Duration by) {
  using namespace state_detail;
  if constexpr (is_time_point<Value>) {
    if (value != Value::min() && value != Value::max()) value += by;
  } else if constexpr (is_range<Value>) {
    if constexpr (requires { value.begin()->second; }) {
      for (auto& [key, mapped] : value) shift(mapped, by);
    } else if constexpr (!std::is_const_v<std::remove_reference_t<decltype(*value.begin())>>) {
      for (auto& element : value) shift(element, by);
    }
  } else if constexpr (is_pointer_like<Value>) {
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(*value)>>)
      if (value) shift(*value, by);
  } else if constexpr (is_tuple<Value>) {
    std::apply([&](auto&... element) { (shift(element, by), ...); }, value);
  } else if constexpr (HasFields<Value>) {
    // fields() returns references to the members of a non-const value.
    std::apply([&]<class... Field>(const Field&... field) { (shift(const_cast<Field&>(field), by), ...); },
               value.fields());
  }
}

}  // namespace peerbed::check
