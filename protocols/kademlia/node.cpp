#include "protocols/kademlia/node.h"

#include <algorithm>
#include <string>
#include <utility>

#include "protocols/environment/version_notice.h"
#include "protocols/kademlia/base/purpose.h"
#include "protocols/kademlia/commands.h"

namespace peerbed::kademlia {
namespace {

constexpr Duration retry_period = std::chrono::minutes(1);

}  // namespace

Node Node::joining(SharedOptions options, const Id& self, std::span<const Address> bootstrap) {
  Node node(std::move(options), RoutingTable(self));
  const std::span<const Address> kept = bootstrap.first(std::min(bootstrap.size(), maximum_bootstrap));
  node.bootstrap_.assign(kept.begin(), kept.end());
  if (kept.empty()) node.stage_ = Stage::member;
  return node;
}

Node Node::converged(SharedOptions options, std::span<const Contact> members, std::size_t own_index,
                     KeyedStream draws) {
  Node node(options, RoutingTable::converged(*options, members, own_index, draws));
  node.stage_ = Stage::member;
  return node;
}

void Node::on_start(Environment& environment, Start) {
  started_ = environment.now();
  values_.start(environment);
  // As if the buckets had been looked up at different times.
  const auto period = static_cast<std::uint64_t>(options_->refresh_period.count());
  table_.stagger(
      [&] { return started_ - Duration(static_cast<std::int64_t>(environment.draw_below(draw_refresh, period))); });
  if (options_->lookup_period > Duration::zero())
    environment.set_timer(lookup_timer,
                          Duration(static_cast<std::int64_t>(environment.draw_below(
                              draw_jitter, static_cast<std::uint64_t>(options_->lookup_period.count())))));
  if (stage_ == Stage::joining) return ask_bootstrap(environment);
  schedule_maintenance(environment);
}

void Node::on_datagram(Environment& environment, Address from, Bytes payload) {
  const bool understood = Messages::dispatch(wire_version, payload, [&](const auto& message) {
    if (stage_ != Stage::gone && message.self != table_.self()) handle(environment, from, message);
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Node::on_timer(Environment& environment, TimerId timer) {
  if (stage_ == Stage::gone) return;
  switch (timer) {
    case deadline_timer:
      return handle_overdue(environment);
    case maintenance_timer:
      return maintain(environment);
    case lookup_timer: {
      environment.set_timer(lookup_timer, jittered(environment, *options_, options_->lookup_period));
      if (stage_ != Stage::member) return;
      return start_lookup(environment, expanded(environment.draw(draw_workload)), LookupReason::workload);
    }
  }
}

void Node::on_command(Environment& environment, std::string_view line) {
  if (const std::string fault = fault_of_command(line); !fault.empty()) return environment.refuse("usage", fault);
  const auto [verb, rest] = words_of(line);
  const auto [name, value] = words_of(rest);
  if (verb == "lookup") return start_lookup(environment, key_of_name(name), LookupReason::command);
  if (verb == "put") return look_up_for(environment, values_.put(value_context(environment), name, value));
  if (verb == "get") return look_up_for(environment, values_.get(value_context(environment), name));
  on_leave(environment);
}

// Nobody is told: others notice by themselves, as the protocol has it.
void Node::on_leave(Environment& environment) {
  stage_ = Stage::gone;
  environment.trace(index_of(TraceEvent::left), {});
  environment.exit();
}

bool Node::ask(Environment& environment, Question question) {
  if (questions_.is_full()) return false;
  do question.id = static_cast<std::uint32_t>(environment.draw(draw_id));
  while (questions_.has(question.id));
  question.asked = environment.now();
  question.deadline = environment.now() + wait(1);
  questions_.add(question);
  await(environment, question.deadline);
  send(environment, question);
  return true;
}

void Node::send(Environment& environment, const Question& question) {
  const Address to = question.contact.address;
  const Lookup* const asking = lookup_of(question);
  if (asking != nullptr && asking->reason() == LookupReason::get)
    return environment.send(to, FindValue{.id = question.id, .self = self(), .key = asking->target()});
  if (asking != nullptr)
    return environment.send(to, FindNode{.id = question.id, .self = self(), .target = asking->target()});
  if (question.purpose == Question::Purpose::store)
    if (auto request = values_.request(value_context(environment), question.subject, question.contact)) {
      request->id = question.id;
      request->self = self();
      return environment.send(to, *request);
    }
  environment.send(to, Ping{.id = question.id, .self = self()});
}

void Node::check(Environment& environment, const Contact& contact, Question::Purpose purpose) {
  if (questions_.may_check(contact)) ask(environment, {.contact = contact, .purpose = purpose});
}

void Node::note_request(Environment& environment, const Contact& contact) {
  silences_.forget(contact);
  const auto doubted = table_.note_request(*options_, contact, environment.now());
  if (!doubted) return;
  check(environment, *doubted, *doubted == contact ? Question::Purpose::newcomer : Question::Purpose::check);
}

std::optional<Question> Node::take_answer(Environment& environment, Address from, std::uint32_t id, const Id& self,
                                          std::uint64_t token) {
  const auto question = questions_.take_answered(id, from);
  if (!question) return std::nullopt;
  const Time now = environment.now();
  if (question->attempts == 1) round_trip_.note(now - question->asked);
  const Contact contact{self, from};
  silences_.forget(contact);
  const RoutingTable::Answer answer = table_.note_answer(*options_, contact, now);
  if (answer.evicted) environment.trace(index_of(TraceEvent::contact_evicted), {answer.evicted->id.high});
  if (answer.is_new && token != 0)
    for (const std::uint32_t transfer : values_.welcome(value_context(environment), contact, token))
      ask_targets(environment, transfer);
  if (question->purpose == Question::Purpose::bootstrap || question->contact.id == self) return question;
  // Somebody else is there than was asked.
  table_.erase(question->contact);
  note_silent(environment, *question);
  return std::nullopt;
}

void Node::note_silent(Environment& environment, const Question& question) {
  if (question.purpose == Question::Purpose::store) {
    values_.note_silence(question.subject, question.contact);
    ask_targets(environment, question.subject);
  } else if (Lookup* const lookup = lookup_of(question)) {
    lookup->note_silent(question.contact);
    pursue(environment, question.subject);
  }
}

void Node::handle_overdue(Environment& environment) {
  armed_ = never;
  const Time now = environment.now();
  while (auto question = questions_.take_overdue(now)) {
    if (question->attempts < options_->rpc_attempts && question->purpose != Question::Purpose::newcomer) {
      ++question->attempts;
      question->deadline = now + wait(question->attempts);
      questions_.add(*question);
      send(environment, *question);
      if (Lookup* const lookup = lookup_of(*question)) {
        lookup->note_late(question->contact);
        pursue(environment, question->subject);
      }
      continue;
    }
    if (question->purpose != Question::Purpose::bootstrap) {
      silences_.note(question->contact, now);
      if (const auto waiting = table_.note_silence(question->contact))
        check(environment, *waiting, Question::Purpose::newcomer);
    }
    note_silent(environment, *question);
  }
  if (const Time earliest = questions_.earliest_deadline(); earliest != never) await(environment, earliest);
}

// The timer is never cancelled: most answers come in time, and one idle firing is cheaper than a cancellation each.
void Node::await(Environment& environment, Time deadline) {
  if (deadline >= armed_) return;
  armed_ = deadline;
  environment.set_timer(deadline_timer, deadline - environment.now());
}

Duration Node::wait(unsigned attempts) const noexcept {
  const Duration first = round_trip_.known() ? round_trip_.timeout() : options_->initial_timeout;
  return std::max(first, options_->rpc_timeout) * (1 << std::min(attempts - 1, 4U));
}

void Node::handle(Environment& environment, Address from, const Ping& ping) {
  environment.send(from, Pong{.id = ping.id, .self = self(), .token = values_.token_for(environment, from)});
  note_request(environment, {ping.self, from});
}

void Node::handle(Environment& environment, Address from, const Pong& pong) {
  const auto question = take_answer(environment, from, pong.id, pong.self, pong.token);
  if (!question || question->purpose != Question::Purpose::bootstrap || stage_ != Stage::joining) return;
  const bool is_under_way = std::any_of(lookups_.begin(), lookups_.end(),
                                        [](const Lookup& lookup) { return lookup.reason() == LookupReason::join; });
  if (!is_under_way) start_lookup(environment, self(), LookupReason::join);
}

void Node::handle(Environment& environment, Address from, const FindNode& find) {
  environment.send(from, Nodes{.id = find.id,
                               .self = self(),
                               .token = values_.token_for(environment, from),
                               .contacts = table_.closest(*options_, find.target, find.self)});
  note_request(environment, {find.self, from});
}

void Node::handle(Environment& environment, Address from, const Nodes& nodes) {
  const auto question = take_answer(environment, from, nodes.id, nodes.self, nodes.token);
  Lookup* const lookup = question ? lookup_of(*question) : nullptr;
  if (lookup == nullptr) return;
  if (const auto depth = lookup->note_answer(question->contact, nodes.token, environment.now()))
    lookup->add(those_not_silent(nodes.contacts, environment.now()).all(), self(), *depth);
  pursue(environment, question->subject);
}

ContactList Node::those_not_silent(const ContactList& contacts, Time now) const {
  ContactList list;
  for (const Contact& contact : contacts.all())
    if (!silences_.has(contact, now, options_->remember_silence)) list.add(contact);
  return list;
}

void Node::handle(Environment& environment, Address from, const FindValue& find) {
  if (const auto copy = values_.copy_of(value_context(environment), find.key))
    environment.send(from, Value{.id = find.id, .self = self(), .copy = *copy});
  else
    return handle(environment, from, FindNode{.id = find.id, .self = find.self, .target = find.key});
  note_request(environment, {find.self, from});
}

void Node::handle(Environment& environment, Address from, const Value& value) {
  const auto question = take_answer(environment, from, value.id, value.self, 0);
  Lookup* const lookup = question ? lookup_of(*question) : nullptr;
  if (lookup == nullptr) return;
  if (!value.copy.is_valid() || lookup->reason() != LookupReason::get)
    lookup->note_silent(question->contact);
  else if (lookup->note_value(question->contact, environment.now()))
    values_.note_met(lookup->subject(), value.copy);
  pursue(environment, question->subject);
}

void Node::handle(Environment& environment, Address from, const StoreValue& request) {
  environment.send(from, values_.take(value_context(environment), from, request));
  note_request(environment, {request.self, from});
  schedule_maintenance(environment);
}

void Node::handle(Environment& environment, Address from, const Stored& answer) {
  const auto question = take_answer(environment, from, answer.id, answer.self, 0);
  if (!question || question->purpose != Question::Purpose::store) return;
  values_.note_answer(question->subject, question->contact, answer);
  ask_targets(environment, question->subject);
}

void Node::look_up_for(Environment& environment, std::uint32_t operation) {
  const Operation* const begun = values_.find(operation);
  if (begun == nullptr) return;
  if (stage_ != Stage::member || lookups_.size() >= maximum_lookups)
    return values_.abandon(value_context(environment), operation);
  const LookupReason reason = begun->kind == Operation::Kind::get ? LookupReason::get : LookupReason::store;
  start_lookup(environment, begun->key, reason, operation);
}

// Asks those that are to hold a value; when all have answered, the operation ends, or begins anew with them.
void Node::ask_targets(Environment& environment, std::uint32_t operation) {
  do {
    while (const auto target = values_.next_target(operation))
      if (!ask(environment, {.subject = operation, .contact = *target, .purpose = Question::Purpose::store}))
        values_.note_silence(operation, *target);
    values_.end_if_done(value_context(environment), operation);
  } while (values_.has_unasked(operation));
  if (values_.find(operation) == nullptr) schedule_maintenance(environment);
}

void Node::start_lookup(Environment& environment, const Id& target, LookupReason reason, std::uint32_t subject) {
  Lookup lookup(++lookups_begun_, target, reason, subject, environment.now());
  if (stage_ == Stage::joining && reason != LookupReason::join) return end_lookup(environment, lookup);
  if (lookups_.size() == maximum_lookups) return end_lookup(environment, lookup);
  lookup.add(table_.closest(*options_, target, self()).all(), self(), 0);
  lookups_.push_back(std::move(lookup));
  pursue(environment, lookups_begun_);
}

Lookup* Node::find_lookup(std::uint32_t number) noexcept {
  const auto found = std::find_if(lookups_.begin(), lookups_.end(),
                                  [number](const Lookup& lookup) { return lookup.number() == number; });
  return found == lookups_.end() ? nullptr : &*found;
}

Lookup* Node::lookup_of(const Question& question) noexcept {
  return question.purpose == Question::Purpose::lookup ? find_lookup(question.subject) : nullptr;
}

void Node::pursue(Environment& environment, std::uint32_t number) {
  Lookup* const lookup = find_lookup(number);
  while (const auto contact = lookup->next(*options_))
    if (!ask(environment, {.subject = number, .contact = *contact, .purpose = Question::Purpose::lookup}))
      lookup->note_silent(*contact);
  if (!lookup->is_over(*options_)) return;
  const Lookup ended = std::move(*lookup);
  lookups_.erase(lookups_.begin() + (lookup - lookups_.data()));
  table_.note_lookup(*options_, ended.target(), environment.now());
  end_lookup(environment, ended);
}

void Node::end_lookup(Environment& environment, const Lookup& lookup) {
  switch (lookup.reason()) {
    case LookupReason::command:
    case LookupReason::workload:
      return report(environment, lookup);
    case LookupReason::join:
      return end_joining(environment, lookup);
    case LookupReason::refresh:
      is_refreshing_ = false;
      return schedule_maintenance(environment);
    case LookupReason::store:
    case LookupReason::get:
      values_.found(value_context(environment), lookup);
      return ask_targets(environment, lookup.subject());
  }
}

// The closest node may be this one, which it need not ask.
void Node::report(Environment& environment, const Lookup& lookup) const {
  const Candidate* const closest = lookup.closest();
  const bool is_alone = stage_ == Stage::member && bootstrap_.empty() && table_.empty();
  const bool success = closest != nullptr || is_alone;
  const bool is_own = success && (is_alone || is_closer(self(), closest->contact.id, lookup.target()));
  const Contact owner = is_own || !success ? Contact{self(), environment.self()} : closest->contact;
  const unsigned hops = success && !is_own ? closest->depth : 0;
  const auto since_start = [&](Time time) { return static_cast<std::uint64_t>((time - lookup.started()).count()); };
  const std::uint64_t latency = since_start(environment.now());
  if (lookup.reason() == LookupReason::command) {
    const std::string the_node = "The node closest to " + to_hex(lookup.target());
    if (success)
      environment.print(the_node + " is " + to_hex(owner.id) + " at " + to_string(owner.address) + ", after " +
                        std::to_string(hops) + " hops");
    else
      environment.refuse("not-found", the_node + " was not found");
  }
  if (success) {
    environment.trace(index_of(TraceEvent::lookup_answered), {lookup.target().high, owner.id.high, latency});
    environment.trace(index_of(TraceEvent::lookup_cost),
                      {lookup.requests(), lookup.rounds(), is_own ? 0 : since_start(closest->answered)});
  }
  environment.trace(index_of(TraceEvent::lookup_done), {hops, latency, lookup.timeouts(), success ? 1U : 0U});
}

void Node::ask_bootstrap(Environment& environment) {
  for (const Address address : bootstrap_) ask_who_is_at(environment, address);
  if (join_attempts_ < 3) ++join_attempts_;
  environment.set_timer(maintenance_timer, options_->initial_timeout * (1 << join_attempts_));
}

void Node::ask_who_is_at(Environment& environment, Address address) {
  ask(environment, {.contact = {.id = {}, .address = address}, .purpose = Question::Purpose::bootstrap});
}

void Node::end_joining(Environment& environment, const Lookup& lookup) {
  if (lookup.closest() == nullptr) return;  // the maintenance timer begins anew
  stage_ = Stage::member;
  const auto latency = static_cast<std::uint64_t>((environment.now() - started_).count());
  environment.trace(index_of(TraceEvent::joined), {latency});
  // All ranges but the neighbourhood's are looked up now.
  table_.stagger([due = environment.now() - options_->refresh_period] { return due; });
  table_.note_lookup(*options_, self(), environment.now());
  schedule_maintenance(environment);
}

void Node::maintain(Environment& environment) {
  if (stage_ == Stage::joining) return ask_bootstrap(environment);
  while (const auto chore = values_.begin_chore(value_context(environment))) look_up_for(environment, *chore);
  const auto next = table_.next_refresh(*options_);
  if (!is_refreshing_ && next && next->due <= environment.now() && lookups_.size() < maximum_lookups) {
    // A stale contact may be back, and a bootstrap node be on the other side of a partition that has healed.
    if (!bootstrap_.empty()) ask_who_is_at(environment, bootstrap_[lookups_begun_ % bootstrap_.size()]);
    for (const Entry& entry : table_.buckets()[next->bucket].entries())
      if (entry.is_stale(*options_)) check(environment, entry.contact, Question::Purpose::newcomer);
    const Id noise = expanded(environment.draw(draw_refresh));
    const Id target = next->is_neighbourhood ? self() : with_prefix_of(self(), next->bucket, noise);
    is_refreshing_ = true;
    return start_lookup(environment, target, LookupReason::refresh);
  }
  if (is_lost())
    for (const Address address : bootstrap_) ask_who_is_at(environment, address);
  schedule_maintenance(environment);
}

// One range is refreshed at a time. A node that has lost everybody, or has no lookup to spare, tries again soon.
void Node::schedule_maintenance(Environment& environment) {
  if (stage_ != Stage::member) return;
  const auto next = table_.next_refresh(*options_);
  const Time now = environment.now();
  const Duration soon = std::min(options_->refresh_period, retry_period);
  Time due = values_.next_chore();
  if (next && !is_refreshing_) due = std::min(due, next->due);
  if (lookups_.size() >= maximum_lookups) due = std::max(due, now + soon);
  if (is_lost()) due = now + soon;
  if (due != Time::max()) environment.set_timer(maintenance_timer, due - now);
}

void Node::append_visible_state(std::vector<std::byte>& out) const {
  append_state(out, table_);
  append_state(out, stage_);
}

bool Node::take_visible_state(Bytes bytes) {
  return read_state(bytes, table_) && read_state(bytes, stage_) && bytes.empty();
}

}  // namespace peerbed::kademlia
