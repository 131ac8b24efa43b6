// Nothing that arrives is believed until its hash matches: the manifest against the root, each piece against the
// manifest. A source that alone sent a wrong piece has its ban score for that file raised. A wrong piece from several
// senders is fetched again from one alone.

#include <utility>

#include "protocols/swarm/handshake.h"
#include "protocols/swarm/interest.h"
#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

// ---------------------------------------------------------------------------------------------------------------------
// The manifest

void Peer::handle_manifest(Environment& environment, Link& link, const Frame& frame) {
  SharedFile* file = file_numbered(link.file);
  const bool is_asked =
      file != nullptr && file->is_sought() && file->download->manifest.expects(link.stream) && !link.receiving_manifest;
  const bool has_none = frame.size == 0 && !link.theirs.is_announced();
  const bool is_sane = frame.size >= manifest_header_size && frame.size <= maximum_content_read;
  if (!is_asked || (!is_sane && !has_none)) return refuse_frame(environment, link);
  if (has_none) {
    file->download->manifest.end();
    file->download->manifest.ask_any(context_of(environment), links_, file->number);
    return await_frame(environment, link);
  }
  link.receiving_manifest = true;
  file->manifest_size = frame.size;
  environment.receive_content(link.stream, file->manifest_range());
  await_frame(environment, link);
}

void Peer::handle_manifest_hash(Environment& environment, SharedFile& file, const ContentReady& ready) {
  if (!file.download || part_of(ready.key) != Part::manifest) return;
  if (!ready.found) return fail_download(environment, file, "the disk does not give it back");
  if (ready.action == ContentAction::hashed) {
    if (to_digest(ready.bytes) == file.root) return environment.read_content(ready.key);
    ManifestQuery& query = file.download->manifest;
    Link* link = links_.find(query.from());
    query.end();
    environment.erase_content(ready.key);
    raise_ban_score(environment, file, query.peer());
    if (link != nullptr) drop_link(environment, *link, CloseReason::wrong_bytes);  // it gives its manifest once
    return query.ask_any(context_of(environment), links_, file.number);
  }
  if (ready.action != ContentAction::read) return;
  const auto manifest = Manifest::decode(ready.bytes);
  if (!manifest) return fail_download(environment, file, "its root names no manifest");
  take_manifest(environment, file, *manifest);
}

void Peer::take_manifest(Environment& environment, SharedFile& file, const Manifest& manifest) {
  file.state = State::downloading;
  file.set_manifest(manifest, options_->block_size);
  file.download->manifest.end();
  file.download->note_progress(environment.now());
  save_catalogue(environment, files_, file.number);
  const Context context = context_of(environment);
  context.trace(TraceEvent::manifest_verified,
                {short_id(file.root), file.geometry().size, file.geometry().pieces(),
                 static_cast<std::uint64_t>((environment.now() - file.download->started).count())});
  if (file.map.complete()) return finish_download(environment, file);
  for (Link& link : links_) {
    const bool is_greeted = link.is_open() || (link.stage == Link::Stage::greeting && link.opened_here);
    if (link.file != file.number || !is_greeted) continue;
    introduce(context, link, file);
    if (!link.theirs.is_announced()) continue;
    if (link.theirs.take_held(file.map, file.availability)) {
      update_interest(context, link, true);
    } else {
      refuse_frame(environment, link);
    }
  }
  requester_.ask(context, links_, file);
}

// ---------------------------------------------------------------------------------------------------------------------
// Pieces

// What was being hashed while its download failed counts all the same: another DOWN goes on from there.
void Peer::handle_piece_hash(Environment& environment, SharedFile& file, const ContentReady& ready) {
  if (part_of(ready.key) != Part::data) return;
  const Context context = context_of(environment);
  const auto piece = static_cast<std::uint32_t>(ready.range.offset / file.geometry().piece_size);
  const OpenPiece* open = file.map.find(piece);
  if (open == nullptr || !open->hashing) return;
  requester_.cancel_piece(context, links_, file, piece);
  if (!ready.found) {
    file.map.reject(piece);
    if (file.download) fail_download(environment, file, "the disk does not give it back");
    return;
  }
  const bool is_right = to_digest(ready.bytes) == file.hashes[piece];
  const Address source = open->mixed ? Address{} : open->contributor;
  if (is_right) {
    file.map.accept(piece);
    save_progress(environment, file);  // before it is told: what somebody heard of is not fetched again
  }
  context.trace(is_right ? TraceEvent::piece_verified : TraceEvent::piece_rejected,
                {short_id(file.root), piece, source.value, file.geometry().size_of(piece)});
  if (is_right) {
    if (file.download) file.download->note_progress(environment.now());
    announcer_.announce(context, links_, file, piece);
    if (file.download && file.map.complete()) finish_download(environment, file);
    return;
  }
  file.map.reject(piece);
  if (file.download) {
    file.download->fragments.reopen_piece(file.map, piece);
    file.download->duplicates += file.geometry().size_of(piece);
  }
  if (source) raise_ban_score(environment, file, source);
  if (file.download) requester_.ask(context, links_, file);
}

void Peer::raise_ban_score(Environment& environment, SharedFile& file, Address peer) {
  if (!ban_scores_.raise(peer, file.root, options_->ban_after)) return;
  environment.trace(index_of(TraceEvent::source_banned), {short_id(file.root), peer.value});
  environment.print(to_string(peer) + " sent wrong bytes of " + file.name() + " and is asked for it no more");
  if (file.download) file.download->search.sources().remove(peer);
  for (Link& link : links_)
    if (link.peer == peer && link.file == file.number) drop_link(environment, link, CloseReason::wrong_bytes);
}

// ---------------------------------------------------------------------------------------------------------------------
// The end

void Peer::finish_download(Environment& environment, SharedFile& file) {
  const Download& download = *file.download;
  const Duration taken = environment.now() - download.started;
  environment.trace(index_of(TraceEvent::download_done),
                    {static_cast<std::uint64_t>(taken.count()), file.geometry().size, download.duplicates,
                     static_cast<std::uint64_t>(download.longest_stall.count())});
  announcer_.tell_all(context_of(environment), links_, files_);
  file.state = State::complete;
  file.hashes = {};
  file.download.reset();
  file.fetched_in = taken;
  export_file(environment, file);
  save_catalogue(environment, files_, file.number);
  count_exchange(environment);
  review_links(environment, file);
  choker_.fill_slots(context_of(environment), links_, files_);
}

// Of an empty file nothing has come that could be a file.
void Peer::export_file(Environment& environment, SharedFile& file) {
  file.exporting = true;
  if (file.geometry().size == 0 && !file.is_file) environment.write_content(file.key(Part::data), {});
  environment.export_content(file.key(Part::data), file.local_name(), file.is_tree);
}

// What could not become a file is kept, and served, and may be tried again.
void Peer::handle_exported(Environment& environment, SharedFile& file, const ContentReady& ready) {
  file.exporting = false;
  const auto taken = std::exchange(file.fetched_in, std::nullopt);
  if (!ready.found) {
    environment.refuse("not-written", file.name() + " could not be written as a file" + reason_in(ready.bytes) +
                                          "; it is kept, and DOWN tries again");
    return environment.trace(index_of(TraceEvent::download_failed),
                             {static_cast<std::uint64_t>(taken.value_or(Duration{}).count()), 0});
  }
  file.is_file = true;
  const std::string text(reinterpret_cast<const char*>(ready.bytes.data()), ready.bytes.size());
  if (!text.empty() && text != file.local_name()) files_.set_file_name(file, text);
  save_catalogue(environment, files_, file.number);
  if (!taken) return;
  const std::string as = file.file_name.empty() ? "" : " as " + file.file_name;
  environment.print(file.name() + " is here" + as + ": " + std::to_string(file.geometry().size) + " bytes in " +
                    std::to_string(taken->count() / 1'000'000) + " ms");
}

void Peer::count_exchange(Environment& environment) {
  environment.trace(index_of(TraceEvent::exchange_counted), {uploads_.uploaded(), requester_.downloaded()});
}

}  // namespace peerbed::swarm
