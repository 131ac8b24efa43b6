#pragma once
// The kinds of ring messages: the value of their second byte, and their name.

#include <array>
#include <cstdint>
#include <string_view>

namespace peerbed::ring {

enum class Kind : std::uint8_t {
  find = 1,
  found,
  hop_taken,
  next_hop_query,
  next_hops,
  welcome,
  neighbours_query,
  neighbours,
  notify,
  ping,
  pong,
  leaving,
  put,
  put_done,
  get,
  value,
  replicate,
  replicated,
  offer,
  offer_answer,
  compare,
  compared,
  // The coursework profile's.
  successor_ping,
  successor_pong,
  delivered,
  join_request,
  join_answer,
  successor_change,
  departure,
  successors_query,
  successors,
  store_request,
  file_request,
  file_answer,
  file_chunk,
  last = file_chunk
};

// Names by Header::kind.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Kind::last) + 1> message_kind_names = {
    "",
    "find",
    "found",
    "hop_taken",
    "next_hop_query",
    "next_hops",
    "welcome",
    "neighbours_query",
    "neighbours",
    "notify",
    "ping",
    "pong",
    "leaving",
    "put",
    "put_done",
    "get",
    "value",
    "replicate",
    "replicated",
    "offer",
    "offer_answer",
    "compare",
    "compared",
    "successor_ping",
    "successor_pong",
    "delivered",
    "join_request",
    "join_answer",
    "successor_change",
    "departure",
    "successors_query",
    "successors",
    "store_request",
    "file_request",
    "file_answer",
    "file_chunk"};

}  // namespace peerbed::ring
