#include "protocols/swarm/files/catalogue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint16_t catalogue_mark = 0x5D81;  // and version 1
constexpr FileNumber files_per_page = 256;        // by their numbers

// What is noted of a file beside its root and name.
enum Note : std::uint8_t {
  note_file = 1,    // it is a file of the shared directory
  note_whole = 2,   // all pieces were verified
  note_paused = 4,  //
  note_named = 8,   // its name in the shared directory follows
};

constexpr std::size_t largest_entry = 4 + 4 + 1 + 2 * (2 + maximum_name_size) + sha256_size;

std::uint8_t notes_of(const SharedFile& file) noexcept {
  unsigned notes = file.paused ? note_paused : 0;
  if (file.is_file) {
    notes |= note_file;
  } else if (file.state == SharedFile::State::complete || file.was_whole) {
    notes |= note_whole;
  }
  if (!file.file_name.empty()) notes |= note_named;
  return static_cast<std::uint8_t>(notes);
}

// As the host names what it stores: sixteen hexadecimal digits.
std::string hidden_name(ContentKey key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name(16, '0');
  for (std::size_t i = 0; i < name.size(); ++i) name[name.size() - 1 - i] = digits[key.value >> 4 * i & 15];
  return name;
}

Bytes as_bytes(const std::string& text) noexcept { return std::as_bytes(std::span(text)); }
std::string as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

void save_catalogue(Environment& environment, const FileTable& files, FileNumber number) {
  const FileNumber page = number / files_per_page;
  const auto is_before = [](const SharedFile& file, FileNumber wanted) { return file.number < wanted; };
  const auto first = std::lower_bound(files.begin(), files.end(), page * files_per_page, is_before);
  const auto last = std::lower_bound(first, files.end(), (page + 1) * files_per_page, is_before);
  std::vector<std::byte> bytes(8 + static_cast<std::size_t>(last - first) * largest_entry);
  Writer writer(bytes);
  writer.integer(catalogue_mark);
  for (auto file = first; file != last; ++file) {
    if (file->root.is_zero()) continue;
    writer.integers(file->number, file->manifest_size);
    writer.integer(notes_of(*file));
    writer.bytes(file->root.value);
    writer.sized_bytes(as_bytes(file->name()));
    if (!file->file_name.empty()) writer.sized_bytes(as_bytes(file->file_name));
  }
  environment.write_content(key_of_part(page, Part::catalogue), writer.written());
}

void save_progress(Environment& environment, const SharedFile& file) {
  std::vector<std::byte> bytes(file.map.verified().encoded_size());
  Writer writer(bytes);
  file.map.verified().encode(writer);
  environment.write_content(file.key(Part::progress), writer.written());
}

void forget_file(Environment& environment, FileTable& files, FileNumber number) {
  files.remove(number);
  save_catalogue(environment, files, number);  // first: the next process is not to look for what is erased
  for (const Part part : {Part::data, Part::manifest, Part::progress})
    environment.erase_content(key_of_part(number, part));
}

// ---------------------------------------------------------------------------------------------------------------------
// Reading

// Numbers of files that left something behind are not given again.
void Catalogue::ask(Environment& environment, FileTable& files, std::span<const ContentKey> stored) {
  PEERBED_CONTRACT(files.empty(), "what an earlier process left is asked for first of all");
  for (const ContentKey key : stored) {
    if (part_of(key) != Part::catalogue) {
      files.pass_over(file_of(key));
      stored_.push_back(key);
      continue;
    }
    ++awaited_pages_;
    environment.read_content(key);
  }
  if (awaited_pages_ > 0) return;
  if (std::any_of(stored_.begin(), stored_.end(), [](ContentKey key) { return part_of(key) == Part::manifest; }))
    environment.print(
        "The list of files in .peerbed is gone: what was fetched is deleted; ADD again what is to be offered");
  clear_up(environment, files);
}

bool Catalogue::take(const Context& context, FileTable& files, const ContentReady& ready) {
  if (ready.action == ContentAction::written) {
    context.environment.refuse("disk-failed", "The disk does not take the list of files" + reason_in(ready.bytes) +
                                                  "; it is written again with the next change");
    return false;
  }
  if (ready.action != ContentAction::read || awaited_pages_ == 0) return false;
  if (!ready.found || !read_page(context, files, ready.bytes)) damaged_pages_.push_back(ready.key);
  if (--awaited_pages_ > 0) return false;
  clear_up(context.environment, files);
  return true;
}

// False: it is damaged, and the files behind the damage are unknown.
bool Catalogue::read_page(const Context& context, FileTable& files, Bytes bytes) {
  Reader reader(bytes);
  if (reader.integer<std::uint16_t>() != catalogue_mark) return false;
  while (reader.remaining() > 0 && files.size() < context.options.maximum_files) {
    SharedFile file;
    file.state = SharedFile::State::restoring;
    reader.integers(file.number, file.manifest_size);
    const auto notes = reader.integer<std::uint8_t>();
    file.root = to_digest(reader.bytes(sha256_size));
    file.names.push_back(as_text(reader.sized_bytes()));
    if ((notes & note_named) != 0) file.file_name = as_text(reader.sized_bytes());
    file.is_file = (notes & note_file) != 0;
    file.was_whole = (notes & (note_file | note_whole)) != 0;
    file.exporting = !file.is_file;
    file.paused = (notes & note_paused) != 0;
    const bool is_next = files.empty() ? file.number > 0 : file.number > files.all().back().number;
    if (!reader.ok() || !is_next || file.number > highest_file_number || !is_valid_name(file.name())) return false;
    context.environment.hash_content(file.manifest_range());
    files.add(std::move(file));
  }
  return true;
}

// A damaged page is written anew, so that it is told once. What no page tells of, as after a kill, is of no use.
void Catalogue::clear_up(Environment& environment, FileTable& files) {
  for (const ContentKey page : std::exchange(damaged_pages_, {})) {
    environment.print("The list of files in .peerbed/" + hidden_name(page) +
                      " is damaged: what it no longer tells of is forgotten, and what was fetched of it is deleted; "
                      "ADD again what is to be offered");
    save_catalogue(environment, files, file_of(page) * files_per_page);
  }
  for (const ContentKey key : std::exchange(stored_, {}))
    if (files.numbered(file_of(key)) == nullptr && file_of(key) != 0) environment.erase_content(key);
}

}  // namespace peerbed::swarm
