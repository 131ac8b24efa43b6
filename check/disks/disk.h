#pragma once
// The disk of a checked node: content by its key, files by their names, and what its process has asked for.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "check/disks/stored_content.h"
#include "protocols/environment/content.h"

namespace peerbed::check {

struct DiskRequest {
  ContentAction action{};
  ContentRange range{};  // of what is hashed; else only the content is meant
  std::string name{};    // of the file that is imported, or made
  auto fields() const { return std::tie(action, range.content, range.offset, range.size, name); }
};

class Disk {
 public:
  std::map<ContentKey, StoredContent> contents{};
  std::map<std::string, StoredContent> files{};  // of the shared directory
  std::vector<DiskRequest> requests{};           // not answered yet, in their order

  // Nothing if it is not there.
  std::optional<StoredContent> part(const ContentRange& range) const {
    const auto content = contents.find(range.content);
    if (content == contents.end() || range.offset > content->second.size() ||
        range.size > content->second.size() - range.offset)
      return std::nullopt;
    return content->second.part(range.offset, range.size);
  }

  // Answers the first request, as the disk is now. `bytes` is what the answer refers to.
  ContentReady answer(std::vector<std::byte>& bytes) {
    const DiskRequest request = std::move(requests.front());
    requests.erase(requests.begin());
    ContentReady ready;
    ready.key = request.range.content;
    ready.action = request.action;
    ready.range = request.range;
    bytes.clear();
    ready.found = carry_out(request, ready, bytes);
    ready.bytes = bytes;
    return ready;
  }

  auto fields() const { return std::tie(contents, files, requests); }

 private:
  bool carry_out(const DiskRequest& request, ContentReady& ready, std::vector<std::byte>& bytes) {
    const ContentKey key = request.range.content;
    if (request.action == ContentAction::imported) {
      const auto file = files.find(request.name);
      if (file == files.end()) return false;
      contents[key] = file->second;
      ready.range = {key, 0, file->second.size()};
      return true;
    }
    const auto content = contents.find(key);
    if (content == contents.end()) return false;
    const StoredContent& stored = content->second;
    switch (request.action) {
      case ContentAction::read:
        bytes = stored.part(0, std::min<std::uint64_t>(stored.size(), maximum_content_read)).bytes();
        return true;
      case ContentAction::hashed: {
        const auto hashed = part(request.range);
        if (hashed) bytes = hashed->hash();
        return hashed.has_value();
      }
      case ContentAction::exported:
        files.insert_or_assign(request.name, stored);
        ready.range = {key, 0, stored.size()};
        return true;
      default:
        return false;
    }
  }
};

}  // namespace peerbed::check
