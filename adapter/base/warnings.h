#pragma once
// Messages that an operator should see once each.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace peerbed::adapter {

enum class Warning : std::uint8_t {
  oversized_datagram,
  datagram_rate,
  all_streams,
  streams_of_remote,
  descriptors,
  backlog,
  memory_of_remote,
  silent_stream,
  idle_stream,
  slow_stream,
  unauthentic_datagram,
  replayed_datagram,
  unauthentic_stream,
  other_family,
};
constexpr std::size_t warning_count = 14;

std::string_view sentence_of(Warning warning) noexcept;

}  // namespace peerbed::adapter
