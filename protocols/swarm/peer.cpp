#include "protocols/swarm/peer.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace peerbed::swarm {
namespace {

// A file as it is shown to another process: its number, state, names and pieces, and whether its hashes are known.
using VisibleFile = std::tuple<FileNumber, SharedFile::State, std::vector<std::string>, PieceMap, bool>;

// Each piece has its bit, so that pieces can be looked up.
bool is_sound(const PieceMap& map) {
  return map.verified().size() == map.geometry().pieces() &&
         map.verified().words() == (map.verified().size() + 63) / 64;
}

}  // namespace

namespace {

constexpr Duration pulse_period = std::chrono::milliseconds(100);

}  // namespace

Peer::Peer(SharedOptions options, std::span<const Address> trackers)
    : options_(std::move(options)),
      list_(trackers, options_->maximum_listed),
      upload_tokens_(options_->upload_limit),
      download_tokens_(options_->download_limit) {}

Peer Peer::make(SharedOptions options, std::span<const Address> trackers) {
  PEERBED_CONTRACT(options != nullptr, "a peer has options");
  check(*options);
  return Peer(std::move(options), trackers);
}

void Peer::on_start(Environment& environment, Start start) {
  list_.set_self(environment.self());
  look_after_trackers(environment);
  for (const ContentKey key : start.stored) {
    if (key != catalogue_key) continue;
    awaiting_catalogue_ = true;
    environment.read_content(key);
  }
}

void Peer::on_datagram(Environment& environment, Address from, Bytes payload) {
  const bool understood = wire::dispatch(payload, [&]<class Received>(const Received& message) {
    if constexpr (requires { handle(environment, from, message); }) handle(environment, from, message);
  });
  if (!understood) environment.trace(index_of(TraceEvent::datagram_refused), {payload.size()});
}

void Peer::on_timer(Environment& environment, TimerId timer) {
  switch (timer) {
    case tracker_timer:
      return look_after_trackers(environment);
    case pulse_timer:
      pulse(environment);
      break;
    case choke_timer:
      choke_round(environment);
      break;
    case slot_timer:
      take_idle_slots(environment);
      break;
    case have_timer:
      tell_all(environment);
      break;
    case upload_timer:
      saving_ = false;
      serve(environment);
      break;
    case download_timer:
      for (SharedFile& file : files_)
        if (file.state == State::downloading) fill(environment, file);
      break;
  }
  links_.sweep();
}

void Peer::on_content(Environment& environment, const ContentReady& ready) {
  if (ready.key == catalogue_key) return handle_catalogue(environment, ready.found ? ready.bytes : Bytes{});
  SharedFile* file = file_numbered(file_of(ready.key));
  if (file == nullptr) return;
  if (ready.action == ContentAction::exported) return handle_exported(environment, *file, ready.found);
  switch (file->state) {
    case State::adding:
      ready.action == ContentAction::imported ? handle_imported(environment, *file, ready)
                                              : handle_added_hash(environment, *file, ready);
      break;
    case State::restoring:
      handle_restored(environment, *file, ready);
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
  links_.sweep();
}

void Peer::on_stream(Environment& environment, const StreamEvent& event) {
  if (event.kind == StreamEventKind::accepted) {
    if (leaving_ || links_.size() >= 2 * options_->maximum_connections) return environment.reset_stream(event.stream);
    Link& link = links_.add(event.stream, event.peer);
    link.stage = Link::Stage::greeting;
    link.since = environment.now();
    await_frame(environment, link);
    return wake(environment);
  }
  Link* link = links_.find(event.stream);
  if (link == nullptr) return;
  switch (event.kind) {
    case StreamEventKind::accepted:
      break;
    case StreamEventKind::opened:
      if (SharedFile* file = file_numbered(link->file)) {
        link->stage = Link::Stage::greeting;
        link->round_trip = environment.now() - link->since;
        link->since = environment.now();
        greet(environment, *link, *file);
        introduce(environment, *link, *file);
        if (file->download && is_known_complete(*file, link->peer)) ask_manifest(environment, *file, *link);
        await_frame(environment, *link);
      }
      break;
    case StreamEventKind::bytes_received:
      handle_bytes(environment, *link, event.bytes);
      break;
    case StreamEventKind::content_received:
    case StreamEventKind::content_lost:
      handle_block_received(environment, *link, event.kind == StreamEventKind::content_received);
      break;
    case StreamEventKind::content_sent:
      if (link->in_network > 0) --link->in_network;
      serve(environment);
      end_turn(environment, *link);
      if (link->in_network == 0 && link->queue.empty()) fill_slots(environment);
      break;
    case StreamEventKind::half_closed:
      drop_link(environment, *link);
      break;
    case StreamEventKind::closed:
    case StreamEventKind::reset:
      lose_link(environment, *link);
      break;
  }
  links_.sweep();
}

// ---------------------------------------------------------------------------------------------------------------------
// What is under way

bool Peer::is_busy() const noexcept {
  if (survey_) return true;
  if (std::any_of(files_.begin(), files_.end(), [](const SharedFile& file) { return file.download.has_value(); }))
    return true;
  return std::any_of(links_.begin(), links_.end(), [](const Link& link) { return !link.is_open(); });
}

void Peer::wake(Environment& environment) {
  if (pulsing_) return;
  pulsing_ = true;
  environment.set_timer(pulse_timer, pulse_period);
}

void Peer::pulse(Environment& environment) {
  pulsing_ = false;
  if (survey_) continue_survey(environment);
  look_after_links(environment);
  for (std::size_t i = 0; i < files_.size();) {
    const FileNumber number = files_[i].number;
    const auto is_under_way = [&] { return i < files_.size() && files_[i].number == number && files_[i].download; };
    if (is_under_way()) search_on(environment, files_[i]);
    if (is_under_way()) look_after_sources(environment, files_[i]);
    if (i < files_.size() && files_[i].number == number) ++i;  // else it is gone, and the next one is in its place
  }
  if (is_busy()) wake(environment);
}

SharedFile* Peer::file_numbered(FileNumber number) noexcept {
  for (SharedFile& file : files_)
    if (file.number == number) return &file;
  return nullptr;
}

SharedFile* Peer::file_rooted(const Root& root) noexcept {
  if (root.is_zero()) return nullptr;
  for (SharedFile& file : files_)
    if (file.root == root) return &file;
  return nullptr;
}

SharedFile* Peer::file_named(std::string_view name) noexcept {
  for (SharedFile& file : files_)
    if (std::find(file.names.begin(), file.names.end(), name) != file.names.end()) return &file;
  return nullptr;
}

const SharedFile* Peer::file(const Root& root) const noexcept { return const_cast<Peer*>(this)->file_rooted(root); }
const SharedFile* Peer::file(std::string_view name) const noexcept { return const_cast<Peer*>(this)->file_named(name); }

void Peer::append_visible_state(std::vector<std::byte>& out) const {
  std::vector<VisibleFile> files;
  for (const SharedFile& file : files_)
    files.emplace_back(file.number, file.state, file.names, file.map, !file.hashes.empty());
  append_state(out, std::tie(uploaded_, downloaded_, files));
}

bool Peer::take_visible_state(Bytes bytes) {
  std::vector<VisibleFile> files;
  auto visible = std::tie(uploaded_, downloaded_, files);
  if (!read_state(bytes, visible) || !bytes.empty()) return false;
  files_.clear();
  for (auto& [number, state, names, map, has_hashes] : files) {
    if (names.empty() || !is_sound(map)) return false;
    SharedFile& file = files_.emplace_back();
    file.number = number;
    file.state = state;
    file.names = std::move(names);
    file.map = std::move(map);
    if (has_hashes) file.hashes.resize(file.geometry().pieces());
  }
  return true;
}

}  // namespace peerbed::swarm
