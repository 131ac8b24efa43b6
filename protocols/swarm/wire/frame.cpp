#include "protocols/swarm/wire/frame.h"

namespace peerbed::swarm {

void Frame::encode(Writer& writer) const noexcept {
  std::array<std::byte, frame_size> buffer;
  Writer frame(buffer);
  frame.header({wire_version, static_cast<std::uint8_t>(kind)});
  frame.integers(piece, offset, size);
  frame.integer(codec::check_of(frame.written()));
  writer.bytes(frame.written());
}

std::optional<Frame> decode_frame(Bytes bytes) noexcept {
  if (bytes.size() != frame_size) return std::nullopt;
  if (Reader(bytes.last(codec::check_size)).integer<std::uint32_t>() !=
      codec::check_of(bytes.first(frame_size - codec::check_size)))
    return std::nullopt;
  Reader reader(bytes);
  const Header header = reader.header();
  if (header.version != wire_version || header.kind == 0 || header.kind > static_cast<std::uint8_t>(FrameKind::last))
    return std::nullopt;
  Frame frame{.kind = static_cast<FrameKind>(header.kind)};
  reader.integers(frame.piece, frame.offset, frame.size);
  return frame;
}

void Hello::encode(Writer& writer) const noexcept {
  std::array<std::byte, hello_size> buffer;
  Writer body(buffer);
  body.bytes(root.value);
  body.integer(port);
  body.integer(codec::check_of(body.written()));
  writer.bytes(body.written());
}

std::optional<Hello> decode_hello(Bytes bytes) noexcept {
  if (bytes.size() != hello_size) return std::nullopt;
  if (Reader(bytes.last(codec::check_size)).integer<std::uint32_t>() !=
      codec::check_of(bytes.first(hello_size - codec::check_size)))
    return std::nullopt;
  Reader reader(bytes);
  Hello hello;
  hello.root = to_digest(reader.bytes(sha256_size));
  hello.port = reader.integer<std::uint16_t>();
  return hello;
}

}  // namespace peerbed::swarm
