// DOWN: finds who has the file, by asking the listed peers, and keeps streams to enough of them. A name may mean
// several files: the one that most of those asked first have is taken.

#include <algorithm>

#include "protocols/swarm/offers.h"
#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr Duration longest_retry = std::chrono::seconds(30);
// Between two walks; doubled each time, for in the beginning many learn what they have at once.
constexpr Duration shortest_pause = std::chrono::milliseconds(50);
constexpr Duration longest_pause = std::chrono::seconds(4);
// Where a person is asked, a name that nobody has is looked for so long, as it may be offered any moment.
constexpr Duration patience_with_name = std::chrono::seconds(5);
// And a peer that has one file of a name may have another, which it announces in the next datagram.
constexpr Duration patience_with_answers = std::chrono::milliseconds(20);

// Whether a name looks like the number of a file, as GET gives them: "film #2".
bool is_numbered(std::string_view name) {
  const std::size_t mark = name.rfind(" #");
  return mark != std::string_view::npos && mark + 2 < name.size() &&
         name.find_first_not_of("0123456789", mark + 2) == std::string_view::npos;
}

}  // namespace

void Peer::start_download(Environment& environment, std::string_view what) {
  const auto choice = file_named(what) == nullptr ? choices_.root_of(what) : std::nullopt;
  const auto root = choice ? choice : parse_root(what);
  if (!root && !is_valid_name(what))
    return environment.refuse("usage",
                              "Usage: DOWN NAME, or DOWN and the 64 digits of a root; " + std::string(name_rule));
  if (SharedFile* present = root ? file_rooted(*root) : present_file(what)) return go_on_with(environment, *present);
  if (!has_room(environment)) return;
  SharedFile& file = new_file(State::seeking, root ? to_string(*root) : std::string(what));
  if (root) files_.set_root(file, *root);
  resume_download(environment, file);
}

// The file that DOWN of a name goes on with. Where a person is asked, others may mean another file by the name than the
// one that is here: they are asked.
SharedFile* Peer::present_file(std::string_view name) {
  if (!options_->ask_which) return file_named(name);
  const auto files = files_.all_named(name);
  const auto unfinished =
      std::find_if(files.begin(), files.end(), [](const SharedFile* file) { return !file->is_here(); });
  return unfinished == files.end() ? nullptr : *unfinished;
}

void Peer::go_on_with(Environment& environment, SharedFile& file) {
  if (is_waiting(file)) return resume_waiting(environment, file);
  if (file.state == State::complete && !file.is_file && !file.exporting) return verify_again(environment, file);
  environment.print(file.name() + (file.state == State::complete ? " is here" : " is on its way") +
                    (file.file_name.empty() ? "" : " as " + file.file_name));
}

// Nobody fetches it: it has failed, or is paused.
bool Peer::is_waiting(const SharedFile& file) noexcept {
  return (file.state == State::downloading || file.state == State::seeking) && !file.download;
}

// What lies on the disk may have been changed or removed meanwhile.
void Peer::resume_waiting(Environment& environment, SharedFile& file) {
  if (file.state != State::downloading) return resume_download(environment, file);
  verify_again(environment, file, false);
  save_catalogue(environment, file.number);
}

void Peer::resume_download(Environment& environment, SharedFile& file) {
  file.paused = false;
  Download& download = file.download.emplace();
  const Time now = environment.now();
  download.started = download.last_byte = download.last_progress = now;
  download.find_id = ++last_id_;
  download.walk = Walk(environment, list());
  if (!file.root.is_zero()) {
    download.candidates.push_back(file.root);
    save_catalogue(environment, file.number);
    environment.trace(index_of(TraceEvent::download_started), {short_id(file.root)});
  }
  // The last piece may have been found right after the download had failed.
  if (file.has_manifest() && file.map.complete()) return finish_download(environment, file);
  search_on(environment, file);
  wake(environment);
}

// ---------------------------------------------------------------------------------------------------------------------
// Asking

void Peer::search_on(Environment& environment, SharedFile& file) {
  Download& download = *file.download;
  const Time now = environment.now();
  const std::string name = file.name();
  const auto ask = [&](Address peer) {
    environment.send(peer, Find{download.find_id, file.root, {std::as_bytes(std::span(name.data(), name.size()))}});
  };
  std::erase_if(download.asked, [&](Asked& asked) {
    if (asked.deadline > now) return false;
    if (asked.attempts == 2) return true;
    ++asked.attempts;
    asked.deadline = now + options_->ask_timeout;
    ask(asked.peer);
    return false;
  });
  if (is_name_known(now, file) && !choose_root(environment, file)) return;
  if (!file.root.is_zero()) connect_sources(environment, file);
  const auto promising = std::count_if(download.sources.begin(), download.sources.end(),
                                       [](const Source& source) { return source.failures < 2; });
  if (static_cast<std::size_t>(promising) >= 2 * options_->wanted_connections) return;

  if (is_walk_over(download)) {
    if (file.root.is_zero() && download.candidates.empty() && options_->ask_which) {
      if (const SharedFile* here = here_as(name)) return end_as_twin(environment, file, *here);
      look_for_name(environment, file);
    }
    if (download.walk_again == Time{}) {
      download.walk_pause = std::clamp(2 * download.walk_pause, shortest_pause, longest_pause);
      download.walk_again = now + download.walk_pause;
    }
    if (now < download.walk_again) return;
    download.walk = Walk(environment, list());
    download.walk_again = Time{};
  }
  while (download.asked.size() < options_->ask_batch) {
    const Address peer = download.walk.next(list());
    if (!peer) break;
    const auto is_it = [peer](const Source& source) { return source.peer == peer; };
    if (has_banned(peer, file.root) || std::any_of(download.sources.begin(), download.sources.end(), is_it)) continue;
    download.asked.push_back({.peer = peer, .deadline = now + options_->ask_timeout});
    ask(peer);
  }
}

void Peer::handle(Environment& environment, Address from, const Found& found) {
  const auto file = std::find_if(files_.begin(), files_.end(), [&](const SharedFile& entry) {
    return entry.download && entry.download->find_id == found.id;
  });
  if (file == files_.end()) return;
  Download& download = *file->download;
  const auto asked = std::find_if(download.asked.begin(), download.asked.end(),
                                  [from](const Asked& entry) { return entry.peer == from; });
  if (asked != download.asked.end()) {
    download.asked.erase(asked);
  } else if (!list().contains(from)) {  // else it is far away, and answers late
    return;
  }
  if (!found.file.root.is_zero()) note_candidate(environment, *file, from, found.file);
  search_on(environment, *file);
  links_.sweep();
}

// Who has a file of the wanted name, or root. A file that is wanted by its root gets the name that it has there.
void Peer::note_candidate(Environment& environment, SharedFile& file, Address from, const OfferedFile& offer) {
  Download& download = *file.download;
  auto candidate = std::find(download.candidates.begin(), download.candidates.end(), offer.root);
  if (candidate == download.candidates.end() && file.root.is_zero() &&
      download.candidates.size() < maximum_candidates) {
    if (download.candidates.empty()) {
      download.first_answer = environment.now();
      if (options_->ask_which) environment.set_timer(pulse_timer, patience_with_answers);
    }
    download.candidates.push_back(offer.root);
    download.sizes.push_back(offer.size);
    candidate = download.candidates.end() - 1;
  }
  if (candidate == download.candidates.end()) return;
  const std::string name(reinterpret_cast<const char*>(offer.name.bytes.data()), offer.name.bytes.size());
  if (!file.root.is_zero() && file.name() == to_string(file.root) && is_valid_name(name)) files_.rename(file, name);
  note_source(environment, file, from, static_cast<std::uint8_t>(candidate - download.candidates.begin()),
              offer.complete);
}

void Peer::note_source(Environment& environment, SharedFile& file, Address peer, std::uint8_t candidate,
                       bool complete) {
  Download& download = *file.download;
  const auto is_it = [=](const Source& source) { return source.peer == peer && source.candidate == candidate; };
  if (peer == environment.self() || has_banned(peer, file.root)) return;
  if (std::any_of(download.sources.begin(), download.sources.end(), is_it)) return;
  if (download.sources.size() == maximum_sources) {
    const auto worst =
        std::max_element(download.sources.begin(), download.sources.end(),
                         [](const Source& one, const Source& other) { return one.failures < other.failures; });
    if (worst->failures == 0) return;
    download.sources.erase(worst);
  }
  // Of two that fetch the file, and find each other at once, the one of the lower address calls.
  const bool calls_first = complete || environment.self() < peer;
  download.sources.push_back({.peer = peer,
                              .candidate = candidate,
                              .complete = complete,
                              .next_try = environment.now() + (calls_first ? Duration{0} : options_->retry_delay)});
}

// ---------------------------------------------------------------------------------------------------------------------
// What a name means

const SharedFile* Peer::here_as(const std::string& name) {
  const auto files = files_.all_named(name);
  const auto here = std::find_if(files.begin(), files.end(), [](const SharedFile* file) { return file->is_here(); });
  return here == files.end() ? nullptr : *here;
}

bool Peer::is_walk_over(const Download& download) const noexcept {
  return download.walk.is_over(list()) && download.asked.empty();
}

// Those who answered first are waited for as long again; where a file of that name is here, all others are.
bool Peer::is_name_known(Time now, const SharedFile& file) {
  const Download& download = *file.download;
  if (!file.root.is_zero() || download.candidates.empty()) return false;
  const Duration since = now - download.first_answer;
  const bool waited = download.asked.empty() || since >= download.first_answer - download.started;
  if (!options_->ask_which) return waited;
  return since >= patience_with_answers && (here_as(file.name()) != nullptr ? is_walk_over(download) : waited);
}

// Nobody has a file of that name: is it the number of one, or nearly the name of another? All offers are asked for.
void Peer::look_for_name(Environment& environment, SharedFile& file) {
  Download& download = *file.download;
  const Duration patience = is_numbered(file.name()) ? Duration{0} : patience_with_name;
  if (download.surveyed || !trackers_.has_heard() || environment.now() - download.started < patience) return;
  download.surveyed = true;
  if (!survey_.is_under_way()) begin_survey(environment, false);
}

// Most sources win; among equals the smaller root, so that all who ask choose alike. False: this one is gone, for a
// person is asked, or the file is here already.
bool Peer::choose_root(Environment& environment, SharedFile& file) {
  Download& download = *file.download;
  std::vector<std::size_t> others;  // candidates that are not here by that name
  for (std::size_t i = 0; i < download.candidates.size(); ++i) {
    const SharedFile* same = file_rooted(download.candidates[i]);
    if (same == nullptr || !same->is_here() || !same->has_name(file.name())) others.push_back(i);
  }
  if (others.empty()) {
    end_as_twin(environment, file, *file_rooted(download.candidates.front()));
    return false;
  }
  if (options_->ask_which && others.size() > 1) {
    ask_which(environment, file, others);
    return false;
  }
  const auto votes = [&](std::size_t candidate) {
    return std::count_if(download.sources.begin(), download.sources.end(),
                         [=](const Source& source) { return source.candidate == candidate; });
  };
  const std::size_t best = *std::max_element(others.begin(), others.end(), [&](std::size_t one, std::size_t other) {
    return std::pair(votes(one), download.candidates[other]) < std::pair(votes(other), download.candidates[one]);
  });
  std::erase_if(download.sources, [best](const Source& source) { return source.candidate != best; });
  for (Source& source : download.sources) source.candidate = 0;
  return take_root(environment, file, Root(download.candidates[best]));
}

// What is wanted is the file of that root. False: it is here already, and this one is gone.
bool Peer::take_root(Environment& environment, SharedFile& file, const Root& root) {
  if (const SharedFile* same = file_rooted(root)) {
    end_as_twin(environment, file, *same);
    return false;
  }
  file.download->candidates.assign(1, root);
  files_.set_root(file, root);
  save_catalogue(environment, file.number);
  environment.trace(index_of(TraceEvent::download_started), {short_id(root)});
  return true;
}

void Peer::end_as_twin(Environment& environment, const SharedFile& file, const SharedFile& twin) {
  environment.print(file.name() + (twin.state == State::complete ? " is here" : " is on its way") +
                    (twin.local_name() == file.name() ? "" : " as " + twin.local_name()));
  note_twin(file.number);
  remove_file(environment, file.number);
}

void Peer::note_twin(FileNumber number) {
  if (twins_.size() == maximum_surveyed) twins_.erase(twins_.begin());
  twins_.insert(number);
}

// In the order of roots, as GET numbers them.
void Peer::ask_which(Environment& environment, SharedFile& file, std::vector<std::size_t> candidates) {
  const Download& download = *file.download;
  const std::string name = file.name();
  std::sort(candidates.begin(), candidates.end(),
            [&](std::size_t one, std::size_t other) { return download.candidates[one] < download.candidates[other]; });
  std::vector<NamedRoot> named;
  for (const std::size_t i : candidates) named.push_back({name, download.candidates[i]});
  choices_ = Choices(named);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto peers = std::count_if(download.sources.begin(), download.sources.end(),
                                     [&](const Source& source) { return source.candidate == candidates[i]; });
    const Choice& choice = choices_.all()[i];
    lines.push_back(
        offer_line(choice.shown, download.sizes[candidates[i]], static_cast<std::size_t>(peers), choice.root));
  }
  fail_download(environment, file,
                std::to_string(lines.size()) + " files have this name; say which, such as DOWN " +
                    choices_.all().front().shown + ", or its root");
  for (const std::string& line : lines) environment.print(line);
}

// ---------------------------------------------------------------------------------------------------------------------
// Connecting

// Streams to enough of the known sources; a lost one is tried again more and more slowly, but at once and again while
// there is no other.
void Peer::connect_sources(Environment& environment, SharedFile& file) {
  auto links = static_cast<std::size_t>(std::count_if(links_.begin(), links_.end(), [&](const Link& link) {
    return link.file == file.number && link.stage != Link::Stage::closed;
  }));
  // Where nobody connected has anything to give, more are needed, whatever they cost.
  const std::size_t wanted = is_hopeful(file) || file.state == State::seeking
                                 ? options_->wanted_connections
                                 : std::max(options_->wanted_connections, options_->maximum_connections);
  for (Source& source : file.download->sources) {
    if (links >= wanted) return;
    if (source.next_try > environment.now()) continue;
    const auto is_it = [&](const Link& link) {
      return link.file == file.number && link.peer == source.peer && link.stage != Link::Stage::closed;
    };
    if (std::any_of(links_.begin(), links_.end(), is_it)) continue;
    const Duration delay = options_->retry_delay * (1 << std::min<int>(source.failures, 7));
    source.next_try = environment.now() + (links == 0 ? options_->retry_delay : std::min(delay, longest_retry));
    open_link(environment, file, source.peer);
    ++links;
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
    for (Source& source : file.download->sources) {
      if (source.failures == 0 || !is_listed(source.peer)) continue;
      for (Link& link : links_)
        if (link.file == file.number && link.peer == source.peer && link.stage == Link::Stage::opening)
          drop_link(environment, link, CloseReason::unreachable);
      source.failures = 0;
      source.next_try = environment.now();
    }
  }
  links_.sweep();
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

}  // namespace peerbed::swarm
