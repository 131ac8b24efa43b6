#include "protocols/swarm/files/restoring.h"

#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

namespace {

using State = SharedFile::State;
using Step = Restoring::Step;

// Without its manifest an interrupted download begins again; an added file is forgotten.
Step refuse_manifest(Environment& environment, SharedFile& file) {
  if (file.is_file) {
    environment.print("What was noted of " + file.local_name() + " is damaged; ADD it again to offer it");
    return Step::lost;
  }
  file.state = State::seeking;
  file.exporting = false;
  file.hashing = {};
  return Step::begins_again;
}

// Of what has no pieces it is asked whether it is there, as if it had one.
Step restore_pieces(const Context& context, SharedFile& file, const Manifest& manifest) {
  const std::uint32_t pieces = manifest.geometry.pieces();
  file.set_manifest(manifest, context.options.block_size);
  if (pieces == 0 || file.was_whole) {
    file.hashing = HashQueue::of_all(std::max(pieces, 1U));
    return Step::hashes;
  }
  if (file.hashing.pieces().size() == pieces) return Step::hashes;  // this process knows which are here
  file.hashing = HashQueue(Bitfield(pieces));
  context.environment.read_content(file.key(Part::progress));
  return Step::waits;
}

// The first piece of a file of people's that is wrong says enough.
Restoring take_piece(SharedFile& file, const ContentReady& ready) {
  if (!file.hashing.is_hashing()) return {};  // it was asked for before the file changed again
  const Geometry& geometry = file.geometry();
  const auto piece = static_cast<std::uint32_t>(ready.range.offset / geometry.piece_size);
  file.is_file = file.is_file || ready.is_file;
  const bool has_grown = ready.is_file && ready.found && ready.file_size != geometry.size;
  const bool is_right =
      ready.found && !has_grown && (geometry.pieces() == 0 || to_digest(ready.bytes) == file.hashes[piece]);
  file.hashing.note_hash();
  if (!is_right && file.is_file) {
    file.is_spoilt = true;
    file.is_gone = ready.is_file && !ready.file_size;
    file.hashing.skip_rest();
  }
  if (!is_right || geometry.pieces() == 0) return {.step = Step::hashes};
  file.map.restore(piece);
  return {.step = Step::hashes, .verified = piece};
}

}  // namespace

void begin_restoring(Environment& environment, SharedFile& file, bool was_whole) {
  file.state = State::restoring;
  file.was_whole = was_whole;
  file.exporting = !file.is_file;
  file.paused = false;
  file.is_spoilt = false;
  file.hashing = was_whole ? HashQueue() : HashQueue(file.map.verified());
  file.map = PieceMap();
  file.hashes = {};
  file.fetched = {};
  environment.hash_content(file.manifest_range());
}

Restoring take_stored(const Context& context, SharedFile& file, const ContentReady& ready) {
  PEERBED_CONTRACT(file.state == State::restoring, "a file of which the disk tells what it is is being restored");
  const Part part = part_of(ready.key);
  if (part == Part::manifest && ready.action == ContentAction::hashed) {
    if (!ready.found || to_digest(ready.bytes) != file.root)
      return {.step = refuse_manifest(context.environment, file)};
    context.environment.read_content(ready.key);
    return {};
  }
  if (part == Part::manifest) {
    const auto manifest = ready.found ? Manifest::decode(ready.bytes) : std::nullopt;
    if (!manifest) return {.step = refuse_manifest(context.environment, file)};
    return {.step = restore_pieces(context, file, *manifest)};
  }
  if (part == Part::progress && ready.action == ContentAction::read) {
    Bitfield noted(file.geometry().pieces());
    if (ready.found) noted.decode(ready.bytes);
    file.hashing = HashQueue(std::move(noted));
    return {.step = Step::hashes};
  }
  if (part == Part::data && ready.action == ContentAction::hashed) return take_piece(file, ready);
  return {};
}

bool hash_on(Environment& environment, SharedFile& file) {
  while (const auto piece = file.hashing.next()) environment.hash_content(file.piece_range(*piece));
  return !file.hashing.is_hashing();
}

Finding conclude(const Context& context, SharedFile& file) {
  PEERBED_CONTRACT(!file.hashing.is_hashing(), "what is concluded on has been hashed");
  file.hashing = {};
  if (std::exchange(file.changed, false)) return Finding::changed_again;
  if (file.is_spoilt) return Finding::spoilt;
  const std::uint32_t pieces = file.geometry().pieces();
  if (file.map.complete()) {
    file.add_again = false;
    file.hashes = {};
    file.state = State::complete;
    return Finding::whole;
  }
  const std::string progress =
      std::to_string(file.map.verified_count()) + " of " + std::to_string(pieces) + " pieces are here";
  file.exporting = false;
  file.state = State::downloading;
  if (file.paused) {
    context.environment.print(file.name() + " is paused: " + progress);
  } else {
    context.trace(TraceEvent::download_resumed, {short_id(file.root), file.map.verified_count(), pieces});
    context.environment.print(file.name() + " is fetched on: " + progress);
  }
  return Finding::in_part;
}

Change take_change(Environment& environment, SharedFile& file, bool is_there) {
  if (!file.is_file) return Change::nothing;
  if (file.state == State::adding) {
    environment.refuse("changed", file.name() + " changed while it was being added; ADD it again");
    return Change::add_failed;
  }
  if (!is_there) return Change::dropped;
  if (file.state == State::restoring) {
    file.changed = true;
    return Change::nothing;
  }
  return file.state == State::complete ? Change::restored : Change::nothing;
}

std::vector<std::string> drop_changed(const Context& context, const SharedFile& file, bool is_there) {
  const std::string& name = file.local_name();
  std::vector<std::string> others(file.names.begin() + 1, file.names.end());
  const std::string remedy = file.add_again ? "" : "; ADD " + shown_name(name) + " offers it as it is now";
  context.environment.print(
      name + (is_there ? " has changed and is offered no more" + remedy : " is gone, and is offered no more"));
  if (is_there && file.add_again) others.push_back(name);
  context.trace(TraceEvent::file_dropped, {short_id(file.root), is_there});
  return others;
}

}  // namespace peerbed::swarm
