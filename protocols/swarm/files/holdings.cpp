#include "protocols/swarm/files/holdings.h"

#include <algorithm>

namespace peerbed::swarm {

namespace {

using State = SharedFile::State;

std::string share_of(const SharedFile& file) {
  if (!file.has_manifest() || file.geometry().pieces() == 0) return "0%";
  return std::to_string(std::uint64_t{file.map.verified_count()} * 100 / file.geometry().pieces()) + "%";
}

SharedFile* file_called(FileTable& files, std::string_view what) noexcept {
  if (SharedFile* file = files.in_directory(what)) return file;
  if (SharedFile* file = files.named(what)) return file;
  const auto root = parse_root(what);
  return root ? files.rooted(*root) : nullptr;
}

std::string standing_of(const SharedFile& file, const LinkTable& links) {
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
  const auto sources = std::count_if(links.begin(), links.end(), [&](const Link& link) {
    return link.file == file.number && link.is_open() && link.theirs.count() > 0;
  });
  return share_of(file) + " fetched, " + std::to_string(sources) + (sources == 1 ? " source" : " sources");
}

}  // namespace

void list_files(Environment& environment, const FileTable& files, const LinkTable& links) {
  if (files.empty()) return environment.print("No file is shared or fetched");
  for (const SharedFile& file : files) {
    std::string line = shown_name(file.local_name()) + ": ";
    if (file.geometry().piece_size != 0) line += std::to_string(file.geometry().size) + " bytes, ";
    line += standing_of(file, links);
    if (!file.root.is_zero()) line += ", " + to_string(file.root);
    environment.print(line);
  }
}

SharedFile* wanted_file(Environment& environment, FileTable& files, std::string_view verb, std::string_view what) {
  if (what.empty()) {
    environment.refuse("usage", std::string(verb) + " NAME: missing the name; LIST shows the files");
    return nullptr;
  }
  SharedFile* file = file_called(files, what);
  if (file == nullptr)
    environment.refuse("not-found", std::string(what) + " is neither shared nor fetched; LIST shows what is");
  return file;
}

FileNumber remove_share(Environment& environment, FileTable& files, std::string_view what) {
  const SharedFile* file = wanted_file(environment, files, "REMOVE", what);
  if (file == nullptr) return 0;
  const std::string& name = file->local_name();
  if (file->exporting || !file->is_file) {
    file->exporting ? environment.refuse("busy", name + " is about to be written; REMOVE it when it is here")
                    : environment.refuse("usage", name + " is not complete as a file; CANCEL gives it up");
    return 0;
  }
  environment.print(name + (file->state == State::adding ? " is not added"
                            : file->is_tree              ? " is offered no more; the directory's files stay"
                                                         : " is offered no more; the file stays"));
  return file->number;
}

FileNumber cancel_download(Environment& environment, FileTable& files, std::string_view what) {
  const SharedFile* file = wanted_file(environment, files, "CANCEL", what);
  if (file == nullptr) return 0;
  const std::string& name = file->local_name();
  if (file->is_file && file->state == State::adding) return remove_share(environment, files, what);
  if (file->is_file) {
    environment.refuse("usage", name + " is complete; REMOVE stops sharing it, and " +
                                    (file->is_tree ? "the directory's files stay" : "the file stays"));
    return 0;
  }
  if (file->exporting && file->state == State::complete) {
    environment.refuse("busy", name + " is about to be written; REMOVE it when it is here");
    return 0;
  }
  environment.print(name + " is given up, and what was fetched of it is deleted");
  return file->number;
}

SharedFile* pause_download(Environment& environment, FileTable& files, std::string_view what) {
  SharedFile* file = wanted_file(environment, files, "PAUSE", what);
  if (file == nullptr) return nullptr;
  const bool may_pause = file->download || (file->state == State::restoring && !file->is_file && !file->was_whole);
  if (!may_pause) {
    environment.refuse("usage", file->local_name() + (file->paused ? " is paused already" : " is not being fetched"));
    return nullptr;
  }
  file->paused = true;
  file->download.reset();
  return file;
}

void say_paused(Environment& environment, const SharedFile& file) {
  environment.print(file.name() + " is paused at " + share_of(file) + "; RESUME goes on");
}

}  // namespace peerbed::swarm
