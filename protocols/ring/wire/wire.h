#pragma once
// The ring's version of the wire format: see protocols/environment/message_codec.h.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocols/environment/message_codec.h"
#include "protocols/ring/base/contact.h"

namespace peerbed::ring {

constexpr std::uint8_t wire_version = 3;

namespace wire {

using namespace codec;

template <class Message>
void encode(const Message& message, Writer& writer) noexcept {
  codec::encode(wire_version, message, writer);
}
template <class Message>
std::optional<Message> decode_as(Bytes payload) noexcept {
  return codec::decode_as<Message>(wire_version, payload);
}

}  // namespace wire
}  // namespace peerbed::ring
