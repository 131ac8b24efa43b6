#include "protocols/swarm/exchange/uploads.h"

#include <algorithm>

#include "protocols/swarm/exchange/advising.h"
#include "protocols/swarm/exchange/announcer.h"

namespace peerbed::swarm {

Uploads::Verdict Uploads::take_request(const Context& context, LinkTable& links, SharedFile* file, Link& link,
                                       const Frame& frame) {
  if (file == nullptr || !file->has_manifest()) return Verdict::out_of_place;
  if (link.slot.is_void()) return Verdict::settled;
  const Geometry& geometry = file->geometry();
  const bool is_sane = frame.piece < geometry.pieces() && frame.size > 0 && frame.size <= largest_block &&
                       frame.offset < geometry.size_of(frame.piece) &&
                       frame.size <= geometry.size_of(frame.piece) - frame.offset;
  if (!is_sane || link.uploads.is_full()) return Verdict::out_of_place;
  if (!file->map.verified().test(frame.piece)) {
    context.say(link, Frame{FrameKind::reject, frame.piece, frame.offset, frame.size});
    return Verdict::settled;
  }
  link.slot.note_request(context.now());
  link.uploads.add({frame.piece, frame.offset, frame.size});
  if (frame.offset == 0) note_given(context, links, *file, link, frame.piece);
  if (std::find(turns_.begin(), turns_.end(), link.stream) == turns_.end())
    turns_.insert(link.uploads.is_in_turn() ? turns_.begin() : turns_.end(), link.stream);
  return Verdict::queued;
}

void Uploads::take_cancel(const Context& context, Link& link, const Frame& frame) {
  if (link.uploads.cancel({frame.piece, frame.offset, frame.size}))
    context.say(link, Frame{FrameKind::reject, frame.piece, frame.offset, frame.size});
}

bool Uploads::take_manifest_query(const Context& context, const SharedFile* file, Link& link) {
  if (file == nullptr || link.manifest_sent) return false;
  if (!file->has_manifest()) {  // it may have been lost since it was said to be here
    context.say(link, Frame{.kind = FrameKind::manifest, .size = 0});
    return true;
  }
  link.manifest_sent = true;
  context.say(link, Frame{.kind = FrameKind::manifest, .size = file->manifest_size});
  context.environment.send_content(link.stream, file->manifest_range());
  return true;
}

void Uploads::serve(const Context& context, LinkTable& links, FileTable& files) {
  if (timer_runs_) return;
  for (std::size_t i = 0; i < turns_.size();) {
    const auto turn = turns_.begin() + static_cast<std::ptrdiff_t>(i);
    Link* link = links.find(*turn);
    if (link == nullptr || link->uploads.empty()) {
      turns_.erase(turn);
    } else if (!link->uploads.may_send()) {
      ++i;
    } else if (!tokens_.may_spend(context.now())) {
      timer_runs_ = true;
      return context.environment.set_timer(upload_timer, tokens_.wait());
    } else if (send_block(context, *files.numbered(link->file), *link)) {
      std::rotate(turn, turn + 1, turns_.end());
    }
  }
}

// The next block of the stream. Returns whether its turn is over.
bool Uploads::send_block(const Context& context, const SharedFile& file, Link& link) {
  const auto [block, ends_turn] = link.uploads.send(file.geometry());
  uploaded_ += block.size;
  tokens_.spend(block.size);
  tell_pieces(context, link, file);  // it costs no packet of its own here
  context.say(link, Frame{FrameKind::block, block.piece, block.offset, block.size});
  context.environment.send_content(
      link.stream, {file.key(Part::data), file.geometry().offset_of(block.piece) + block.offset, block.size});
  return ends_turn;
}

}  // namespace peerbed::swarm
