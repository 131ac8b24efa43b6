#pragma once
// Reads what arrives on a stream, frame by frame, and the bodies of greetings and of announced pieces. The other side
// is not trusted: what is damaged, absurd or out of place is malformed, and then nothing more is asked for.

#include <optional>
#include <tuple>
#include <variant>

#include "protocols/environment/environment.h"
#include "protocols/swarm/wire/frame.h"

namespace peerbed::swarm {

class FrameReader {
 public:
  struct Malformed {};
  struct Unfinished {};  // the body is asked for
  struct Pieces {
    Bytes body;  // valid during the handler only
  };
  using Heard = std::variant<Malformed, Unfinished, Frame, Hello, Pieces>;

  // Asks for the next frame. After each that was heard whole, this is to be called before anything more is read.
  void await(Environment& environment, StreamId stream);
  // What has come. `is_greeting`: the first frame is yet to come, a greeting; `has_pieces`: pieces were announced,
  // which happens once.
  [[nodiscard]] Heard read(Environment& environment, StreamId stream, Bytes bytes, bool is_greeting, bool has_pieces);

  auto fields() const { return std::tie(awaiting_, announced_); }

 private:
  // What the requested bytes will be.
  enum class Awaiting : std::uint8_t { frame, hello_body, pieces_body };

  Heard read_frame(Environment& environment, StreamId stream, Bytes bytes, bool is_greeting, bool has_pieces);
  Heard await_body(Environment& environment, StreamId stream, const Frame& frame, Awaiting body);

  Awaiting awaiting_ = Awaiting::frame;
  Frame announced_{};  // the frame whose body is awaited
};

}  // namespace peerbed::swarm
