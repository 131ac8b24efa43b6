#include "protocols/swarm/wire/frame_reader.h"

namespace peerbed::swarm {

void FrameReader::await(Environment& environment, StreamId stream) {
  awaiting_ = Awaiting::frame;
  environment.receive_bytes(stream, frame_size);
}

FrameReader::Heard FrameReader::await_body(Environment& environment, StreamId stream, const Frame& frame,
                                           Awaiting body) {
  awaiting_ = body;
  announced_ = frame;
  environment.receive_bytes(stream, frame.size);
  return Unfinished{};
}

FrameReader::Heard FrameReader::read(Environment& environment, StreamId stream, Bytes bytes, bool is_greeting,
                                     bool has_pieces) {
  switch (awaiting_) {
    case Awaiting::frame:
      return read_frame(environment, stream, bytes, is_greeting, has_pieces);
    case Awaiting::hello_body:
      if (const auto hello = decode_hello(bytes)) return *hello;
      return Malformed{};
    case Awaiting::pieces_body:
      if (codec::check_of(bytes) != announced_.offset) return Malformed{};
      return Pieces{bytes};
  }
  return Malformed{};
}

FrameReader::Heard FrameReader::read_frame(Environment& environment, StreamId stream, Bytes bytes, bool is_greeting,
                                           bool has_pieces) {
  const auto frame = decode_frame(bytes);
  if (!frame) return Malformed{};
  if (frame->kind == FrameKind::goodbye) return *frame;
  if ((frame->kind == FrameKind::hello) != is_greeting) return Malformed{};
  if (is_greeting)
    return frame->size == hello_size ? await_body(environment, stream, *frame, Awaiting::hello_body)
                                     : Heard{Malformed{}};
  if (frame->kind != FrameKind::pieces) return *frame;
  if (has_pieces || frame->size > maximum_pieces_body) return Malformed{};
  if (frame->size > 0) return await_body(environment, stream, *frame, Awaiting::pieces_body);
  return codec::check_of(Bytes{}) == frame->offset ? Heard{Pieces{}} : Heard{Malformed{}};
}

}  // namespace peerbed::swarm
