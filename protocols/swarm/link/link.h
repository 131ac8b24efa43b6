#pragma once
// One stream to another peer: what the other side has and wants, what is requested from it, and what it is to be sent.
// A stream serves one file.

#include <cstdint>
#include <tuple>

#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/link/advice.h"
#include "protocols/swarm/link/source_requests.h"
#include "protocols/swarm/link/suggestions.h"
#include "protocols/swarm/link/their_pieces.h"
#include "protocols/swarm/link/upload_queue.h"
#include "protocols/swarm/link/upload_slot.h"
#include "protocols/swarm/wire/frame_reader.h"

namespace peerbed::swarm {

// Files are numbered by their peer, from 1; 0 is none.
using FileNumber = std::uint32_t;

struct Link {
  enum class Stage : std::uint8_t {
    opening,   // waits for the stream
    greeting,  // waits for the other side's hello
    open,
    closed,  // to be swept away when the handler ends
  };

  StreamId stream{};
  Address peer{};  // where it takes datagrams; until its hello, where the stream came from
  FileNumber file = 0;
  Stage stage = Stage::opening;
  bool opened_here = false;
  FrameReader reader{};
  Time since{};         // the stage began
  Duration patience{};  // with the opening, or the greeting
  Time heard{};         // when anything came last
  Time probed{};        // when it was last asked whether the other side still knows the stream

  TheirPieces theirs{};     // what the other side has
  bool introduced = false;  // it has been sent `pieces`
  std::uint32_t told = 0;   // how many of the pieces verified here were announced to it

  bool interested = false;  // this side is
  bool choked = true;       // by the other side
  bool manifest_sent = false;
  bool receiving_manifest = false;

  // What is requested from it.
  SourceRequests requests{};
  Suggestions suggestions{};
  std::uint64_t received = 0;  // bytes of blocks

  // What it is to be sent.
  UploadSlot slot{};
  UploadQueue uploads{};
  Advice advice{};

  bool is_open() const noexcept { return stage == Stage::open; }
  bool has_slot() const noexcept { return is_open() && slot.is_given(); }
  bool waits_for_slot() const noexcept { return is_open() && slot.is_wanted() && !slot.is_given(); }
  bool is_closed() const noexcept { return stage == Stage::closed; }
  bool serves(FileNumber number) const noexcept { return file == number && !is_closed(); }
  // Nothing comes but frames that this side need not read.
  bool is_quiet() const noexcept {
    return (stage == Stage::greeting || is_open()) && requests.empty() && !receiving_manifest;
  }
  auto fields() const {
    return std::tie(stream, peer, file, stage, opened_here, reader, since, patience, heard, probed, theirs, introduced,
                    told, interested, choked, manifest_sent, receiving_manifest, requests, suggestions, received, slot,
                    uploads, advice);
  }
};

}  // namespace peerbed::swarm
