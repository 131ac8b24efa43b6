// Nothing that arrives is believed until its hash matches: the manifest against the root, each piece against the
// manifest. A source that alone sent a wrong piece has its ban score for that file raised. A wrong piece from several
// senders is fetched again from one alone.

#include <algorithm>
#include <utility>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

// ---------------------------------------------------------------------------------------------------------------------
// The manifest

void Peer::ask_manifest(Environment& environment, SharedFile& file) {
  for (const Link& link : links_)
    if (link.file == file.number && link.is_open() && link.has_manifest) ask_manifest(environment, file, link);
}

// One source at a time is asked.
void Peer::ask_manifest(Environment& environment, SharedFile& file, const Link& link) {
  if (file.state != State::seeking || !file.download || file.download->manifest_from != StreamId{}) return;
  file.download->manifest_from = link.stream;
  file.download->manifest_peer = link.peer;
  file.download->manifest_asked = environment.now();
  say(environment, link, Frame{.kind = FrameKind::manifest_query});
}

void Peer::handle_manifest(Environment& environment, Link& link, const Frame& frame) {
  SharedFile* file = file_numbered(link.file);
  const bool is_asked = file != nullptr && file->state == State::seeking && file->download &&
                        file->download->manifest_from == link.stream && !link.receiving_manifest;
  const bool has_none = frame.size == 0 && !link.has_manifest;
  const bool is_sane = frame.size >= manifest_header_size && frame.size <= maximum_content_read;
  if (!is_asked || (!is_sane && !has_none)) return refuse_frame(environment, link);
  if (has_none) {
    file->download->manifest_from = StreamId{};
    ask_manifest(environment, *file);
    return await_frame(environment, link);
  }
  link.receiving_manifest = true;
  file->manifest_size = frame.size;
  environment.receive_content(link.stream, file->manifest_range());
  await_frame(environment, link);
}

void Peer::handle_manifest_received(Environment& environment, Link& link, SharedFile& file, const StreamEvent& event) {
  link.receiving_manifest = false;
  if (file.state != State::seeking || !file.download) return;
  if (event.kind == StreamEventKind::content_lost)
    return fail_download(environment, file, "the disk does not take it" + reason_in(event.bytes));
  file.download->manifest_here = true;
  environment.hash_content(file.manifest_range());
}

void Peer::handle_manifest_hash(Environment& environment, SharedFile& file, const ContentReady& ready) {
  if (!file.download || part_of(ready.key) != Part::manifest) return;
  if (!ready.found) return fail_download(environment, file, "the disk does not give it back");
  if (ready.action == ContentAction::hashed) {
    if (to_digest(ready.bytes) == file.root) return environment.read_content(ready.key);
    Link* link = links_.find(file.download->manifest_from);
    file.download->manifest_from = StreamId{};
    file.download->manifest_here = false;
    environment.erase_content(ready.key);
    raise_ban_score(environment, file, file.download->manifest_peer);
    if (link != nullptr) drop_link(environment, *link, CloseReason::wrong_bytes);  // it gives its manifest once
    return ask_manifest(environment, file);
  }
  if (ready.action != ContentAction::read) return;
  const auto manifest = Manifest::decode(ready.bytes);
  if (!manifest) return fail_download(environment, file, "its root names no manifest");
  take_manifest(environment, file, *manifest);
}

void Peer::take_manifest(Environment& environment, SharedFile& file, const Manifest& manifest) {
  file.state = State::downloading;
  file.is_tree = manifest.is_tree;
  file.map = PieceMap(manifest.geometry, options_->block_size);
  file.hashes = manifest.pieces;
  file.availability.assign(manifest.geometry.pieces(), 0);
  file.given.assign(manifest.geometry.pieces(), 0);
  file.download->manifest_from = StreamId{};
  file.download->manifest_here = false;
  file.download->note_progress(environment.now());
  save_catalogue(environment, file.number);
  environment.trace(index_of(TraceEvent::manifest_verified),
                    {short_id(file.root), file.geometry().size, file.geometry().pieces(),
                     static_cast<std::uint64_t>((environment.now() - file.download->started).count())});
  if (file.map.complete()) return finish_download(environment, file);
  for (Link& link : links_) {
    const bool is_greeted = link.is_open() || (link.stage == Link::Stage::greeting && link.opened_here);
    if (link.file != file.number || !is_greeted) continue;
    introduce(environment, link, file);
    if (!link.has_manifest) continue;
    if (!take_pieces(link, file, link.raw_pieces)) {
      refuse_frame(environment, link);
      continue;
    }
    link.raw_pieces = {};
    update_interest(environment, link);
  }
  request_blocks(environment, file);
}

// ---------------------------------------------------------------------------------------------------------------------
// Pieces

// What was being hashed while its download failed counts all the same: another DOWN goes on from there.
void Peer::handle_piece_hash(Environment& environment, SharedFile& file, const ContentReady& ready) {
  if (part_of(ready.key) != Part::data) return;
  const auto piece = static_cast<std::uint32_t>(ready.range.offset / file.geometry().piece_size);
  const OpenPiece* open = file.map.find(piece);
  if (open == nullptr || !open->hashing) return;
  cancel_piece(environment, file, piece);
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
  environment.trace(index_of(is_right ? TraceEvent::piece_verified : TraceEvent::piece_rejected),
                    {short_id(file.root), piece, source.value, file.geometry().size_of(piece)});
  if (is_right) {
    if (file.download) file.download->note_progress(environment.now());
    announce(environment, file, piece);
    if (file.download && file.map.complete()) finish_download(environment, file);
    return;
  }
  file.map.reject(piece);
  if (file.download) {
    reopen_fragments(file, piece);
    file.download->duplicates += file.geometry().size_of(piece);
  }
  if (source) raise_ban_score(environment, file, source);
  if (file.download) request_blocks(environment, file);
}

// No longer wants the piece of those who have it, and tells those who lack it: at once where they may ask for it, and
// soon where it is news among others.
void Peer::announce(Environment& environment, SharedFile& file, std::uint32_t piece) {
  file.fetched.push_back(piece);
  for (Link& link : links_) {
    if (link.file != file.number || !link.is_open()) continue;
    if (link.theirs.size() > 0 && link.theirs.test(piece)) {
      --link.wanted;
    } else if (link.peer_choked ? !link.peer_interested && !link.spreads : link.queue.empty()) {
      send_have(environment, link, file);
    }
  }
  if (telling_) return;
  telling_ = true;
  environment.set_timer(have_timer, options_->have_period);
}

void Peer::send_have(Environment& environment, Link& link, const SharedFile& file) {
  if (!link.introduced) return;
  std::array<std::uint32_t, 3> pieces{no_piece, no_piece, no_piece};
  std::size_t count = 0;
  const auto write = [&] {
    say(environment, link, Frame{FrameKind::have, pieces[0], pieces[1], pieces[2]});
    pieces.fill(no_piece);
    count = 0;
  };
  for (; link.told < file.fetched.size(); ++link.told) {
    const std::uint32_t piece = file.fetched[link.told];
    if (!link.spreads && link.theirs.size() > 0 && link.theirs.test(piece)) continue;
    pieces[count++] = piece;
    if (count == pieces.size()) write();
  }
  if (count > 0) write();
}

void Peer::send_haves(Environment& environment) {
  telling_ = false;
  for (Link& link : links_)
    if (const SharedFile* file = link.is_open() ? file_numbered(link.file) : nullptr) {
      send_have(environment, link, *file);
      lose_interest(environment, link);
    }
}

void Peer::raise_ban_score(Environment& environment, SharedFile& file, Address peer) {
  if (!ban_scores_.raise(peer, file.root, options_->ban_after)) return;
  environment.trace(index_of(TraceEvent::source_banned), {short_id(file.root), peer.value});
  environment.print(to_string(peer) + " sent wrong bytes of " + file.name() + " and is asked for it no more");
  if (file.download)
    std::erase_if(file.download->sources, [peer](const Source& source) { return source.peer == peer; });
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
  send_haves(environment);
  file.state = State::complete;
  file.hashes = {};
  file.download.reset();
  file.fetched_in = taken;
  export_file(environment, file);
  save_catalogue(environment, file.number);
  count_exchange(environment);
  review_links(environment, file);
  fill_slots(environment);
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
  save_catalogue(environment, file.number);
  if (!taken) return;
  const std::string as = file.file_name.empty() ? "" : " as " + file.file_name;
  environment.print(file.name() + " is here" + as + ": " + std::to_string(file.geometry().size) + " bytes in " +
                    std::to_string(taken->count() / 1'000'000) + " ms");
}

void Peer::count_exchange(Environment& environment) {
  environment.trace(index_of(TraceEvent::exchange_counted), {uploaded_, downloaded_});
}

}  // namespace peerbed::swarm
