// DOWN: finds who has a file, and keeps streams to enough of them.

#include <algorithm>

#include "protocols/swarm/adding.h"
#include "protocols/swarm/offers.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/watchdog.h"

namespace peerbed::swarm {

void Peer::start_download(Environment& environment, std::string_view what) {
  const auto choice = file_named(what) == nullptr ? choices_.root_of(what) : std::nullopt;
  const auto root = choice ? choice : parse_root(what);
  if (!root && !is_valid_name(what))
    return environment.refuse("usage",
                              "Usage: DOWN NAME, or DOWN and the 64 digits of a root; " + std::string(name_rule));
  if (SharedFile* present = root ? file_rooted(*root) : file_to_go_on_with(*options_, files_, what))
    return go_on_with(environment, *present);
  if (!has_room(context_of(environment), files_)) return;
  SharedFile& file = files_.create(State::seeking, root ? to_string(*root) : std::string(what));
  if (root) files_.set_root(file, *root);
  resume_download(environment, file);
}

void Peer::go_on_with(Environment& environment, SharedFile& file) {
  if (file.is_waiting()) return resume_waiting(environment, file);
  if (file.state == State::complete && !file.is_file && !file.exporting) return restore_again(environment, file);
  environment.print(file.name() + (file.state == State::complete ? " is here" : " is on its way") +
                    (file.file_name.empty() ? "" : " as " + file.file_name));
}

// What lies on the disk may have been changed or removed meanwhile.
void Peer::resume_waiting(Environment& environment, SharedFile& file) {
  if (file.state != State::downloading) return resume_download(environment, file);
  restore_again(environment, file, false);
  save_catalogue(environment, files_, file.number);
}

void Peer::resume_download(Environment& environment, SharedFile& file) {
  file.paused = false;
  Download& download = file.download.emplace();
  download.started = download.last_byte = download.last_progress = environment.now();
  download.search.begin(environment, list(), ++last_id_, file.root);
  if (!file.root.is_zero()) {
    save_catalogue(environment, files_, file.number);
    environment.trace(index_of(TraceEvent::download_started), {short_id(file.root)});
  }
  // The last piece may have been found right after the download had failed.
  if (file.has_manifest() && file.map.complete()) return finish_download(environment, file);
  search_on(environment, file);
  pulse_.wake(context_of(environment));
}

void Peer::search_on(Environment& environment, SharedFile& file) {
  const Context context = context_of(environment);
  Search& search = file.download->search;
  const std::string name = file.name();
  search.repeat_questions(context, {file.root, name});
  if (file.root.is_zero() && search.is_name_known(context, list(), files_, name) && !choose_root(environment, file))
    return;
  if (!file.root.is_zero()) connect_sources(environment, file);
  if (search.sources().promising() >= 2 * options_->wanted_connections) return;
  if (search.is_walk_over(list())) {
    if (file.root.is_zero() && !search.has_candidates() && options_->ask_which) {
      if (const SharedFile* here = here_as(files_, name)) return end_as_twin(environment, file, *here);
      const bool is_unknown = trackers_.has_heard() && search.wants_survey(environment.now(), name);
      if (is_unknown && !survey_.is_under_way()) begin_survey(environment, false);
    }
    if (!search.walk_again(context, list())) return;
  }
  search.ask_on(context, {file.root, name}, list(), ban_scores_);
}

void Peer::handle(Environment& environment, Address from, const Found& found) {
  const auto file = std::find_if(files_.begin(), files_.end(), [&](const SharedFile& entry) {
    return entry.download && entry.download->search.id() == found.id;
  });
  if (file == files_.end() || !file->download->search.take_answer(from, list())) return;
  if (!found.file.root.is_zero()) note_offer(environment, *file, from, found.file);
  search_on(environment, *file);
}

// A file that is wanted by its root gets the name that it has elsewhere.
void Peer::note_offer(Environment& environment, SharedFile& file, Address from, const OfferedFile& offer) {
  const bool is_chosen = !file.root.is_zero();
  if (!file.download->search.note_offer(context_of(environment), from, offer, is_chosen, has_banned(from, file.root)))
    return;
  const std::string name(text_of(offer.name));
  if (is_chosen && file.name() == to_string(file.root) && is_valid_name(name)) files_.rename(file, name);
}

// False: this one is gone, for a person is asked, or the file is here already.
bool Peer::choose_root(Environment& environment, SharedFile& file) {
  Search& search = file.download->search;
  const auto missing = search.candidates_missing(files_, file.name());
  if (missing.empty()) {
    end_as_twin(environment, file, *file_rooted(search.candidate(0)));
    return false;
  }
  if (options_->ask_which && missing.size() > 1) {
    Search::WhichOne which = search.ask_which(file.name(), missing);
    choices_ = std::move(which.choices);
    fail_download(environment, file,
                  std::to_string(which.lines.size()) + " files have this name; say which, such as DOWN " +
                      choices_.all().front().shown + ", or its root");
    for (const std::string& line : which.lines) environment.print(line);
    return false;
  }
  return take_root(environment, file, search.choose(missing));
}

// What is wanted is the file of that root. False: it is here already, and this one is gone.
bool Peer::take_root(Environment& environment, SharedFile& file, const Root& root) {
  if (const SharedFile* same = file_rooted(root)) {
    end_as_twin(environment, file, *same);
    return false;
  }
  file.download->search.settle(root);
  files_.set_root(file, root);
  save_catalogue(environment, files_, file.number);
  environment.trace(index_of(TraceEvent::download_started), {short_id(root)});
  return true;
}

void Peer::end_as_twin(Environment& environment, const SharedFile& file, const SharedFile& twin) {
  environment.print(file.name() + (twin.state == State::complete ? " is here" : " is on its way") +
                    (twin.local_name() == file.name() ? "" : " as " + twin.local_name()));
  files_.note_twin(file.number);
  remove_file(environment, file.number);
}

// Where nobody connected has anything to give, more are needed, whatever they cost.
void Peer::connect_sources(Environment& environment, SharedFile& file) {
  Sources& sources = file.download->search.sources();
  const std::size_t wanted = is_hopeful(file, links_) || file.state == State::seeking
                                 ? options_->wanted_connections
                                 : std::max(options_->wanted_connections, options_->maximum_connections);
  for (const Address peer : sources.take_due(*options_, environment.now(), links_, file.number, wanted)) {
    const Context context = context_of(environment);
    links_.open(context, file.number, peer, sources.patience_with(peer, options_->connect_timeout));
    pulse_.wake(context);
  }
}

// A lost source that a tracker lists anew lives again: it is tried at once, even while an attempt still waits for an
// answer from its former life. A stream to it may be of that life, too.
void Peer::retry_listed(Environment& environment, const ListChanges& changes) {
  const auto is_listed = [&](Address peer) {
    const auto all = changes.changes.all();
    return std::find(all.begin(), all.end(), ListChange{peer, true}) != all.end();
  };
  for (SharedFile& file : files_) {
    if (!file.download) continue;
    for (Link& link : links_)
      if (link.file == file.number && is_listed(link.peer)) probe(context_of(environment), link);
    Sources& sources = file.download->search.sources();
    for (const Source& source : sources.all()) {
      if (source.failures == 0 || !is_listed(source.peer)) continue;
      for (Link& link : links_)
        if (link.file == file.number && link.peer == source.peer && link.stage == Link::Stage::opening)
          drop_link(environment, link, CloseReason::unreachable);
      sources.retry(source.peer, environment.now());
    }
  }
}

// What was verified stays on the disk: another DOWN goes on from there.
void Peer::fail_download(Environment& environment, SharedFile& file, std::string_view reason) {
  const Download& download = *file.download;
  environment.refuse("download-failed", "DOWN " + file.name() + " failed: " + std::string(reason));
  environment.trace(index_of(TraceEvent::download_failed),
                    {static_cast<std::uint64_t>((environment.now() - download.started).count()), download.received});
  if (file.state == State::seeking) return remove_file(environment, file.number);
  file.download.reset();
  for (Link& link : links_)
    if (link.file == file.number) drop_link(environment, link, CloseReason::given_up);
}

void Peer::look_after_sources(Environment& environment, SharedFile& file) {
  const Time now = environment.now();
  for (Link& link : links_)
    if (link.file == file.number && link.is_open()) look_after_source(environment, file, link);
  if (Link* link = overdue_manifest(*options_, *file.download, links_, now))
    drop_link(environment, *link, CloseReason::silent);
  switch (judge_download(*options_, *file.download, now)) {
    case DownloadVerdict::hopeless:
      return fail_download(environment, file, why_nothing_came(file, links_));
    case DownloadVerdict::stuck:
      file.download->renewed = true;
      for (Link& link : links_)
        if (link.file == file.number && is_old(*options_, link, now)) drop_link(environment, link, CloseReason::stuck);
      file.download->search.sources().renew(now);
      break;
    case DownloadVerdict::fine:
      break;
  }
  requester_.ask(context_of(environment), links_, file);
}

void Peer::look_after_source(Environment& environment, SharedFile& file, Link& link) {
  const Context context = context_of(environment);
  if (link.interested) probe(context, link);
  switch (judge_source(*options_, file, link, environment.now())) {
    case SourceVerdict::silent:
      return drop_link(environment, link, CloseReason::silent);
    case SourceVerdict::slow:
      return requester_.stall(context, file, link);
    case SourceVerdict::fine:
      break;
  }
}

}  // namespace peerbed::swarm
