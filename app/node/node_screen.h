#pragma once
// Where a real node writes: results to stdout, errors to stderr, and progress only to a terminal. None of them disturbs
// the others.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/node/node_prompt.h"

namespace peerbed::app {

enum class LogLevel : std::uint8_t { error, warning, info, debug };

// How complaints are written. With a level, they begin with the time and their level, and less urgent ones are left
// out.
struct LogOptions {
  std::optional<LogLevel> level{};
  bool json = false;  // one object per line: time, level, message
};

class NodeScreen {
 public:
  explicit NodeScreen(const LogOptions& log = {});
  ~NodeScreen() { show({}); }
  NodeScreen(const NodeScreen&) = delete;
  NodeScreen& operator=(const NodeScreen&) = delete;

  // Shows a prompt from now on; null: no longer.
  void use(std::unique_ptr<NodePrompt> prompt) { prompt_ = std::move(prompt); }
  NodePrompt* prompt() noexcept { return prompt_.get(); }

  void print(std::string_view line);
  void complain(std::string_view sentence, LogLevel level = LogLevel::info);
  bool shows(LogLevel level) const noexcept { return level <= log_.level.value_or(LogLevel::info); }
  // Shows one line that replaces the previous one; empty: none.
  void show(const std::string& progress);
  bool shows_progress() const noexcept { return prompt_ != nullptr || on_terminal_; }

 private:
  void clear_progress();
  void lose_readers();
  std::string log_line(std::string_view sentence, LogLevel level) const;

  LogOptions log_;
  std::unique_ptr<NodePrompt> prompt_;
  bool on_terminal_;  // stderr
  std::string progress_;
};

}  // namespace peerbed::app
