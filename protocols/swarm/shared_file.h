#pragma once
// A file that a peer shares, adds or fetches.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/swarm/link.h"
#include "protocols/swarm/manifest.h"
#include "protocols/swarm/piece_map.h"
#include "protocols/swarm/walk.h"

namespace peerbed::swarm {

// The limits of a peer's tables. What would exceed one is not started, or is done without an entry.
constexpr std::size_t maximum_sources = 256;             // known to have a file that is fetched
constexpr std::size_t maximum_candidates = 8;            // files of the name that is wanted
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

// A question by datagram that waits for its answer.
struct Asked {
  Address peer{};
  Time deadline{};
  std::uint32_t first = 0;  // of the files asked for, where they come in pages
  unsigned attempts = 1;
  auto fields() const { return std::tie(peer, deadline, first, attempts); }
};

// A peer that said it has the file.
struct Source {
  Address peer{};
  std::uint8_t candidate = 0;  // which of the files of the wanted name it has
  std::uint8_t failures = 0;   // in a row
  std::uint8_t refusals = 0;   // in a row, because it had no room
  bool complete = false;       // it had all of it when it was asked
  Time next_try{};
  Duration round_trip{};  // of the last handshake; zero before
  auto fields() const { return std::tie(peer, candidate, failures, refusals, complete, next_try, round_trip); }
};

// In fragment mode: a range of blocks, in the order of the file.
struct Fragment {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t next = 0;  // the first one that nobody was asked for
  StreamId owner{};        // 0: nobody
  bool lost = false;       // its first owner failed, or could not go on
  bool afresh = false;     // it was fetched anew, whole; that happens once
  auto fields() const { return std::tie(begin, end, next, owner, lost, afresh); }
};

struct Download {
  Time started{};
  Time last_byte{};      // of the file's; the start before the first
  Time last_progress{};  // when a block was kept, or the manifest or a piece verified; the start before
  bool renewed = false;  // all streams were opened anew since then
  Duration longest_stall{};
  std::uint64_t received = 0;
  std::uint64_t kept = 0;  // of these
  std::uint64_t duplicates = 0;

  // Who has it?
  std::uint32_t find_id = 0;
  Walk walk{};
  Time walk_again{};  // when the walk, having ended, begins again
  Duration walk_pause{};
  Time first_answer{};    // from somebody who has a file of the wanted name
  bool surveyed = false;  // nobody has: the name is looked for among all that is offered
  std::vector<Asked> asked{};
  std::vector<Root> candidates{};
  std::vector<std::uint64_t> sizes{};  // of these, bytes, as they were offered
  std::vector<Source> sources{};

  // The manifest.
  StreamId manifest_from{};  // 0: nobody is asked
  Address manifest_peer{};   // who that is
  Time manifest_asked{};
  bool manifest_here = false;  // all of it, and being hashed

  std::vector<Fragment> fragments{};
  Time divide_at{};  // the file is cut into fragments then, or when all sources are ready

  auto fields() const {
    return std::tie(started, last_byte, last_progress, renewed, longest_stall, received, kept, duplicates, find_id,
                    walk, walk_again, walk_pause, first_answer, asked, candidates, sizes, sources, manifest_from,
                    manifest_peer, manifest_asked, manifest_here, fragments, divide_at);
  }
  void note_progress(Time now) noexcept {
    last_progress = now;
    renewed = false;
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
  std::vector<std::uint16_t> given{};         // of each piece: how often this peer sent or suggested it
  std::vector<std::uint32_t> fetched{};       // pieces verified since there are links to tell of it, in that order
  Bitfield stored{};                          // restoring: pieces that an earlier process verified
  std::uint32_t next_hash = 0;                // adding, restoring: the next piece to be hashed
  std::uint32_t hashing = 0;                  // how many are
  std::optional<Download> download{};
  std::optional<Duration> fetched_in{};  // complete, and about to get its name in the shared directory

  const Geometry& geometry() const noexcept { return map.geometry(); }
  bool has_manifest() const noexcept {
    return state == State::downloading || state == State::complete || (state == State::restoring && !hashes.empty());
  }
  // It needs nothing more, and lies in the shared directory.
  bool is_here() const noexcept { return state == State::complete && is_file && !exporting; }
  bool has_name(const std::string& wanted) const {
    return local_name() == wanted || std::find(names.begin(), names.end(), wanted) != names.end();
  }
  // Something that was begun is not done yet.
  bool is_under_way() const noexcept {
    return state == State::adding || state == State::restoring || exporting || download.has_value();
  }
  const std::string& name() const noexcept { return names.front(); }
  const std::string& local_name() const noexcept { return file_name.empty() ? name() : file_name; }
  ContentRange manifest_range() const noexcept { return {key(Part::manifest), 0, manifest_size}; }
  ContentKey key(Part part) const noexcept { return key_of_part(number, part); }

  auto fields() const {
    return std::tie(number, state, root, names, file_name, is_tree, is_file, exporting, paused, was_whole, changed,
                    is_spoilt, add_again, is_gone, manifest_size, hashes, map, availability, given, fetched, stored,
                    next_hash, hashing, download, fetched_in);
  }
};

}  // namespace peerbed::swarm
