#pragma once
// A download and its sources, for tests of parts without a Peer.

#include <cstddef>
#include <vector>

#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/link_table.h"
#include "tests/swarm/stage.h"

namespace peerbed::swarm {

struct DownloadScene {
  static constexpr std::uint32_t piece_size = 64 * 1024;
  static constexpr std::uint32_t block_size = 16 * 1024;

  explicit DownloadScene(std::uint32_t pieces = 4) {
    SharedFile wanted;
    wanted.number = 1;
    wanted.state = SharedFile::State::downloading;
    wanted.root = root_of(1);
    wanted.names = {"film"};
    wanted.set_manifest(
        {.geometry = {std::uint64_t{pieces} * piece_size, piece_size}, .pieces = std::vector<Digest>(pieces)},
        block_size);
    wanted.download.emplace();
    wanted.download->started = wanted.download->last_byte = wanted.download->last_progress = stage.now;
    files.add(wanted);
  }

  SharedFile& file() { return files[0]; }
  Block block(std::uint64_t number) { return file().map.block_at(number); }
  Link& link(StreamId stream) { return *links.find(stream); }
  // An open link to the i-th other, which does not choke this peer.
  StreamId connect(NodeIndex i) {
    Link& link = stage.act([&](const Context& context) -> Link& {
      return links.open(context, file().number, Stage::other(i), context.options.connect_timeout);
    });
    link.stage = Link::Stage::open;
    link.choked = false;
    link.introduced = true;
    return link.stream;
  }
  // One to a source that has the first `pieces` of the file; all of it unless told.
  StreamId add_source(NodeIndex i, std::uint32_t pieces = UINT32_MAX) {
    const StreamId stream = connect(i);
    Bitfield theirs(file().geometry().pieces());
    for (std::uint32_t piece = 0; piece < theirs.size() && piece < pieces; ++piece) theirs.set(piece);
    std::vector<std::byte> body(theirs.encoded_size());
    Writer writer(body);
    theirs.encode(writer);
    if (!link(stream).theirs.take(body, file().map, file().availability)) throw "the pieces do not fit the file";
    return stream;
  }
  // What was asked of a source by the last act.
  std::vector<Block> requested(StreamId stream) const {
    std::vector<Block> blocks;
    for (const Frame& frame : stage.frames(stream))
      if (frame.kind == FrameKind::request) blocks.push_back({frame.piece, frame.offset, frame.size});
    return blocks;
  }
  std::size_t said(StreamId stream, FrameKind kind) const {
    std::size_t count = 0;
    for (const Frame& frame : stage.frames(stream)) count += frame.kind == kind ? 1 : 0;
    return count;
  }

  Stage stage{};
  FileTable files{};
  LinkTable links{};
};

}  // namespace peerbed::swarm
