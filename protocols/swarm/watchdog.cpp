// Every download goes on or fails. What a silent source was asked for goes to others; a stream that may be dead is
// probed; a download that comes to nothing for half of its time to give up opens all its streams anew, and fails when
// that did not help. So none waits for ever, whatever it waits for.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr Duration longest_patience = std::chrono::seconds(30);

Duration known_round_trip(const Link& link) noexcept {
  return link.round_trip == Duration::max() ? Duration{0} : link.round_trip;
}

// How long a source may be silent that has been asked for something.
Duration patience_with_source(const Options& options, const SharedFile& file, const Link& link) noexcept {
  const Duration usual =
      link.pace.is_known()
          ? std::max({options.block_timeout, 4 * link.pace.time_for(file.map.block_size()), 3 * known_round_trip(link)})
          : 5 * options.block_timeout;
  return std::min(usual, longest_patience);
}

}  // namespace

void Peer::look_after_sources(Environment& environment, SharedFile& file) {
  Download& download = *file.download;
  for (Link& link : links_)
    if (link.file == file.number && link.is_open()) look_after_source(environment, file, link);
  look_after_manifest(environment, file);
  const Duration stall = environment.now() - download.last_progress;
  if (stall >= options_->give_up) return fail_download(environment, file, why_nothing_came(file));
  if (stall >= options_->give_up / 2 && !download.renewed) renew_links(environment, file);
  if (file.state == State::downloading) request_blocks(environment, file);
}

std::string_view Peer::why_nothing_came(const SharedFile& file) const noexcept {
  if (file.root.is_zero()) return "nobody offers it";
  return is_hopeful(file) ? "those who have what is missing do not send it" : "nobody has what is missing";
}

// Somebody is there who has what is missing.
bool Peer::is_hopeful(const SharedFile& file) const noexcept {
  return file.download->manifest_here || std::any_of(links_.begin(), links_.end(), [&](const Link& link) {
           return link.file == file.number && link.is_open() && link.wanted > 0;
         });
}

void Peer::look_after_source(Environment& environment, SharedFile& file, Link& link) {
  if (link.interested) probe(context_of(environment), link);
  if (!link.is_asked()) return;
  const Duration patience = patience_with_source(*options_, file, link);
  const Duration silence = environment.now() - link.last_progress;
  if (silence >= 2 * patience) {
    drop_link(environment, link, CloseReason::silent);
  } else if (silence >= patience && !link.stalled) {
    stall(environment, file, link);
  }
}

// The frame that announces the manifest takes a round trip, the manifest itself as long as its source needs.
void Peer::look_after_manifest(Environment& environment, SharedFile& file) {
  const Download& download = *file.download;
  if (download.manifest_from == StreamId{} || download.manifest_here) return;
  Link* link = links_.find(download.manifest_from);
  if (link == nullptr) return;
  const Duration patience =
      link->receiving_manifest ? longest_patience : 2 * options_->block_timeout + 3 * known_round_trip(*link);
  if (environment.now() - download.manifest_asked >= patience) drop_link(environment, *link, CloseReason::silent);
}

// What the present streams are good for has been seen. New ones find out who lives, what they have and whom they serve.
void Peer::renew_links(Environment& environment, SharedFile& file) {
  file.download->renewed = true;
  for (Link& link : links_) {
    const bool is_old = environment.now() - link.since >= options_->give_up / 2;
    if (link.file == file.number && link.is_open() && is_old) drop_link(environment, link, CloseReason::stuck);
  }
  for (Source& source : file.download->sources) {
    source.failures = source.refusals = 0;
    source.next_try = environment.now();
  }
}

// What was asked of a silent source is asked of others; if it comes first all the same, it counts.
void Peer::stall(Environment& environment, SharedFile& file, Link& link) {
  link.stalled = true;
  std::uint64_t bytes = 0;
  for (Request& request : link.requests) {
    if (!request.released) bytes += request.block.size;
    file.map.mark_doubled(request.block);
    release(file, request);
  }
  if (link.receiving) {
    file.map.mark_doubled(link.receiving->block);
    release(file, *link.receiving);
  }
  disown(file, link);
  environment.trace(index_of(TraceEvent::ranges_reassigned), {short_id(file.root), link.peer.value, bytes});
}

// A silent source has delivered after all: of what it was asked for, what nobody else was asked for meanwhile is its
// again.
void Peer::revive(SharedFile& file, Link& link) {
  link.stalled = false;
  for (Request& request : link.requests)
    if (request.released && file.map.is_free(request.block)) claim(file, request);
}

}  // namespace peerbed::swarm
