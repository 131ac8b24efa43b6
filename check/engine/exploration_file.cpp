#include "check/engine/exploration_file.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

namespace peerbed::check {

namespace {

constexpr std::array<char, 8> magic = {'P', 'B', 'C', 'H', 'E', 'C', 'K', '1'};

// Both sides cut the file into the same pieces.
std::uint64_t checksum_of(std::uint64_t before, std::span<const std::byte> bytes) {
  return before * 0x9E37'79B9'7F4A'7C15 + fingerprint_of(bytes).low;
}

}  // namespace

ExplorationWriter::ExplorationWriter(std::filesystem::path path) : path_(std::move(path)), draft_(path_) {
  draft_ += ".part";
  file_.reset(std::fopen(draft_.c_str(), "wb"));
  if (!file_) fail();
  put(magic);
}

ExplorationWriter::~ExplorationWriter() {
  if (is_committed_) return;
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(draft_, ignored);
}

void ExplorationWriter::write(std::span<const std::byte> bytes) {
  checksum_ = checksum_of(checksum_, bytes);
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail();
}

void ExplorationWriter::commit() {
  put(std::uint64_t{checksum_});
  if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) fail();
  if (std::fclose(file_.release()) != 0) fail();
  std::filesystem::rename(draft_, path_);
  is_committed_ = true;
}

void ExplorationWriter::fail() const {
  throw std::system_error(errno, std::generic_category(), path_.string() + ": the exploration cannot be saved");
}

ExplorationReader::ExplorationReader(std::filesystem::path path) : path_(std::move(path)) {
  file_.reset(std::fopen(path_.c_str(), "rb"));
  if (!file_) throw std::system_error(errno, std::generic_category(), path_.string());
  size_ = std::filesystem::file_size(path_);
  std::array<char, magic.size()> found{};
  get(found);
  if (found != magic) refuse("is not a saved exploration of this version");
}

void ExplorationReader::read(std::span<std::byte> bytes) {
  if (std::fread(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) refuse("is cut short");
  checksum_ = checksum_of(checksum_, bytes);
}

void ExplorationReader::check_end() {
  const std::uint64_t expected = checksum_;
  std::uint64_t found = 0;
  get(found);
  if (found != expected) refuse("is damaged");
}

void ExplorationReader::refuse(const char* why) const {
  throw std::runtime_error(path_.string() + ": this file " + why + "; remove it and begin the check anew");
}

}  // namespace peerbed::check
