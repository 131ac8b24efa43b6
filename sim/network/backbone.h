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

struct BackboneLink {
  SiteIndex from = 0;
  SiteIndex to = 0;
  Duration delay{};  // propagation delay of the wire
  LinkLimit limit;
};

// What a link of the backbone has done so far.
struct LinkUse {
  std::uint64_t packets = 0;  // offered
  std::uint64_t dropped = 0;  // of these, by the queue
  std::uint64_t lost = 0;     // by chance, on the wire
  std::uint64_t bytes = 0;    // carried, with headers
  Duration longest_wait{};    // in the queue, for a datagram or the first packet of a burst
};

class Backbone {
 public:
  Backbone() = default;
  // Each link of the topology becomes two, one per direction. `usual` supplies what the topology does not say about a
  // link's rate or queue; a link without a rate has no queue. `delays` are shortest_path_delays(topology).
  Backbone(const Topology& topology, std::shared_ptr<const DelayMatrix> delays, const LinkLimit& usual);

  // Whether no link ever has a rate, so that nothing crosses it.
  bool empty() const noexcept { return !is_used_; }
  // With the limits of the topology. Ordered by their first site, then as in the file.
  std::span<const BackboneLink> links() const noexcept;
  const LinkUse& use(LinkIndex link) const { return use_[link]; }
  // From now on a link has this limit. Until then, the one above.
  void set_limit(LinkIndex link, const LinkLimit& limit);
  const Link& link(LinkIndex link) const { return links_[link]; }

  // Part of a route: up to the queue of the next link that has a rate, or to the destination.
  struct Leg {
    LinkIndex link = no_link;
    Duration time{};   // travel time of this part
    Duration ahead{};  // travel time of the rest of the route, without transmission and queueing; zero where it is not
                       // needed
  };
  Leg first_leg(SiteIndex from, SiteIndex to) const;
  // The leg that starts at the far end of a link.
  Leg leg_behind(LinkIndex link, SiteIndex to) const;
  bool is_managed(LinkIndex link) const { return links_[link].is_managed(); }
  // The smallest queue on a route; UINT64_MAX when none of its links has a rate, and 0 when one is managed.
  std::uint64_t smallest_queue(SiteIndex from, SiteIndex to) const;

  // Like Link::take, and counts the use.
  bool take(LinkIndex link, std::uint64_t wire_size, Time& at);
  std::uint32_t take(LinkIndex link, std::uint32_t packets, std::uint64_t wire_size, Passage& passage);
  // Like Link::is_lost and Link::lose, and counts what is lost. On a link without chance, nothing is.
  bool has_chance(LinkIndex link) const { return links_[link].has_chance(); }
  bool is_lost(LinkIndex link, KeyedStream draws, Time& at);
  std::uint32_t lose(LinkIndex link, KeyedStream draws, std::uint32_t packets, Passage& passage);
  // What a managed queue did with packets.
  LinkUse& use(LinkIndex link) { return use_[link]; }

 private:
  struct Map {
    std::shared_ptr<const DelayMatrix> delays;
    std::vector<BackboneLink> links;    // sorted by their first site
    std::vector<LinkIndex> first_from;  // index of each site's first link, and one past the last link
  };

  LinkIndex next_link(SiteIndex at, SiteIndex to) const;
  LinkIndex loop_at(SiteIndex site) const;
  Leg leg(SiteIndex at, SiteIndex to, Duration time) const;

  std::shared_ptr<const Map> map_;  // shared by copies
  std::vector<Link> links_;         // parallel to the map's links
  std::vector<LinkUse> use_;
  bool is_used_ = false;
};

}  // namespace peerbed::sim
