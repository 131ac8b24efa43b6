#include "app/node/value_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "adapter/base/file_descriptor.h"
#include "protocols/ring/base/words.h"
#include "protocols/ring/wire/parts.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using adapter::FileDescriptor;
using scenarios::FileError;

constexpr std::size_t most = ring::maximum_large_value;

[[noreturn]] void refuse(const std::string& file, const std::string& sentence) {
  throw FileError(ring::shown(file) + ": " + sentence);
}

[[noreturn]] void refuse_as_unreadable(const std::string& file, int error) {
  if (error == ENOENT) refuse(file, "no such file; to store text, use standard input: echo TEXT | peerbed put ...");
  refuse(file, std::string("cannot be read: ") + std::strerror(error));
}

FileDescriptor open_to_read(const std::string& file) {
  // Opening a FIFO without a writer would block.
  FileDescriptor source(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!source || ::fstat(source.number(), &status) != 0) refuse_as_unreadable(file, errno);
  if (S_ISDIR(status.st_mode)) refuse(file, "is a directory; name a file");
  if (!S_ISREG(status.st_mode)) refuse(file, "is not a regular file; send its contents to standard input");
  return source;
}

// A temporary file that is renamed when it is complete, and removed otherwise.
class FileBeside {
 public:
  explicit FileBeside(const std::string& file) : file_(file), path_(file) {
    const fs::path name = fs::path(file).filename();
    path_ = (fs::path(file).parent_path() / ("." + name.string().substr(0, 200) + ".XXXXXX")).string();
    descriptor_ = FileDescriptor(::mkostemp(path_.data(), O_CLOEXEC));
    if (!descriptor_) fail();
    is_there_ = true;
  }
  ~FileBeside() {
    if (is_there_) ::unlink(path_.c_str());
  }
  FileBeside(const FileBeside&) = delete;
  FileBeside& operator=(const FileBeside&) = delete;

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_.number(), bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) fail();
      if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
  void take_name(mode_t mode) {
    if (::fchmod(descriptor_.number(), mode) != 0 || ::fsync(descriptor_.number()) != 0) fail();
    if (::rename(path_.c_str(), file_.c_str()) != 0) fail();
    is_there_ = false;
  }

 private:
  [[noreturn]] void fail() const {
    const int error = errno;
    refuse(file_, std::string("cannot be written: ") + std::strerror(error) +
                      (error == ENOSPC || error == EDQUOT ? "; make room, or choose another place"
                                                          : "; choose another place"));
  }

  std::string file_;
  std::string path_;
  FileDescriptor descriptor_;
  bool is_there_ = false;
};

mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

std::vector<std::byte> read_value(const std::optional<std::string>& file) {
  const FileDescriptor source = file ? open_to_read(*file) : FileDescriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  const std::string name = file.value_or("standard input");
  std::vector<std::byte> value(most + 1);
  std::size_t size = 0;
  while (size < value.size()) {
    const ssize_t count = ::read(source.number(), value.data() + size, value.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse_as_unreadable(name, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > most) refuse(name, "has more than " + std::to_string(most) + " bytes, the maximum size of a value");
  value.resize(size);
  return value;
}

void refuse_unwritable(const std::optional<std::string>& file) {
  if (!file) return;
  std::error_code error;
  const fs::file_status status = fs::status(*file, error);
  if (fs::is_directory(status)) refuse(*file, "is a directory; name a file in it");
  if (fs::exists(status) && !fs::is_regular_file(status))
    refuse(*file, "is not a regular file; write to standard output and redirect it");
  const fs::path folder = fs::path(*file).parent_path();
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0)
    refuse(*file, std::string("cannot be written: ") + std::strerror(errno) + "; choose another place");
  if (fs::path(*file).filename().empty()) refuse(*file, "is not a file name; name a file");
}

void write_value(const std::string& file, std::span<const std::byte> value) {
  refuse_unwritable(file);
  // Keep a link, and replace what it points to.
  std::error_code error;
  const fs::path target = fs::is_symlink(file, error) ? fs::weakly_canonical(file, error) : fs::path(file);
  struct stat status {};
  const mode_t mode = ::stat(file.c_str(), &status) == 0 ? status.st_mode & 07777 : usual_mode();
  FileBeside beside(error ? file : target.string());
  beside.write(value);
  beside.take_name(mode);
}

void print_value(const std::string& name, std::span<const std::byte> value) {
  const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
  const bool on_terminal = ::isatty(STDOUT_FILENO) != 0;
  if (on_terminal && !ring::is_printable(text, true))
    throw FileError(ring::shown(name) + " has " + std::to_string(value.size()) +
                    " bytes that are not text; give a FILE instead of printing it to a terminal");
  std::cout << text << (on_terminal && !text.ends_with('\n') ? "\n" : "") << std::flush;
}

std::string base64_of(std::span<const std::byte> value) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < value.size(); i += 3) {
    std::array<unsigned, 3> bytes{};
    const std::size_t count = std::min<std::size_t>(3, value.size() - i);
    for (std::size_t k = 0; k < count; ++k) bytes[k] = static_cast<unsigned>(value[i + k]);
    const unsigned word = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? digits[word >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

}  // namespace peerbed::app
