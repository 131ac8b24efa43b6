#include "protocols/swarm/visible_state.h"

#include <string>
#include <tuple>
#include <utility>

#include "protocols/environment/state.h"

namespace peerbed::swarm {

namespace {

// A file as it is shown to another process: its number, state, names and pieces, and whether its hashes are known.
// Of a download under way: that it is, when it began, and how much of what came it kept.
using VisibleDownload = std::tuple<bool, Time, std::uint64_t>;
using VisibleFile =
    std::tuple<FileNumber, SharedFile::State, std::vector<std::string>, PieceMap, bool, VisibleDownload>;

// Each piece has its bit, so that pieces can be looked up.
bool is_sound(const PieceMap& map) {
  return map.verified().size() == map.geometry().pieces() &&
         map.verified().words() == (map.verified().size() + 63) / 64;
}

}  // namespace

void append_visible_state(std::vector<std::byte>& out, const VisibleCounts& counts, const FileTable& files) {
  std::vector<VisibleFile> visible;
  for (const SharedFile& file : files) {
    VisibleDownload download;
    if (file.download) download = {true, file.download->started, file.download->kept};
    visible.emplace_back(file.number, file.state, file.names, file.map, !file.hashes.empty(), download);
  }
  append_state(out, std::tie(counts.uploaded, counts.downloaded, counts.pulsed, visible));
}

bool take_visible_state(Bytes bytes, VisibleCounts& counts, FileTable& files) {
  std::vector<VisibleFile> visible;
  auto all = std::tie(counts.uploaded, counts.downloaded, counts.pulsed, visible);
  if (!read_state(bytes, all) || !bytes.empty()) return false;
  files.clear();
  for (auto& [number, state, names, map, has_hashes, download] : visible) {
    if (names.empty() || !is_sound(map)) return false;
    if (!files.empty() && number <= files.all().back().number) return false;
    SharedFile file;
    file.number = number;
    file.state = state;
    file.names = std::move(names);
    file.map = std::move(map);
    if (has_hashes) file.hashes.resize(file.geometry().pieces());
    if (std::get<bool>(download)) {
      file.download.emplace();
      std::tie(std::ignore, file.download->started, file.download->kept) = download;
    }
    files.add(std::move(file));
  }
  return true;
}

}  // namespace peerbed::swarm
