#pragma once
// One stream to another peer: what the other side has and wants, what is requested from it, and what it is to be sent.
// A stream serves one file.

#include <array>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/bitfield.h"
#include "protocols/swarm/close_reason.h"
#include "protocols/swarm/frame.h"
#include "protocols/swarm/piece_map.h"
#include "protocols/swarm/rate.h"

namespace peerbed::swarm {

// Files are numbered by their peer, from 1; 0 is none.
using FileNumber = std::uint32_t;

// A requested block without an answer yet. It is a claim on the block until it is released: when its answer has
// arrived, or is no longer awaited.
struct Request {
  Block block;
  Time sent{};
  bool released = false;  // others may be asked for the block; it counts only if it comes first
  bool alone = false;     // nothing else was asked when it was: it measures the round trip
  auto fields() const { return std::tie(block, sent, released, alone); }
};

struct Link {
  enum class Stage : std::uint8_t {
    opening,   // waits for the stream
    greeting,  // waits for the other side's hello
    open,
    closed,  // to be swept away when the handler ends
  };
  // What the requested bytes will be.
  enum class Awaiting : std::uint8_t { frame, hello_body, pieces_body };

  StreamId stream{};
  Address peer{};  // where it takes datagrams; until its hello, where the stream came from
  FileNumber file = 0;
  Stage stage = Stage::opening;
  bool opened_here = false;
  Awaiting awaiting = Awaiting::frame;
  Frame announced{};    // the frame whose body is awaited
  Time since{};         // the stage began
  Duration patience{};  // with the opening, or the greeting
  Time heard{};         // when anything came last
  Time probed{};        // when it was last asked whether the other side still knows the stream

  // What the other side has.
  bool has_manifest = false;
  std::vector<std::byte> raw_pieces{};  // as it came, until this side knows how many pieces there are
  Bitfield theirs{};
  std::uint32_t theirs_count = 0;
  std::uint32_t wanted = 0;  // of these, not verified here
  bool introduced = false;   // it has been sent `pieces`
  std::uint32_t told = 0;    // how many of the pieces verified here were announced to it

  // Interest and choking, both ways.
  bool interested = false;
  bool choked = true;  // by the other side
  bool peer_interested = false;
  bool peer_choked = true;          // by this side
  std::uint32_t unseen_chokes = 0;  // sent, and not yet answered
  bool manifest_sent = false;
  bool receiving_manifest = false;

  // What is requested from it.
  std::vector<Request> requests{};
  std::uint64_t outstanding = 0;          // bytes of these
  std::optional<Request> receiving{};     // the block that is arriving
  bool to_scratch = false;                // it is not needed, and goes where nothing is read
  bool stalled = false;                   // it lost its blocks, and gets no more before it delivers
  Time last_progress{};                   // when bytes came, or were first asked for
  Duration round_trip = Duration::max();  // the shortest seen
  RateMeter pace{};
  std::array<std::uint32_t, 8> suggested{};
  std::uint8_t suggestions = 0;
  bool spreads = false;  // it suggests pieces
  Time last_suggested{};
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
  bool is_asked() const noexcept { return !requests.empty() || receiving.has_value(); }
  // Nothing comes but frames that this side need not read.
  bool is_quiet() const noexcept {
    return (stage == Stage::greeting || is_open()) && !is_asked() && !receiving_manifest;
  }
  auto fields() const {
    return std::tie(stream, peer, file, stage, opened_here, awaiting, announced, since, patience, heard, probed,
                    has_manifest, raw_pieces, theirs, theirs_count, wanted, introduced, told, interested, choked,
                    peer_interested, peer_choked, unseen_chokes, manifest_sent, receiving_manifest, requests,
                    outstanding, receiving, to_scratch, stalled, last_progress, round_trip, pace, suggested,
                    suggestions, spreads, last_suggested, received, received_before, queue, advised, advised_count,
                    in_network, sent, turn, choke_changed, choked_at, answer_time, last_asked);
  }
};

}  // namespace peerbed::swarm
