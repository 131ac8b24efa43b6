#include "protocols/coursework/node.h"

#include <algorithm>
#include <string>
#include <utility>

#include "protocols/coursework/commands.h"
#include "protocols/environment/version_notice.h"

namespace peerbed::coursework {

namespace {

using ring::TraceEvent;

std::string name_of(Key key) { return "Peer " + std::to_string(key.value); }
std::string name_of(Contact contact) { return name_of(contact.key); }

Key key_of_file(std::uint16_t file) noexcept { return peer_space.wrap(file); }

}  // namespace

Node::Node(SharedOptions options, Contact self) : options_(std::move(options)), self_(self) {
  PEERBED_CONTRACT(options_ != nullptr, "a peer has options");
  PEERBED_CONTRACT(peer_space.contains(self_.key), "a peer's id has 8 bits");
}

Node Node::established(SharedOptions options, Contact self, Contact first, Contact second) {
  Node node(std::move(options), self);
  node.successors_ = {first, second};
  node.joined_ = true;
  return node;
}

Node Node::joining(SharedOptions options, Contact self, Contact known) {
  Node node(std::move(options), self);
  node.known_ = known;
  return node;
}

void Node::on_start(Environment& environment, Start start) {
  letters_.begin_ids(static_cast<std::uint32_t>(environment.draw(0)));
  for (const ContentKey key : start.stored)
    if (key.value < 10'000) files_.insert(static_cast<std::uint16_t>(key.value));
  if (joined_) return ping(environment);
  join_deadline_ = environment.now() + patience;
  await(environment, join_deadline_);
  post(environment, known_.address, JoinRequest{.joiner = self_});
}

void Node::on_datagram(Environment& environment, Address from, Bytes payload) {
  const bool understood = Messages::dispatch(wire_version, payload, [&](const auto& message) {
    if (has_peers_only(message)) handle(environment, from, message);
  });
  if (!understood)
    refuse_datagram(environment, from, payload, wire_version, ring::index_of(TraceEvent::datagram_refused));
}

void Node::on_timer(Environment& environment, TimerId timer) {
  if (timer == overdue_timer) return handle_overdue(environment);
  if (timer != ping_timer) return;
  count_missed_pings(environment);
  ping(environment);
}

// ---- letters -------------------------------------------------------------------------------------------------------

template <class Message>
std::uint32_t Node::post(Environment& environment, Address to, Message message) {
  message.id = letters_.next_id();
  std::byte buffer[maximum_datagram_size];
  Writer writer(buffer);
  message.encode(writer);
  if (Letter* const letter = letters_.add(message.id, to, writer.written())) deliver(environment, *letter);
  return message.id;
}

void Node::deliver(Environment& environment, Letter& letter) {
  ++letter.attempts;
  letter.deadline = environment.now() + options_->rpc_timeout * (1 << std::min(letter.attempts - 1, 2));
  await(environment, letter.deadline);
  environment.send(letter.to ? letter.to : successors_[0].address, Bytes(letter.bytes));
}

void Node::await(Environment& environment, Time deadline) {
  if (deadline >= armed_) return;
  armed_ = deadline;
  environment.set_timer(overdue_timer, deadline - environment.now());
}

void Node::handle_overdue(Environment& environment) {
  const Time now = environment.now();
  armed_ = Time::max();
  bool gave_up_on_query = false;
  for (Letter& letter : letters_.waiting()) {
    if (letter.deadline > now) continue;
    if (letter.attempts < options_->rpc_attempts) {
      deliver(environment, letter);
    } else {
      gave_up_on_query = gave_up_on_query || letter.id == successors_query_;
      letter.attempts = 0;  // given up
    }
  }
  letters_.discard_given_up();
  if (gave_up_on_query) successors_query_ = 0;  // the next round of pings asks again, or finds the first successor dead
  for (const std::uint16_t file : downloads_.end_overdue(now))
    environment.refuse("no-answer", "File " + digits_of(file) + " was not received: no answer came");
  if (join_deadline_ <= now) {
    environment.print("Join request has not been answered");
    return environment.exit();
  }
  maybe_exit(environment);
  for (const Letter& letter : letters_.waiting()) await(environment, letter.deadline);
  for (const Download& download : downloads_.all()) await(environment, download.deadline);
  await(environment, join_deadline_);
}

void Node::handle(Environment& environment, Address, const Delivered& delivered) {
  if (!letters_.confirm(delivered.id)) return;
  if (Upload* const upload = uploads_.awaiting(delivered.id)) continue_upload(environment, *upload);
  maybe_exit(environment);
}

// ---- pings ---------------------------------------------------------------------------------------------------------

void Node::ping(Environment& environment) {
  environment.set_timer(ping_timer, options_->ping_interval);
  if (!joined_ || cut_off_ || leaving_ || is_alone()) return;
  const bool both = successors_[1] && successors_[1].key != self_.key && successors_[1].key != successors_[0].key;
  const std::string first = std::to_string(successors_[0].key.value);
  const std::string second = std::to_string(successors_[1].key.value);
  environment.print("Ping requests sent to Peer" + (both ? "s " + first + " and " + second : " " + first));
  for (std::size_t i = 0; i < (both ? 2u : 1u); ++i) {
    awaiting_[i] = true;
    environment.send(successors_[i].address,
                     SuccessorPing{.id = letters_.next_id(), .self = self_.key, .second = i == 1});
  }
}

// The sender has this peer among its successors: so predecessors become known.
void Node::handle(Environment& environment, Address from, const SuccessorPing& ping) {
  if (!joined_ || leaving_) return;
  environment.print("Ping request message received from " + name_of(ping.self));
  environment.send(from, SuccessorPong{.id = ping.id, .self = self_.key});
  predecessors_[ping.second ? 1 : 0] = {ping.self, from};
  if (!ping.second && newcomer_) announce_joiner(environment);
}

void Node::handle(Environment& environment, Address from, const SuccessorPong& pong) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (successors_[i] != Contact{pong.self, from} || !awaiting_[i]) continue;
    environment.print("Ping response received from " + name_of(pong.self));
    awaiting_[i] = false;
    missed_[i] = 0;
    return;
  }
}

void Node::count_missed_pings(Environment& environment) {
  if (!joined_ || cut_off_ || is_alone()) return;
  for (std::size_t i = 0; i < 2; ++i) missed_[i] = awaiting_[i] ? missed_[i] + 1 : 0;
  awaiting_ = {};
  const bool first_dead = missed_[0] >= options_->missed_pings;
  const bool second_now_dead = missed_[1] >= options_->missed_pings && !second_dead_;
  if (second_now_dead) {
    environment.print(name_of(successors_[1].key) + " is no longer alive");
    second_dead_ = true;
  }
  if (first_dead) return handle_first_dead(environment);
  if (second_dead_ || !successors_[1]) ask_for_second(environment);
}

void Node::handle_first_dead(Environment& environment) {
  environment.print(name_of(successors_[0].key) + " is no longer alive");
  if (second_dead_ || !successors_[1]) return report_cut_off(environment);
  departed_ = successors_[0];
  departed_first_ = departed_second_ = {};
  successors_ = {successors_[1], Contact{}};
  missed_ = {missed_[1], 0};
  environment.print("My new first successor is " + name_of(successors_[0].key));
  if (successors_[0] == self_) {
    successors_[1] = self_;
    environment.print("My new second successor is " + name_of(self_.key));
    predecessors_ = {};
    return;
  }
  ask_for_second(environment);
}

// With a list of two, both lost cannot be repaired: it can only be said.
void Node::report_cut_off(Environment& environment) {
  cut_off_ = true;
  successors_ = {};
  environment.print(name_of(self_.key) + " has lost both successors and is cut off from the ring");
  environment.trace(ring::index_of(TraceEvent::cut_off), {});
}

void Node::ask_for_second(Environment& environment) {
  if (successors_query_ != 0) return;
  successors_query_ = post(environment, successors_[0].address, SuccessorsQuery{});
}

void Node::handle(Environment& environment, Address from, const SuccessorsQuery& query) {
  environment.send(from, Delivered{query.id});
  if (!letters_.is_new(from, query.id) || !joined_ || leaving_) return;
  post(environment, from,
       Successors{.query = query.id, .self = self_.key, .first = successors_[0], .second = successors_[1]});
}

// If the second successor died, the first one may list it still: then what comes after it is wanted.
void Node::handle(Environment& environment, Address from, const Successors& answer) {
  environment.send(from, Delivered{answer.id});
  if (!letters_.is_new(from, answer.id) || answer.query != successors_query_ || successors_query_ == 0) return;
  successors_query_ = 0;
  if (cut_off_ || from != successors_[0].address || (!second_dead_ && successors_[1])) return;
  const Contact dead = second_dead_ ? successors_[1] : departed_;
  const Contact next = answer.first == dead ? answer.second : answer.first;
  if (!next || next == dead) return;
  const bool first_was_replaced = !successors_[1];
  if (!first_was_replaced) environment.print("My new first successor is " + name_of(successors_[0].key));
  successors_[1] = next;
  second_dead_ = false;
  missed_[1] = 0;
  awaiting_[1] = false;
  environment.print("My new second successor is " + name_of(next.key));
}

// ---- joining and leaving -------------------------------------------------------------------------------------------

void Node::set_successors(Environment& environment, Contact first, Contact second) {
  if (successors_[0] != first) environment.trace(ring::index_of(TraceEvent::successor_changed), {first.key.value});
  for (std::size_t i = 0; i < 2; ++i) {
    const Contact next = i == 0 ? first : second;
    if (next == successors_[i]) continue;
    missed_[i] = 0;
    awaiting_[i] = false;
    if (i == 1) second_dead_ = false;
  }
  successors_ = {first, second};
}

void Node::print_successors(Environment& environment) const {
  environment.print("My new first successor is " + name_of(successors_[0].key));
  environment.print("My new second successor is " + name_of(successors_[1].key));
}

void Node::handle(Environment& environment, Address from, const JoinRequest& request) {
  if (!joined_ || leaving_ || cut_off_ || !request.joiner) return;  // unconfirmed, the sender asks again
  environment.send(from, Delivered{request.id});
  if (!letters_.is_new(from, request.id)) return;
  const Contact joiner = returned(request.joiner);
  const std::string name = name_of(joiner.key);
  if (joiner.key == self_.key || joiner.key == successors_[0].key || !peer_space.contains(joiner.key)) {
    environment.print(name + " Join request refused");
    post(environment, joiner.address, JoinAnswer{.accepted = false});
    return;
  }
  if (!ring::between(self_.key, joiner.key, successors_[0].key)) {
    environment.print(name + " Join request forwarded to my successor");
    post(environment, {}, JoinRequest{.joiner = joiner});
    return;
  }
  const Contact old_first = successors_[0];
  const Contact second_of_joiner = is_alone() ? joiner : successors_[1] ? successors_[1] : old_first;
  environment.print(name + " Join request received");
  set_successors(environment, joiner, old_first);
  print_successors(environment);
  post(environment, joiner.address, JoinAnswer{.accepted = true, .first = old_first, .second = second_of_joiner});
  newcomer_ = joiner;
  if (old_first == self_) newcomer_ = {};  // nobody else is there to be told
  if (newcomer_ && predecessors_[0]) announce_joiner(environment);
}

// The predecessor's second successor has changed.
void Node::announce_joiner(Environment& environment) {
  if (predecessors_[0] != newcomer_)
    post(environment, predecessors_[0].address, SuccessorChange{.first = self_, .second = newcomer_});
  newcomer_ = {};
}

void Node::handle(Environment& environment, Address from, const JoinAnswer& answer) {
  environment.send(from, Delivered{answer.id});
  if (!letters_.is_new(from, answer.id) || joined_) return;
  if (!answer.accepted) {
    environment.print("Join request has been refused: " + name_of(self_.key) + " is already in the network");
    return environment.exit();
  }
  if (!answer.first || !answer.second) return;
  joined_ = true;
  const Duration latency = environment.now() - (join_deadline_ - patience);
  join_deadline_ = Time::max();
  successors_ = {answer.first, answer.second};
  environment.print("Join request has been accepted");
  environment.print("My first successor is " + name_of(successors_[0].key));
  environment.print("My second successor is " + name_of(successors_[1].key));
  environment.trace(ring::index_of(TraceEvent::joined), {static_cast<std::uint64_t>(latency.count())});
  ping(environment);
}

void Node::handle(Environment& environment, Address from, const SuccessorChange& change) {
  environment.send(from, Delivered{change.id});
  if (!letters_.is_new(from, change.id) || !joined_ || cut_off_ || from != successors_[0].address || !change.second)
    return;
  environment.print("Successor Change request received");
  set_successors(environment, successors_[0], returned(change.second));
  print_successors(environment);
}

// A successor list that names the peer that left just before is older than that news.
Contact Node::replaced(Contact contact) const {
  return contact && contact == departed_ && departed_first_ ? departed_first_ : contact;
}

void Node::handle(Environment& environment, Address from, const Departure& departure) {
  environment.send(from, Delivered{departure.id});
  if (!letters_.is_new(from, departure.id) || !joined_ || cut_off_) return;
  const Key leaver = departure.leaver;
  const Contact first = replaced(departure.first.key == leaver ? self_ : departure.first);
  Contact second = departure.second.key == leaver ? self_ : departure.second;
  if (first != departure.first) second = departed_second_ ? departed_second_ : second;
  const bool was_first = successors_[0].key == leaver;
  const bool was_second = successors_[1].key == leaver;
  for (Contact& predecessor : predecessors_)
    if (predecessor.key == leaver) predecessor = {};
  if (!was_first && !was_second) return;
  environment.print(name_of(leaver) + " will depart from the network");
  if (was_first) {
    set_successors(environment, first, first == self_ ? self_ : second);
  } else {
    set_successors(environment, successors_[0], first);
  }
  departed_ = {leaver, from};
  departed_first_ = first;
  departed_second_ = second;
  print_successors(environment);
}

// Tells each predecessor once; the process ends when they have confirmed, or are not to be reached.
void Node::on_leave(Environment& environment) {
  if (leaving_) return;
  leaving_ = true;
  if (joined_ && !cut_off_ && !is_alone()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Contact predecessor = predecessors_[i];
      if (!predecessor || predecessor == self_ || (i == 1 && predecessor == predecessors_[0])) continue;
      post(environment, predecessor.address,
           Departure{.leaver = self_.key, .first = successors_[0], .second = successors_[1]});
    }
  }
  maybe_exit(environment);
}

void Node::maybe_exit(Environment& environment) {
  if (!leaving_ || !letters_.waiting().empty()) return;
  leaving_ = false;
  joined_ = false;
  environment.trace(ring::index_of(TraceEvent::left), {});
  environment.exit();
}

// ---- files ---------------------------------------------------------------------------------------------------------

void Node::on_command(Environment& environment, std::string_view line) {
  const CommandWords words = read_command(line);
  if (!words.fault.empty()) return environment.refuse("usage", words.fault);
  if (!words.file) return on_leave(environment);
  if (!joined_ || leaving_) return environment.refuse("not-joined", name_of(self_) + " is not in the network");
  if (cut_off_) return environment.refuse("not-joined", name_of(self_) + " is cut off from the ring");
  if (words.verb == "Request") return request(environment, *words.file);
  store(environment, StoreRequest{.file = *words.file, .bytes = {std::as_bytes(std::span(words.text))}});
}

bool Node::owns_file(std::uint16_t file) const noexcept {
  const Key key = key_of_file(file);
  return is_alone() || key == self_.key || (predecessors_[0] && ring::owns(predecessors_[0].key, key, self_.key));
}

// To the first successor, which may be the first peer after the key.
template <class Request>
void Node::pass_on(Environment& environment, Request request) {
  request.at_owner = ring::owns(self_.key, key_of_file(request.file), successors_[0].key);
  post(environment, {}, request);
}

void Node::store(Environment& environment, const StoreRequest& request) {
  const std::string name = "Store " + digits_of(request.file) + " request ";
  if (request.at_owner || owns_file(request.file)) {
    environment.print(name + "accepted");
    files_.insert(request.file);
    if (!request.bytes.bytes.empty()) return environment.write_content(ContentKey{request.file}, request.bytes.bytes);
    adopted_.insert(request.file);
    return environment.read_content(ContentKey{request.file});
  }
  environment.print(name + "forwarded to my successor");
  pass_on(environment, request);
}

void Node::handle(Environment& environment, Address from, const StoreRequest& request) {
  if (!joined_ || leaving_ || cut_off_ || request.file > 9999) return;
  environment.send(from, Delivered{request.id});
  if (letters_.is_new(from, request.id)) store(environment, request);
}

void Node::request(Environment& environment, std::uint16_t file) {
  if (!downloads_.may_begin(file))
    return environment.refuse("busy", "File " + digits_of(file) + " is not requested: too many requests are under way");
  if (owns_file(file)) {
    if (files_.contains(file)) return environment.print("File " + digits_of(file) + " is stored here");
    return environment.refuse("not-found", "File " + digits_of(file) + " is not stored in the network");
  }
  environment.print("File request for " + digits_of(file) + " has been sent to my successor");
  downloads_.begin(file, environment.now() + patience);
  await(environment, environment.now() + patience);
  pass_on(environment, FileRequest{.file = file, .asker = self_});
}

void Node::handle(Environment& environment, Address from, const FileRequest& request) {
  if (!joined_ || leaving_ || cut_off_ || request.file > 9999 || !request.asker) return;
  environment.send(from, Delivered{request.id});
  if (!letters_.is_new(from, request.id)) return;
  if ((request.at_owner || owns_file(request.file)) && files_.contains(request.file))
    return serve(environment, request);
  environment.print("Request for File " + digits_of(request.file) +
                    " has been received, but the file is not stored here");
  if (request.at_owner || owns_file(request.file)) {
    post(environment, request.asker.address, FileAnswer{.file = request.file, .owner = self_, .here = false});
  } else {
    pass_on(environment, request);
  }
}

void Node::serve(Environment& environment, const FileRequest& request) {
  if (!uploads_.begin(request.file, request.asker)) return;  // the asker reports that nothing came
  environment.print("File " + digits_of(request.file) + " is stored here");
  environment.print("Sending file " + digits_of(request.file) + " to " + name_of(request.asker));
  environment.read_content(ContentKey{request.file});
}

void Node::on_content(Environment& environment, const ContentReady& ready) {
  if (ready.action != ContentAction::read) return;
  // A file that was stored without a text stays what its owner has under that number, or else holds its own name.
  const auto file = static_cast<std::uint16_t>(ready.key.value);
  if (adopted_.erase(file) != 0 && !ready.found) {
    const std::string text = "File " + digits_of(file);
    environment.write_content(ready.key, std::as_bytes(std::span(text)));
  }
  for (Upload& upload : uploads_.all())
    if (upload.awaited == 0 && upload.file == ready.key.value)
      upload.awaited = post(environment, upload.asker.address, upload.take_content(self_, ready));
}

void Node::continue_upload(Environment& environment, Upload& upload) {
  if (upload.is_complete()) {
    environment.print("The file has been sent");
    return uploads_.end(upload);
  }
  upload.awaited = post(environment, upload.asker.address, upload.take_chunk());
}

void Node::handle(Environment& environment, Address from, const FileAnswer& answer) {
  environment.send(from, Delivered{answer.id});
  if (!letters_.is_new(from, answer.id)) return;
  Download* const download = downloads_.of_answer(answer);
  if (download == nullptr) return;
  if (!answer.here) {
    environment.refuse("not-found", "File " + digits_of(answer.file) + " was not found: " + name_of(answer.owner) +
                                        " should have it and does not");
    return downloads_.end(answer.file);
  }
  environment.print(name_of(answer.owner) + " had File " + digits_of(answer.file));
  environment.print("Receiving File " + digits_of(answer.file) + " from " + name_of(answer.owner));
  download->owner = {answer.owner.key, from};
  download->size = answer.size;
  continue_download(environment, *download);
}

void Node::handle(Environment& environment, Address from, const FileChunk& chunk) {
  environment.send(from, Delivered{chunk.id});
  if (!letters_.is_new(from, chunk.id)) return;
  if (Download* const download = downloads_.add_chunk(from, chunk)) continue_download(environment, *download);
}

void Node::continue_download(Environment& environment, Download& download) {
  download.deadline = environment.now() + patience;
  if (!download.is_complete()) return;
  environment.write_content(ContentKey{received_content + download.file}, download.bytes);
  environment.print("File " + digits_of(download.file) + " received");
  downloads_.end(download.file);
}

void Node::append_visible_state(std::vector<std::byte>& out) const {
  append_state(out, std::tie(joined_, successors_, predecessors_));
}

bool Node::take_visible_state(Bytes bytes) {
  auto visible = std::tie(joined_, successors_, predecessors_);
  return read_state(bytes, visible) && bytes.empty();
}

}  // namespace peerbed::coursework
