#pragma once
// The kinds of the swarm's datagrams: the value of their second byte, and their name.

#include <array>
#include <cstdint>
#include <string_view>

namespace peerbed::swarm {

enum class Kind : std::uint8_t {
  enrol = 1,
  heartbeat,
  alive,
  leaving,
  list_query,
  list_page,
  list_changes,
  offers_query,
  offers,
  find,
  found,
  last = found
};

// Names by Header::kind.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Kind::last) + 1> message_kind_names = {
    "",          "enrol",        "heartbeat",    "alive",  "leaving", "list_query",
    "list_page", "list_changes", "offers_query", "offers", "find",    "found"};

}  // namespace peerbed::swarm
