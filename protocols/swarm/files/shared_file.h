#pragma once
// A file that a peer shares, adds or fetches.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/swarm/base/manifest.h"
#include "protocols/swarm/base/piece_map.h"
#include "protocols/swarm/files/given_pieces.h"
#include "protocols/swarm/files/hash_queue.h"
#include "protocols/swarm/files/manifest_query.h"
#include "protocols/swarm/files/search.h"
#include "protocols/swarm/link/fragments.h"
#include "protocols/swarm/link/source_requests.h"

namespace peerbed::swarm {

// The limits of a peer's tables. What would exceed one is not started, or is done without an entry.
constexpr std::size_t maximum_names = 4;                 // of one file
constexpr std::size_t maximum_surveyed = 65'536;         // files that GET tells apart
constexpr std::size_t maximum_early_commands = 100'000;  // a script may add as many files as a peer may have

// What a peer stores of a file. Number 0 is the peer's own: the catalogue of its files, and where bytes go that nobody
// reads.
enum class Part : std::uint64_t { data, manifest, progress, catalogue };

constexpr ContentKey key_of_part(FileNumber file, Part part) noexcept {
  return ContentKey{(std::uint64_t{file} << 2) | static_cast<std::uint64_t>(part)};
}
constexpr FileNumber file_of(ContentKey key) noexcept { return static_cast<FileNumber>(key.value >> 2); }
constexpr Part part_of(ContentKey key) noexcept { return static_cast<Part>(key.value & 3); }

// What a host says of why something failed, behind ": "; empty where it says nothing.
inline std::string reason_in(Bytes text) {
  return text.empty() ? std::string() : ": " + std::string(reinterpret_cast<const char*>(text.data()), text.size());
}

constexpr ContentKey catalogue_key = key_of_part(0, Part::catalogue);  // the first page
constexpr ContentKey scratch_key = key_of_part(0, Part::data);

struct Download {
  Time started{};
  Time last_byte{};      // of the file's; the start before the first
  Time last_progress{};  // when a block was kept, or the manifest or a piece verified; the start before
  bool renewed = false;  // all streams were opened anew since then
  Duration longest_stall{};
  std::uint64_t received = 0;
  std::uint64_t kept = 0;  // of these
  std::uint64_t duplicates = 0;

  Search search{};  // who has it?
  ManifestQuery manifest{};
  Fragments fragments{};

  auto fields() const {
    return std::tie(started, last_byte, last_progress, renewed, longest_stall, received, kept, duplicates, search,
                    manifest, fragments);
  }
  // What of it can matter later, in a check (check/canonical/canonical_form.h): the rest is only told.
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(last_progress, renewed, search, manifest, fragments);
  }
  void note_progress(Time now) noexcept {
    last_progress = now;
    renewed = false;
  }
  // A block of the file has come.
  void note_block(std::uint64_t size, Time now) noexcept {
    received += size;
    longest_stall = std::max(longest_stall, now - last_byte);
    last_byte = now;
  }
};

struct SharedFile {
  enum class State : std::uint8_t {
    adding,       // imported, and its pieces are being hashed
    restoring,    // found on the disk, and being verified
    seeking,      // wanted; its manifest is not here yet
    downloading,  //
    complete,
  };
  FileNumber number = 0;
  State state{};
  Root root{};                       // zero while adding, and while a wanted name may mean several files
  std::vector<std::string> names{};  // by which others know it
  std::string file_name{};           // in the shared directory, where that is another
  bool is_tree = false;              // a directory of files
  bool is_file = false;              // complete, and in the shared directory: what lies there is people's
  bool exporting = false;            // it is about to get its name there
  bool paused = false;               // its download waits for RESUME
  bool was_whole = false;            // restoring: all of its pieces had been verified
  bool changed = false;              // restoring: its file was changed meanwhile
  bool is_spoilt = false;            // restoring: its file is not what it was
  bool add_again = false;            // restoring: if its file is not what it was, that is to be offered
  bool is_gone = false;              // restoring: there is no file of its name
  std::uint32_t manifest_size = 0;   // bytes; 0 while there is none
  std::vector<Digest> hashes{};      // of the pieces; not kept once complete
  PieceMap map{};
  std::vector<std::uint16_t> availability{};  // of each piece: connected peers that have it
  GivenPieces given{};                        // by this peer
  std::vector<std::uint32_t> fetched{};       // pieces verified since there are links to tell of it, in that order
  HashQueue hashing{};                        // adding, restoring: what lies on the disk
  std::optional<Download> download{};
  std::optional<Duration> fetched_in{};  // complete, and about to get its name in the shared directory

  const Geometry& geometry() const noexcept { return map.geometry(); }
  Fetching fetching() noexcept { return {map, download ? &download->fragments : nullptr}; }
  bool has_manifest() const noexcept {
    return state == State::downloading || state == State::complete || (state == State::restoring && !hashes.empty());
  }
  // It needs nothing more, and lies in the shared directory.
  bool is_here() const noexcept { return state == State::complete && is_file && !exporting; }
  bool has_name(const std::string& wanted) const {
    return local_name() == wanted || std::find(names.begin(), names.end(), wanted) != names.end();
  }
  bool is_sought() const noexcept { return state == State::seeking && download.has_value(); }
  // Nobody fetches it: it has failed, or is paused.
  bool is_waiting() const noexcept { return (state == State::downloading || state == State::seeking) && !download; }
  // Something that was begun is not done yet.
  bool is_under_way() const noexcept {
    return state == State::adding || state == State::restoring || exporting || download.has_value();
  }
  const std::string& name() const noexcept { return names.front(); }
  const std::string& local_name() const noexcept { return file_name.empty() ? name() : file_name; }
  ContentRange piece_range(std::uint32_t piece) const noexcept {
    return {key(Part::data), geometry().offset_of(piece), geometry().size_of(piece)};
  }
  ContentRange manifest_range() const noexcept { return {key(Part::manifest), 0, manifest_size}; }
  ContentKey key(Part part) const noexcept { return key_of_part(number, part); }

  // What a verified manifest says. Nothing of the file is here yet.
  void set_manifest(const Manifest& manifest, std::uint32_t block_size) {
    is_tree = manifest.is_tree;
    map = PieceMap(manifest.geometry, block_size);
    hashes = manifest.pieces;
    availability.assign(manifest.geometry.pieces(), 0);
    given = GivenPieces(manifest.geometry.pieces());
  }

  auto fields() const {
    return std::tie(number, state, root, names, file_name, is_tree, is_file, exporting, paused, was_whole, changed,
                    is_spoilt, add_again, is_gone, manifest_size, hashes, map, availability, given, fetched, hashing,
                    download, fetched_in);
  }
};

}  // namespace peerbed::swarm
