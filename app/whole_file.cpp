#include "app/whole_file.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "scenarios/error.h"
#include "scenarios/units.h"

namespace peerbed::app {

namespace fs = std::filesystem;
using scenarios::FileError;

std::string read_whole(const std::string& file, const std::string& remedy, std::size_t most) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) throw FileError(file + ": is missing; " + remedy);
  if (const std::uintmax_t size = fs::file_size(file, error); !error && size > most)
    throw FileError(file + ": is larger than " + scenarios::show_size(static_cast<double>(most)) +
                    ", which is more than can be shown; " + remedy);
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) throw FileError(file + ": cannot be read; " + remedy);
  return text;
}

void refuse_existing(const std::string& file) {
  std::error_code error;
  if (fs::exists(file, error))
    throw FileError(file + ": is there already; choose another name, or give --force to write over it");
}

void write_whole(const std::string& file, const std::string& text) {
  std::error_code error;
  const std::string half = file + ".half-" + std::to_string(getpid());
  std::ofstream stream(half, std::ios::binary | std::ios::trunc);
  stream << text << std::flush;
  stream.close();
  if (stream) fs::rename(half, file, error);
  if (stream && !error) return;
  std::error_code ignored;
  fs::remove(half, ignored);
  throw FileError(file + ": cannot be written; make room, or choose another place");
}

}  // namespace peerbed::app
