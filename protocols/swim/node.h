#pragma once
// A member of a group by SWIM (Das, Gupta and Motivala 2002) with Lifeguard (Dadgar, Phillips and Currey 2018): it
// probes one other after another, asks proxies to probe who does not answer, suspects who answers nobody, and passes on
// what it hears with all that it sends. It is a value that knows nothing of its host. All its state is bounded;
// docs/swim.md states the limits.

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/environment/timer_type.h"
#include "protocols/swim/gossip.h"
#include "protocols/swim/member_list.h"
#include "protocols/swim/options.h"
#include "protocols/swim/relays.h"
#include "protocols/swim/suspicions.h"
#include "protocols/swim/trace.h"
#include "protocols/swim/turns.h"

namespace peerbed::swim {

class Node {
 public:
  enum Timer : TimerId {
    period_timer,     // When the next member is to be probed.
    patience_timer,   // When the probed member has not answered in time.
    suspicion_timer,  // When a suspect is dead.
    relay_timer,      // When somebody that was pinged for another has not answered in time.
    sync_timer,       // When the list is to be compared with another member's, or nobody has answered.
  };
  static constexpr std::size_t timer_count = 5;
  static constexpr std::array<TimerType, timer_count> timers{{{"period", TimerUse::period},
                                                              {"patience", TimerUse::patience},
                                                              {"suspicion", TimerUse::patience},
                                                              {"relay", TimerUse::patience},
                                                              {"sync", TimerUse::period}}};
  static constexpr std::span<const TraceEventType> trace_events{trace_table};
  static constexpr std::span<const std::string_view> message_kinds{Messages::names};

  using SharedOptions = std::shared_ptr<const Options>;

  // A member that joins through any of the addresses (the first maximum_bootstrap of them are kept). With none but its
  // own it is the first of its group.
  static Node joining(SharedOptions options, Address self, std::span<const Address> bootstrap);
  // One of `members`, which are sorted and know each other already.
  static Node converged(SharedOptions options, Address self, std::span<const Address> members);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);  // docs/swim.md lists the commands
  void on_leave(Environment& environment);

  // What checks and analyses may see.
  const Options& options() const noexcept { return *options_; }
  Address self() const noexcept { return self_; }
  // Whether it has the list of another member.
  bool joined() const noexcept { return stage_ == Stage::member; }
  const MemberList& members() const noexcept { return members_; }
  bool lists(Address member) const noexcept;  // as alive or suspect
  unsigned local_health() const noexcept { return health_; }
  // The part of this state that another process may see (InspectableNode): the list and the local health.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  enum class Stage : std::uint8_t { joining, member, gone };

  // The member that is probed in this period.
  struct Probe {
    Address target{};
    std::uint32_t number = 0;
    BoundedList<Address, maximum_proxies> proxies;  // that were asked
    std::uint8_t nacks = 0;                         // of these
    bool is_answered = false;

    bool has_asked(Address proxy) const noexcept {
      return std::find(proxies.all().begin(), proxies.all().end(), proxy) != proxies.all().end();
    }
    auto fields() const { return std::tie(target, number, proxies, nacks, is_answered); }
  };

  Node(SharedOptions options, Address self, MemberList members) noexcept
      : options_(std::move(options)), self_(self), members_(std::move(members)) {}

  // Probing.
  void probe_next(Environment& environment);
  void end_probe(Environment& environment);
  void ask_proxies(Environment& environment);
  void handle_due_relays(Environment& environment);
  void change_health(Environment& environment, int change);
  Duration scaled(Duration duration) const noexcept { return duration * (1 + health_); }

  // Messages.
  Updates updates_for(Address to);
  void handle(Environment& environment, Address from, const Ping& ping);
  void handle(Environment& environment, Address from, const Ack& ack);
  void handle(Environment& environment, Address from, const PingRequest& request);
  void handle(Environment& environment, Address from, const Nack& nack);
  void handle(Environment& environment, Address from, const ListRequest& request);
  void handle(Environment& environment, Address from, const ListPage& page);
  void handle(Environment&, Address, const News&) {}

  // What is said of members.
  void learn(Environment& environment, const Update& update);
  void report(Environment& environment, const Update& update, MemberList::Change change, Duration suspected) const;
  void object(Environment& environment, const Update& update);
  void bury_overdue(Environment& environment);
  void await_suspects(Environment& environment);
  Patience patience() const noexcept { return Patience::of(*options_, members_.living()); }
  unsigned repeats() const noexcept;

  // Joining, and comparing lists.
  void sync(Environment& environment);
  void ask_for_list(Environment& environment, Address after);
  Address drawn_partner(Environment& environment) const;  // nowhere if there is nobody
  void end_sync(Environment& environment);

  void print_members(Environment& environment) const;

  SharedOptions options_;
  Address self_;
  MemberList members_;
  std::vector<Address> bootstrap_;
  Turns turns_;
  Gossip gossip_;
  Suspicions suspicions_;
  Relays relays_;
  std::optional<Probe> probe_;
  Address partner_{};              // who was asked for a page of its list; nowhere if nobody is
  std::uint32_t page_number_ = 0;  // of that request
  Time started_{};
  std::uint8_t health_ = 0;  // the local health multiplier, less one
  Stage stage_ = Stage::joining;

 public:
  // The whole state.
  auto fields() const {
    return std::tie(options_, self_, members_, bootstrap_, turns_, gossip_, suspicions_, relays_, probe_, partner_,
                    page_number_, started_, health_, stage_);
  }
};

}  // namespace peerbed::swim
