#include "protocols/swarm/exchange/exchange.h"

#include <algorithm>
#include <variant>

#include "protocols/environment/contract.h"
#include "protocols/swarm/exchange/advising.h"
#include "protocols/swarm/exchange/handshake.h"
#include "protocols/swarm/exchange/interest.h"
#include "protocols/swarm/exchange/watchdog.h"

namespace peerbed::swarm {

FileNumber Exchange::take(const ExchangeContext& context, const StreamEvent& event) {
  if (event.kind == StreamEventKind::accepted) {
    accept_or_refuse(context, event.stream, event.peer);
    return 0;
  }
  Link* link = links_.find(event.stream);
  if (link == nullptr) {
    partings_.read_on(context, event);
    return 0;
  }
  switch (event.kind) {
    case StreamEventKind::accepted:
      break;
    case StreamEventKind::opened:
      if (link->stage == Link::Stage::opening) take_opened(context, *link);
      break;
    case StreamEventKind::bytes_received:
      link->heard = context.now();
      take_bytes(context, *link, event.bytes);
      break;
    case StreamEventKind::content_received:
    case StreamEventKind::content_lost:
      link->heard = context.now();
      return take_content(context, *link, event.kind == StreamEventKind::content_received);
    case StreamEventKind::content_sent:
      link->uploads.note_sent();
      uploads_.serve(context, links_, context.files);
      choker_.end_turn(context, links_, context.files, *link);
      if (link->uploads.is_idle()) choker_.fill_slots(context, links_, context.files);
      break;
    case StreamEventKind::half_closed:
      drop(context, *link, CloseReason::lost);
      break;
    case StreamEventKind::closed:
    case StreamEventKind::reset:
      lose(context, *link, link->stage == Link::Stage::opening ? CloseReason::unreachable : CloseReason::lost);
      break;
  }
  return 0;
}

void Exchange::take_timer(const ExchangeContext& context, TimerId timer) {
  switch (timer) {
    case choke_timer:
      return choker_.begin_round(context, links_, context.files);
    case slot_timer:
      return choker_.take_idle_slots(context, links_, context.files);
    case have_timer:
      return announcer_.tell_all(context, links_, context.files);
    case upload_timer:
      return uploads_.serve_on(context, links_, context.files);
    case download_timer:
      for (SharedFile& file : context.files) requester_.ask(context, links_, file);
      return;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Streams begin

// There may be no room even to hear what the caller wants.
void Exchange::accept_or_refuse(const ExchangeContext& context, StreamId stream, Address peer) {
  if (!leaving_ && links_.size() < 2 * context.options.maximum_connections) {
    links_.accept(context, stream, peer).reader.await(context.environment, stream);
    return context.pulse.wake(context);
  }
  const CloseReason reason = leaving_ ? CloseReason::leaving : CloseReason::full;
  if (partings_.end(context, stream, reason, true) == Partings::End::parting) context.pulse.wake(context);
  context.trace(TraceEvent::link_closed, {peer.value, static_cast<std::uint64_t>(reason)});
}

void Exchange::take_opened(const ExchangeContext& context, Link& link) {
  SharedFile* file = context.files.numbered(link.file);
  if (file == nullptr) return;
  begin_opened(context, link, *file);
  if (file->is_sought() && file->download->search.sources().has_complete(link.peer))
    file->download->manifest.ask(context, link);
  link.reader.await(context.environment, link.stream);
}

void Exchange::take_hello(const ExchangeContext& context, Link& link, const Hello& hello) {
  SharedFile* file = link.opened_here ? context.files.numbered(link.file) : context.files.rooted(hello.root);
  const bool is_here = file != nullptr && (file->state != SharedFile::State::restoring || file->has_manifest());
  if (!is_here || file->root != hello.root) return drop(context, link, CloseReason::not_shared);
  if (!link.opened_here) {
    link.peer = link.peer.with_port(hello.port);
    link.file = file->number;
    if (ban_scores_.has_banned(link.peer, file->root, context.options.ban_after))
      return drop(context, link, CloseReason::wrong_bytes);
    while (Link* older = replaced_by(context, links_, link)) drop(context, *older, CloseReason::duplicate);
    if (const auto reason = reason_against(context, links_, link)) return drop(context, link, *reason);
    greet(context, link, *file);
    if (file->download)
      file->download->search.sources().note(context.self(), context.now(), context.options.retry_delay, link.peer, 0,
                                            false);
    introduce(context, link, *file);
  }
  begin_open(context, link, *file);
  link.reader.await(context.environment, link.stream);
}

std::vector<Address> Exchange::connect(const ExchangeContext& context, SharedFile& file) {
  std::vector<Address> silent;
  // Where nobody connected has anything to give, more are needed, whatever they cost.
  const bool is_enough = is_hopeful(file, links_) || file.is_sought();
  const std::size_t wanted = is_enough
                                 ? context.options.wanted_connections
                                 : std::max(context.options.wanted_connections, context.options.maximum_connections);
  Sources& sources = file.download->search.sources();
  for (const Address peer : sources.take_due(context.options, context.now(), links_, file.number, wanted)) {
    links_.open(context, file.number, peer, sources.patience_with(peer, context.options.connect_timeout));
    context.pulse.wake(context);
    if (context.options.hole_punching && sources.is_shy(peer)) silent.push_back(peer);
  }
  return silent;
}

void Exchange::meet(const ExchangeContext& context, const SharedFile& file, Address peer) {
  const bool has_room = links_.size() < 2 * context.options.maximum_connections;
  if (leaving_ || !has_room || links_.has(file.number, peer)) return;
  links_.open(context, file.number, peer, 2 * context.options.connect_timeout);
  context.pulse.wake(context);
}

// Even an attempt that still waits for an answer from its former life gives way. A stream to it may be of that life,
// too.
void Exchange::take_listed(const ExchangeContext& context, const ListChanges& changes) {
  const auto is_listed = [&](Address peer) {
    const auto all = changes.changes.all();
    return std::find(all.begin(), all.end(), ListChange{peer, true}) != all.end();
  };
  for (SharedFile& file : context.files) {
    if (!file.download) continue;
    for (Link& link : links_)
      if (link.file == file.number && is_listed(link.peer)) probe(context, link);
    Sources& sources = file.download->search.sources();
    for (const Source& source : sources.all()) {
      if (source.failures == 0 || !is_listed(source.peer)) continue;
      for (Link& link : links_)
        if (link.file == file.number && link.peer == source.peer && link.stage == Link::Stage::opening)
          drop(context, link, CloseReason::unreachable);
      sources.retry(source.peer, context.now());
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What arrives on them

void Exchange::take_bytes(const ExchangeContext& context, Link& link, Bytes bytes) {
  const auto heard = link.reader.read(context.environment, link.stream, bytes, link.stage == Link::Stage::greeting,
                                      link.theirs.is_announced());
  if (const auto* frame = std::get_if<Frame>(&heard)) return take_frame(context, link, *frame);
  if (const auto* hello = std::get_if<Hello>(&heard)) return take_hello(context, link, *hello);
  if (const auto* pieces = std::get_if<FrameReader::Pieces>(&heard)) return take_pieces(context, link, pieces->body);
  if (std::holds_alternative<FrameReader::Malformed>(heard)) refuse(context, link);
}

void Exchange::take_frame(const ExchangeContext& context, Link& link, const Frame& frame) {
  SharedFile* file = context.files.numbered(link.file);
  const Block block{frame.piece, frame.offset, frame.size};
  switch (frame.kind) {
    case FrameKind::hello:
    case FrameKind::pieces:
      break;  // their bodies are read first
    case FrameKind::block:
      return take_block(context, file, link, frame);
    case FrameKind::manifest:
      return take_manifest(context, file, link, frame);
    case FrameKind::have:
      for (const std::uint32_t piece : {frame.piece, frame.offset, frame.size})
        if (piece != no_piece && !link.is_closed()) take_have(context, file, link, piece);
      if (file == nullptr) break;
      requester_.ask(context, links_, *file, link);
      advise(context, links_, *file, link);
      break;
    case FrameKind::interested:
      link.slot.set_wanted(true);
      choker_.fill_slots(context, links_, context.files);
      break;
    case FrameKind::not_interested:
      link.slot.set_wanted(false);
      choker_.take_unwanted(context, links_, context.files, link);
      break;
    case FrameKind::unchoke:
      link.choked = false;
      if (file != nullptr) requester_.ask(context, links_, *file, link);
      lose_interest(context, link);
      break;
    case FrameKind::choke:
      link.choked = true;
      link.suggestions.clear();
      if (file != nullptr) requester_.take_choke(context, links_, *file, link);
      context.say(link, Frame{.kind = FrameKind::choke_seen});
      break;
    case FrameKind::choke_seen:
      link.slot.note_seen(context.now());
      break;
    case FrameKind::request:
      switch (uploads_.take_request(context, links_, file, link, frame)) {
        case Uploads::Verdict::out_of_place:
          return refuse(context, link);
        case Uploads::Verdict::queued:
          uploads_.serve(context, links_, context.files);
          break;
        case Uploads::Verdict::settled:
          break;
      }
      break;
    case FrameKind::cancel:
      Uploads::take_cancel(context, link, frame);
      break;
    case FrameKind::reject:
      if (file != nullptr) requester_.take_reject(context, links_, *file, link, block);
      break;
    case FrameKind::manifest_query:
      if (!Uploads::take_manifest_query(context, file, link)) return refuse(context, link);
      break;
    case FrameKind::suggest:
      link.suggestions.add(frame.piece, context.now());
      if (file != nullptr) requester_.ask(context, links_, *file, link);
      break;
    case FrameKind::goodbye:
      if (partings_.answer(context, link.stream, link.is_quiet() && !leaving_) == Partings::End::parting)
        context.pulse.wake(context);
      return lose(context, link, close_reason_of(frame.piece));
  }
  if (!link.is_closed()) link.reader.await(context.environment, link.stream);
}

void Exchange::take_pieces(const ExchangeContext& context, Link& link, Bytes body) {
  SharedFile* file = context.files.numbered(link.file);
  if (file == nullptr) return refuse(context, link);
  if (file->has_manifest()) {
    if (!link.theirs.take(body, file->map, file->availability)) return refuse(context, link);
    if (is_superfluous(link, *file)) return drop(context, link, CloseReason::done);
    update_interest(context, link, file->download.has_value());
    requester_.ask(context, links_, *file, link);
  } else {
    link.theirs.hold(body);
    if (file->is_sought()) file->download->manifest.ask_any(context, links_, file->number);
  }
  link.reader.await(context.environment, link.stream);
}

void Exchange::take_have(const ExchangeContext& context, SharedFile* file, Link& link, std::uint32_t piece) {
  if (file == nullptr) return refuse(context, link);
  const auto news =
      file->has_manifest() ? link.theirs.take_new(piece, file->map, file->availability) : link.theirs.hold_new(piece);
  if (news == TheirPieces::News::malformed) return refuse(context, link);
  if (news == TheirPieces::News::nothing) return;
  if (is_superfluous(link, *file)) return drop(context, link, CloseReason::done);
  if (news == TheirPieces::News::wanted) update_interest(context, link, file->download.has_value());
}

void Exchange::take_block(const ExchangeContext& context, SharedFile* file, Link& link, const Frame& frame) {
  const Block block{frame.piece, frame.offset, frame.size};
  if (file == nullptr || !link.requests.begin_arrival(block, context.now())) return refuse(context, link);
  if (Link* slower = requester_.overtaken(context, links_, *file, link, block))
    drop(context, *slower, CloseReason::overtaken);
  requester_.start_arrival(context, *file, link, block);
  link.reader.await(context.environment, link.stream);
}

void Exchange::take_manifest(const ExchangeContext& context, SharedFile* file, Link& link, const Frame& frame) {
  const bool is_asked =
      file != nullptr && file->is_sought() && file->download->manifest.expects(link.stream) && !link.receiving_manifest;
  const bool has_none = frame.size == 0 && !link.theirs.is_announced();
  const bool is_sane = frame.size >= manifest_header_size && frame.size <= maximum_content_read;
  if (!is_asked || (!is_sane && !has_none)) return refuse(context, link);
  if (has_none) {
    file->download->manifest.end();
    file->download->manifest.ask_any(context, links_, file->number);
  } else {
    link.receiving_manifest = true;
    file->manifest_size = frame.size;
    context.environment.receive_content(link.stream, file->manifest_range());
  }
  link.reader.await(context.environment, link.stream);
}

// All of a block is here, or of the manifest, though the disk may not have taken it.
FileNumber Exchange::take_content(const ExchangeContext& context, Link& link, bool is_kept) {
  SharedFile* file = context.files.numbered(link.file);
  if (file == nullptr) return 0;
  if (link.receiving_manifest) {
    link.receiving_manifest = false;
    if (!file->is_sought() || !file->download->manifest.expects(link.stream)) return 0;
    if (!is_kept) return file->number;
    file->download->manifest.note_arrival();
    context.environment.hash_content(file->manifest_range());
    return 0;
  }
  if (!link.requests.receiving()) return 0;
  const auto delivery = requester_.finish_arrival(context, links_, *file, link, is_kept);
  return delivery == Requester::Delivery::disk_failed ? file->number : 0;
}

// ---------------------------------------------------------------------------------------------------------------------
// Downloads

void Exchange::begin_download(const ExchangeContext& context, SharedFile& file) {
  PEERBED_CONTRACT(file.has_manifest() && file.download, "a download begins when its manifest is here");
  for (Link& link : links_) {
    const bool is_greeted = link.is_open() || (link.stage == Link::Stage::greeting && link.opened_here);
    if (link.file != file.number || !is_greeted) continue;
    introduce(context, link, file);
    if (!link.theirs.is_announced()) continue;
    if (link.theirs.take_held(file.map, file.availability)) {
      update_interest(context, link, true);
    } else {
      refuse(context, link);
    }
  }
  requester_.ask(context, links_, file);
}

void Exchange::announce(const ExchangeContext& context, SharedFile& file, std::uint32_t piece) {
  announcer_.announce(context, links_, file, piece);
}

void Exchange::cancel_piece(const ExchangeContext& context, SharedFile& file, std::uint32_t piece) {
  requester_.cancel_piece(context, links_, file, piece);
}

void Exchange::blame(const ExchangeContext& context, SharedFile& file, Address peer) {
  if (!ban_scores_.raise(peer, file.root, context.options.ban_after)) return;
  context.trace(TraceEvent::source_banned, {short_id(file.root), peer.value});
  context.environment.print(to_string(peer) + " sent wrong bytes of " + file.name() + " and is asked for it no more");
  if (file.download) file.download->search.sources().remove(peer);
  for (Link& link : links_)
    if (link.peer == peer && link.file == file.number) drop(context, link, CloseReason::wrong_bytes);
}

void Exchange::refuse_manifest(const ExchangeContext& context, SharedFile& file) {
  ManifestQuery& query = file.download->manifest;
  Link* link = links_.find(query.from());
  query.end();
  blame(context, file, query.peer());
  if (link != nullptr) drop(context, *link, CloseReason::wrong_bytes);  // it gives its manifest once
  query.ask_any(context, links_, file.number);
}

// ---------------------------------------------------------------------------------------------------------------------
// With each pulse

bool Exchange::is_busy() const noexcept {
  return !partings_.empty() ||
         std::any_of(links_.begin(), links_.end(), [](const Link& link) { return !link.is_open(); });
}

void Exchange::forgive(Duration late) noexcept {
  for (Link& link : links_) {
    link.since += late;
    link.requests.forgive(late);
  }
}

void Exchange::end_overdue(const ExchangeContext& context) {
  for (Link& link : links_)
    if (const auto reason = overdue(link, context.now())) drop(context, link, *reason);
}

bool Exchange::look_after(const ExchangeContext& context, SharedFile& file) {
  Download& download = *file.download;
  for (Link& link : links_)
    if (link.file == file.number && link.is_open()) look_after_source(context, file, link);
  if (Link* link = overdue_manifest(context.options, download, links_, context.now()))
    drop(context, *link, CloseReason::silent);
  switch (judge_download(context.options, download, context.now())) {
    case DownloadVerdict::hopeless:
      return false;
    case DownloadVerdict::stuck:
      download.renewed = true;
      for (Link& link : links_)
        if (link.file == file.number && is_old(context.options, link, context.now()))
          drop(context, link, CloseReason::stuck);
      download.search.sources().renew(context.now());
      break;
    case DownloadVerdict::fine:
      break;
  }
  requester_.ask(context, links_, file);
  return true;
}

void Exchange::look_after_source(const ExchangeContext& context, SharedFile& file, Link& link) {
  if (link.interested) probe(context, link);
  switch (judge_source(context.options, file, link, context.now())) {
    case SourceVerdict::silent:
      return drop(context, link, CloseReason::silent);
    case SourceVerdict::slow:
      return requester_.stall(context, file, link);
    case SourceVerdict::fine:
      break;
  }
}

void Exchange::review(const ExchangeContext& context, const SharedFile& file) {
  for (Link& link : links_) {
    if (link.file != file.number || !link.is_open()) continue;
    if (is_superfluous(link, file)) {
      drop(context, link, CloseReason::done);
    } else if (link.interested && !file.download) {
      tell_interest(context, link, false);
    } else {
      update_interest(context, link, file.download.has_value());
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Streams end

// The stream is gone: what was asked on it is anybody's again.
void Exchange::lose(const ExchangeContext& context, Link& link, CloseReason reason) {
  if (link.is_closed()) return;
  const bool was_open = link.is_open();
  links_.close(link);
  context.trace(TraceEvent::link_closed, {link.peer.value, static_cast<std::uint64_t>(reason)});
  const bool held_slot = choker_.lose(link);
  SharedFile* file = context.files.numbered(link.file);
  if (file == nullptr) return;
  link.theirs.leave(file->availability);
  withdraw_advice(*file, link);
  requester_.lose(context, links_, *file, link);
  if (held_slot) choker_.fill_slots(context, links_, context.files);
  if (!file->download) return;
  Download& download = *file->download;
  download.manifest.lose(link.stream);
  if (was_open) context.trace(TraceEvent::source_lost, {short_id(file->root), link.peer.value, link.received});
  download.search.sources().note_loss(link.peer, reason, context.now());
  if (file->is_sought()) download.manifest.ask_any(context, links_, file->number);
  requester_.ask(context, links_, *file);
}

// In peace where that can be, with a word that says why.
void Exchange::drop(const ExchangeContext& context, Link& link, CloseReason reason) {
  if (link.is_closed()) return;
  if (partings_.end(context, link.stream, reason, link.is_quiet() && !leaving_) == Partings::End::parting)
    context.pulse.wake(context);
  lose(context, link, reason);
}

void Exchange::refuse(const ExchangeContext& context, Link& link) {
  context.trace(TraceEvent::frame_refused, {link.peer.value});
  drop(context, link, CloseReason::refused_frame);
}

void Exchange::drop_all(const ExchangeContext& context, FileNumber file, CloseReason reason) {
  for (Link& link : links_)
    if (link.file == file) drop(context, link, reason);
}

void Exchange::cut_all(const Context& context, FileNumber file) {
  for (Link& link : links_) {
    if (!link.serves(file)) continue;
    context.environment.reset_stream(link.stream);
    links_.close(link);
    choker_.lose(link);
    context.trace(TraceEvent::link_closed, {link.peer.value, static_cast<std::uint64_t>(CloseReason::not_shared)});
  }
}

void Exchange::leave(const ExchangeContext& context) {
  leaving_ = true;
  for (Link& link : links_) drop(context, link, CloseReason::leaving);
}

}  // namespace peerbed::swarm
