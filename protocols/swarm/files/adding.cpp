#include "protocols/swarm/files/adding.h"

#include <string>
#include <vector>

#include "protocols/environment/contract.h"
#include "protocols/swarm/files/catalogue.h"

namespace peerbed::swarm {

namespace {

using State = SharedFile::State;

std::string text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Hashes the next pieces; after the last one the manifest.
Adding hash_on(Environment& environment, SharedFile& file) {
  while (const auto piece = file.hashing.next()) environment.hash_content(file.piece_range(*piece));
  if (file.hashing.is_hashing()) return Adding::under_way;
  const std::vector<std::byte> manifest = Manifest{file.geometry(), file.hashes, file.is_tree}.encoded();
  file.manifest_size = static_cast<std::uint32_t>(manifest.size());
  environment.write_content(file.key(Part::manifest), manifest);
  environment.hash_content(file.manifest_range());
  return Adding::under_way;
}

Adding take_import(const Context& context, SharedFile& file, const ContentReady& ready) {
  const Geometry geometry{ready.range.size, context.options.piece_size};
  if (!ready.found || !geometry.is_valid()) {
    context.environment.refuse(
        ready.found ? "too-large" : "not-read",
        file.name() + (ready.found ? " is too large for pieces of this size; larger ones take --set "
                                     "piece_size=SIZE, up to 4MiB"
                                   : " could not be added" + reason_in(ready.bytes)));
    return Adding::failed;
  }
  file.is_tree = ready.is_tree;
  if (ready.is_tree) context.environment.print(file.name() + " is being added: " + text_of(ready.bytes));
  file.map = PieceMap(geometry, context.options.block_size);
  file.hashes.resize(geometry.pieces());
  file.hashing = HashQueue::of_all(geometry.pieces());
  return hash_on(context.environment, file);
}

}  // namespace

bool has_room(const Context& context, const FileTable& files) {
  if (files.size() < context.options.maximum_files) return true;
  context.environment.refuse("too-many", "A peer has at most " + std::to_string(context.options.maximum_files) +
                                             " files; REMOVE one, or give it more with --set maximum_files=N");
  return false;
}

bool is_read_anew(const SharedFile& file) noexcept { return file.is_tree && file.is_here(); }

void begin_adding(const Context& context, FileTable& files, std::string_view name) {
  if (!is_valid_name(name)) return context.environment.refuse("usage", std::string("ADD: ") + name_rule);
  if (SharedFile* present = files.in_directory(name)) {
    present->add_again = present->state == State::restoring;
    return context.environment.print(std::string(name) + " is here already");
  }
  if (!has_room(context, files)) return;
  SharedFile& file = files.create(State::adding, std::string(name));
  file.is_file = true;
  context.environment.import_content(file.key(Part::data), name);
}

Adding take_added(const Context& context, SharedFile& file, const ContentReady& ready) {
  PEERBED_CONTRACT(file.state == State::adding, "a file whose import or hashes come is being added");
  if (ready.action == ContentAction::imported) return take_import(context, file, ready);
  if (ready.action == ContentAction::written) {
    context.environment.refuse("disk-failed", file.name() + " could not be added" + reason_in(ready.bytes));
    return Adding::failed;
  }
  if (ready.action != ContentAction::hashed) return Adding::under_way;
  if (!ready.found) {
    context.environment.refuse("not-read", file.name() + " could not be read to its end");
    return Adding::failed;
  }
  if (part_of(ready.key) == Part::manifest) return Adding::hashed;
  file.hashes[ready.range.offset / file.geometry().piece_size] = to_digest(ready.bytes);
  file.hashing.note_hash();
  return hash_on(context.environment, file);
}

FileNumber double_of(const Context& context, FileTable& files, const SharedFile& added, const Root& root) {
  SharedFile* same = files.rooted(root);
  if (same == nullptr) return 0;
  if (same->state != State::complete || !same->is_file) return same->number;
  context.environment.print(added.name() + " is the same file as " + same->local_name());
  if (same->names.size() < maximum_names) files.add_name(*same, added.name());
  files.note_twin(added.number);
  return added.number;
}

void offer_added(const Context& context, FileTable& files, SharedFile& file, const Root& root) {
  PEERBED_CONTRACT(files.rooted(root) == nullptr, "there is one file of a root");
  const std::uint32_t pieces = file.geometry().pieces();
  files.set_root(file, root);
  file.state = State::complete;
  file.hashes = {};
  file.hashing = {};
  for (std::uint32_t piece = 0; piece < pieces; ++piece) file.map.restore(piece);
  file.availability.assign(pieces, 0);
  file.given = GivenPieces(pieces);
  save_catalogue(context.environment, files, file.number);
  context.trace(TraceEvent::file_added, {short_id(root), file.geometry().size, pieces});
  context.environment.print(file.name() + " is offered: " + to_string(root));
}

}  // namespace peerbed::swarm
