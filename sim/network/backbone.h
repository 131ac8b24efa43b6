#pragma once
// The links of a topology that all hosts share, with their own rates and queues, and the routes over them from site to
// site. Routes follow from the delays of shortest paths, link by link: only the delay is kept for each pair of sites.
// Of equally short routes, each site takes the link that comes first in the file.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/core/types.h"
#include "sim/network/delay_matrix.h"
#include "sim/network/link.h"

namespace peerbed::sim {

struct Topology;

// One direction of a link of the backbone.
using LinkIndex = std::uint32_t;
constexpr LinkIndex no_link = UINT32_MAX;

struct BackboneLink {
  SiteIndex from = 0;
  SiteIndex to = 0;
  Duration delay{};  // behind the wire
  LinkLimit limit;
};

// What a link of the backbone has done so far.
struct LinkUse {
  std::uint64_t packets = 0;  // that came
  std::uint64_t dropped = 0;  // of these, because the queue was full
  std::uint64_t bytes = 0;    // carried, with headers
  Duration longest_wait{};    // of a datagram or the first packet of a burst in the queue
};

class Backbone {
 public:
  Backbone() = default;
  // The topology's links, each as two. What the topology does not say of a link's rate or queue is as in `usual`; a
  // link without a rate holds nothing up. `delays` are shortest_path_delays(topology).
  Backbone(const Topology& topology, std::shared_ptr<const DelayMatrix> delays, const LinkLimit& usual);

  // There is no link with a rate.
  bool empty() const noexcept { return links_.empty(); }
  // In the order of their first site, then of the file.
  std::span<const BackboneLink> links() const noexcept;
  const LinkUse& use(LinkIndex link) const { return use_[link]; }

  // A stretch of a way: up to the queue of the next link that has a rate, or to the end of the way.
  struct Leg {
    LinkIndex link = no_link;
    Duration time{};   // that it takes
    Duration ahead{};  // and from there to the end, but for rates and queues; zero where nothing asks for it
  };
  Leg first_leg(SiteIndex from, SiteIndex to) const;
  // From behind a link's wire.
  Leg leg_behind(LinkIndex link, SiteIndex to) const;
  // The smallest queue on a way; UINT64_MAX when none of its links has a rate.
  std::uint64_t smallest_queue(SiteIndex from, SiteIndex to) const;

  // As Link::take, and counted.
  bool take(LinkIndex link, std::uint64_t wire_size, Time& at);
  std::uint32_t take(LinkIndex link, std::uint32_t packets, std::uint64_t wire_size, Passage& passage);

 private:
  struct Map {
    std::shared_ptr<const DelayMatrix> delays;
    std::vector<BackboneLink> links;    // by their first site
    std::vector<LinkIndex> first_from;  // of each site, and one past the last link
  };

  LinkIndex next_link(SiteIndex at, SiteIndex to) const;
  Leg leg(SiteIndex at, SiteIndex to, Duration time) const;

  std::shared_ptr<const Map> map_;  // shared by copies
  std::vector<Link> links_;         // of the map's links
  std::vector<LinkUse> use_;
};

}  // namespace peerbed::sim
