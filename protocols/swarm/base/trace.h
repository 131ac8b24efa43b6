#pragma once
// The trace events of trackers and peers, for any analysis to count and measure. A file is named by the first eight
// bytes of its root, a peer by its address.

#include <array>

#include "protocols/environment/trace.h"
#include "protocols/swarm/base/close_reason.h"

namespace peerbed::swarm {

// Indices into trace_table.
enum class TraceEvent : std::uint16_t {
  peer_listed,
  peer_dropped,
  list_renewed,
  file_offered,
  file_added,
  download_started,
  manifest_verified,
  piece_verified,
  piece_rejected,
  source_gained,
  source_lost,
  source_banned,
  block_wasted,
  ranges_reassigned,
  download_done,
  download_resumed,
  download_failed,
  exchange_counted,
  datagram_refused,
  frame_refused,
  link_closed,
  file_dropped,
};

constexpr std::uint16_t index_of(TraceEvent event) noexcept { return static_cast<std::uint16_t>(event); }

// Why a tracker dropped a peer.
enum class DropReason : std::uint8_t { left, silent };

inline constexpr std::array<TraceEventType, 22> trace_table = {{
    // A tracker listed a peer, or dropped one (0: it left, 1: it was silent).
    {"peer.listed", {{{"peer", Unit::address}, {"peers", Unit::count}}}},
    {"peer.dropped", {{{"peer", Unit::address}, {"peers", Unit::count}, {"silent", Unit::flag}}}},
    // A peer asked a tracker for the whole list; first: for the first time in this epoch.
    {"list.renewed", {{{"tracker", Unit::address}, {"first", Unit::flag}}}},
    // GET learned of a file.
    {"file.offered", {{{"file", Unit::identifier}, {"size", Unit::bytes}, {"peers", Unit::count}}}},
    {"file.added", {{{"file", Unit::identifier}, {"size", Unit::bytes}, {"pieces", Unit::count}}}},
    {"download.started", {{{"file", Unit::identifier}}}},
    {"manifest.verified",
     {{{"file", Unit::identifier},
       {"size", Unit::bytes},
       {"pieces", Unit::count},
       {"latency", Unit::nanoseconds, Better::less}}}},
    // source: who sent all of it; 0 for several.
    {"piece.verified",
     {{{"file", Unit::identifier}, {"piece", Unit::count}, {"source", Unit::address}, {"size", Unit::bytes}}}},
    {"piece.rejected",
     {{{"file", Unit::identifier}, {"piece", Unit::count}, {"source", Unit::address}, {"size", Unit::bytes}}}},
    {"source.gained", {{{"file", Unit::identifier}, {"source", Unit::address}}}},
    {"source.lost", {{{"file", Unit::identifier}, {"source", Unit::address}, {"received", Unit::bytes}}}},
    {"source.banned", {{{"file", Unit::identifier}, {"source", Unit::address}}}},
    // Bytes that arrived a second time, or after their piece was given up.
    {"block.wasted", {{{"file", Unit::identifier}, {"source", Unit::address}, {"size", Unit::bytes}}}, Better::less},
    // A slow or dead source lost what it was asked for to others.
    {"ranges.reassigned", {{{"file", Unit::identifier}, {"source", Unit::address}, {"size", Unit::bytes}}}},
    // duplicates: bytes received but not kept; stall: the longest time without a byte.
    {"download.done",
     {{{"latency", Unit::nanoseconds, Better::less},
       {"size", Unit::bytes},
       {"duplicates", Unit::bytes, Better::less},
       {"stall", Unit::nanoseconds, Better::less}}}},
    // A new process found these pieces of an interrupted download whole.
    {"download.resumed", {{{"file", Unit::identifier}, {"pieces", Unit::count}, {"of", Unit::count}}}},
    {"download.failed", {{{"latency", Unit::nanoseconds}, {"received", Unit::bytes}}}, Better::less},
    // What a peer gave and got, all in all, when it was done with a download or left.
    {"exchange.counted", {{{"uploaded", Unit::bytes}, {"downloaded", Unit::bytes}}}},
    // A datagram or a frame of a stream that is no message of ours, damaged or absurd.
    {"datagram.refused", {{{"from", Unit::address}, {"size", Unit::bytes}, {"version", Unit::code}}}},
    {"frame.refused", {{{"source", Unit::address}}}},
    // An end of a stream between two peers; reason: a CloseReason.
    {"link.closed", {{{"peer", Unit::address}, {"reason", Unit::code}}}},
    // A file was changed on its disk, or is gone (changed: 0), and is offered no more.
    {"file.dropped", {{{"file", Unit::identifier}, {"changed", Unit::flag}}}},
}};

}  // namespace peerbed::swarm
