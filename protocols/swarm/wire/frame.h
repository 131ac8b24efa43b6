#pragma once
// The format of a stream between two peers. Every message begins with a frame of 18 bytes: version, kind, three numbers
// and a check. Some are followed by a body. One stream serves one file, in both directions.

#include <array>
#include <cstdint>
#include <optional>
#include <tuple>

#include "protocols/swarm/base/manifest.h"
#include "protocols/swarm/wire/wire.h"

namespace peerbed::swarm {

enum class FrameKind : std::uint8_t {
  hello = 1,       // size: of the body, which says who and what; the first frame of either side
  pieces,          // size: of the body, a bit for each piece that the sender has; once, when it has the manifest
  have,            // piece, offset, size: up to three pieces that the sender has now; no_piece stands for none. One of
                   // no piece at all asks the other side's host whether it still knows the stream
  interested,      // the sender wants what the receiver has
  not_interested,  //
  unchoke,         // the receiver may ask
  choke,           // it may not; what is asked and not sent by now is void; answered by choke_seen
  choke_seen,      // the sender asks anew from here on: requests before this, and after the choke, are void
  request,         // piece, offset in the piece, size: send this; answered by block or reject, unless choked
  cancel,          // as the request: it is not needed any more; answered all the same
  block,           // piece, offset, size; these bytes follow
  reject,          // piece, offset, size: this will not come
  manifest_query,  // answered by manifest; once it has come, it is not asked for again
  manifest,        // size: of the manifest that follows; 0: the sender has none
  suggest,         // piece: the sender would rather be asked for this one
  goodbye,         // piece: a CloseReason; the last frame of the sender, who asks for nothing any more
  last = goodbye
};

constexpr std::uint32_t no_piece = UINT32_MAX;

struct Frame {
  FrameKind kind{};
  std::uint32_t piece = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  void encode(Writer& writer) const noexcept;
  friend bool operator==(const Frame&, const Frame&) = default;
  auto fields() const { return std::tie(kind, piece, offset, size); }
};

constexpr std::size_t frame_size = header_size + 12 + codec::check_size;

// The frame in exactly frame_size bytes; nothing when it is malformed or damaged.
std::optional<Frame> decode_frame(Bytes bytes) noexcept;

// The body of hello.
struct Hello {
  Root root{};
  std::uint16_t port = 0;                      // where the sender takes datagrams and streams
  void encode(Writer& writer) const noexcept;  // with a check of its own
  friend bool operator==(const Hello&, const Hello&) = default;
};

constexpr std::size_t hello_size = sha256_size + 2 + codec::check_size;

std::optional<Hello> decode_hello(Bytes bytes) noexcept;

// The most bytes of a `pieces` body.
constexpr std::size_t maximum_pieces_body = (maximum_pieces + 7) / 8;

}  // namespace peerbed::swarm
