#include "app/cli/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "scenarios/text/error.h"

namespace peerbed::app {

using scenarios::FileError;

OutputFile::OutputFile(const std::optional<std::string>& name, bool force)
    : name_(name.value_or("")), half_(name_ + ".half-" + std::to_string(getpid())), file_(stdout) {
  if (!name) {
    std::cout << std::flush;
    return;
  }
  std::error_code error;
  if (!force && std::filesystem::exists(name_, error))
    throw FileError(name_ + ": already exists; choose another name, or use --force to overwrite it");
  file_ = std::fopen(half_.c_str(), "wb");
  if (file_ == nullptr)
    throw FileError(name_ + ": cannot be written: " + std::strerror(errno) + "; choose another place");
}

OutputFile::~OutputFile() {
  if (name_.empty() || file_ == nullptr) return;
  std::fclose(file_);
  std::remove(half_.c_str());
}

void OutputFile::flush() {
  if (std::fwrite(text_.data(), 1, text_.size(), file_) != text_.size())
    throw FileError((name_.empty() ? "stdout" : name_) + ": cannot be written: " + std::strerror(errno));
  text_.clear();
}

void OutputFile::close() {
  flush();
  if (std::fflush(file_) != 0)
    throw FileError((name_.empty() ? "stdout" : name_) + ": cannot be written: " + std::strerror(errno));
  if (name_.empty()) return;
  std::fclose(file_);
  file_ = nullptr;
  if (std::rename(half_.c_str(), name_.c_str()) != 0)
    throw FileError(name_ + ": cannot be written: " + std::strerror(errno) + "; choose another place");
}

}  // namespace peerbed::app
