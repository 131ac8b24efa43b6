#pragma once
// What crossed the links of a run's network, and what waited and was dropped in their queues, over time. A plain table,
// stored as links.csv in a run's folder (docs/file-formats.md).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/time.h"

namespace peerbed::analysis {

// A link in one interval.
struct LinkRow {
  double seconds = 0;                   // beginning of the interval
  std::string link;                     // "nodes.3 up", "nodes.3 down", "Oslo -> Rome"
  std::uint64_t rate = 0;               // bits a second; 0: unlimited, without a queue
  std::uint64_t queue = 0;              // size of the queue in bytes
  std::uint64_t packets = 0;            // that arrived
  std::uint64_t bytes = 0;              // of the packets that were not dropped here, with headers
  double utilisation = 0;               // share of the interval in which the link was sending
  std::uint64_t dropped_queue = 0;      // packets that found the queue full
  std::uint64_t dropped_loss = 0;       // lost by chance behind a host's up-link
  std::uint64_t dropped_partition = 0;  // stopped by a partition behind a host's up-link
  // Bytes in the queue and on the wire, over time.
  std::uint64_t queue_p50 = 0;
  std::uint64_t queue_p90 = 0;
  std::uint64_t queue_p99 = 0;
  std::uint64_t queue_max = 0;

  std::uint64_t dropped() const noexcept { return dropped_queue + dropped_loss + dropped_partition; }
};

// The whole numbers among a LinkRow's fields, by name, in the order of columns.
struct LinkColumn {
  std::string_view name;
  std::uint64_t LinkRow::*field;
};
constexpr std::array<LinkColumn, 11> link_columns{{{"rate", &LinkRow::rate},
                                                   {"queue", &LinkRow::queue},
                                                   {"packets", &LinkRow::packets},
                                                   {"bytes", &LinkRow::bytes},
                                                   {"dropped_queue", &LinkRow::dropped_queue},
                                                   {"dropped_loss", &LinkRow::dropped_loss},
                                                   {"dropped_partition", &LinkRow::dropped_partition},
                                                   {"queue_p50", &LinkRow::queue_p50},
                                                   {"queue_p90", &LinkRow::queue_p90},
                                                   {"queue_p99", &LinkRow::queue_p99},
                                                   {"queue_max", &LinkRow::queue_max}}};

// By interval, and within one by link: hosts in order, each up before down, then the topology's.
using LinkTable = std::vector<LinkRow>;

// Comma-separated values with a header: seconds, link, utilisation, and link_columns.
std::string links_csv(const LinkTable& table);

// Parses what links_csv wrote; nothing if the text is not valid.
std::optional<LinkTable> read_links(std::string_view csv);

}  // namespace peerbed::analysis
