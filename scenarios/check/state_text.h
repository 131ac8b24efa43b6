#pragma once
// A node's state as text: the values of its fields in their order, without names, for those who know the protocol.

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "check/canonical/canonical_form.h"
#include "protocols/environment/state.h"

namespace peerbed::scenarios {

template <class Value>
std::string state_text(const Value& value) {
  using namespace state_detail;
  const auto joined = [](const auto& values, const char* begin, const char* end) {
    std::string text = begin;
    for (const auto& one : values) text += (text.size() > 1 ? ", " : "") + state_text(one);
    return text + end;
  };
  if constexpr (check::canonical_detail::is_constant<Value>) {
    return "";
  } else if constexpr (std::is_same_v<Value, bool>) {
    return value ? "yes" : "no";
  } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
    return "'" + std::string(std::string_view(value)) + "'";
  } else if constexpr (std::is_enum_v<Value> || std::is_same_v<Value, std::byte>) {
    return std::to_string(static_cast<std::uint64_t>(value));
  } else if constexpr (std::is_integral_v<Value>) {
    return std::to_string(value);
  } else if constexpr (is_time_point<Value>) {
    return state_text(value.time_since_epoch());
  } else if constexpr (is_duration<Value>) {
    return std::to_string(value.count()) + " ns";
  } else if constexpr (is_range<Value>) {
    return joined(value, "[", "]");
  } else if constexpr (is_pointer_like<Value>) {
    return value ? state_text(*value) : "none";
  } else if constexpr (is_tuple<Value>) {
    std::string text;
    const auto add = [&text](const auto& element) {
      const std::string one = state_text(element);
      if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
    };
    std::apply([&add](const auto&... element) { (add(element), ...); }, value);
    return "(" + text + ")";
  } else if constexpr (is_variant<Value>) {
    return std::visit([&](const auto& one) { return std::to_string(value.index()) + ": " + state_text(one); }, value);
  } else if constexpr (HasFields<Value>) {
    return state_text(value.fields());
  } else if constexpr (requires { value.value; }) {
    return state_text(value.value);
  } else {
    return "";
  }
}

}  // namespace peerbed::scenarios
