#pragma once
// The messages of a protocol as one list of types. The name table, the variant and the decoder are folded from it, so a
// new message is its structure and one more entry of the list.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "protocols/environment/codec.h"
#include "protocols/environment/message_codec.h"

namespace peerbed {

// How a message describes itself: `static constexpr MessageKind kind{1, "find"};`. The number is the second byte of its
// datagrams; the name is used in traces and metrics.
struct MessageKind {
  std::uint8_t number = 0;
  std::string_view name;
  constexpr explicit operator std::uint8_t() const noexcept { return number; }
};

template <class... Messages>
struct MessageList {
  using Any = std::variant<Messages...>;

  // Names by Header::kind; empty for a number that no message has.
  static constexpr std::size_t last_kind = std::max({std::size_t{Messages::kind.number}...});
  static constexpr auto names = [] {
    std::array<std::string_view, last_kind + 1> table{};
    ((table[Messages::kind.number] = Messages::kind.name), ...);
    return table;
  }();

  // Decodes the message in `payload` and calls `handle` with it. Returns false, and calls nothing, if there is no such
  // kind or the message is malformed, damaged or of another version.
  template <class Handler>
  static bool dispatch(std::uint8_t version, Bytes payload, Handler&& handle) {
    const std::uint8_t kind = message_kind(payload);
    bool is_handled = false;
    static_cast<void>(
        ((kind == Messages::kind.number && (is_handled = handle_as<Messages>(version, payload, handle), true)) || ...));
    return is_handled;
  }

  static std::optional<Any> decode(std::uint8_t version, Bytes payload) noexcept {
    std::optional<Any> decoded;
    dispatch(version, payload, [&](const auto& message) { decoded.emplace(message); });
    return decoded;
  }

 private:
  template <class Message, class Handler>
  static bool handle_as(std::uint8_t version, Bytes payload, Handler& handle) {
    const std::optional<Message> message = codec::decode_as<Message>(version, payload);
    if (message) handle(*message);
    return message.has_value();
  }

  static constexpr bool has_distinct_kinds() {
    std::array numbers{Messages::kind.number...};
    std::sort(numbers.begin(), numbers.end());
    return std::adjacent_find(numbers.begin(), numbers.end()) == numbers.end() && numbers.front() != 0;
  }
  static_assert(has_distinct_kinds(), "each message has a number of its own, from 1");
};

}  // namespace peerbed
