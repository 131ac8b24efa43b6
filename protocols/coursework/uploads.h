#pragma once
// Files on their way to peers that asked for them. Each goes chunk by chunk: the next one when the one before it is
// confirmed.

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/coursework/messages.h"
#include "protocols/environment/content.h"

namespace peerbed::coursework {

struct Upload {
  std::uint16_t file = 0;
  Contact asker{};
  std::vector<std::byte> bytes{};
  std::uint32_t sent = 0;     // bytes
  std::uint32_t awaited = 0;  // the letter whose confirmation lets the next one go; 0: the content is being read
  auto fields() const { return std::tie(file, asker, bytes, sent, awaited); }

  bool is_complete() const noexcept { return sent >= bytes.size(); }
  // Takes what the disk has, and says so to the asker: a file that is too large is not there.
  FileAnswer take_content(Contact owner, const ContentReady& ready);
  // The next chunk, which counts as sent. It views the upload's bytes.
  FileChunk take_chunk() noexcept;
};

class Uploads {
 public:
  static constexpr std::size_t maximum_uploads = 16;

  // False if there are too many.
  bool begin(std::uint16_t file, Contact asker);
  std::span<Upload> all() noexcept { return uploads_; }
  // The one that waits for this letter's confirmation; null when none does.
  Upload* awaiting(std::uint32_t letter) noexcept;
  void end(const Upload& upload) { uploads_.erase(uploads_.begin() + (&upload - uploads_.data())); }

  auto fields() const { return std::tie(uploads_); }

 private:
  std::vector<Upload> uploads_;
};

}  // namespace peerbed::coursework
