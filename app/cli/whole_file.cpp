#include "app/cli/whole_file.h"

#include <filesystem>
#include <fstream>

#include "analysis/results/fault_of_file.h"
#include "scenarios/text/error.h"
#include "scenarios/text/units.h"

namespace peerbed::app {

namespace fs = std::filesystem;
using scenarios::FileError;

std::string read_whole(const std::string& file, const std::string& remedy, std::size_t most) {
  std::error_code error;
  if (const std::string fault = analysis::fault_of_file(file); !fault.empty())
    throw FileError(file + ": " + fault + "; " + remedy);
  if (const std::uintmax_t size = fs::file_size(file, error); !error && size > most)
    throw FileError(file + ": is larger than " + scenarios::show_size(static_cast<double>(most)) +
                    ", too large to show; " + remedy);
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) throw FileError(file + ": cannot be read; " + remedy);
  return text;
}

}  // namespace peerbed::app
