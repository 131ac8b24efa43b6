#include "protocols/swarm/exchange/requester.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/swarm/exchange/block_choice.h"
#include "protocols/swarm/exchange/interest.h"

namespace peerbed::swarm {

namespace {

constexpr unsigned requests_together = 4;

ContentRange range_of(const SharedFile& file, const Block& block) noexcept {
  return {file.key(Part::data), file.geometry().offset_of(block.piece) + block.offset, block.size};
}

// Whether a block that begins to arrive goes to its place. Never two sources write there at once, and nobody after the
// block is whole: what was verified would not stay so.
bool is_useful(const SharedFile& file, const Link& link, const Block& block) noexcept {
  if (!file.download || !file.map.is_missing(block)) return false;
  const OpenPiece& piece = *file.map.find(block.piece);
  return !piece.lone || piece.owner == link.stream;
}

}  // namespace

void Requester::ask(const Context& context, LinkTable& links, SharedFile& file) {
  for (Link& link : links)
    if (link.file == file.number) ask(context, links, file, link);
}

void Requester::ask(const Context& context, LinkTable& links, SharedFile& file, Link& link) {
  if (file.state != SharedFile::State::downloading || !file.download) return;
  if (!link.is_open() || link.choked || link.requests.is_stalled() || !link.theirs.is_known()) return;
  const std::uint64_t target = target_outstanding(context.options, file, link);
  // Several requests in one packet cost no more than one.
  const std::uint64_t batch =
      std::min<std::uint64_t>(target / 4, std::uint64_t{requests_together} * file.map.block_size());
  if (link.requests.outstanding() + batch > target && !file.map.is_ending()) return;
  while (link.requests.outstanding() < target && link.requests.unanswered().size() < maximum_requests) {
    if (!tokens_.may_spend(context.now())) return context.environment.set_timer(download_timer, tokens_.wait());
    const auto block = choose_block(context, links, file, link);
    if (!block) return;
    request(context, file, link, *block);
  }
}

void Requester::request(const Context& context, SharedFile& file, Link& link, const Block& block) {
  link.requests.add(file.fetching(), block, context.now());
  tokens_.spend(block.size);
  context.say(link, Frame{FrameKind::request, block.piece, block.offset, block.size});
}

// ---------------------------------------------------------------------------------------------------------------------
// What comes

Link* Requester::overtaken(const Context& context, LinkTable& links, SharedFile& file, const Link& link,
                           const Block& block) {
  if (!is_useful(file, link, block) || !file.map.is_arriving(block)) return nullptr;
  const auto writes_it = [&](const Link& other) {
    const auto& receiving = other.requests.receiving();
    return &other != &link && other.serves(link.file) && receiving && !other.requests.is_to_scratch() &&
           receiving->block == block;
  };
  const auto writer = std::find_if(links.begin(), links.end(), writes_it);
  PEERBED_CONTRACT(writer != links.end(), "a block that arrives has a source that writes it");
  const Duration here = link.requests.pace().time_for(block.size) + context.options.request_margin;
  const bool is_slow = context.now() - writer->requests.last_progress() >= 2 * here;
  return is_slow && file.map.overtake(block) ? &*writer : nullptr;
}

void Requester::start_arrival(const Context& context, SharedFile& file, Link& link, const Block& block) {
  const bool is_welcome = is_useful(file, link, block) && !file.map.is_arriving(block);
  link.requests.set_place(file.fetching(), is_welcome);
  context.environment.receive_content(link.stream,
                                      is_welcome ? range_of(file, block) : ContentRange{scratch_key, 0, block.size});
}

Requester::Delivery Requester::finish_arrival(const Context& context, LinkTable& links, SharedFile& file, Link& link,
                                              bool kept) {
  PEERBED_CONTRACT(link.requests.receiving().has_value(), "what is delivered has begun to arrive");
  const Block block = link.requests.receiving()->block;
  note_delivery(context.now(), file, link);
  const bool counts = !link.requests.is_to_scratch() && is_useful(file, link, block);
  if (counts && kept) keep(context, links, file, link, block);
  link.requests.end_arrival(file.fetching());
  if (!file.download) return Delivery::taken;
  if (counts && !kept) return Delivery::disk_failed;
  if (!counts) {
    file.download->duplicates += block.size;
    context.trace(TraceEvent::block_wasted, {short_id(file.root), link.peer.value, block.size});
  }
  if (link.requests.is_stalled()) link.requests.revive(file.fetching());
  ask(context, links, file, link);
  return Delivery::taken;
}

void Requester::note_delivery(Time now, SharedFile& file, Link& link) {
  const std::uint64_t size = link.requests.receiving()->block.size;
  link.requests.note_delivery(now);
  if (link.received == 0 && file.download) file.download->search.sources().note_delivery(link.peer);
  link.received += size;
  downloaded_ += size;
  if (file.download) file.download->note_block(size, now);
}

void Requester::keep(const Context& context, LinkTable& links, SharedFile& file, Link& link, const Block& block) {
  file.download->kept += block.size;
  file.download->note_progress(context.now());
  const bool doubled = file.map.is_doubled(block);
  if (file.map.receive(block, link.peer))
    context.environment.hash_content(
        {file.key(Part::data), file.geometry().offset_of(block.piece), file.geometry().size_of(block.piece)});
  if (!doubled) return;
  for (Link& other : links) {
    if (!other.serves(link.file) || &other == &link) continue;
    for (unsigned copies = other.requests.release_copies(file.fetching(), block); copies > 0; --copies)
      context.say(other, Frame{FrameKind::cancel, block.piece, block.offset, block.size});
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What will not come

void Requester::take_reject(const Context& context, LinkTable& links, SharedFile& file, Link& link,
                            const Block& block) {
  const auto was_expected = link.requests.reject(file.fetching(), block);
  if (!was_expected) return;  // it crossed with a choke
  // So the other side does not have the piece after all.
  if (*was_expected && link.theirs.take_back(block.piece, file.map, file.availability)) {
    link.requests.disown(file.fetching(), link.stream);
    if (file.download) file.download->fragments.leave(link.stream);
    update_interest(context, link, file.download.has_value());
  }
  ask(context, links, file, link);
}

void Requester::take_choke(const Context& context, LinkTable& links, SharedFile& file, Link& link) {
  link.requests.void_all(file.fetching(), link.stream, false);
  ask(context, links, file);
}

void Requester::lose(const Context& context, LinkTable& links, SharedFile& file, Link& link) {
  PEERBED_CONTRACT(link.is_closed(), "what is lost is closed");
  if (file.download) {
    const auto lost = file.download->fragments.lose(file.map, link.stream, link.requests.outstanding() > 0);
    file.download->duplicates += lost.bytes;
    for (const std::uint32_t piece : lost.pieces)
      for (Link& other : links)
        if (other.file == file.number && other.is_open() && other.theirs.note_missing(piece))
          update_interest(context, other, true);
  }
  link.requests.void_all(file.fetching(), link.stream, true);
}

void Requester::stall(const Context& context, SharedFile& file, Link& link) {
  const std::uint64_t bytes = link.requests.stall(file.fetching(), link.stream);
  context.trace(TraceEvent::ranges_reassigned, {short_id(file.root), link.peer.value, bytes});
}

void Requester::cancel_piece(const Context& context, LinkTable& links, SharedFile& file, std::uint32_t piece) {
  const OpenPiece* open = file.map.find(piece);
  if (open == nullptr || open->claims.any() == 0) return;
  for (Link& link : links) {
    if (!link.serves(file.number)) continue;
    for (const Block& block : link.requests.release_piece(file.fetching(), piece))
      context.say(link, Frame{FrameKind::cancel, block.piece, block.offset, block.size});
  }
}

}  // namespace peerbed::swarm
