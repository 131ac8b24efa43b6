#pragma once
// The tracker: keeps the list of live peers, sends each of them heartbeats, and pushes every change of the list to all.
// It keeps nothing on disk: peers enrol again with a tracker that lost its memory.
//
// Of a list longer than maximum_listed a peer keeps a sample. It is told of all who leave, but only of a sample of
// those who come, a little larger than what it keeps; so what one who comes costs does not grow with the list, but for
// one look at each member. Each member is told versions of its own, which count the changes that it is told of.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/environment/timer_type.h"
#include "protocols/swarm/base/options.h"
#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/wire/messages.h"

namespace peerbed::swarm {

class Tracker {
 public:
  // Each timer fires once; "When..." says what the tracker does then.
  enum Timer : TimerId {
    heartbeat_timer,  // When the next peer is due a heartbeat, or has left one unanswered.
    push_timer,       // When to push the latest changes to all.
  };
  static constexpr std::size_t timer_count = 2;
  static constexpr std::array<TimerType, timer_count> timers{{{"heartbeat"}, {"push"}}};
  static constexpr std::span<const TraceEventType> trace_events{trace_table};
  static constexpr std::span<const std::string_view> message_kinds{Messages::names};

  explicit Tracker(SharedOptions options);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);  // list, quit
  void on_leave(Environment& environment);

  // What checks and analyses may see.
  ListVersion version() const noexcept { return {epoch_, changes_}; }
  std::size_t peers() const noexcept { return members_.size(); }
  bool lists(Address peer) const { return members_.contains(peer); }
  void for_each_peer(const std::function<void(Address)>& visit) const {  // in the order of addresses
    for (const auto& [peer, member] : members_) visit(peer);
  }

 private:
  struct Member {
    Time due{};                // of the next question, or of the answer to the last one
    unsigned asked = 0;        // questions in a row without an answer
    std::uint32_t number = 0;  // of the last question
    // Of the first `counted` changes, how many concern this peer; those before it was listed count as if all did.
    std::uint64_t counted = 0;
    std::uint64_t version = 0;
    auto fields() const { return std::tie(due, asked, number, counted, version); }
  };
  using Members = std::map<Address, Member>;
  struct Change {
    ListChange change{};
    std::uint32_t reach = 0;  // those to whom the peer weighs at most so much are told
    auto fields() const { return std::tie(change, reach); }
  };
  enum Purpose : std::size_t { draw_epoch };

  void enlist(Environment& environment, Address peer);
  void note_change(Environment& environment, Address peer, bool listed);
  void drop(Environment& environment, Address peer, bool silent);
  void schedule(Environment& environment, Address peer, Member& member, Time due);
  void arm(Environment& environment);
  void ask_due_peers(Environment& environment);
  void push(Environment& environment);
  std::uint32_t reach() const noexcept;
  static bool concerns(const Change& change, Address peer) noexcept;
  // How many of the changes from number `from` on concern a peer.
  std::uint64_t count_from(std::uint64_t from, Address peer) const noexcept;
  // All changes so far are counted. Returns the member's version.
  std::uint64_t update(Address peer, Member& member) const noexcept;
  // The same, and collects the changes from number `from` on that concern the member. They include all that were not
  // counted.
  void update(Address peer, Member& member, std::uint64_t from, std::vector<ListChange>& news) const;
  void send_page(Environment& environment, Members::value_type& to, Address after) const;
  // The latest changes that concern a peer, whose version is up to date. Returns how many datagrams were sent.
  std::size_t send_changes(Environment& environment, const Members::value_type& to, std::span<const ListChange> news,
                           std::size_t datagrams) const;

  void handle(Environment&, Address from, const Enrol&);
  void handle(Environment&, Address from, const Alive&);
  void handle(Environment&, Address from, const Leaving&);
  void handle(Environment&, Address from, const ListQuery&);
  void handle(Environment&, Address from, const Introduce&);

  SharedOptions options_;
  std::uint64_t epoch_ = 0;
  std::uint64_t changes_ = 0;      // so far
  std::uint64_t pushed_ = 0;       // of them
  std::uint64_t pushing_ = 0;      // of them, when a push is under way
  Address push_cursor_{};          // the last peer that it has reached
  std::deque<Change> remembered_;  // the last of them
  Members members_;                // the list
  std::set<std::pair<Time, Address>> due_;
  Time armed_ = Time::max();  // when the heartbeat timer fires

 public:
  // The whole state.
  auto fields() const {
    return std::tie(options_, epoch_, changes_, pushed_, pushing_, push_cursor_, remembered_, members_, due_, armed_);
  }
  // For a checker (check/canonical/questions.h), of a tracker that drops a peer after one missed heartbeat: only the
  // last one may be answered.
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    PEERBED_CONTRACT(options_->missed_heartbeats == 1, "only the number of the last heartbeat matters");
    for (auto& [peer, member] : members_) {
      if (member.asked > 0)
        visitor.question(member.number);
      else
        visitor.number_after(member.number, 1);
    }
  }
  // What of it can matter later, in a check (check/canonical/canonical_form.h). Where waits have no lengths, all peers
  // are due when the timer fires.
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(epoch_, changes_, pushed_, pushing_, push_cursor_, remembered_);
    if (form.is_timed()) form.add(options_, due_, armed_);
    for (const auto& [peer, member] : members_)
      form.add(peer, member.asked, member.number, member.version + count_from(member.counted, peer));
  }
};

}  // namespace peerbed::swarm
