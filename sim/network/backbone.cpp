#include "sim/network/backbone.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "protocols/environment/contract.h"
#include "sim/network/topology.h"

namespace peerbed::sim {

namespace {

// Null if there is nothing special about the link.
std::shared_ptr<const LinkTraits> traits_of(const TopologyLink& link, const LinkLimit& limit) {
  LinkTraits traits = limit.traits ? *limit.traits : LinkTraits{};
  traits.loss = link.loss.value_or(traits.loss);
  traits.jitter = link.jitter.value_or(traits.jitter);
  if (link.discipline && *link.discipline != traits.discipline.kind) traits.discipline = {.kind = *link.discipline};
  if (!limit.is_limited()) traits.discipline = {};  // there is no queue
  return traits == LinkTraits{} ? nullptr : std::make_shared<const LinkTraits>(traits);
}

std::vector<BackboneLink> directed_links(const Topology& topology, const LinkLimit& usual) {
  std::vector<BackboneLink> links;
  for (const TopologyLink& link : topology.links) {
    LinkLimit limit = usual;
    if (link.from == link.to) limit = {.rate = {}, .queue_bytes = usual.queue_bytes};
    if (link.rate.bits_per_second != 0) limit = {link.rate, limit.queue_bytes, nullptr, limit.traits};
    if (link.queue_bytes != 0) limit.queue_bytes = link.queue_bytes;
    if (link.loss || link.jitter || link.discipline) limit.traits = traits_of(link, limit);
    links.push_back({link.from, link.to, link.delay, limit});
    if (!link.one_way) links.push_back({link.to, link.from, link.delay, limit});
  }
  std::stable_sort(links.begin(), links.end(),
                   [](const BackboneLink& a, const BackboneLink& b) { return a.from < b.from; });
  return links;
}

bool is_crossed(const BackboneLink& link) { return link.limit.is_limited() || link.limit.traits; }

}  // namespace

Backbone::Backbone(const Topology& topology, std::shared_ptr<const DelayMatrix> delays, const LinkLimit& usual) {
  std::vector<BackboneLink> links = directed_links(topology, usual);
  is_used_ = std::any_of(links.begin(), links.end(), is_crossed);
  for (const BackboneLink& link : links) links_.emplace_back().set(link.limit);
  use_.resize(links.size());
  std::vector<LinkIndex> first_from(delays->size() + 1);
  for (const BackboneLink& link : links) ++first_from[link.from + std::size_t{1}];
  for (std::size_t site = 0; site < delays->size(); ++site) first_from[site + 1] += first_from[site];
  map_ = std::make_shared<const Map>(Map{std::move(delays), std::move(links), std::move(first_from)});
}

void Backbone::set_limit(LinkIndex link, const LinkLimit& limit) {
  links_[link].set(limit);
  is_used_ = is_used_ || links_[link].is_crossed();
}

std::span<const BackboneLink> Backbone::links() const noexcept {
  return map_ == nullptr ? std::span<const BackboneLink>() : std::span<const BackboneLink>(map_->links);
}

// The first link of a shortest path: the rest of the path is shorter by that link's delay.
LinkIndex Backbone::next_link(SiteIndex at, SiteIndex to) const {
  const DelayMatrix& delays = *map_->delays;
  const Duration left = delays(at, to);
  for (LinkIndex link = map_->first_from[at]; link < map_->first_from[at + std::size_t{1}]; ++link) {
    const BackboneLink& candidate = map_->links[link];
    if (candidate.delay <= left && candidate.delay + delays(candidate.to, to) == left) return link;
  }
  PEERBED_CONTRACT(false, "the delays of a backbone are those of its shortest paths");
  return no_link;
}

Backbone::Leg Backbone::leg(SiteIndex at, SiteIndex to, Duration time) const {
  while (at != to) {
    const LinkIndex next = next_link(at, to);
    if (links_[next].is_crossed()) return {next, time, {}};
    time += map_->links[next].delay;
    at = map_->links[next].to;
  }
  return {no_link, time, {}};
}

// The loop of a site, which traffic within it crosses, or no_link.
LinkIndex Backbone::loop_at(SiteIndex site) const {
  for (LinkIndex link = map_->first_from[site]; link < map_->first_from[site + std::size_t{1}]; ++link)
    if (map_->links[link].to == site && links_[link].is_crossed()) return link;
  return no_link;
}

Backbone::Leg Backbone::first_leg(SiteIndex from, SiteIndex to) const {
  if (from == to) {
    const LinkIndex loop = loop_at(from);
    return {loop, {}, loop == no_link ? Duration{} : map_->links[loop].delay};
  }
  Leg first = leg(from, to, {});
  if (first.link != no_link) first.ahead = (*map_->delays)(map_->links[first.link].from, to);
  return first;
}

Backbone::Leg Backbone::leg_behind(LinkIndex link, SiteIndex to) const {
  return leg(map_->links[link].to, to, map_->links[link].delay);
}

std::uint64_t Backbone::smallest_queue(SiteIndex from, SiteIndex to) const {
  std::uint64_t smallest = UINT64_MAX;
  for (SiteIndex at = from; at != to;) {
    const LinkIndex next = next_link(at, to);
    if (links_[next].is_managed()) return 0;
    if (links_[next].is_limited()) smallest = std::min(smallest, links_[next].limit().queue_bytes);
    at = map_->links[next].to;
  }
  return smallest;
}

bool Backbone::take(LinkIndex link, std::uint64_t wire_size, Time& at) {
  LinkUse& use = use_[link];
  const Duration wait = links_[link].free_at() - at;
  const bool taken = links_[link].take(wire_size, at);
  ++use.packets;
  use.dropped += taken ? 0 : 1;
  if (!taken) return false;
  use.bytes += wire_size;
  use.longest_wait = std::max(use.longest_wait, wait);
  return true;
}

std::uint32_t Backbone::take(LinkIndex link, std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  LinkUse& use = use_[link];
  const Duration wait = links_[link].free_at() - passage.first;
  const auto coming = packets - static_cast<std::uint32_t>(std::popcount(passage.lost));
  const std::uint32_t dropped = links_[link].take(packets, wire_size, passage);
  use.packets += coming;
  use.dropped += dropped;
  if (dropped == coming) return dropped;
  use.bytes += wire_size * (coming - dropped) / packets;
  use.longest_wait = std::max(use.longest_wait, wait);
  return dropped;
}

bool Backbone::is_lost(LinkIndex link, KeyedStream draws, Time& at) {
  if (!has_chance(link) || !links_[link].is_lost(draws, at)) return false;
  ++use_[link].lost;
  return true;
}

std::uint32_t Backbone::lose(LinkIndex link, KeyedStream draws, std::uint32_t packets, Passage& passage) {
  if (!has_chance(link)) return 0;
  const std::uint32_t lost = links_[link].lose(draws, packets, passage);
  use_[link].lost += lost;
  return lost;
}

}  // namespace peerbed::sim
