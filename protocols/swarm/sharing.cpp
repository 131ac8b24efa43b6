// Adding files, and finding those that an earlier process left on the disk. The catalogue, a small content of its own,
// says which they are. Nothing that lies on the disk is believed before it has been hashed again; each piece is offered
// as soon as it has been.

#include <algorithm>
#include <utility>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint32_t hashed_at_once = 4;
constexpr std::uint16_t catalogue_mark = 0x5D81;  // and version 1

ContentRange piece_range(const SharedFile& file, std::uint32_t piece) noexcept {
  return {file.key(Part::data), file.geometry().offset_of(piece), file.geometry().size_of(piece)};
}

}  // namespace

SharedFile& Peer::new_file(State state, std::string name) {
  SharedFile file;
  file.number = ++last_file_;
  file.state = state;
  file.names.push_back(std::move(name));
  files_.push_back(std::move(file));
  return files_.back();
}

void Peer::remove_file(Environment& environment, FileNumber number) {
  for (Link& link : links_)
    if (link.file == number && link.stage != Link::Stage::closed) {
      environment.reset_stream(link.stream);
      links_.close(link);
      forget_slot(link);
      environment.trace(index_of(TraceEvent::link_closed),
                        {link.peer.value, static_cast<std::uint64_t>(CloseReason::not_shared)});
    }
  for (const Part part : {Part::data, Part::manifest, Part::progress})
    environment.erase_content(key_of_part(number, part));
  std::erase_if(files_, [number](const SharedFile& file) { return file.number == number; });
  save_catalogue(environment);
}

// ---------------------------------------------------------------------------------------------------------------------
// ADD

void Peer::add_file(Environment& environment, std::string_view name) {
  if (!is_valid_name(name)) return environment.print("A file's name is one component of a path, of 1 to 200 bytes");
  if (file_named(name) != nullptr) return environment.print(std::string(name) + " is here already");
  if (files_.size() >= options_->maximum_files) return environment.print("No more files are shared than there are");
  const SharedFile& file = new_file(State::adding, std::string(name));
  environment.import_content(file.key(Part::data), name);
}

void Peer::handle_imported(Environment& environment, SharedFile& file, const ContentReady& ready) {
  const Geometry geometry{ready.range.size, options_->piece_size};
  if (!ready.found || !geometry.is_valid()) {
    environment.print(file.name() + (ready.found ? " is too large for pieces of this size" : " could not be read"));
    return remove_file(environment, file.number);
  }
  file.map = PieceMap(geometry, options_->block_size);
  file.hashes.resize(geometry.pieces());
  hash_on(environment, file);
}

// Hashes the next pieces, a few at a time; after the last one of an added file, its manifest.
void Peer::hash_on(Environment& environment, SharedFile& file) {
  const std::uint32_t pieces = file.geometry().pieces();
  while (file.hashing < hashed_at_once && file.next_hash < pieces) {
    const std::uint32_t piece = file.next_hash++;
    if (file.state == State::restoring && !file.stored.test(piece)) continue;
    environment.hash_content(piece_range(file, piece));
    ++file.hashing;
  }
  if (file.hashing > 0) return;
  if (file.state == State::restoring) return finish_restoring(environment, file);
  const std::vector<std::byte> manifest = Manifest{file.geometry(), file.hashes}.encoded();
  file.manifest_size = static_cast<std::uint32_t>(manifest.size());
  environment.write_content(file.key(Part::manifest), manifest);
  environment.hash_content(file.manifest_range());
}

void Peer::handle_added_hash(Environment& environment, SharedFile& file, const ContentReady& ready) {
  if (ready.action != ContentAction::hashed) return;
  if (!ready.found) {
    environment.print(file.name() + " could not be read");
    return remove_file(environment, file.number);
  }
  if (part_of(ready.key) == Part::manifest) return finish_adding(environment, file, to_digest(ready.bytes));
  file.hashes[ready.range.offset / file.geometry().piece_size] = to_digest(ready.bytes);
  --file.hashing;
  hash_on(environment, file);
}

// A file of a root that is known already is that file under another name. One that is being fetched ends so.
void Peer::finish_adding(Environment& environment, SharedFile& file, const Root& root) {
  if (SharedFile* same = file_rooted(root)) {
    const std::string name = file.name();
    const FileNumber added = file.number;
    if (same->state == State::complete) {
      environment.print(name + " is the same file as " + same->name());
      if (same->names.size() < maximum_names) same->names.push_back(name);
      return remove_file(environment, added);
    }
    remove_file(environment, same->number);
    return finish_adding(environment, *file_numbered(added), root);
  }
  file.root = root;
  file.state = State::complete;
  file.hashes = {};
  for (std::uint32_t piece = 0; piece < file.geometry().pieces(); ++piece) file.map.restore(piece);
  file.availability.assign(file.geometry().pieces(), 0);
  file.given.assign(file.geometry().pieces(), 0);
  save_catalogue(environment);
  environment.trace(index_of(TraceEvent::file_added), {short_id(root), file.geometry().size, file.geometry().pieces()});
  environment.print(file.name() + " is offered: " + to_string(root));
}

// ---------------------------------------------------------------------------------------------------------------------
// The disk

void Peer::save_catalogue(Environment& environment) {
  std::vector<std::byte> bytes(8 + files_.size() * (4 + 4 + 1 + 2 + maximum_name_size + sha256_size));
  Writer writer(bytes);
  writer.integer(catalogue_mark);
  for (const SharedFile& file : files_) {
    if (file.root.is_zero()) continue;
    writer.integers(file.number, file.manifest_size);
    writer.integer(static_cast<std::uint8_t>(file.state == State::complete || file.was_complete));
    writer.bytes(file.root.value);
    writer.sized_bytes(std::as_bytes(std::span(file.name().data(), file.name().size())));
  }
  environment.write_content(catalogue_key, writer.written());
}

void Peer::save_progress(Environment& environment, const SharedFile& file) {
  std::vector<std::byte> bytes(file.map.verified().encoded_size());
  Writer writer(bytes);
  file.map.verified().encode(writer);
  environment.write_content(file.key(Part::progress), writer.written());
}

void Peer::handle_catalogue(Environment& environment, Bytes bytes) {
  if (!std::exchange(awaiting_catalogue_, false)) return;
  read_catalogue(environment, bytes);
  for (const std::string& line : std::exchange(early_commands_, {})) carry_out(environment, line);
}

void Peer::read_catalogue(Environment& environment, Bytes bytes) {
  Reader reader(bytes);
  if (reader.integer<std::uint16_t>() != catalogue_mark) return;
  while (reader.remaining() > 0 && files_.size() < options_->maximum_files) {
    SharedFile file;
    file.state = State::restoring;
    reader.integers(file.number, file.manifest_size);
    file.was_complete = reader.integer<std::uint8_t>() != 0;
    file.root = to_digest(reader.bytes(sha256_size));
    const Bytes name = reader.sized_bytes();
    file.names.emplace_back(reinterpret_cast<const char*>(name.data()), name.size());
    if (!reader.ok() || file.number == 0 || file_numbered(file.number) != nullptr || !is_valid_name(file.name()))
      return;
    last_file_ = std::max(last_file_, file.number);
    environment.hash_content(file.manifest_range());
    files_.push_back(std::move(file));
  }
}

// The manifest first: its hash, then its bytes. Then which pieces were here, and then each of these.
void Peer::handle_restored(Environment& environment, SharedFile& file, const ContentReady& ready) {
  const Part part = part_of(ready.key);
  if (part == Part::manifest && ready.action == ContentAction::hashed) {
    if (!ready.found || to_digest(ready.bytes) != file.root) return refuse_stored(environment, file);
    return environment.read_content(ready.key);
  }
  if (part == Part::manifest) {
    auto manifest = ready.found ? Manifest::decode(ready.bytes) : std::nullopt;
    if (!manifest) return refuse_stored(environment, file);
    file.map = PieceMap(manifest->geometry, options_->block_size);
    file.hashes = std::move(manifest->pieces);
    file.stored = Bitfield(file.geometry().pieces());
    file.availability.assign(file.geometry().pieces(), 0);
    file.given.assign(file.geometry().pieces(), 0);
    if (!file.was_complete) return environment.read_content(file.key(Part::progress));
    for (std::uint32_t piece = 0; piece < file.geometry().pieces(); ++piece) file.stored.set(piece);
    return hash_on(environment, file);
  }
  if (part == Part::progress && ready.action == ContentAction::read) {
    if (ready.found) file.stored.decode(ready.bytes);
    return hash_on(environment, file);
  }
  if (part != Part::data || ready.action != ContentAction::hashed) return;
  const auto piece = static_cast<std::uint32_t>(ready.range.offset / file.geometry().piece_size);
  if (ready.found && to_digest(ready.bytes) == file.hashes[piece]) {
    file.map.restore(piece);
    announce(environment, file, piece);
  }
  --file.hashing;
  hash_on(environment, file);
}

// Without its manifest an interrupted download begins again; an added file is forgotten.
void Peer::refuse_stored(Environment& environment, SharedFile& file) {
  if (file.was_complete) {
    environment.print(file.name() + " is not what it was, and is offered no more");
    return remove_file(environment, file.number);
  }
  file.state = State::seeking;
  resume_download(environment, file);
}

void Peer::finish_restoring(Environment& environment, SharedFile& file) {
  file.stored = Bitfield{};
  const bool whole = file.map.complete();
  if (whole) {
    file.hashes = {};
    file.state = State::complete;
    if (!file.was_complete) environment.export_content(file.key(Part::data), file.name());
    tell_all(environment);
    review_links(environment, file);
    return save_catalogue(environment);
  }
  environment.trace(index_of(TraceEvent::download_resumed),
                    {short_id(file.root), file.map.verified_count(), file.geometry().pieces()});
  environment.print(file.name() + " is fetched on: " + std::to_string(file.map.verified_count()) + " of " +
                    std::to_string(file.geometry().pieces()) + " pieces are here");
  file.was_complete = false;
  file.state = State::downloading;
  resume_download(environment, file);
  review_links(environment, file);
}

}  // namespace peerbed::swarm
