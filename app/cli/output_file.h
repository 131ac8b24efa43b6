#pragma once
// A command's output: stdout, or a file that appears complete or not at all.

#include <cstdio>
#include <optional>
#include <string>

namespace peerbed::app {

class OutputFile {
 public:
  // Without a name, writes to stdout. Without `force`, refuses a file that exists. Throws FileError, as do the other
  // functions.
  OutputFile(const std::optional<std::string>& name, bool force);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Text that is not written yet; append to it.
  std::string& text() noexcept { return text_; }
  void flush_when_large() {
    if (text_.size() >= large) flush();
  }
  // Writes the rest, and gives the file its final name.
  void close();

 private:
  static constexpr std::size_t large = std::size_t{1} << 18;

  void flush();

  std::string name_;  // empty for stdout
  std::string half_;  // the file's temporary name until it is complete
  std::FILE* file_;
  std::string text_;
};

}  // namespace peerbed::app
