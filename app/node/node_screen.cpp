#include "app/node/node_screen.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>

#include "adapter/base/file_descriptor.h"
#include "analysis/results/json_document.h"

namespace peerbed::app {

namespace {

constexpr std::array<const char*, 4> level_names{"error", "warning", "info", "debug"};

// UTC in RFC 3339 format, to the millisecond.
std::string time_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(now));
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(milliseconds));
  return text.data();
}

}  // namespace

NodeScreen::NodeScreen(const LogOptions& log) : log_(log), on_terminal_(::isatty(STDERR_FILENO) != 0) {}

void NodeScreen::print(std::string_view line) {
  if (prompt_) return prompt_->print(line);
  clear_progress();
  std::cout << line << '\n' << std::flush;
  if (!std::cout) lose_readers();
  if (!progress_.empty()) std::cerr << progress_ << std::flush;
}

// The node serves others, so it continues when nobody reads its output.
void NodeScreen::lose_readers() {
  const adapter::FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (nowhere) ::dup2(nowhere.number(), STDOUT_FILENO);
  std::cout.clear();
  complain("nothing more can be written to stdout; the node goes on without it", LogLevel::warning);
}

void NodeScreen::complain(std::string_view sentence, LogLevel level) {
  if (!shows(level)) return;
  const std::string line = log_line(sentence, level);
  if (prompt_ && on_terminal_) return prompt_->print(line);
  clear_progress();
  std::cerr << line << '\n' << progress_ << std::flush;
}

std::string NodeScreen::log_line(std::string_view sentence, LogLevel level) const {
  const std::string name = level_names[static_cast<std::size_t>(level)];
  if (log_.json) {
    const analysis::Json json{{"time", time_text()}, {"level", name}, {"message", sentence}};
    return analysis::json_line(json);
  }
  if (log_.level) return time_text() + " " + name + " " + std::string(sentence);
  return "peerbed: " + std::string(sentence);
}

void NodeScreen::show(const std::string& progress) {
  if (prompt_) return prompt_->show(progress);
  if (!on_terminal_ || progress == progress_) return;
  clear_progress();
  progress_ = progress;
  std::cerr << progress_ << std::flush;
}

void NodeScreen::clear_progress() {
  if (!progress_.empty()) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace peerbed::app
