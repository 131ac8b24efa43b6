#pragma once
// A node of Kademlia (Maymounkov and Mazieres 2002): k-buckets of contacts, iterative lookups by the XOR metric, and
// values at the nodes closest to their keys. It is a value that knows nothing of its host. All its state is bounded;
// docs/kademlia.md states the limits.

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/environment/round_trip.h"
#include "protocols/environment/timer_type.h"
#include "protocols/kademlia/base/options.h"
#include "protocols/kademlia/base/trace.h"
#include "protocols/kademlia/lookups/lookup.h"
#include "protocols/kademlia/lookups/questions.h"
#include "protocols/kademlia/lookups/silences.h"
#include "protocols/kademlia/routing/routing_table.h"
#include "protocols/kademlia/storage/values.h"
#include "protocols/kademlia/wire/messages.h"

namespace peerbed::kademlia {

constexpr std::size_t maximum_lookups = 128;  // of a node at a time; further ones fail at once

class Node {
 public:
  enum Timer : TimerId {
    deadline_timer,     // When the earliest awaited answer is overdue.
    maintenance_timer,  // When a bucket is to be refreshed, a value stored again, or bootstrap nodes asked again.
    lookup_timer,       // When the built-in workload looks up the next key.
  };
  static constexpr std::size_t timer_count = 3;
  static constexpr std::array<TimerType, timer_count> timers{
      {{"deadline", TimerUse::patience}, {"maintenance"}, {"lookup"}}};
  static constexpr std::span<const TraceEventType> trace_events{trace_table};
  static constexpr std::span<const std::string_view> message_kinds{Messages::names};

  using SharedOptions = std::shared_ptr<const Options>;

  // A node that joins through any of the addresses (the first maximum_bootstrap of them are kept). With none it is the
  // first of its network.
  static Node joining(SharedOptions options, const Id& self, std::span<const Address> bootstrap);
  // The own_index-th of `members`, which are sorted and hold all nodes of an ideal network.
  static Node converged(SharedOptions options, std::span<const Contact> members, std::size_t own_index,
                        KeyedStream draws);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);  // docs/kademlia.md lists the commands
  void on_leave(Environment& environment);

  // What checks and analyses may see.
  const Options& options() const noexcept { return *options_; }
  const Id& self() const noexcept { return table_.self(); }
  // Whether it has found its neighbours.
  bool joined() const noexcept { return stage_ == Stage::member; }
  const RoutingTable& table() const noexcept { return table_; }
  const Store& store() const noexcept { return values_.store(); }
  std::size_t pending_lookups() const noexcept { return lookups_.size(); }
  std::size_t pending_operations() const noexcept { return values_.pending(); }
  // The part of this state that another process may see (InspectableNode): the routing table.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  enum class Stage : std::uint8_t { joining, member, gone };

  Node(SharedOptions options, RoutingTable table) noexcept : options_(std::move(options)), table_(std::move(table)) {}

  // Questions and their answers.
  bool ask(Environment& environment, Question question);
  void send(Environment& environment, const Question& question);
  void check(Environment& environment, const Contact& contact, Question::Purpose purpose);
  void note_request(Environment& environment, const Contact& contact);
  std::optional<Question> take_answer(Environment& environment, Address from, std::uint32_t id, const Id& self,
                                      std::uint64_t token);
  void note_silent(Environment& environment, const Question& question);
  void handle_overdue(Environment& environment);
  void await(Environment& environment, Time deadline);
  Duration wait(unsigned attempts) const noexcept;
  void handle(Environment& environment, Address from, const Ping& ping);
  void handle(Environment& environment, Address from, const Pong& pong);
  void handle(Environment& environment, Address from, const FindNode& find);
  void handle(Environment& environment, Address from, const Nodes& nodes);
  void handle(Environment& environment, Address from, const FindValue& find);
  void handle(Environment& environment, Address from, const Value& value);
  void handle(Environment& environment, Address from, const StoreValue& request);
  void handle(Environment& environment, Address from, const Stored& answer);

  // Lookups.
  ContactList those_not_silent(const ContactList& contacts, Time now) const;
  void start_lookup(Environment& environment, const Id& target, LookupReason reason, std::uint32_t subject = 0);
  Lookup* find_lookup(std::uint32_t number) noexcept;
  Lookup* lookup_of(const Question& question) noexcept;  // null if it is about none, or that has ended
  void pursue(Environment& environment, std::uint32_t number);
  void end_lookup(Environment& environment, const Lookup& lookup);
  void report(Environment& environment, const Lookup& lookup) const;

  // Values.
  ValueContext value_context(Environment& environment) const noexcept { return {environment, *options_, self()}; }
  void look_up_for(Environment& environment, std::uint32_t operation);
  void ask_targets(Environment& environment, std::uint32_t operation);

  // Joining, and keeping buckets and values fresh.
  void ask_bootstrap(Environment& environment);
  void ask_who_is_at(Environment& environment, Address address);
  void end_joining(Environment& environment, const Lookup& lookup);
  void maintain(Environment& environment);
  // Whether all contacts are stale or gone, and there is somebody else to ask.
  bool is_lost() const { return !bootstrap_.empty() && table_.closest(*options_, self(), self()).empty(); }
  void schedule_maintenance(Environment& environment);

  SharedOptions options_;
  RoutingTable table_;
  std::vector<Address> bootstrap_;
  Questions questions_;
  Silences silences_;
  std::vector<Lookup> lookups_;
  Values values_;
  RoundTrip round_trip_;  // of all peers together
  Time armed_ = never;    // the deadline timer
  Time started_{};        // joining
  std::uint32_t lookups_begun_ = 0;
  std::uint8_t join_attempts_ = 0;
  Stage stage_ = Stage::joining;
  bool is_refreshing_ = false;  // a range is looked up

 public:
  // The whole state.
  auto fields() const {
    return std::tie(options_, table_, bootstrap_, questions_, silences_, lookups_, values_, round_trip_, armed_,
                    started_, lookups_begun_, join_attempts_, stage_, is_refreshing_);
  }
};

}  // namespace peerbed::kademlia
