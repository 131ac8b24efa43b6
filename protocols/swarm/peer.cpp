#include "protocols/swarm/peer.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "protocols/environment/version_notice.h"
#include "protocols/swarm/adding.h"
#include "protocols/swarm/commands.h"
#include "protocols/swarm/holdings.h"
#include "protocols/swarm/offers.h"
#include "protocols/swarm/restoring.h"

namespace peerbed::swarm {
namespace {

// A file as it is shown to another process: its number, state, names and pieces, and whether its hashes are known.
// Of a download under way: that it is, when it began, and how much of what came it kept.
using VisibleDownload = std::tuple<bool, Time, std::uint64_t>;
using VisibleFile =
    std::tuple<FileNumber, SharedFile::State, std::vector<std::string>, PieceMap, bool, VisibleDownload>;

// Each piece has its bit, so that pieces can be looked up.
bool is_sound(const PieceMap& map) {
  return map.verified().size() == map.geometry().pieces() &&
         map.verified().words() == (map.verified().size() + 63) / 64;
}

}  // namespace

Peer::Peer(SharedOptions options, std::span<const Address> trackers)
    : options_(std::move(options)),
      trackers_(trackers, options_->maximum_listed),
      requester_(options_->download_limit),
      uploads_(options_->upload_limit) {}

Peer Peer::make(SharedOptions options, std::span<const Address> trackers) {
  PEERBED_CONTRACT(options != nullptr, "a peer has options");
  check(*options);
  return Peer(std::move(options), trackers);
}

void Peer::on_start(Environment& environment, Start start) {
  trackers_.start(context_of(environment));
  catalogue_.ask(environment, files_, start.stored);
}

void Peer::on_datagram(Environment& environment, Address from, Bytes payload) {
  const LinkTable::Sweeper sweeper(links_);
  const bool understood = Messages::dispatch(wire_version, payload, [&]<class Received>(const Received& message) {
    if constexpr (requires { handle(environment, from, message); }) handle(environment, from, message);
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Peer::on_timer(Environment& environment, TimerId timer) {
  const LinkTable::Sweeper sweeper(links_);
  switch (timer) {
    case tracker_timer:
      if (!leaving_) trackers_.review(context_of(environment));
      return;
    case pulse_timer:
      pulse(environment);
      break;
    case choke_timer:
      choker_.begin_round(context_of(environment), links_, files_);
      break;
    case slot_timer:
      choker_.take_idle_slots(context_of(environment), links_, files_);
      break;
    case have_timer:
      announcer_.tell_all(context_of(environment), links_, files_);
      break;
    case upload_timer:
      uploads_.serve_on(context_of(environment), links_, files_);
      break;
    case download_timer:
      for (SharedFile& file : files_) requester_.ask(context_of(environment), links_, file);
      break;
  }
}

void Peer::on_content(Environment& environment, const ContentReady& ready) {
  const LinkTable::Sweeper sweeper(links_);
  if (part_of(ready.key) == Part::catalogue) {
    if (!catalogue_.take(context_of(environment), files_, ready)) return;
    for (const std::string& line : std::exchange(early_commands_, {})) carry_out(environment, line);
    return;
  }
  SharedFile* file = file_numbered(file_of(ready.key));
  if (file == nullptr) return;
  if (ready.action == ContentAction::exported) return handle_exported(environment, *file, ready);
  if (ready.action == ContentAction::changed) return handle_changed(environment, *file, ready.found);
  switch (file->state) {
    case State::adding:
      handle_added(environment, *file, ready);
      break;
    case State::restoring:
      handle_stored(environment, *file, ready);
      break;
    case State::seeking:
      handle_manifest_hash(environment, *file, ready);
      break;
    case State::downloading:
      if (ready.action == ContentAction::hashed) handle_piece_hash(environment, *file, ready);
      break;
    case State::complete:
      break;
  }
}

void Peer::on_stream(Environment& environment, const StreamEvent& event) {
  const LinkTable::Sweeper sweeper(links_);
  if (event.kind == StreamEventKind::accepted) return accept_or_refuse(environment, event.stream, event.peer);
  Link* link = links_.find(event.stream);
  if (link == nullptr) return partings_.read_on(context_of(environment), event);
  switch (event.kind) {
    case StreamEventKind::accepted:
      break;
    case StreamEventKind::opened:
      if (SharedFile* file = link->stage == Link::Stage::opening ? file_numbered(link->file) : nullptr)
        handle_opened(environment, *link, *file);
      break;
    case StreamEventKind::bytes_received:
      link->heard = environment.now();
      handle_bytes(environment, *link, event.bytes);
      break;
    case StreamEventKind::content_received:
    case StreamEventKind::content_lost:
      link->heard = environment.now();
      handle_content(environment, *link, event);
      break;
    case StreamEventKind::content_sent:
      link->uploads.note_sent();
      uploads_.serve(context_of(environment), links_, files_);
      choker_.end_turn(context_of(environment), links_, files_, *link);
      if (link->uploads.is_idle()) choker_.fill_slots(context_of(environment), links_, files_);
      break;
    case StreamEventKind::half_closed:
      drop_link(environment, *link, CloseReason::lost);
      break;
    case StreamEventKind::closed:
    case StreamEventKind::reset:
      lose_link(environment, *link, link->stage == Link::Stage::opening ? CloseReason::unreachable : CloseReason::lost);
      break;
  }
}

bool Peer::move_tracker(Environment& environment, Address from, Address to) {
  return !leaving_ && trackers_.move_tracker(context_of(environment), from, to);
}

void Peer::on_leave(Environment& environment) {
  const LinkTable::Sweeper sweeper(links_);
  if (leaving_) return;
  leaving_ = true;
  trackers_.leave(context_of(environment));
  for (Link& link : links_) drop_link(environment, link, CloseReason::leaving);
  count_exchange(environment);
  environment.exit();
}

// ---------------------------------------------------------------------------------------------------------------------
// Datagrams

void Peer::handle(Environment& environment, Address from, const Heartbeat& heartbeat) {
  if (!leaving_) trackers_.take(context_of(environment), from, heartbeat);
}

void Peer::handle(Environment& environment, Address from, const ListPage& page) {
  trackers_.take(context_of(environment), from, page);
}

void Peer::handle(Environment& environment, Address from, const ListChanges& changes) {
  if (trackers_.take(context_of(environment), from, changes)) retry_listed(environment, changes);
}

void Peer::handle(Environment& environment, Address from, const OffersQuery& query) {
  environment.send(from, answer_to(query, files_));
}

void Peer::handle(Environment& environment, Address from, const Offers& offers) {
  if (survey_.take(context_of(environment), from, offers)) continue_survey(environment);
}

void Peer::handle(Environment& environment, Address from, const Find& find) {
  if (leaving_) return;
  for (const Found& answer : answers_to(find, files_)) environment.send(from, answer);
}

// ---------------------------------------------------------------------------------------------------------------------
// GET, and names that nobody has a file of

void Peer::start_survey(Environment& environment) {
  if (survey_.is_shown()) return environment.print("GET is under way");
  if (survey_.is_under_way()) return survey_.show();
  begin_survey(environment, true);
  continue_survey(environment);
}

void Peer::begin_survey(Environment& environment, bool is_shown) {
  survey_.begin(environment, list(), ++last_id_, is_shown);
  pulse_.wake(context_of(environment));
}

void Peer::continue_survey(Environment& environment) {
  const auto result = survey_.proceed(context_of(environment), list());
  if (!result) return;
  if (result->is_shown) choices_ = show_offers(context_of(environment), result->files);
  judge_names(environment, result->files);
}

void Peer::judge_names(Environment& environment, std::span<const SurveyedFile> files) {
  std::vector<FileNumber> unknown;
  for (const SharedFile& file : files_)
    if (file.download && file.download->search.is_surveyed() && file.root.is_zero()) unknown.push_back(file.number);
  for (const FileNumber number : unknown) judge_name(environment, *file_numbered(number), files);
}

void Peer::judge_name(Environment& environment, SharedFile& file, std::span<const SurveyedFile> files) {
  const NameMeaning meaning = meaning_of(file.name(), files);
  if (meaning.is_offered || file.download->search.has_candidates()) return;
  if (meaning.root) {
    files_.rename(file, to_string(*meaning.root));
    file.download->search.restart_walk(environment, list());
    if (take_root(environment, file, *meaning.root)) search_on(environment, file);
  } else {
    fail_download(environment, file,
                  meaning.nearest.empty() ? "nobody offers it; GET lists what is offered"
                                          : "nobody offers it; did you mean '" + meaning.nearest + "'?");
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Commands. Whether a file is here already an earlier process may know: until its catalogue has been read, they wait.

void Peer::on_command(Environment& environment, std::string_view line) {
  const LinkTable::Sweeper sweeper(links_);
  if (catalogue_.is_read()) return carry_out(environment, line);
  if (early_commands_.size() == maximum_early_commands)
    return environment.refuse("busy", "Too many commands wait for the disk");
  early_commands_.emplace_back(line);
}

void Peer::carry_out(Environment& environment, std::string_view line) {
  const auto [verb, what] = parse_command(line);
  const auto remove = [&](FileNumber number) {
    if (number != 0) remove_file(environment, number);
  };
  switch (verb) {
    case Verb::add:
      add_file(environment, what);
      break;
    case Verb::get:
      start_survey(environment);
      break;
    case Verb::down:
      start_download(environment, what);
      break;
    case Verb::list:
      list_files(environment, files_, links_);
      break;
    case Verb::remove:
      remove(remove_share(environment, files_, what));
      break;
    case Verb::cancel:
      remove(cancel_download(environment, files_, what));
      break;
    case Verb::pause:
      pause(environment, what);
      break;
    case Verb::resume:
      resume(environment, what);
      break;
    case Verb::quit:
      on_leave(environment);
      break;
    case Verb::unknown:
      environment.refuse("unknown-command", "Unknown command: there are " + std::string(all_verbs));
  }
}

void Peer::pause(Environment& environment, std::string_view what) {
  const SharedFile* file = pause_download(environment, files_, what);
  if (file == nullptr) return;
  for (Link& link : links_)
    if (link.file == file->number) drop_link(environment, link, CloseReason::given_up);
  save_catalogue(environment, files_, file->number);
  say_paused(environment, *file);
}

void Peer::resume(Environment& environment, std::string_view what) {
  SharedFile* file = wanted_file(environment, files_, "RESUME", what);
  if (file == nullptr) return;
  if (file->state == State::restoring && std::exchange(file->paused, false))
    return save_catalogue(environment, files_, file->number);
  if (file->is_waiting()) return resume_waiting(environment, *file);
  if (file->state == State::complete && !file->is_file && !file->exporting) return restore_again(environment, *file);
  environment.print(file->local_name() + (file->state == State::complete ? " is here" : " is on its way"));
}

// ---------------------------------------------------------------------------------------------------------------------
// Files: added, restored, changed and removed

void Peer::add_file(Environment& environment, std::string_view name) {
  const SharedFile* present = files_.in_directory(name);
  if (present != nullptr && is_read_anew(*present)) remove_file(environment, present->number);
  begin_adding(context_of(environment), files_, name);
}

void Peer::handle_added(Environment& environment, SharedFile& file, const ContentReady& ready) {
  const FileNumber number = file.number;
  switch (take_added(context_of(environment), file, ready)) {
    case Adding::under_way:
      return;
    case Adding::failed:
      return remove_file(environment, number);
    case Adding::hashed:
      break;
  }
  const Root root = to_digest(ready.bytes);
  const FileNumber twin = double_of(context_of(environment), files_, file, root);
  if (twin != 0) remove_file(environment, twin);
  if (twin != number) offer_added(context_of(environment), files_, *file_numbered(number), root);
}

void Peer::remove_file(Environment& environment, FileNumber number) {
  for (Link& link : links_)
    if (link.serves(number)) {
      environment.reset_stream(link.stream);
      links_.close(link);
      choker_.lose(link);
      environment.trace(index_of(TraceEvent::link_closed),
                        {link.peer.value, static_cast<std::uint64_t>(CloseReason::not_shared)});
    }
  forget_file(environment, files_, number);
}

void Peer::restore_again(Environment& environment, SharedFile& file, bool was_whole) {
  for (Link& link : links_)
    if (link.file == file.number) drop_link(environment, link, CloseReason::not_shared);
  begin_restoring(environment, file, was_whole);
}

void Peer::handle_stored(Environment& environment, SharedFile& file, const ContentReady& ready) {
  const Restoring restoring = take_stored(context_of(environment), file, ready);
  if (restoring.verified) announcer_.announce(context_of(environment), links_, file, *restoring.verified);
  switch (restoring.step) {
    case Restoring::Step::waits:
      return;
    case Restoring::Step::lost:
      return remove_file(environment, file.number);
    case Restoring::Step::begins_again:
      if (!file.paused) resume_download(environment, file);
      return;
    case Restoring::Step::hashes:
      if (hash_on(environment, file)) finish_restoring(environment, file);
  }
}

void Peer::finish_restoring(Environment& environment, SharedFile& file) {
  switch (conclude(context_of(environment), file)) {
    case Finding::changed_again:
      return restore_again(environment, file);
    case Finding::spoilt:
      return drop_changed(environment, file, !file.is_gone);
    case Finding::whole:
      if (file.exporting) export_file(environment, file);
      announcer_.tell_all(context_of(environment), links_, files_);
      review_links(environment, file);
      return save_catalogue(environment, files_, file.number);
    case Finding::in_part:
      if (!file.paused) resume_download(environment, file);
      review_links(environment, file);
  }
}

void Peer::handle_changed(Environment& environment, SharedFile& file, bool is_there) {
  switch (take_change(environment, file, is_there)) {
    case Change::nothing:
      return;
    case Change::add_failed:
      return remove_file(environment, file.number);
    case Change::dropped:
      return drop_changed(environment, file, false);
    case Change::restored:
      return restore_again(environment, file);
  }
}

void Peer::drop_changed(Environment& environment, SharedFile& file, bool is_there) {
  const auto names = swarm::drop_changed(context_of(environment), file, is_there);
  remove_file(environment, file.number);
  for (const std::string& name : names) add_file(environment, name);
}

// ---------------------------------------------------------------------------------------------------------------------
// What is under way

bool Peer::is_busy() const noexcept {
  if (survey_.is_under_way() || !partings_.empty()) return true;
  if (std::any_of(files_.begin(), files_.end(), [](const SharedFile& file) { return file.download.has_value(); }))
    return true;
  return std::any_of(links_.begin(), links_.end(), [](const Link& link) { return !link.is_open(); });
}

// While this host stood still, nobody else was late.
void Peer::forgive(Duration late) noexcept {
  for (Link& link : links_) {
    link.since += late;
    link.requests.forgive(late);
  }
  for (SharedFile& file : files_)
    if (file.download) file.download->last_progress += late;
}

void Peer::pulse(Environment& environment) {
  if (const Duration late = pulse_.beat(environment.now()); late > Duration{0}) forgive(late);
  partings_.end_overdue(context_of(environment));
  if (survey_.is_under_way()) continue_survey(environment);
  look_after_links(environment);
  for (std::size_t i = 0; i < files_.size();) {
    const FileNumber number = files_[i].number;
    const auto is_under_way = [&] { return i < files_.size() && files_[i].number == number && files_[i].download; };
    if (is_under_way()) search_on(environment, files_[i]);
    if (is_under_way()) look_after_sources(environment, files_[i]);
    if (i < files_.size() && files_[i].number == number) ++i;  // else it is gone, and the next one is in its place
  }
  if (is_busy()) pulse_.wake(context_of(environment));
}

const SharedFile* Peer::file(const Root& root) const noexcept { return const_cast<Peer*>(this)->file_rooted(root); }
const SharedFile* Peer::file(std::string_view name) const noexcept { return const_cast<Peer*>(this)->file_named(name); }

void Peer::append_visible_state(std::vector<std::byte>& out) const {
  std::vector<VisibleFile> files;
  for (const SharedFile& file : files_) {
    VisibleDownload download;
    if (file.download) download = {true, file.download->started, file.download->kept};
    files.emplace_back(file.number, file.state, file.names, file.map, !file.hashes.empty(), download);
  }
  append_state(out, std::tuple(uploaded(), downloaded(), pulsed(), files));
}

bool Peer::take_visible_state(Bytes bytes) {
  std::vector<VisibleFile> files;
  std::uint64_t uploaded = 0;
  std::uint64_t downloaded = 0;
  Time pulsed{};
  auto visible = std::tie(uploaded, downloaded, pulsed, files);
  if (!read_state(bytes, visible) || !bytes.empty()) return false;
  uploads_.show_uploaded(uploaded);
  requester_.show_downloaded(downloaded);
  pulse_.show_last(pulsed);
  files_.clear();
  for (auto& [number, state, names, map, has_hashes, download] : files) {
    if (names.empty() || !is_sound(map)) return false;
    if (!files_.empty() && number <= files_.all().back().number) return false;
    SharedFile file;
    file.number = number;
    file.state = state;
    file.names = std::move(names);
    file.map = std::move(map);
    if (has_hashes) file.hashes.resize(file.geometry().pieces());
    if (std::get<bool>(download)) {
      file.download.emplace();
      std::tie(std::ignore, file.download->started, file.download->kept) = download;
    }
    files_.add(std::move(file));
  }
  return true;
}

}  // namespace peerbed::swarm
