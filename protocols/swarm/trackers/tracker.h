#pragma once
// The tracker: keeps the list of live peers, sends each of them heartbeats, and pushes every change of the list to all.
// It keeps nothing on disk: peers enrol again with a tracker that lost its memory.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

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
    auto fields() const { return std::tie(due, asked, number); }
  };
  enum Purpose : std::size_t { draw_epoch };

  void enlist(Environment& environment, Address peer);
  void note_change(Environment& environment, Address peer, bool listed);
  void drop(Environment& environment, Address peer, bool silent);
  void schedule(Environment& environment, Address peer, Member& member, Time due);
  void arm(Environment& environment);
  void ask_due_peers(Environment& environment);
  void push(Environment& environment);
  void send_page(Environment& environment, Address to, Address after) const;
  void send_changes(Environment& environment, Address to, std::uint64_t from, std::size_t datagrams) const;

  void handle(Environment&, Address from, const Enrol&);
  void handle(Environment&, Address from, const Alive&);
  void handle(Environment&, Address from, const Leaving&);
  void handle(Environment&, Address from, const ListQuery&);
  void handle(Environment&, Address from, const Introduce&);

  SharedOptions options_;
  std::uint64_t epoch_ = 0;
  std::uint64_t changes_ = 0;          // so far
  std::uint64_t pushed_ = 0;           // of them
  std::deque<ListChange> remembered_;  // the last of them
  std::map<Address, Member> members_;  // the list
  std::set<std::pair<Time, Address>> due_;
  Time armed_ = Time::max();  // when the heartbeat timer fires

 public:
  // The whole state.
  auto fields() const { return std::tie(options_, epoch_, changes_, pushed_, remembered_, members_, due_, armed_); }
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
    if (form.is_timed()) return form.add(fields());
    form.add(epoch_, changes_, pushed_, remembered_);
    for (const auto& [peer, member] : members_) form.add(peer, member.asked, member.number);
  }
};

}  // namespace peerbed::swarm
