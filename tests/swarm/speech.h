#pragma once
// What an impostor says on a stream, put together frame by frame.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocols/swarm/wire/frame.h"
#include "sim/core/types.h"

namespace peerbed::swarm {

// Puts frames and bytes one after the other.
class Speech {
 public:
  // `port`: where the speaker says that it takes datagrams and streams.
  Speech& hello(const Root& root, std::uint16_t port = sim::host_port) {
    return frame({.kind = FrameKind::hello, .size = hello_size}).add(Hello{root, port});
  }
  Speech& frame(const Frame& frame) { return add(frame); }
  // The sender has the first `count` pieces of a file.
  Speech& pieces(std::size_t count) {
    std::vector<std::byte> body(std::max<std::size_t>((count + 7) / 8, 1));
    for (std::size_t i = 0; i < count; ++i) body[i / 8] |= static_cast<std::byte>(0x80U >> (i % 8));
    frame(
        {.kind = FrameKind::pieces, .offset = codec::check_of(body), .size = static_cast<std::uint32_t>(body.size())});
    return raw(body);
  }
  Speech& raw(Bytes bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  template <class Message>
  Speech& add(const Message& message) {
    std::array<std::byte, 256> buffer;
    Writer writer(buffer);
    message.encode(writer);
    return raw(writer.written());
  }
  std::vector<std::byte> bytes_;
};

}  // namespace peerbed::swarm
