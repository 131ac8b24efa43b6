#pragma once
// A node of the circular DHT: one state machine with two profiles, `chord` and `coursework` (options.h). A value that
// knows nothing of its host. Everything it keeps is bounded; docs/ring.md states the limits and the guarantees.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/ring/box.h"
#include "protocols/ring/contact.h"
#include "protocols/ring/coursework.h"
#include "protocols/ring/finger_table.h"
#include "protocols/ring/messages.h"
#include "protocols/ring/options.h"
#include "protocols/ring/state.h"
#include "protocols/ring/trace.h"

namespace peerbed::ring {

class Node {
 public:
  // Each timer fires once; "When..." says what the node does then.
  enum Timer : TimerId {
    stabilize_timer,          // When it is time to compare notes with the first successor (coursework: to ping both).
    fix_finger_timer,         // When the next finger is to be looked up again.
    check_predecessor_timer,  // When a silent predecessor is to be asked whether it lives, and a lost peer tried again.
    lookup_timer,             // When the built-in workload looks up another key.
    deadline_timer,           // When the earliest of all awaited answers is overdue.
    repair_timer,             // When holders of the own values are to be compared and completed.
  };
  static constexpr std::size_t timer_count = 6;
  static constexpr std::span<const TraceEventType> trace_events{trace_table};
  static constexpr std::span<const std::string_view> message_kinds{message_kind_names};

  using SharedOptions = std::shared_ptr<const Options>;

  // A node that joins through any of the addresses (the first maximum_bootstrap of them are kept); with none it
  // begins a ring of its own.
  static Node joining(SharedOptions options, Key self, std::span<const Address> bootstrap);
  // The own_index-th member of an ideal ring: `members` holds all of them in the order of their keys. Its timers begin
  // at uniform phases of their periods.
  static Node converged(SharedOptions options, std::span<const Contact> members, std::size_t own_index);
  // The coursework's `init PEER FIRST SECOND` and `join PEER KNOWN`.
  static Node coursework_init(SharedOptions options, Contact self, Contact first, Contact second);
  static Node coursework_join(SharedOptions options, Contact self, Contact known);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);  // docs/ring.md lists the commands
  void on_leave(Environment& environment);
  void on_content(Environment& environment, const ContentReady& ready);

  // What checkers and analyses may see.
  const Options& options() const noexcept { return *options_; }
  Key self() const noexcept { return self_; }
  bool joined() const noexcept;  // a member of the ring: it has its successors, and others may route through it
  std::span<const Contact> successors() const noexcept;  // nearest first
  std::optional<Contact> predecessor() const noexcept;
  std::optional<Contact> second_predecessor() const noexcept;                   // the coursework profile's
  std::span<const Contact> fingers() const noexcept { return fingers_.all(); }  // distinct, nearest first
  std::optional<ValueStamp> holds(Key key) const;
  void for_each_value(const std::function<void(Key, ValueStamp)>& visit) const;  // in the order of keys
  std::size_t value_count() const noexcept;
  std::size_t pending_lookups() const noexcept { return lookups_.size(); }
  std::size_t pending_operations() const noexcept;  // puts and gets of this node

 private:
  SharedOptions options_;
  Key self_;
  FingerTable fingers_;
  std::vector<PendingLookup> lookups_;
};

}  // namespace peerbed::ring
