// What a person does with the files of a peer: LIST, REMOVE, CANCEL, PAUSE, RESUME.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

std::string share_of(const SharedFile& file) {
  if (!file.has_manifest() || file.geometry().pieces() == 0) return "0%";
  return std::to_string(std::uint64_t{file.map.verified_count()} * 100 / file.geometry().pieces()) + "%";
}

}  // namespace

// By its name in the shared directory, by the one that others know, or by its root.
SharedFile* Peer::file_called(std::string_view what) noexcept {
  if (SharedFile* file = files_.in_directory(what)) return file;
  if (SharedFile* file = files_.named(what)) return file;
  const auto root = parse_root(what);
  return root ? files_.rooted(*root) : nullptr;
}

std::string Peer::standing_of(const SharedFile& file) const {
  switch (file.state) {
    case State::adding:
      return "being added";
    case State::restoring:
      return "being verified, " + share_of(file) + " so far";
    case State::complete:
      if (file.exporting) return "complete, being written";
      return file.is_file ? "complete" : "complete, but not written as a file; DOWN tries again";
    case State::seeking:
    case State::downloading:
      break;
  }
  if (file.paused) return "paused at " + share_of(file);
  if (!file.download) return "failed at " + share_of(file) + "; RESUME goes on";
  if (file.state == State::seeking) return "being looked for";
  const auto sources = std::count_if(links_.begin(), links_.end(), [&](const Link& link) {
    return link.file == file.number && link.is_open() && link.theirs.count() > 0;
  });
  return share_of(file) + " fetched, " + std::to_string(sources) + (sources == 1 ? " source" : " sources");
}

void Peer::list_files(Environment& environment) const {
  if (files_.empty()) return environment.print("No file is shared or fetched");
  for (const SharedFile& file : files_) {
    std::string line = shown_name(file.local_name()) + ": ";
    if (file.geometry().piece_size != 0) line += std::to_string(file.geometry().size) + " bytes, ";
    line += standing_of(file);
    if (!file.root.is_zero()) line += ", " + to_string(file.root);
    environment.print(line);
  }
}

SharedFile* Peer::wanted_file(Environment& environment, std::string_view verb, std::string_view what) {
  if (what.empty()) {
    environment.refuse("usage", std::string(verb) + " NAME: say which; LIST shows the files there are");
    return nullptr;
  }
  SharedFile* file = file_called(what);
  if (file == nullptr)
    environment.refuse("not-found", std::string(what) + " is neither shared nor fetched; LIST shows what is");
  return file;
}

void Peer::remove_share(Environment& environment, std::string_view what) {
  SharedFile* file = wanted_file(environment, "REMOVE", what);
  if (file == nullptr) return;
  const std::string name = file->local_name();
  if (file->exporting) return environment.refuse("busy", name + " is about to be written; REMOVE it when it is here");
  if (!file->is_file) return environment.refuse("usage", name + " is not complete as a file; CANCEL gives it up");
  environment.print(name + (file->state == State::adding ? " is not added"
                            : file->is_tree              ? " is offered no more; the directory's files stay"
                                                         : " is offered no more; the file stays"));
  remove_file(environment, file->number);
}

void Peer::cancel_download(Environment& environment, std::string_view what) {
  SharedFile* file = wanted_file(environment, "CANCEL", what);
  if (file == nullptr) return;
  const std::string name = file->local_name();
  if (file->is_file && file->state == State::adding) return remove_share(environment, what);
  if (file->is_file)
    return environment.refuse("usage", name + " is complete; REMOVE stops sharing it, and " +
                                           (file->is_tree ? "the directory's files stay" : "the file stays"));
  if (file->exporting && file->state == State::complete)
    return environment.refuse("busy", name + " is about to be written; REMOVE it when it is here");
  environment.print(name + " is given up, and what was fetched of it is deleted");
  remove_file(environment, file->number);
}

void Peer::pause_download(Environment& environment, std::string_view what) {
  SharedFile* file = wanted_file(environment, "PAUSE", what);
  if (file == nullptr) return;
  const bool may_pause = file->download || (file->state == State::restoring && !file->is_file && !file->was_whole);
  if (!may_pause)
    return environment.refuse("usage",
                              file->local_name() + (file->paused ? " is paused already" : " is not being fetched"));
  file->paused = true;
  file->download.reset();
  for (Link& link : links_)
    if (link.file == file->number) drop_link(environment, link, CloseReason::given_up);
  save_catalogue(environment, file->number);
  environment.print(file->name() + " is paused at " + share_of(*file) + "; RESUME goes on");
}

void Peer::resume_paused(Environment& environment, std::string_view what) {
  SharedFile* file = wanted_file(environment, "RESUME", what);
  if (file == nullptr) return;
  if (file->state == State::restoring && std::exchange(file->paused, false))
    return save_catalogue(environment, file->number);
  if (file->is_waiting()) return resume_waiting(environment, *file);
  if (file->state == State::complete && !file->is_file && !file->exporting) return verify_again(environment, *file);
  environment.print(file->local_name() + (file->state == State::complete ? " is here" : " is on its way"));
}

}  // namespace peerbed::swarm
