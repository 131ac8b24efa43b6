#include "protocols/swarm/downloads.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "protocols/environment/contract.h"
#include "protocols/swarm/exchange/watchdog.h"
#include "protocols/swarm/files/adding.h"
#include "protocols/swarm/files/catalogue.h"
#include "protocols/swarm/files/offers.h"
#include "protocols/swarm/files/restoring.h"

namespace peerbed::swarm {

using State = SharedFile::State;

void Downloads::start(const DownloadContext& context, std::string_view what) {
  FileTable& files = context.files;
  const auto choice = files.named(what) == nullptr ? choices_.root_of(what) : std::nullopt;
  const auto root = choice ? choice : parse_root(what);
  if (!root && !is_valid_name(what))
    return context.environment.refuse(
        "usage", "Usage: DOWN NAME, or DOWN and the 64 digits of a root; " + std::string(name_rule));
  if (SharedFile* file = root ? files.rooted(*root) : file_to_go_on_with(context.options, files, what)) {
    if (file->is_waiting()) return go_on(context, *file);
    if (file->state == State::complete && !file->is_file && !file->exporting) return restore_again(context, *file);
    return context.environment.print(file->name() + (file->state == State::complete ? " is here" : " is on its way") +
                                     (file->file_name.empty() ? "" : " as " + file->file_name));
  }
  if (!has_room(context, files)) return;
  SharedFile& file = files.create(State::seeking, root ? to_string(*root) : std::string(what));
  if (root) files.set_root(file, *root);
  begin(context, file);
}

// What lies on the disk may have been changed or removed meanwhile.
void Downloads::go_on(const DownloadContext& context, SharedFile& file) {
  PEERBED_CONTRACT(file.is_waiting(), "a download goes on that has failed, or was paused");
  if (file.state != State::downloading) return begin(context, file);
  restore_again(context, file, false);
  save_catalogue(context.environment, context.files, file.number);
}

void Downloads::begin(const DownloadContext& context, SharedFile& file) {
  file.paused = false;
  Download& download = file.download.emplace();
  download.started = download.last_byte = download.last_progress = context.now();
  download.search.begin(context.environment, context.trackers.list(), ++last_id_, file.root);
  if (!file.root.is_zero()) {
    save_catalogue(context.environment, context.files, file.number);
    context.trace(TraceEvent::download_started, {short_id(file.root)});
  }
  // The last piece may have been found right after the download had failed.
  if (file.has_manifest() && file.map.complete()) return finish(context, file);
  search_on(context, file);
  context.pulse.wake(context);
}

bool Downloads::is_busy(const FileTable& files) const noexcept {
  return survey_.is_under_way() ||
         std::any_of(files.begin(), files.end(), [](const SharedFile& file) { return file.download.has_value(); });
}

void Downloads::look_after(const DownloadContext& context) {
  FileTable& files = context.files;
  for (std::size_t i = 0; i < files.size();) {
    const FileNumber number = files[i].number;
    const auto is_under_way = [&] { return i < files.size() && files[i].number == number && files[i].download; };
    if (is_under_way()) search_on(context, files[i]);
    if (is_under_way() && !context.exchange.look_after(context, files[i]))
      fail(context, files[i], why_nothing_came(files[i], context.exchange.links()));
    if (i < files.size() && files[i].number == number) ++i;  // else it is gone, and the next one is in its place
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Who has it

void Downloads::search_on(const DownloadContext& context, SharedFile& file) {
  Search& search = file.download->search;
  const PeerList& list = context.trackers.list();
  const std::string name = file.name();
  for (const Address peer : search.repeat_questions(context, {file.root, name}))
    if (context.options.hole_punching) context.trackers.introduce_to(context, peer, Root{});
  if (file.root.is_zero() && search.is_name_known(context, list, context.files, name) && !choose_root(context, file))
    return;
  if (!file.root.is_zero())
    for (const Address peer : context.exchange.connect(context, file))
      context.trackers.introduce_to(context, peer, file.root);
  if (search.sources().promising() >= 2 * context.options.wanted_connections) return;
  if (search.is_walk_over(list)) {
    if (file.root.is_zero() && !search.has_candidates() && context.options.ask_which) {
      if (const SharedFile* here = here_as(context.files, name)) return end_as_twin(context, file, *here);
      const bool is_unknown = context.trackers.has_heard() && search.wants_survey(context.now(), name);
      if (is_unknown && !survey_.is_under_way()) begin_survey(context, false);
    }
    if (!search.walk_again(context, list)) return;
  }
  search.ask_on(context, {file.root, name}, list, context.exchange.ban_scores());
}

void Downloads::take(const DownloadContext& context, Address from, const Found& found) {
  const auto file = std::find_if(context.files.begin(), context.files.end(), [&](const SharedFile& entry) {
    return entry.download && entry.download->search.id() == found.id;
  });
  if (file == context.files.end()) return;
  Search& search = file->download->search;
  from = search.listed_address(from);
  const bool is_shy = search.is_asked_again(from);
  if (!search.take_answer(from, context.trackers.list())) return;
  const bool is_chosen = !file->root.is_zero();
  const bool is_banned = context.exchange.ban_scores().has_banned(from, file->root, context.options.ban_after);
  if (!found.file.root.is_zero() && search.note_offer(context, from, found.file, is_chosen, is_banned)) {
    // A file that is wanted by its root gets the name that it has elsewhere.
    const std::string name(text_of(found.file.name));
    if (is_chosen && file->name() == to_string(file->root) && is_valid_name(name)) context.files.rename(*file, name);
    if (is_shy) search.sources().note_shy(from);
  }
  search_on(context, *file);
}

void Downloads::take(const DownloadContext& context, Address from, const Knock&) {
  for (SharedFile& file : context.files)
    if (file.download) file.download->search.ask_at_once(context, from, {file.root, file.name()});
}

// Returns false if this one is gone, for a person is asked, or the file is here already.
bool Downloads::choose_root(const DownloadContext& context, SharedFile& file) {
  Search& search = file.download->search;
  const auto missing = search.candidates_missing(context.files, file.name());
  if (missing.empty()) {
    end_as_twin(context, file, *context.files.rooted(search.candidate(0)));
    return false;
  }
  if (!context.options.ask_which || missing.size() == 1) return take_root(context, file, search.choose(missing));
  Search::WhichOne which = search.ask_which(file.name(), missing);
  choices_ = std::move(which.choices);
  fail(context, file,
       std::to_string(which.lines.size()) + " files have this name; choose one, such as DOWN " +
           choices_.all().front().shown + ", or its root");
  for (const std::string& line : which.lines) context.environment.print(line);
  return false;
}

// What is wanted is the file of that root. Returns false if it is here already, and this one is gone.
bool Downloads::take_root(const DownloadContext& context, SharedFile& file, const Root& root) {
  if (const SharedFile* same = context.files.rooted(root)) {
    end_as_twin(context, file, *same);
    return false;
  }
  file.download->search.settle(root);
  context.files.set_root(file, root);
  save_catalogue(context.environment, context.files, file.number);
  context.trace(TraceEvent::download_started, {short_id(root)});
  return true;
}

void Downloads::end_as_twin(const DownloadContext& context, const SharedFile& file, const SharedFile& twin) {
  context.environment.print(file.name() + (twin.state == State::complete ? " is here" : " is on its way") +
                            (twin.local_name() == file.name() ? "" : " as " + twin.local_name()));
  context.files.note_twin(file.number);
  remove_file(context, file.number);
}

// ---------------------------------------------------------------------------------------------------------------------
// GET, and names that nobody has a file of

void Downloads::start_survey(const DownloadContext& context) {
  if (survey_.is_shown()) return context.environment.print("GET is under way");
  if (survey_.is_under_way()) return survey_.show();
  begin_survey(context, true);
  survey_on(context);
}

void Downloads::begin_survey(const DownloadContext& context, bool is_shown) {
  survey_.begin(context.environment, context.trackers.list(), ++last_id_, is_shown);
  context.pulse.wake(context);
}

void Downloads::survey_on(const DownloadContext& context) {
  if (!survey_.is_under_way()) return;
  const auto result = survey_.proceed(context, context.trackers.list());
  if (!result) return;
  if (result->is_shown) {
    ShownOffers shown = show_offers(context, result->files);
    choices_ = std::move(shown.choices);
    shown_words_ = std::move(shown.words);
  }
  judge_names(context, result->files);
}

void Downloads::take(const DownloadContext& context, Address from, const Offers& offers) {
  if (survey_.take(context, from, offers)) survey_on(context);
}

void Downloads::judge_names(const DownloadContext& context, std::span<const SurveyedFile> files) {
  std::vector<FileNumber> unknown;
  for (const SharedFile& file : context.files)
    if (file.download && file.download->search.is_surveyed() && file.root.is_zero()) unknown.push_back(file.number);
  for (const FileNumber number : unknown) judge_name(context, *context.files.numbered(number), files);
}

void Downloads::judge_name(const DownloadContext& context, SharedFile& file, std::span<const SurveyedFile> files) {
  const NameMeaning meaning = meaning_of(file.name(), files);
  if (meaning.is_offered || file.download->search.has_candidates()) return;
  if (meaning.root) {
    context.files.rename(file, to_string(*meaning.root));
    file.download->search.restart_walk(context.environment, context.trackers.list());
    if (take_root(context, file, *meaning.root)) search_on(context, file);
  } else {
    fail(context, file,
         meaning.nearest.empty() ? "nobody offers it; GET lists what is offered"
                                 : "nobody offers it; did you mean '" + meaning.nearest + "'?");
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What has come. Nothing is believed until its hash matches: the manifest against the root, each piece against the
// manifest. A source that alone sent a wrong piece is blamed for it; a wrong piece of several senders is fetched again
// from one alone.

void Downloads::take_content(const DownloadContext& context, SharedFile& file, const ContentReady& ready) {
  if (file.state == State::seeking) return take_manifest_content(context, file, ready);
  if (file.state == State::downloading && ready.action == ContentAction::hashed) take_piece_hash(context, file, ready);
}

void Downloads::take_manifest_content(const DownloadContext& context, SharedFile& file, const ContentReady& ready) {
  if (!file.download || part_of(ready.key) != Part::manifest) return;
  if (!ready.found) return fail(context, file, "the disk does not give it back");
  if (ready.action == ContentAction::hashed) {
    if (to_digest(ready.bytes) == file.root) return context.environment.read_content(ready.key);
    context.environment.erase_content(ready.key);
    return context.exchange.refuse_manifest(context, file);
  }
  if (ready.action != ContentAction::read) return;
  const auto manifest = Manifest::decode(ready.bytes);
  if (!manifest) return fail(context, file, "its root names no manifest");
  take_manifest(context, file, *manifest);
}

void Downloads::take_manifest(const DownloadContext& context, SharedFile& file, const Manifest& manifest) {
  file.state = State::downloading;
  file.set_manifest(manifest, context.options.block_size);
  file.download->manifest.end();
  file.download->note_progress(context.now());
  save_catalogue(context.environment, context.files, file.number);
  context.trace(TraceEvent::manifest_verified,
                {short_id(file.root), file.geometry().size, file.geometry().pieces(),
                 static_cast<std::uint64_t>((context.now() - file.download->started).count())});
  if (file.map.complete()) return finish(context, file);
  context.exchange.begin_download(context, file);
}

// What was being hashed while its download failed counts all the same: another DOWN goes on from there.
void Downloads::take_piece_hash(const DownloadContext& context, SharedFile& file, const ContentReady& ready) {
  if (part_of(ready.key) != Part::data) return;
  const auto piece = static_cast<std::uint32_t>(ready.range.offset / file.geometry().piece_size);
  const OpenPiece* open = file.map.find(piece);
  if (open == nullptr || !open->hashing) return;
  context.exchange.cancel_piece(context, file, piece);
  if (!ready.found) {
    file.map.reject(piece);
    if (file.download) fail(context, file, "the disk does not give it back");
    return;
  }
  const bool is_right = to_digest(ready.bytes) == file.hashes[piece];
  const Address source = open->mixed ? Address{} : open->contributor;
  if (is_right) {
    file.map.accept(piece);
    save_progress(context.environment, file);  // before it is told: what somebody heard of is not fetched again
  }
  context.trace(is_right ? TraceEvent::piece_verified : TraceEvent::piece_rejected,
                {short_id(file.root), piece, source.value, file.geometry().size_of(piece)});
  if (is_right) {
    if (file.download) file.download->note_progress(context.now());
    context.exchange.announce(context, file, piece);
    if (file.download && file.map.complete()) finish(context, file);
    return;
  }
  file.map.reject(piece);
  if (file.download) {
    file.download->fragments.reopen_piece(file.map, piece);
    file.download->duplicates += file.geometry().size_of(piece);
  }
  if (source) context.exchange.blame(context, file, source);
  if (file.download) context.exchange.ask(context, file);
}

// ---------------------------------------------------------------------------------------------------------------------
// How it ends

void Downloads::fail(const DownloadContext& context, SharedFile& file, std::string_view reason) {
  const Download& download = *file.download;
  context.environment.refuse("download-failed", "DOWN " + file.name() + " failed: " + std::string(reason));
  context.trace(TraceEvent::download_failed,
                {static_cast<std::uint64_t>((context.now() - download.started).count()), download.received});
  if (file.state == State::seeking) return remove_file(context, file.number);
  file.download.reset();
  context.exchange.drop_all(context, file.number, CloseReason::given_up);
}

void Downloads::finish(const DownloadContext& context, SharedFile& file) {
  const Download& download = *file.download;
  const Duration taken = context.now() - download.started;
  context.trace(TraceEvent::download_done,
                {static_cast<std::uint64_t>(taken.count()), file.geometry().size, download.duplicates,
                 static_cast<std::uint64_t>(download.longest_stall.count())});
  context.exchange.tell_all(context);
  file.state = State::complete;
  file.hashes = {};
  file.download.reset();
  file.fetched_in = taken;
  export_file(context.environment, file);
  save_catalogue(context.environment, context.files, file.number);
  context.exchange.trace_counts(context);
  context.exchange.review(context, file);
  context.exchange.fill_slots(context);
}

// Of an empty file nothing has come that could be a file.
void export_file(Environment& environment, SharedFile& file) {
  file.exporting = true;
  if (file.geometry().size == 0 && !file.is_file) environment.write_content(file.key(Part::data), {});
  environment.export_content(file.key(Part::data), file.local_name(), file.is_tree);
}

// What could not become a file is kept, and served, and may be tried again.
void Downloads::take_exported(const DownloadContext& context, SharedFile& file, const ContentReady& ready) {
  file.exporting = false;
  const auto taken = std::exchange(file.fetched_in, std::nullopt);
  if (!ready.found) {
    context.environment.refuse("not-written", file.name() + " could not be written as a file" + reason_in(ready.bytes) +
                                                  "; it is kept, and DOWN tries again");
    return context.trace(TraceEvent::download_failed,
                         {static_cast<std::uint64_t>(taken.value_or(Duration{}).count()), 0});
  }
  file.is_file = true;
  const std::string text(reinterpret_cast<const char*>(ready.bytes.data()), ready.bytes.size());
  if (!text.empty() && text != file.local_name()) context.files.set_file_name(file, text);
  save_catalogue(context.environment, context.files, file.number);
  if (!taken) return;
  const std::string as = file.file_name.empty() ? "" : " as " + file.file_name;
  context.environment.print(file.name() + " is here" + as + ": " + std::to_string(file.geometry().size) + " bytes in " +
                            std::to_string(taken->count() / 1'000'000) + " ms");
}

void remove_file(const DownloadContext& context, FileNumber number) {
  context.exchange.cut_all(context, number);
  forget_file(context.environment, context.files, number);
}

void restore_again(const DownloadContext& context, SharedFile& file, bool was_whole) {
  context.exchange.drop_all(context, file.number, CloseReason::not_shared);
  begin_restoring(context.environment, file, was_whole);
}

}  // namespace peerbed::swarm
