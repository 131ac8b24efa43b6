#pragma once
// What a peer writes down for the next process: which files it has, and which pieces of them. The catalogue comes in
// pages, small contents of their own, so that a change costs one page, however many files there are.

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"

namespace peerbed::swarm {

// Writes the page of the file of this number: after each change of what is noted of it.
void save_catalogue(Environment& environment, const FileTable& files, FileNumber number);
// Writes which pieces of a file are verified.
void save_progress(Environment& environment, const SharedFile& file);
// Takes a file from the table, and all of it that is stored from the disk.
void forget_file(Environment& environment, FileTable& files, FileNumber number);

// The catalogue of an earlier process, while it is being read. Whether a file is here already it alone may know.
class Catalogue {
 public:
  // At the start: asks for the pages among what the disk holds. Where there is none, it is_read() at once.
  void ask(Environment& environment, FileTable& files, std::span<const ContentKey> stored);
  // A page was read, or could not be written. Its files are added to the table, and begin to be verified. Returns
  // whether it was the last one.
  bool take(const Context& context, FileTable& files, const ContentReady& ready);
  bool is_read() const noexcept { return awaited_pages_ == 0; }

  auto fields() const { return std::tie(awaited_pages_, stored_, damaged_pages_); }

 private:
  bool read_page(const Context& context, FileTable& files, Bytes bytes);
  void clear_up(Environment& environment, FileTable& files);

  std::uint32_t awaited_pages_ = 0;
  std::vector<ContentKey> stored_{};  // until all pages are read: what else an earlier process left
  std::vector<ContentKey> damaged_pages_{};
};

}  // namespace peerbed::swarm
