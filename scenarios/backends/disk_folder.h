#pragma once
// The folder that holds the hosts' disks in a run over sockets: one directory per node. It creates the files that a
// scenario gives to hosts, wipes disks, and compares their contents.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include "scenarios/protocol/population.h"
#include "scenarios/protocol/state_view.h"

namespace peerbed::scenarios {

class DiskFolder {
 public:
  // A new temporary folder, removed with this object. Throws FileError.
  DiskFolder();
  // A folder that the caller manages.
  explicit DiskFolder(std::filesystem::path path) : path_(std::move(path)) {}
  ~DiskFolder();
  DiskFolder(const DiskFolder&) = delete;
  DiskFolder& operator=(const DiskFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path of(NodeIndex node) const { return path_ / ("node-" + std::to_string(node)); }
  // Gives a node its files. Equal files of several nodes are one on the disk. Throws FileError.
  void give(NodeIndex node, std::span<const GivenFile> files);
  // Removes everything on a node's disk.
  void wipe(NodeIndex node) const;
  // What a node's host keeps under a key (adapter/files/content_directory.h says where).
  std::unique_ptr<StoredBytes> stored(NodeIndex node, ContentKey key) const;

 private:
  std::filesystem::path original_of(const GivenFile& file);

  std::filesystem::path path_;
  bool own_ = false;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::filesystem::path> originals_;  // by seed and size
};

}  // namespace peerbed::scenarios
