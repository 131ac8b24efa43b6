#pragma once
// A node at a later time: the same value with all its times shifted.

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

#include "protocols/environment/state.h"
#include "protocols/environment/time.h"

namespace peerbed::check {

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
