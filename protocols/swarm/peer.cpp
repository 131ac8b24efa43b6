#include "protocols/swarm/peer.h"

#include <utility>

#include "protocols/environment/version_notice.h"
#include "protocols/swarm/commands.h"
#include "protocols/swarm/files/adding.h"
#include "protocols/swarm/files/holdings.h"
#include "protocols/swarm/files/offers.h"
#include "protocols/swarm/files/restoring.h"
#include "protocols/swarm/visible_state.h"

namespace peerbed::swarm {

Peer::Peer(SharedOptions options, std::span<const Address> trackers)
    : options_(std::move(options)), trackers_(trackers, options_->maximum_listed), exchange_(*options_) {}

Peer Peer::make(SharedOptions options, std::span<const Address> trackers) {
  PEERBED_CONTRACT(options != nullptr, "a peer has options");
  check(*options);
  return Peer(std::move(options), trackers);
}

// ---------------------------------------------------------------------------------------------------------------------
// Inputs

void Peer::on_start(Environment& environment, Start start) {
  trackers_.start(context_of(environment));
  catalogue_.ask(environment, files_, start.stored);
}

void Peer::on_datagram(Environment& environment, Address from, Bytes payload) {
  const LinkTable::Sweeper sweeper(exchange_.links());
  const DownloadContext context = begin_input(environment);
  const bool understood = Messages::dispatch(wire_version, payload, [&]<class Received>(const Received& message) {
    if constexpr (requires { handle(context, from, message); }) handle(context, from, message);
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Peer::on_timer(Environment& environment, TimerId timer) {
  const LinkTable::Sweeper sweeper(exchange_.links());
  const DownloadContext context = begin_input(environment);
  switch (timer) {
    case tracker_timer:
      if (!exchange_.is_leaving()) trackers_.review(context);
      break;
    case pulse_timer:
      pulse(context);
      break;
    default:
      exchange_.take_timer(context, timer);
      break;
  }
}

void Peer::on_content(Environment& environment, const ContentReady& ready) {
  const LinkTable::Sweeper sweeper(exchange_.links());
  const DownloadContext context = begin_input(environment);
  if (part_of(ready.key) == Part::catalogue) {
    if (!catalogue_.take(context, files_, ready)) return;
    for (const std::string& line : std::exchange(early_commands_, {})) carry_out(context, line);
    return;
  }
  SharedFile* file = files_.numbered(file_of(ready.key));
  if (file == nullptr) return;
  if (ready.action == ContentAction::exported) return downloads_.take_exported(context, *file, ready);
  if (ready.action == ContentAction::changed) return handle_changed(context, *file, ready.found);
  switch (file->state) {
    case State::adding:
      return handle_added(context, *file, ready);
    case State::restoring:
      return handle_stored(context, *file, ready);
    case State::seeking:
    case State::downloading:
      return downloads_.take_content(context, *file, ready);
    case State::complete:
      break;
  }
}

void Peer::on_stream(Environment& environment, const StreamEvent& event) {
  const LinkTable::Sweeper sweeper(exchange_.links());
  const DownloadContext context = begin_input(environment);
  if (SharedFile* file = files_.numbered(exchange_.take(context, event)))
    downloads_.fail(context, *file, "the disk does not take it" + reason_in(event.bytes));
}

bool Peer::move_tracker(Environment& environment, Address from, Address to) {
  return !exchange_.is_leaving() && trackers_.move_tracker(context_of(environment), from, to);
}

void Peer::on_leave(Environment& environment) {
  const LinkTable::Sweeper sweeper(exchange_.links());
  if (exchange_.is_leaving()) return;
  trackers_.leave(context_of(environment));
  exchange_.leave(context_of(environment));
  exchange_.trace_counts(context_of(environment));
  environment.exit();
}

DownloadContext Peer::begin_input(Environment& environment) noexcept {
  if (const Duration late = pulse_.notice(environment.now()); late != Duration{0}) {
    exchange_.forgive(late);
    for (SharedFile& file : files_)
      if (file.download) file.download->last_progress += late;
  }
  return context_of(environment);
}

void Peer::pulse(const DownloadContext& context) {
  pulse_.beat();
  exchange_.end_partings(context);
  downloads_.survey_on(context);
  exchange_.end_overdue(context);
  downloads_.look_after(context);
  if (downloads_.is_busy(files_) || exchange_.is_busy()) pulse_.wake(context);
}

// ---------------------------------------------------------------------------------------------------------------------
// Datagrams

void Peer::handle(const DownloadContext& context, Address from, const Heartbeat& heartbeat) {
  if (!exchange_.is_leaving()) trackers_.take(context, from, heartbeat);
}

void Peer::handle(const DownloadContext& context, Address from, const ListPage& page) {
  trackers_.take(context, from, page);
}

void Peer::handle(const DownloadContext& context, Address from, const ListChanges& changes) {
  if (trackers_.take(context, from, changes)) exchange_.take_listed(context, changes);
}

void Peer::handle(const DownloadContext& context, Address from, const OffersQuery& query) {
  context.environment.send(from, answer_to(query, files_));
}

void Peer::handle(const DownloadContext& context, Address from, const Find& find) {
  if (exchange_.is_leaving()) return;
  for (const Found& answer : answers_to(find, files_)) context.environment.send(from, answer);
}

void Peer::handle(const DownloadContext& context, Address from, const Offers& offers) {
  downloads_.take(context, from, offers);
}

void Peer::handle(const DownloadContext& context, Address from, const Found& found) {
  downloads_.take(context, from, found);
}

// Only a tracker of its own can make a peer send anything.
void Peer::handle(const DownloadContext& context, Address from, const Introduced& introduced) {
  if (exchange_.is_leaving() || !options_->hole_punching || !trackers_.take(from, introduced)) return;
  if (!introduced.peer) return;
  context.environment.send(introduced.peer, Knock{});
  const SharedFile* file = introduced.root.is_zero() ? nullptr : files_.rooted(introduced.root);
  if (file != nullptr && file->has_manifest()) exchange_.meet(context, *file, introduced.peer);
}

void Peer::handle(const DownloadContext& context, Address from, const Knock& knock) {
  downloads_.take(context, from, knock);
}

// ---------------------------------------------------------------------------------------------------------------------
// Commands. Whether a file is here already an earlier process may know: until its catalogue has been read, they wait.

void Peer::on_command(Environment& environment, std::string_view line) {
  const LinkTable::Sweeper sweeper(exchange_.links());
  const DownloadContext context = begin_input(environment);
  if (catalogue_.is_read()) return carry_out(context, line);
  if (early_commands_.size() == maximum_early_commands)
    return environment.refuse("busy", "Too many commands wait for the disk");
  early_commands_.emplace_back(line);
}

void Peer::carry_out(const DownloadContext& context, std::string_view line) {
  Environment& environment = context.environment;
  const auto [verb, what] = parse_command(line);
  const auto remove = [&](FileNumber number) {
    if (number != 0) remove_file(context, number);
  };
  switch (verb) {
    case Verb::add:
      return add_file(context, what);
    case Verb::get:
      return downloads_.start_survey(context);
    case Verb::down:
      return downloads_.start(context, what);
    case Verb::list:
      return list_files(environment, files_, exchange_.links());
    case Verb::remove:
      return remove(remove_share(environment, files_, what));
    case Verb::cancel:
      return remove(cancel_download(environment, files_, what));
    case Verb::pause:
      return pause(context, what);
    case Verb::resume:
      return resume(context, what);
    case Verb::quit:
      return on_leave(environment);
    case Verb::unknown:
      environment.refuse("unknown-command", "Unknown command; the commands are " + std::string(all_verbs));
  }
}

void Peer::pause(const DownloadContext& context, std::string_view what) {
  const SharedFile* file = pause_download(context.environment, files_, what);
  if (file == nullptr) return;
  exchange_.drop_all(context, file->number, CloseReason::given_up);
  save_catalogue(context.environment, files_, file->number);
  say_paused(context.environment, *file);
}

void Peer::resume(const DownloadContext& context, std::string_view what) {
  SharedFile* file = wanted_file(context.environment, files_, "RESUME", what);
  if (file == nullptr) return;
  if (file->state == State::restoring && std::exchange(file->paused, false))
    return save_catalogue(context.environment, files_, file->number);
  if (file->is_waiting()) return downloads_.go_on(context, *file);
  if (file->state == State::complete && !file->is_file && !file->exporting) return restore_again(context, *file);
  context.environment.print(file->local_name() + (file->state == State::complete ? " is here" : " is on its way"));
}

// ---------------------------------------------------------------------------------------------------------------------
// Files: added, restored and changed

void Peer::add_file(const DownloadContext& context, std::string_view name) {
  const SharedFile* present = files_.in_directory(name);
  if (present != nullptr && is_read_anew(*present)) remove_file(context, present->number);
  begin_adding(context, files_, name);
}

void Peer::handle_added(const DownloadContext& context, SharedFile& file, const ContentReady& ready) {
  const FileNumber number = file.number;
  switch (take_added(context, file, ready)) {
    case Adding::under_way:
      return;
    case Adding::failed:
      return remove_file(context, number);
    case Adding::hashed:
      break;
  }
  const Root root = to_digest(ready.bytes);
  // After a damaged catalogue there may be several.
  while (const FileNumber twin = double_of(context, files_, *files_.numbered(number), root)) {
    remove_file(context, twin);
    if (twin == number) return;
  }
  offer_added(context, files_, *files_.numbered(number), root);
}

void Peer::handle_stored(const DownloadContext& context, SharedFile& file, const ContentReady& ready) {
  const Restoring restoring = take_stored(context, file, ready);
  if (restoring.verified) exchange_.announce(context, file, *restoring.verified);
  switch (restoring.step) {
    case Restoring::Step::waits:
      return;
    case Restoring::Step::lost:
      return remove_file(context, file.number);
    case Restoring::Step::begins_again:
      if (!file.paused) downloads_.begin(context, file);
      return;
    case Restoring::Step::hashes:
      if (hash_on(context.environment, file)) finish_restoring(context, file);
  }
}

void Peer::finish_restoring(const DownloadContext& context, SharedFile& file) {
  switch (conclude(context, file)) {
    case Finding::changed_again:
      return restore_again(context, file);
    case Finding::spoilt:
      return drop_changed(context, file, !file.is_gone);
    case Finding::whole:
      if (file.exporting) export_file(context.environment, file);
      exchange_.tell_all(context);
      exchange_.review(context, file);
      return save_catalogue(context.environment, files_, file.number);
    case Finding::in_part:
      if (!file.paused) downloads_.begin(context, file);
      exchange_.review(context, file);
  }
}

void Peer::handle_changed(const DownloadContext& context, SharedFile& file, bool is_there) {
  switch (take_change(context.environment, file, is_there)) {
    case Change::nothing:
      return;
    case Change::add_failed:
      return remove_file(context, file.number);
    case Change::dropped:
      return drop_changed(context, file, false);
    case Change::restored:
      return restore_again(context, file);
  }
}

void Peer::drop_changed(const DownloadContext& context, SharedFile& file, bool is_there) {
  const auto names = swarm::drop_changed(context, file, is_there);
  remove_file(context, file.number);
  for (const std::string& name : names) add_file(context, name);
}

// ---------------------------------------------------------------------------------------------------------------------
// What checks, analyses and other processes may see

const SharedFile* Peer::file(const Root& root) const noexcept { return const_cast<FileTable&>(files_).rooted(root); }
const SharedFile* Peer::file(std::string_view name) const noexcept {
  return const_cast<FileTable&>(files_).named(name);
}

void Peer::append_visible_state(std::vector<std::byte>& out) const {
  swarm::append_visible_state(out, {.uploaded = uploaded(), .downloaded = downloaded(), .pulsed = pulsed()}, files_);
}

bool Peer::take_visible_state(Bytes bytes) {
  VisibleCounts counts;
  if (!swarm::take_visible_state(bytes, counts, files_)) return false;
  exchange_.show(counts.uploaded, counts.downloaded);
  pulse_.show_last(counts.pulsed);
  return true;
}

}  // namespace peerbed::swarm
