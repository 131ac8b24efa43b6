// Adding files, and finding those that an earlier process left on the disk. Nothing that lies on the disk is believed
// before it has been hashed again; each piece is offered as soon as it has been. A file that people see is theirs: when
// it is not what it was it is offered no more, and never fetched anew over what they made of it.

#include <algorithm>
#include <utility>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint32_t hashed_at_once = 4;

ContentRange piece_range(const SharedFile& file, std::uint32_t piece) noexcept {
  return {file.key(Part::data), file.geometry().offset_of(piece), file.geometry().size_of(piece)};
}

std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

SharedFile& Peer::new_file(State state, std::string name) {
  SharedFile file;
  file.number = ++last_file_;
  file.state = state;
  file.names.push_back(std::move(name));
  return files_.add(std::move(file));
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
  files_.remove(number);
  save_catalogue(environment, number);  // first: the next process is not to look for what is erased
  for (const Part part : {Part::data, Part::manifest, Part::progress})
    environment.erase_content(key_of_part(number, part));
}

// ---------------------------------------------------------------------------------------------------------------------
// ADD

void Peer::add_file(Environment& environment, std::string_view name) {
  if (!is_valid_name(name)) return environment.refuse("usage", std::string("ADD: ") + name_rule);
  SharedFile* present = files_.in_directory(name);
  // What was put into a directory since does not show in the files that it had.
  if (present != nullptr && present->is_tree && present->state == State::complete && present->is_file &&
      !present->exporting) {
    remove_file(environment, present->number);
    present = nullptr;
  }
  if (present != nullptr) {
    present->add_again = present->state == State::restoring;
    return environment.print(std::string(name) + " is here already");
  }
  if (!has_room(environment)) return;
  SharedFile& file = new_file(State::adding, std::string(name));
  file.is_file = true;
  environment.import_content(file.key(Part::data), name);
}

bool Peer::has_room(Environment& environment) const {
  if (files_.size() < options_->maximum_files) return true;
  environment.refuse("too-many", "A peer has at most " + std::to_string(options_->maximum_files) +
                                     " files; REMOVE one, or give it more with --set maximum_files=N");
  return false;
}

void Peer::handle_imported(Environment& environment, SharedFile& file, const ContentReady& ready) {
  const Geometry geometry{ready.range.size, options_->piece_size};
  if (!ready.found || !geometry.is_valid()) {
    environment.refuse(ready.found ? "too-large" : "not-read",
                       file.name() + (ready.found ? " is too large for pieces of this size; larger ones take --set "
                                                    "piece_size=SIZE, up to 4MiB"
                                                  : " could not be added" + reason_in(ready.bytes)));
    return remove_file(environment, file.number);
  }
  file.is_tree = ready.is_tree;
  if (ready.is_tree) environment.print(file.name() + " is being added: " + text_of(ready.bytes));
  file.map = PieceMap(geometry, options_->block_size);
  file.hashes.resize(geometry.pieces());
  hash_on(environment, file);
}

// Hashes the next pieces, a few at a time; after the last one of an added file, its manifest. Of what has no pieces it
// is asked whether it is there.
void Peer::hash_on(Environment& environment, SharedFile& file) {
  const std::uint32_t pieces = file.geometry().pieces();
  if (pieces == 0 && file.state == State::restoring && file.next_hash == 0) {
    file.next_hash = file.hashing = 1;
    return environment.hash_content({file.key(Part::data), 0, 0});
  }
  while (file.hashing < hashed_at_once && file.next_hash < pieces) {
    const std::uint32_t piece = file.next_hash++;
    if (file.state == State::restoring && !file.stored.test(piece)) continue;
    environment.hash_content(piece_range(file, piece));
    ++file.hashing;
  }
  if (file.hashing > 0) return;
  if (file.state == State::restoring) return finish_restoring(environment, file);
  const std::vector<std::byte> manifest = Manifest{file.geometry(), file.hashes, file.is_tree}.encoded();
  file.manifest_size = static_cast<std::uint32_t>(manifest.size());
  environment.write_content(file.key(Part::manifest), manifest);
  environment.hash_content(file.manifest_range());
}

void Peer::handle_added_hash(Environment& environment, SharedFile& file, const ContentReady& ready) {
  if (ready.action == ContentAction::written) {
    environment.refuse("disk-failed", file.name() + " could not be added" + reason_in(ready.bytes));
    return remove_file(environment, file.number);
  }
  if (ready.action != ContentAction::hashed) return;
  if (!ready.found) {
    environment.refuse("not-read", file.name() + " could not be read to its end");
    return remove_file(environment, file.number);
  }
  if (part_of(ready.key) == Part::manifest) return finish_adding(environment, file, to_digest(ready.bytes));
  file.hashes[ready.range.offset / file.geometry().piece_size] = to_digest(ready.bytes);
  --file.hashing;
  hash_on(environment, file);
}

// A file of a root that is known already is that file under another name. One that is being fetched ends so.
void Peer::finish_adding(Environment& environment, SharedFile& file, const Root& root) {
  if (SharedFile* same = files_.rooted(root)) {
    const std::string name = file.name();
    const FileNumber added = file.number;
    if (same->state == State::complete && same->is_file) {
      environment.print(name + " is the same file as " + same->local_name());
      if (same->names.size() < maximum_names) files_.add_name(*same, name);
      note_twin(added);
      return remove_file(environment, added);
    }
    remove_file(environment, same->number);
    return finish_adding(environment, *files_.numbered(added), root);
  }
  files_.set_root(file, root);
  file.state = State::complete;
  file.hashes = {};
  for (std::uint32_t piece = 0; piece < file.geometry().pieces(); ++piece) file.map.restore(piece);
  file.availability.assign(file.geometry().pieces(), 0);
  file.given.assign(file.geometry().pieces(), 0);
  save_catalogue(environment, file.number);
  environment.trace(index_of(TraceEvent::file_added), {short_id(root), file.geometry().size, file.geometry().pieces()});
  environment.print(file.name() + " is offered: " + to_string(root));
}

// ---------------------------------------------------------------------------------------------------------------------
// Files of an earlier process, and those that somebody changed

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
    return restore_pieces(environment, file, std::move(*manifest));
  }
  if (part == Part::progress && ready.action == ContentAction::read) {
    if (ready.found) file.stored.decode(ready.bytes);
    return hash_on(environment, file);
  }
  if (part == Part::data && ready.action == ContentAction::hashed) take_restored_piece(environment, file, ready);
}

void Peer::restore_pieces(Environment& environment, SharedFile& file, Manifest manifest) {
  const std::uint32_t pieces = manifest.geometry.pieces();
  file.is_tree = manifest.is_tree;
  file.map = PieceMap(manifest.geometry, options_->block_size);
  file.hashes = std::move(manifest.pieces);
  const bool is_known = !file.was_whole && file.stored.size() == pieces;  // to this process
  if (!is_known) file.stored = Bitfield(pieces);
  file.availability.assign(pieces, 0);
  file.given.assign(pieces, 0);
  if (is_known) return hash_on(environment, file);
  if (!file.was_whole) return environment.read_content(file.key(Part::progress));
  for (std::uint32_t piece = 0; piece < pieces; ++piece) file.stored.set(piece);
  hash_on(environment, file);
}

// The first piece of a file of people's that is wrong says enough.
void Peer::take_restored_piece(Environment& environment, SharedFile& file, const ContentReady& ready) {
  if (file.hashing == 0) return;
  const Geometry& geometry = file.geometry();
  const auto piece = static_cast<std::uint32_t>(ready.range.offset / geometry.piece_size);
  file.is_file = file.is_file || ready.is_file;
  const bool has_grown = ready.is_file && ready.found && ready.file_size != geometry.size;
  const bool is_right =
      ready.found && !has_grown && (geometry.pieces() == 0 || to_digest(ready.bytes) == file.hashes[piece]);
  if (is_right && geometry.pieces() > 0) {
    file.map.restore(piece);
    announcer_.announce(context_of(environment), links_, file, piece);
  }
  if (!is_right && file.is_file) {
    file.is_spoilt = true;
    file.is_gone = ready.is_file && !ready.file_size;
    file.next_hash = std::max(geometry.pieces(), 1U);
  }
  --file.hashing;
  hash_on(environment, file);
}

// Without its manifest an interrupted download begins again; an added file is forgotten.
void Peer::refuse_stored(Environment& environment, SharedFile& file) {
  if (file.is_file) {
    environment.print("What was noted of " + file.local_name() + " is damaged; ADD it again to offer it");
    return remove_file(environment, file.number);
  }
  file.state = State::seeking;
  file.exporting = false;
  file.stored = Bitfield{};
  if (!file.paused) resume_download(environment, file);
}

void Peer::finish_restoring(Environment& environment, SharedFile& file) {
  file.stored = Bitfield{};
  if (std::exchange(file.changed, false)) return verify_again(environment, file);
  if (file.is_spoilt) return drop_changed(environment, file, !file.is_gone);
  const bool whole = file.map.complete();
  if (whole) {
    file.add_again = false;
    file.hashes = {};
    file.state = State::complete;
    if (file.exporting) export_file(environment, file);
    announcer_.tell_all(context_of(environment), links_, files_);
    review_links(environment, file);
    return save_catalogue(environment, file.number);
  }
  const std::string progress = std::to_string(file.map.verified_count()) + " of " +
                               std::to_string(file.geometry().pieces()) + " pieces are here";
  file.exporting = false;
  file.state = State::downloading;
  if (file.paused) {
    environment.print(file.name() + " is paused: " + progress);
    return review_links(environment, file);
  }
  environment.trace(index_of(TraceEvent::download_resumed),
                    {short_id(file.root), file.map.verified_count(), file.geometry().pieces()});
  environment.print(file.name() + " is fetched on: " + progress);
  resume_download(environment, file);
  review_links(environment, file);
}

// Offered to nobody until all of it has been hashed again, or all that is noted of a download that is to go on.
void Peer::verify_again(Environment& environment, SharedFile& file, bool was_whole) {
  for (Link& link : links_)
    if (link.file == file.number) drop_link(environment, link, CloseReason::not_shared);
  file.state = State::restoring;
  file.was_whole = was_whole;
  file.exporting = !file.is_file;
  file.paused = false;
  file.is_spoilt = false;
  if (!was_whole) file.stored = file.map.verified();
  file.map = PieceMap();
  file.hashes = {};
  file.fetched = {};
  file.next_hash = file.hashing = 0;
  environment.hash_content(file.manifest_range());
}

// The host says that a file is not what it was. Where only its dates changed it is found whole again.
void Peer::handle_changed(Environment& environment, SharedFile& file, bool is_there) {
  if (!file.is_file) return;
  if (file.state == State::adding) {
    environment.refuse("changed", file.name() + " changed while it was being added; ADD it again");
    return remove_file(environment, file.number);
  }
  if (!is_there) return drop_changed(environment, file, false);
  if (file.state == State::restoring) {
    file.changed = true;
  } else if (file.state == State::complete) {
    verify_again(environment, file);
  }
}

// Names that other files of the same content have are offered still.
void Peer::drop_changed(Environment& environment, SharedFile& file, bool is_there) {
  const std::string name = file.local_name();
  std::vector<std::string> others(file.names.begin() + 1, file.names.end());
  const std::string remedy = file.add_again ? "" : "; ADD " + shown_name(name) + " offers it as it is now";
  environment.print(name +
                    (is_there ? " has changed and is offered no more" + remedy : " is gone, and is offered no more"));
  if (is_there && file.add_again) others.push_back(name);
  environment.trace(index_of(TraceEvent::file_dropped), {short_id(file.root), is_there});
  remove_file(environment, file.number);
  for (const std::string& other : others) add_file(environment, other);
}

}  // namespace peerbed::swarm
