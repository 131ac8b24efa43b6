#include "protocols/coursework/uploads.h"

#include <algorithm>

namespace peerbed::coursework {

FileAnswer Upload::take_content(Contact owner, const ContentReady& ready) {
  const bool is_here = ready.found && ready.bytes.size() <= maximum_file_size;
  if (is_here) bytes.assign(ready.bytes.begin(), ready.bytes.end());
  return {.file = file, .owner = owner, .here = is_here, .size = static_cast<std::uint32_t>(bytes.size())};
}

FileChunk Upload::take_chunk() noexcept {
  const Bytes rest = Bytes(bytes).subspan(sent);
  const Bytes chunk = rest.first(std::min(rest.size(), maximum_chunk_size));
  const std::uint32_t offset = sent;
  sent += static_cast<std::uint32_t>(chunk.size());
  return {.file = file, .offset = offset, .bytes = {chunk}};
}

bool Uploads::begin(std::uint16_t file, Contact asker) {
  if (uploads_.size() >= maximum_uploads) return false;
  uploads_.push_back({.file = file, .asker = asker});
  return true;
}

Upload* Uploads::awaiting(std::uint32_t letter) noexcept {
  const auto found =
      std::find_if(uploads_.begin(), uploads_.end(), [&](const Upload& entry) { return entry.awaited == letter; });
  return found == uploads_.end() ? nullptr : &*found;
}

}  // namespace peerbed::coursework
