#pragma once
// What each part of a peer is lent while the peer handles one input, and the timers and draws that they share out.

#include "protocols/environment/environment.h"
#include "protocols/swarm/base/options.h"
#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/link/link.h"
#include "protocols/swarm/wire/frame.h"

namespace peerbed::swarm {

// Each timer of a peer fires once; "When..." says what the peer does then.
enum Timer : TimerId {
  tracker_timer,   // When a tracker may have been silent for too long, or has left a question unanswered.
  pulse_timer,     // When to look after operations in progress: overdue answers, silent sources, lost ones.
  choke_timer,     // When to assign the upload slots again.
  slot_timer,      // When a slot whose peer asks for nothing may be given to another.
  have_timer,      // When to announce new pieces to peers that were not told at once.
  upload_timer,    // When the upload limit allows the next block.
  download_timer,  // When the download limit allows the next request.
};

enum Purpose : std::size_t { draw_walk, draw_piece, draw_give, draw_optimistic_peer };

struct Context {
  Environment& environment;
  const Options& options;
  Address listed{};  // where trackers list this peer, as far as it knows

  // Who this peer is to others: behind a NAT, that is not its own address.
  Address self() const noexcept { return listed ? listed : environment.self(); }
  Time now() const noexcept { return environment.now(); }
  void trace(TraceEvent event, const TraceValues& values) const { environment.trace(index_of(event), values); }
  // Nothing is written on a stream that is no link any more.
  void say(const Link& link, const Frame& frame) const {
    if (link.stage != Link::Stage::closed) environment.write_stream(link.stream, frame);
  }
};

}  // namespace peerbed::swarm
