#pragma once
// A peer of the coursework: the circular DHT with 8-bit ids and two successors, faithful in its rules and in the lines
// it prints. It is a value that knows nothing of its host. All its state is bounded; docs/coursework.md states the
// limits.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/coursework/downloads.h"
#include "protocols/coursework/letters.h"
#include "protocols/coursework/messages.h"
#include "protocols/coursework/options.h"
#include "protocols/coursework/questions.h"
#include "protocols/coursework/uploads.h"
#include "protocols/environment/node.h"
#include "protocols/environment/timer_type.h"
#include "protocols/ring/base/trace.h"

namespace peerbed::coursework {

constexpr Duration patience = std::chrono::seconds(60);  // of one that asked and hears nothing
constexpr std::uint64_t received_content = 0x10000;      // received_NNNN is stored as content 0x10000 + NNNN

class Node {
 public:
  // The numbers are part of a run's digest.
  enum Timer : TimerId {
    ping_timer = 0,     // When to ping both successors.
    overdue_timer = 4,  // When the earliest awaited answer is overdue.
  };
  static constexpr std::size_t timer_count = 5;
  static constexpr std::array<TimerType, timer_count> timers = {
      {{"ping"}, {}, {}, {}, {"overdue", TimerUse::patience}}};
  static constexpr std::span<const TraceEventType> trace_events{ring::trace_table};
  static constexpr std::span<const std::string_view> message_kinds{Messages::names};

  using SharedOptions = std::shared_ptr<const Options>;

  // The coursework's `init PEER FIRST SECOND`.
  static Node established(SharedOptions options, Contact self, Contact first, Contact second);
  // `join PEER KNOWN`.
  static Node joining(SharedOptions options, Contact self, Contact known);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);  // docs/coursework.md lists the commands
  void on_leave(Environment& environment);
  void on_content(Environment& environment, const ContentReady& ready);

  // What checks and analyses may see.
  Key self() const noexcept { return self_.key; }
  bool joined() const noexcept { return joined_; }
  std::span<const Contact> successors() const noexcept {  // nearest first
    return {successors_.data(), !successors_[0] ? 0u : !successors_[1] ? 1u : 2u};
  }
  std::optional<Contact> predecessor() const noexcept { return known(predecessors_[0]); }
  std::optional<Contact> second_predecessor() const noexcept { return known(predecessors_[1]); }
  std::size_t pending() const noexcept { return downloads_.all().size() + letters_.waiting().size(); }
  // The part of this state that another process may see (InspectableNode): the ring.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  Node(SharedOptions options, Contact self);

  static std::optional<Contact> known(Contact contact) noexcept {
    return contact ? std::optional(contact) : std::nullopt;
  }

  // Letters, and what is overdue.
  template <class Message>
  std::uint32_t post(Environment& environment, Address to, Message message);
  void deliver(Environment& environment, Letter& letter);
  void await(Environment& environment, Time deadline);
  void handle_overdue(Environment& environment);
  void handle(Environment&, Address from, const Delivered&);

  // Pings and the ring.
  void ping(Environment& environment);
  void count_missed_pings(Environment& environment);
  void handle_first_dead(Environment& environment);
  void ask_for_second(Environment& environment);
  void report_cut_off(Environment& environment);
  bool is_alone() const noexcept { return successors_[0] == self_; }
  void handle(Environment&, Address from, const SuccessorPing&);
  void handle(Environment&, Address from, const SuccessorPong&);
  void handle(Environment&, Address from, const SuccessorsQuery&);
  void handle(Environment&, Address from, const Successors&);

  // Joining and leaving.
  void set_successors(Environment& environment, Contact first, Contact second);
  void print_successors(Environment& environment) const;
  void announce_joiner(Environment& environment);
  void maybe_exit(Environment& environment);
  Contact replaced(Contact contact) const;
  // A peer that is named as a member is back if it had left: what it said then is no longer news.
  Contact returned(Contact peer) noexcept {
    if (peer == departed_) departed_first_ = departed_second_ = {};
    return peer;
  }
  void handle(Environment&, Address from, const JoinRequest&);
  void handle(Environment&, Address from, const JoinAnswer&);
  void handle(Environment&, Address from, const SuccessorChange&);
  void handle(Environment&, Address from, const Departure&);

  // Files: a request goes along the first successors, and the file comes back directly.
  bool owns_file(std::uint16_t file) const noexcept;
  template <class Request>
  void pass_on(Environment& environment, Request request);
  void store(Environment& environment, const StoreRequest& request);
  void request(Environment& environment, std::uint16_t file);
  void serve(Environment& environment, const FileRequest& request);
  void continue_upload(Environment& environment, Upload& upload);
  void continue_download(Environment& environment, Download& download);
  void handle(Environment&, Address from, const StoreRequest&);
  void handle(Environment&, Address from, const FileRequest&);
  void handle(Environment&, Address from, const FileAnswer&);
  void handle(Environment&, Address from, const FileChunk&);

  SharedOptions options_;
  Contact self_;
  Contact known_;  // the peer to join through
  std::array<Contact, 2> successors_{};
  std::array<Contact, 2> predecessors_{};
  std::array<std::uint32_t, 2> missed_{};  // consecutive pings without an answer
  std::array<bool, 2> awaiting_{};
  bool second_dead_ = false;  // and its place not yet filled
  bool joined_ = false;
  bool leaving_ = false;
  bool cut_off_ = false;
  Contact newcomer_;  // whom to announce to the predecessor once it is known
  Contact departed_;  // the peer that said last that it leaves, and its successor
  Contact departed_first_;
  Contact departed_second_;
  std::uint32_t successors_query_ = 0;
  Time join_deadline_ = Time::max();
  Time armed_ = Time::max();  // when the overdue timer fires
  Letters letters_;
  Uploads uploads_;
  Downloads downloads_;
  std::set<std::uint16_t> files_;
  std::set<std::uint16_t> adopted_;  // of them, those stored without a text that the disk is asked for

 public:
  // The whole state.
  auto fields() const {
    return std::tie(options_, self_, known_, successors_, predecessors_, missed_, awaiting_, second_dead_, joined_,
                    leaving_, cut_off_, newcomer_, departed_, departed_first_, departed_second_, successors_query_,
                    join_deadline_, armed_, letters_, uploads_, downloads_, files_, adopted_);
  }
  // What of it can matter later, in a check (check/canonical/canonical_form.h). Where waits have no lengths, only
  // whether there is one matters; and pings are counted until they are too many.
  template <class Form>
  void write_canonical(Form& form) const {
    if (form.is_timed()) return form.add(fields());
    form.add(successors_, predecessors_, awaiting_, second_dead_, joined_, leaving_, cut_off_, newcomer_, departed_,
             departed_first_, departed_second_, successors_query_ != 0, join_deadline_ != Time::max());
    for (const std::uint32_t missed : missed_) form.add(std::min(missed, options_->missed_pings));
    form.add(letters_.waiting(), letters_.seen(), uploads_, downloads_, files_, adopted_);
    if (!form.is_between_exchanges()) form.add(letters_, successors_query_);
    if (!letters_.waiting().empty()) form.add(successors_query_);
  }
  // For a checker, which names the questions of peers that send no files (check/canonical/questions.h).
  static constexpr std::uint32_t copies_per_question = 1;
  static std::array<std::uint64_t, 1> marks_of_question(Address asker, std::uint32_t id) noexcept {
    return {Letters::mark_of(asker, id)};
  }
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    visitor.question(successors_query_);
    letters_.visit_questions(
        visitor, [&](Letter& letter) { coursework::visit_questions({}, letter.to, letter.bytes, visitor); });
  }
  template <class Visitor>
  static void visit_questions(Address from, Address to, std::vector<std::byte>& datagram, Visitor& visitor) {
    coursework::visit_questions(from, to, datagram, visitor);
  }
  // For a checker: nothing is under way any more, so that no copy of an earlier letter will come.
  void note_quiet() noexcept { letters_.forget_seen(); }
};

}  // namespace peerbed::coursework
