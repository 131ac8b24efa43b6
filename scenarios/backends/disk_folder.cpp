#include "scenarios/backends/disk_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>
#include <vector>

#include "adapter/base/file_descriptor.h"
#include "scenarios/text/error.h"
#include "sim/storage/extent.h"

namespace peerbed::scenarios {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t chunk = std::uint64_t{1} << 20;  // bytes made or compared at once
constexpr const char* hidden = ".peerbed";

[[noreturn]] void cannot(const fs::path& path, const std::error_code& error) {
  throw FileError(path.string() + ": " + error.message() + "; choose another folder for temporary files with TMPDIR");
}

class DiskBytes final : public StoredBytes {
 public:
  explicit DiskBytes(const fs::path& file) : file_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status {};
    if (file_ && ::fstat(file_.number(), &status) == 0) size_ = static_cast<std::uint64_t>(status.st_size);
  }

  std::uint64_t size() const override { return size_; }
  std::uint64_t right_until(std::uint64_t seed, std::uint64_t begin, std::uint64_t end) const override {
    std::vector<std::byte> here(chunk);
    std::vector<std::byte> wanted(chunk);
    while (begin < end) {
      const std::size_t size = std::min(chunk, end - begin);
      const ssize_t read = ::pread(file_.number(), here.data(), size, static_cast<off_t>(begin));
      if (read <= 0) return begin;
      const auto count = static_cast<std::size_t>(read);
      sim::materialise(sim::synthetic_extent(seed, begin, count), std::span(wanted).first(count));
      if (std::memcmp(here.data(), wanted.data(), count) != 0)
        return begin + static_cast<std::uint64_t>(
                           std::mismatch(here.begin(), here.begin() + read, wanted.begin()).first - here.begin());
      begin += count;
    }
    return begin;
  }

 private:
  adapter::FileDescriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace

DiskFolder::DiskFolder() : own_(true) {
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "peerbed-run-XXXXXX").string();
  if (error || ::mkdtemp(pattern.data()) == nullptr)
    cannot(pattern, error ? error : std::error_code(errno, std::generic_category()));
  path_ = pattern;
}

DiskFolder::~DiskFolder() {
  std::error_code ignored;
  if (own_) fs::remove_all(path_, ignored);
}

fs::path DiskFolder::original_of(const GivenFile& file) {
  const auto [entry, is_new] = originals_.try_emplace({file.seed, file.size});
  if (!is_new) return entry->second;
  entry->second = path_ / ("given-" + std::to_string(originals_.size()));
  std::ofstream stream(entry->second, std::ios::binary);
  std::vector<std::byte> bytes(chunk);
  for (std::uint64_t offset = 0; offset < file.size; offset += chunk) {
    const std::size_t size = std::min(chunk, file.size - offset);
    sim::materialise(sim::synthetic_extent(file.seed, offset, size), std::span(bytes).first(size));
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(size));
  }
  stream.close();
  if (!stream) cannot(entry->second, std::error_code(ENOSPC, std::generic_category()));
  return entry->second;
}

void DiskFolder::give(NodeIndex node, std::span<const GivenFile> files) {
  std::error_code error;
  fs::create_directories(of(node), error);
  if (error) cannot(of(node), error);
  for (const GivenFile& file : files) {
    fs::create_hard_link(original_of(file), of(node) / file.name, error);
    if (error) cannot(of(node) / file.name, error);
  }
}

// The hidden directory itself stays, for the node's host has it open.
void DiskFolder::wipe(NodeIndex node) const {
  std::error_code ignored;
  for (const fs::path& folder : {of(node) / hidden, of(node)})
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
      if (entry.path().filename() != hidden) fs::remove_all(entry.path(), ignored);
}

std::unique_ptr<StoredBytes> DiskFolder::stored(NodeIndex node, ContentKey key) const {
  char name[17];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(key.value));
  return std::make_unique<DiskBytes>(of(node) / hidden / name);
}

}  // namespace peerbed::scenarios
