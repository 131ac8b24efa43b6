// Storing and fetching files in the coursework profile: the request goes along the first successors, the file comes
// back directly, one confirmed chunk after the other.

#include <algorithm>

#include "protocols/ring/commands.h"
#include "protocols/ring/coursework.h"
#include "protocols/ring/trace.h"

namespace peerbed::ring::coursework {

namespace {

Key key_of_file(std::uint16_t file) noexcept { return Key{file % 256u}; }

// Four digits, leading zeros kept.
std::string digits(std::uint16_t file) {
  std::string text = std::to_string(file);
  return std::string(4 - text.size(), '0') + text;
}

std::optional<std::uint16_t> to_file(std::string_view text) {
  if (text.size() != 4) return std::nullopt;
  std::uint16_t file = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    file = static_cast<std::uint16_t>(file * 10 + (digit - '0'));
  }
  return file;
}

std::string name_of(Contact contact) { return "Peer " + std::to_string(contact.key.value); }

}  // namespace

std::string_view fault_of_command(std::string_view line) {
  const std::string_view verb = line.substr(0, line.find(' '));
  if (verb == "Quit" || verb == "quit") return "";
  if (verb != "Store" && verb != "Request") return "Unknown command: Store, Request and Quit are known";
  const std::string_view rest = line.substr(std::min(verb.size() + 1, line.size()));
  if (!to_file(rest.substr(0, rest.find(' ')))) return "A file name has exactly four digits";
  const bool is_long = verb == "Store" && rest.size() > 5 + maximum_value_size;
  return is_long ? "A file that is stored has at most 1024 bytes" : "";
}

void Peer::on_command(Environment& environment, std::string_view line) {
  if (const std::string_view fault = fault_of_command(line); !fault.empty()) return environment.refuse("usage", fault);
  const std::string_view verb = line.substr(0, line.find(' '));
  if (verb == "Quit" || verb == "quit") return on_leave(environment);
  const std::string_view rest = line.substr(verb.size() + 1);
  const auto file = to_file(rest.substr(0, rest.find(' ')));
  if (!joined_ || leaving_) return environment.refuse("not-joined", name_of(self_) + " is not in the network");
  if (cut_off_) return environment.refuse("not-joined", name_of(self_) + " is cut off from the ring");
  if (verb == "Request") return request(environment, *file);

  const std::string_view text = rest.substr(std::min<std::size_t>(5, rest.size()));
  store(environment, StoreRequest{.file = *file, .bytes = {std::as_bytes(std::span(text))}});
}

bool Peer::owns_file(std::uint16_t file) const noexcept {
  const Key key = key_of_file(file);
  return is_alone() || key == self_.key || (predecessors_[0] && owns(predecessors_[0].key, key, self_.key));
}

bool Peer::precedes_owner(std::uint16_t file) const noexcept {
  return owns(self_.key, key_of_file(file), successors_[0].key);
}

void Peer::store(Environment& environment, const StoreRequest& request) {
  const std::string name = "Store " + digits(request.file) + " request ";
  if (request.at_owner || owns_file(request.file)) {
    environment.print(name + "accepted");
    files_.insert(request.file);
    if (!request.bytes.bytes.empty()) return environment.write_content(ContentKey{request.file}, request.bytes.bytes);
    adopted_.insert(request.file);
    return environment.read_content(ContentKey{request.file});
  }
  environment.print(name + "forwarded to my successor");
  StoreRequest onward = request;
  onward.at_owner = precedes_owner(request.file);
  post(environment, {}, onward);
}

void Peer::receive(Environment& environment, Address from, const StoreRequest& request) {
  if (!joined_ || leaving_ || cut_off_ || request.file > 9999) return;
  environment.send(from, Delivered{request.id});
  if (is_new(from, request.id)) store(environment, request);
}

void Peer::request(Environment& environment, std::uint16_t file) {
  const bool is_asked = std::any_of(downloads_.begin(), downloads_.end(),
                                    [file](const Download& download) { return download.file == file; });
  if (is_asked || downloads_.size() >= maximum_requests)
    return environment.refuse("busy", "File " + digits(file) + " is not requested: too many requests are under way");
  if (owns_file(file)) {
    if (files_.contains(file)) return environment.print("File " + digits(file) + " is stored here");
    return environment.refuse("not-found", "File " + digits(file) + " is not stored in the network");
  }
  environment.print("File request for " + digits(file) + " has been sent to my successor");
  downloads_.push_back({.file = file, .deadline = environment.now() + patience});
  await(environment, downloads_.back().deadline);
  post(environment, {}, FileRequest{.file = file, .at_owner = precedes_owner(file), .asker = self_});
}

void Peer::receive(Environment& environment, Address from, const FileRequest& request) {
  if (!joined_ || leaving_ || cut_off_ || request.file > 9999 || !request.asker) return;
  environment.send(from, Delivered{request.id});
  if (!is_new(from, request.id)) return;
  if ((request.at_owner || owns_file(request.file)) && files_.contains(request.file))
    return serve(environment, request);
  environment.print("Request for File " + digits(request.file) + " has been received, but the file is not stored here");
  if (request.at_owner || owns_file(request.file)) {
    post(environment, request.asker.address, FileAnswer{.file = request.file, .owner = self_, .here = false});
  } else {
    FileRequest onward = request;
    onward.at_owner = precedes_owner(request.file);
    post(environment, {}, onward);
  }
}

void Peer::serve(Environment& environment, const FileRequest& request) {
  if (uploads_.size() >= maximum_transfers) return;  // the asker reports that nothing came
  environment.print("File " + digits(request.file) + " is stored here");
  environment.print("Sending file " + digits(request.file) + " to " + name_of(request.asker));
  uploads_.push_back({.file = request.file, .asker = request.asker});
  environment.read_content(ContentKey{request.file});
}

void Peer::on_content(Environment& environment, const ContentReady& ready) {
  if (ready.action != ContentAction::read) return;
  // A file that was stored without a text stays what its owner has under that number, or else holds its own name.
  const auto file = static_cast<std::uint16_t>(ready.key.value);
  if (adopted_.erase(file) != 0 && !ready.found) {
    const std::string text = "File " + digits(file);
    environment.write_content(ready.key, std::as_bytes(std::span(text)));
  }
  for (Upload& upload : uploads_) {
    if (upload.awaited != 0 || upload.file != ready.key.value) continue;
    const bool usable = ready.found && ready.bytes.size() <= maximum_file_size;
    if (usable) upload.bytes.assign(ready.bytes.begin(), ready.bytes.end());
    upload.awaited = post(environment, upload.asker.address,
                          FileAnswer{.file = upload.file,
                                     .owner = self_,
                                     .here = usable,
                                     .size = static_cast<std::uint32_t>(upload.bytes.size())});
  }
}

void Peer::handle_confirmation(Environment& environment, std::uint32_t id) {
  const auto upload =
      std::find_if(uploads_.begin(), uploads_.end(), [id](const Upload& entry) { return entry.awaited == id; });
  if (upload == uploads_.end()) return;
  if (upload->sent < upload->bytes.size()) return send_next_chunk(environment, *upload);
  environment.print("The file has been sent");
  uploads_.erase(upload);
}

void Peer::send_next_chunk(Environment& environment, Upload& upload) {
  const Bytes rest = Bytes(upload.bytes).subspan(upload.sent);
  const Bytes chunk = rest.first(std::min(rest.size(), maximum_chunk_size));
  upload.awaited =
      post(environment, upload.asker.address, FileChunk{.file = upload.file, .offset = upload.sent, .bytes = {chunk}});
  upload.sent += static_cast<std::uint32_t>(chunk.size());
}

void Peer::receive(Environment& environment, Address from, const FileAnswer& answer) {
  environment.send(from, Delivered{answer.id});
  if (!is_new(from, answer.id)) return;
  const auto download = std::find_if(downloads_.begin(), downloads_.end(),
                                     [&](const Download& entry) { return entry.file == answer.file; });
  if (download == downloads_.end() || download->owner || answer.size > maximum_file_size) return;
  if (!answer.here) {
    environment.refuse("not-found", "File " + digits(answer.file) + " was not found: " + name_of(answer.owner) +
                                        " should have it and does not");
    downloads_.erase(download);
    return;
  }
  environment.print(name_of(answer.owner) + " had File " + digits(answer.file));
  environment.print("Receiving File " + digits(answer.file) + " from " + name_of(answer.owner));
  download->owner = {answer.owner.key, from};
  download->size = answer.size;
  download->deadline = environment.now() + patience;
  finish_download(environment, *download);
}

void Peer::receive(Environment& environment, Address from, const FileChunk& chunk) {
  environment.send(from, Delivered{chunk.id});
  if (!is_new(from, chunk.id)) return;
  const auto download = std::find_if(downloads_.begin(), downloads_.end(),
                                     [&](const Download& entry) { return entry.file == chunk.file; });
  if (download == downloads_.end() || download->owner.address != from) return;
  const Bytes bytes = chunk.bytes.bytes;
  if (chunk.offset != download->bytes.size() || bytes.size() > download->size - download->bytes.size()) return;
  download->bytes.insert(download->bytes.end(), bytes.begin(), bytes.end());
  download->deadline = environment.now() + patience;
  finish_download(environment, *download);
}

void Peer::finish_download(Environment& environment, const Download& download) {
  if (download.bytes.size() < download.size) return;
  environment.write_content(ContentKey{received_content + download.file}, download.bytes);
  environment.print("File " + digits(download.file) + " received");
  downloads_.erase(downloads_.begin() + (&download - downloads_.data()));
}

void Peer::handle_overdue_downloads(Environment& environment) {
  std::erase_if(downloads_, [&](const Download& download) {
    if (download.deadline > environment.now()) return false;
    environment.refuse("no-answer", "File " + digits(download.file) + " was not received: no answer came");
    return true;
  });
}

}  // namespace peerbed::ring::coursework
