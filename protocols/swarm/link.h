#pragma once
// One stream to another peer: what the other side has and wants, what is requested from it, and what it is to be sent.
// A stream serves one file.

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/frame_reader.h"
#include "protocols/swarm/piece_map.h"
#include "protocols/swarm/source_requests.h"
#include "protocols/swarm/suggestions.h"
#include "protocols/swarm/their_pieces.h"

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

  // Interest and choking, both ways.
  bool interested = false;
  bool choked = true;  // by the other side
  bool peer_interested = false;
  bool peer_choked = true;          // by this side
  std::uint32_t unseen_chokes = 0;  // sent, and not yet answered
  bool manifest_sent = false;
  bool receiving_manifest = false;

  // What is requested from it.
  SourceRequests requests{};
  Suggestions suggestions{};
  std::uint64_t received = 0;         // bytes of blocks
  std::uint64_t received_before = 0;  // of these, before the present round of choking

  // What it is to be sent.
  std::vector<Block> queue{};
  std::array<std::uint32_t, 8> advised{};  // pieces suggested to it that it neither asked for nor has
  std::uint8_t advised_count = 0;
  std::uint32_t in_network = 0;  // blocks that this host's network has not taken yet
  std::uint64_t sent = 0;        // bytes of blocks
  std::uint64_t turn = 0;        // of these, of the piece that is being sent
  Time choke_changed{};
  Time choked_at{};        // when the last choke was sent
  Duration answer_time{};  // that a choke took to be seen: a request after an unchoke takes as long
  Time last_asked{};       // when the other side asked for a block, or was unchoked

  bool is_open() const noexcept { return stage == Stage::open; }
  bool is_closed() const noexcept { return stage == Stage::closed; }
  bool serves(FileNumber number) const noexcept { return file == number && !is_closed(); }
  // Nothing comes but frames that this side need not read.
  bool is_quiet() const noexcept {
    return (stage == Stage::greeting || is_open()) && requests.empty() && !receiving_manifest;
  }
  auto fields() const {
    return std::tie(stream, peer, file, stage, opened_here, reader, since, patience, heard, probed, theirs, introduced,
                    told, interested, choked, peer_interested, peer_choked, unseen_chokes, manifest_sent,
                    receiving_manifest, requests, suggestions, received, received_before, queue, advised, advised_count,
                    in_network, sent, turn, choke_changed, choked_at, answer_time, last_asked);
  }
};

}  // namespace peerbed::swarm
