#pragma once
// A command's output: stdout, or a file that appears complete or not at all.

#include <cstdio>
#include <optional>
#include <string>

namespace peerbed::app {

class OutputFile {
 public:
  // To stdout when there is no name. A file that exists is refused without `force`. Throws FileError, as do all.
  OutputFile(const std::optional<std::string>& name, bool force);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // What is not written yet: to be added to.
  std::string& text() noexcept { return text_; }
  void flush_when_large() {
    if (text_.size() >= large) flush();
  }
  // Writes the rest, and gives the file its name.
  void close();

 private:
  static constexpr std::size_t large = std::size_t{1} << 18;

  void flush();

  std::string name_;  // empty for stdout
  std::string half_;  // what the file is called until it is whole
  std::FILE* file_;
  std::string text_;
};

}  // namespace peerbed::app
