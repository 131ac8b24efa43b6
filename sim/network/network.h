#pragma once
// The network between hosts: latency, loss, duplication, reordering, corruption, rates, partitions. Conditions are
// computed from a datagram's two ends, and stored for a pair of hosts only if that pair was singled out. All of them
// can change during a run. Draws are keyed by (seed, source, destination, instant, ordinal), so they do not depend on
// history.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/event.h"
#include "sim/core/node_set.h"
#include "sim/core/types.h"
#include "sim/network/backbone.h"
#include "sim/network/gateways.h"
#include "sim/network/latency.h"
#include "sim/network/link.h"
#include "sim/network/link_observer.h"
#include "sim/network/loss.h"
#include "sim/network/managed_links.h"
#include "sim/network/message_deeds.h"

namespace peerbed::sim {

// The path from one group of hosts, or one host, to another. Probabilities are per datagram.
struct PathConditions {
  LatencyModel latency{};  // one way, jitter included
  LossModel loss{};
  double duplicate = 0;  // a second copy, with its own latency
  double reorder = 0;    // held back by reorder_delay, so that later datagrams overtake it
  Duration reorder_delay{};
  double corrupt = 0;  // one bit is flipped
};

enum class DropCause : std::uint8_t { none, loss, queue, partition };

// The fate of one datagram on its way to the destination's host.
struct Transit {
  struct Copy {
    Time arrival;                  // at the host, or at the first link to cross
    std::uint64_t corruption = 0;  // a draw that selects the flipped bit; 0 for none
    LinkIndex link = no_link;      // the first link to cross
    Duration onward{};             // from the end of a managed up-link
  };
  DropCause dropped = DropCause::none;
  bool reordered = false;
  std::uint8_t copies = 0;
  std::array<Copy, 2> copy;
};

struct Datagram {
  NodeIndex source = no_node;
  NodeIndex destination = no_node;
  std::size_t size = 0;  // of payload, bytes
  Time sent;
  std::uint32_t ordinal = 0;  // among the datagrams that the source sent at this instant
  std::uint8_t kind = 0;      // Header::kind, for deeds on single messages
};

// Packets that leave together, as one segment of a stream. Each can be lost on its own.
struct Burst {
  static constexpr std::uint32_t maximum_packets = 64;
  NodeIndex source = no_node;
  NodeIndex destination = no_node;
  Time sent;
  std::uint64_t name = 0;       // distinguishes it from other bursts between the same hosts at this instant, for draws
  std::uint32_t packets = 1;    // at most maximum_packets
  std::uint64_t wire_size = 0;  // of all packets with their headers, bytes
  double undetected = 0;        // share of corrupted packets that a checksum does not catch
};

constexpr std::uint64_t all_packets(std::uint32_t count) noexcept {
  return count >= Burst::maximum_packets ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

struct BurstTransit {
  DropCause dropped = DropCause::none;  // the whole burst
  std::uint32_t lost = 0;               // packets, by chance
  std::uint32_t overflowed = 0;         // packets, by a full up-link without a discipline
  std::uint8_t copies = 0;
  bool reordered = false;
  // The first link to cross; the passages are those up to it. If it is the managed up-link, they are those to what is
  // behind it, as if it took no time.
  LinkIndex link = no_link;
  std::array<Passage, 2> copy;
};

// Is told the fate of each datagram between two hosts, unless all have the same fixed latency and nothing else needs
// deciding.
class FateObserver {
 public:
  virtual ~FateObserver() = default;
  virtual void on_fate(const Datagram& datagram, const Transit& transit) = 0;
};

class Network {
 public:
  static constexpr Duration loopback_latency = std::chrono::microseconds(10);

  explicit Network(std::uint64_t seed, AddressFamily family = AddressFamily::ipv4)
      : seed_(seed), family_(family), conditions_(1), between_groups_{0}, managed_(seed), gateways_(family) {}

  // The size of the IP and UDP headers in bytes. They count against rates.
  std::size_t datagram_overhead() const noexcept { return family_ == AddressFamily::ipv6 ? 48 : 28; }

  // Hosts begin in group 0 at site 0.
  void add_hosts(std::size_t count) {
    locations_.resize(locations_.size() + count);
    if (!links_.empty()) links_.resize(locations_.size());
    ++changes_;
  }
  std::size_t size() const noexcept { return locations_.size(); }  // hosts
  void set_group(NodeIndex node, GroupIndex group);
  void set_site(NodeIndex node, SiteIndex site) {
    locations_[node].site = site;
    ++changes_;
  }
  GroupIndex group(NodeIndex node) const { return locations_[node].group; }
  SiteIndex site(NodeIndex node) const { return locations_[node].site; }

  // The most specific conditions apply: those of a pair of hosts, else of a pair of groups, else the default. Each call
  // sets one direction.
  void set_default(const PathConditions& conditions);
  void set_between_groups(GroupIndex from, GroupIndex to, const PathConditions& conditions);
  void set_between_hosts(NodeIndex from, NodeIndex to, const PathConditions& conditions);
  const PathConditions& conditions(NodeIndex from, NodeIndex to) const {
    return conditions_[conditions_index(from, to)];
  }

  const PathConditions& default_conditions() const noexcept { return conditions_[0]; }
  // As conditions(), unless this pair of hosts was singled out.
  const PathConditions& conditions_of_groups(NodeIndex from, NodeIndex to) const {
    return conditions_[between_groups_[locations_[from].group * group_count_ + locations_[to].group]];
  }
  // Visits the pairs of hosts that were singled out: visit(from, to, conditions).
  template <class Visit>
  void for_each_pair(Visit&& visit) const {
    for (const auto& [pair, index] : between_hosts_) visit(pair.first, pair.second, conditions_[index]);
  }
  // How often hosts, conditions or links have changed.
  std::uint64_t changes() const noexcept { return changes_; }
  // Whether a datagram's fate depends on earlier ones, or is shown to somebody.
  bool has_deeds() const noexcept { return !deeds_.empty(); }
  bool has_memory() const noexcept {  // on some path, losses depend on earlier ones
    return std::any_of(conditions_.begin(), conditions_.end(),
                       [](const PathConditions& path) { return path.loss.has_memory(); });
  }
  bool has_fate_observer() const noexcept { return observer_.is_there(); }
  LinkObserver* link_observer() const noexcept { return link_observer_.get(); }

  // Draws one latency between two hosts, jitter included.
  Duration latency(NodeIndex from, NodeIndex to, KeyedStream& draws) const {
    return conditions(from, to).latency.sample(locations_[from].site, locations_[to].site, draws);
  }

  void set_uplink(NodeIndex node, const LinkLimit& limit);
  void set_downlink(NodeIndex node, const LinkLimit& limit);
  LinkLimit uplink(NodeIndex node) const { return links_.empty() ? LinkLimit{} : links_[node].up.limit(); }
  LinkLimit downlink(NodeIndex node) const { return links_.empty() ? LinkLimit{} : links_[node].down.limit(); }

  // Sets the links of a topology that have a rate. Traffic crosses the links on its path after its up-link and before
  // its down-link, even if its two hosts have a latency of their own. Jitter and the like apply before the first of
  // these links.
  void set_backbone(Backbone backbone);
  const Backbone& backbone() const noexcept { return backbone_; }
  void set_backbone_limit(LinkIndex link, const LinkLimit& limit);

  // NATs and firewalls: to be put there before anything is sent.
  Gateways& gateways() noexcept { return gateways_; }
  const Gateways& gateways() const noexcept { return gateways_; }

  // Drops everything sent from `from` to `to` until the partition is healed by name; both ways unless one_way. Traffic
  // already in flight arrives.
  void partition(std::string_view name, NodeSet from, NodeSet to, bool one_way);
  bool heal(std::string_view name);  // false when there is no such partition
  void heal_all() {
    cuts_.clear();
    note_change();
  }
  // Traffic from `from` to `to` waits until `until`, then leaves together.
  void clog(NodeSet from, NodeSet to, Time until);

  // From now on, counts messages until the one that this deed is about.
  void add_deed(const MessageDeed& deed) {
    deeds_.add(deed);
    note_change();
  }

  // The one fixed latency between all hosts, if nothing else needs deciding; else zero.
  Duration plain_latency() const noexcept { return plain_latency_; }
  Transit send(const Datagram& datagram) {
    const Transit transit = decide(datagram);
    if (observer_.is_there() && datagram.source != datagram.destination) observer_->on_fate(datagram, transit);
    return transit;
  }
  // Not owned; not copied with the network.
  void observe(FateObserver* observer) noexcept {
    observer_ = ObserverSlot(observer);
    ++changes_;
  }
  // The same; told of what hosts send one another, and of what arrives at links, unless the latency is plain.
  void observe_links(LinkObserver* observer) noexcept { link_observer_ = ObserverSlot(observer); }
  void prefetch_downlink(NodeIndex node) const noexcept {
    if (!links_.empty()) __builtin_prefetch(&links_[node].down);
  }
  bool has_downlink(NodeIndex node) const noexcept { return !links_.empty() && links_[node].down.is_crossed(); }
  // Passes a datagram whose event has come through its host's down-link. Returns when it is through, or why it was
  // dropped.
  std::pair<DropCause, Time> receive(const Event& event, std::size_t size);

  // The same for bursts, which share the links with datagrams. A link takes the packets of a burst as they arrive, from
  // `first` to `last`, and passes them on as they leave; those that find its queue full are lost, the last ones first.
  BurstTransit send(const Burst& burst);
  // Packets of a burst that do not get through a link.
  struct Losses {
    std::uint32_t overflowed = 0;
    std::uint32_t lost = 0;  // by chance
  };
  // Sets `passage` to what leaves the down-link.
  Losses receive(const Event& event, std::uint32_t packets, std::uint64_t wire_size, Passage& passage);
  // Traffic whose event has come arrives at a backbone link that is not managed, at `at` or from `passage.first` on.
  // Sets these to when it reaches the next link, and `link` to that link, or to no_link when the host is next.
  DropCause cross(LinkIndex& link, const Event& event, std::size_t size, Time& at);
  Losses cross(LinkIndex& link, const Event& event, std::uint32_t packets, std::uint64_t wire_size, Passage& passage);

  // Managed links: those whose queue has a discipline. A packet that reaches one is offered to it, and has left it when
  // a turn says so.
  bool has_managed() const noexcept { return has_managed_; }
  bool is_managed(LinkIndex link) const { return is_host_link(link) || backbone_.is_managed(link); }
  const ManagedLinks& managed() const noexcept { return managed_; }
  ManagedLinks::Turn offer(LinkIndex link, const QueuedPacket& packet, Time now, std::vector<QueuedPacket>& dropped);
  ManagedLinks::Turn take_turn(const Event& turn, std::vector<QueuedPacket>& dropped);
  // A packet is served now, until `at`. Sets `at` to when it reaches the next link, and `link` to that link, or to
  // no_link when the host is next. False if it was lost on the wire.
  bool leave(LinkIndex& link, const QueuedPacket& packet, Time now, Time& at);
  // The most bytes that a host hands to its up-link at once: an eighth of its queue, but at least one packet. Managed
  // queues get packets one by one.
  std::uint64_t burst_limit(NodeIndex node) const noexcept {
    if (links_.empty() || !links_[node].up.is_limited()) return UINT64_MAX;
    return links_[node].up.is_managed() ? 0 : links_[node].up.limit().queue_bytes / 8;
  }
  // The same for the other queues on the way to another host.
  std::uint64_t burst_limit(NodeIndex source, NodeIndex destination) const {
    if (destination < links_.size() && links_[destination].down.is_managed()) return 0;
    if (backbone_.empty()) return UINT64_MAX;
    return backbone_.smallest_queue(locations_[source].site, locations_[destination].site) / 8;
  }

 private:
  template <class Observer>
  class ObserverSlot {
   public:
    ObserverSlot() = default;
    explicit ObserverSlot(Observer* observer) noexcept : observer_(observer) {}
    ObserverSlot(const ObserverSlot&) noexcept {}
    ObserverSlot(ObserverSlot&&) = default;
    ObserverSlot& operator=(const ObserverSlot&) noexcept { return *this = ObserverSlot(); }
    ObserverSlot& operator=(ObserverSlot&&) = default;
    ~ObserverSlot() = default;

    bool is_there() const noexcept { return observer_ != nullptr; }
    Observer* get() const noexcept { return observer_; }
    Observer* operator->() const noexcept { return observer_; }

   private:
    Observer* observer_ = nullptr;
  };
  struct Location {
    SiteIndex site = 0;
    GroupIndex group = 0;
  };
  struct Links {
    Link up;
    Link down;
  };
  struct Cut {
    std::string name;
    NodeSet from, to;
    bool one_way = false;
  };
  struct Clog {
    NodeSet from, to;
    Time until;
  };
  using HostPair = std::pair<NodeIndex, NodeIndex>;

  void note_change();
  Transit decide(const Datagram& datagram);
  // For the observer of links, after a link took or dropped what arrived: a datagram, or a burst.
  void show_arrival(const LinkName& name, const LinkArrival& arrival) const {
    link_observer_->on_arrival(name, state_of(link_at(name), arrival), arrival);
  }
  void show_arrival(const LinkName& name, Time at, std::uint64_t wire_size, bool fits) const;
  void show_arrival(const LinkName& name, const Passage& arrived, std::uint32_t packets, std::uint64_t wire_size,
                    std::uint32_t dropped) const;
  void show_path_drop(NodeIndex source, Time sent, DropCause cause, std::uint32_t packets) const;
  // Whether a link lost packets by chance.
  bool is_shown_lost(LinkIndex link, Time at, std::uint32_t packets) const {
    if (link_observer_.is_there() && packets > 0) link_observer_->on_wire_loss(name_of(link), at, packets);
    return packets > 0;
  }
  const Link& link_at(const LinkName& name) const;
  std::size_t conditions_index(NodeIndex from, NodeIndex to) const;
  std::size_t add_conditions(const PathConditions& conditions);
  Links& links(NodeIndex node);
  bool is_cut(NodeIndex from, NodeIndex to) const noexcept;
  Backbone::Leg first_leg(NodeIndex source, NodeIndex destination) const {
    return backbone_.first_leg(locations_[source].site, locations_[destination].site);
  }
  void enter_backbone(const Burst& burst, BurstTransit& transit) const;
  void manage(LinkIndex link, const LinkLimit& limit);
  // The managed down-link of a host, or no_link.
  LinkIndex last_link(NodeIndex destination) const noexcept {
    return has_managed_ && !links_.empty() && links_[destination].down.is_managed() ? downlink_of(destination)
                                                                                    : no_link;
  }
  Link& host_link(LinkIndex link) {
    Links& both = links_[(link & ~link_of_host) >> 1];
    return is_downlink(link) ? both.down : both.up;
  }
  KeyedStream chance(LinkIndex link, const Event& event) const;
  void count(const ManagedLinks::Turn& turn, std::uint32_t packets, std::size_t dropped, Time now);
  void scatter(const LatencyModel& latency, const Burst& burst, std::uint64_t key, Passage& passage) const;
  bool is_lost(const PathConditions& path, const Datagram& datagram, std::uint64_t key);
  MessageDeeds::Fate take_deeds(const Datagram& datagram);

  std::uint64_t seed_;
  AddressFamily family_;
  Duration plain_latency_{};
  std::uint64_t changes_ = 0;
  std::vector<PathConditions> conditions_;  // index 0 is the default
  std::size_t group_count_ = 1;
  std::vector<std::uint32_t> between_groups_;  // group_count_ squared indices into conditions_
  std::map<HostPair, std::uint32_t> between_hosts_;
  std::vector<Location> locations_;
  std::vector<Links> links_;  // empty while no host has a limit
  Backbone backbone_;
  ManagedLinks managed_;
  bool has_managed_ = false;
  Gateways gateways_;
  std::vector<Cut> cuts_;
  std::vector<Clog> clogs_;
  MessageDeeds deeds_;
  ObserverSlot<FateObserver> observer_;
  ObserverSlot<LinkObserver> link_observer_;
  std::map<HostPair, LossState> bursts_;  // state of the Gilbert-Elliott paths used so far
};

}  // namespace peerbed::sim
