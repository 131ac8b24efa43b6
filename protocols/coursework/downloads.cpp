#include "protocols/coursework/downloads.h"

#include <algorithm>

namespace peerbed::coursework {

Download* Downloads::find(std::uint16_t file) noexcept {
  const auto found = std::find_if(downloads_.begin(), downloads_.end(),
                                  [file](const Download& download) { return download.file == file; });
  return found == downloads_.end() ? nullptr : &*found;
}

bool Downloads::may_begin(std::uint16_t file) noexcept {
  return find(file) == nullptr && downloads_.size() < maximum_requests;
}

Download* Downloads::of_answer(const FileAnswer& answer) noexcept {
  Download* const download = find(answer.file);
  return download == nullptr || download->owner || answer.size > maximum_file_size ? nullptr : download;
}

Download* Downloads::add_chunk(Address from, const FileChunk& chunk) {
  Download* const download = find(chunk.file);
  if (download == nullptr || download->owner.address != from) return nullptr;
  const Bytes bytes = chunk.bytes.bytes;
  if (chunk.offset != download->bytes.size() || bytes.size() > download->size - download->bytes.size()) return nullptr;
  download->bytes.insert(download->bytes.end(), bytes.begin(), bytes.end());
  return download;
}

void Downloads::end(std::uint16_t file) {
  std::erase_if(downloads_, [file](const Download& download) { return download.file == file; });
}

std::vector<std::uint16_t> Downloads::end_overdue(Time now) {
  std::vector<std::uint16_t> files;
  std::erase_if(downloads_, [&](const Download& download) {
    if (download.deadline > now) return false;
    files.push_back(download.file);
    return true;
  });
  return files;
}

}  // namespace peerbed::coursework
