#include "app/node_screen.h"

#include <unistd.h>

#include <iostream>

namespace peerbed::app {

NodeScreen::NodeScreen() : on_terminal_(::isatty(STDERR_FILENO) != 0) {}

void NodeScreen::print(std::string_view line) {
  if (prompt_) return prompt_->print(line);
  clear_progress();
  std::cout << line << '\n' << std::flush;
  if (!progress_.empty()) std::cerr << progress_ << std::flush;
}

void NodeScreen::complain(std::string_view sentence) {
  if (prompt_ && on_terminal_) return prompt_->print("peerbed: " + std::string(sentence));
  clear_progress();
  std::cerr << "peerbed: " << sentence << '\n' << progress_ << std::flush;
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
