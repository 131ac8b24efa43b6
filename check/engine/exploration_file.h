#pragma once
// The file in which an interrupted exploration waits: plain values in this machine's byte order, and a checksum. It is
// written beside its place and put there whole, so that a crash leaves the old file or the new one.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "check/engine/fingerprint.h"

namespace peerbed::check {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

class ExplorationWriter {
 public:
  // Throws std::system_error if the file cannot be written; so do the other functions.
  explicit ExplorationWriter(std::filesystem::path path);
  ~ExplorationWriter();
  ExplorationWriter(const ExplorationWriter&) = delete;
  ExplorationWriter& operator=(const ExplorationWriter&) = delete;

  template <class Value>
  void put(const Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    write(std::as_bytes(std::span(&value, 1)));
  }
  template <class Value>
  void put_all(const std::vector<Value>& values) {
    put(std::uint64_t{values.size()});
    write(std::as_bytes(std::span(values)));
  }
  // Without it, there is no file.
  void commit();

 private:
  void write(std::span<const std::byte> bytes);
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::filesystem::path draft_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t checksum_ = 0;
  bool is_committed_ = false;
};

class ExplorationReader {
 public:
  // Throws std::system_error if the file cannot be read, and std::runtime_error if it is no exploration or is damaged.
  explicit ExplorationReader(std::filesystem::path path);

  template <class Value>
  void get(Value& value) {
    static_assert(std::is_trivially_copyable_v<Value>);
    read(std::as_writable_bytes(std::span(&value, 1)));
  }
  template <class Value>
  void get_all(std::vector<Value>& values) {
    std::uint64_t count = 0;
    get(count);
    if (count > size_ / sizeof(Value)) refuse("is damaged");
    values.resize(count);
    read(std::as_writable_bytes(std::span(values)));
  }
  // To be called after everything has been read.
  void check_end();
  // Throws std::runtime_error: the file's name, and why it is of no use.
  [[noreturn]] void refuse(const char* why) const;

 private:
  void read(std::span<std::byte> bytes);

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t size_ = 0;
  std::uint64_t checksum_ = 0;
};

}  // namespace peerbed::check
