#pragma once
// Where a real node writes: results on stdout, complaints on stderr, and how far it is on a terminal alone. None of
// them disturbs the others.

#include <memory>
#include <string>
#include <string_view>

#include "app/node_prompt.h"

namespace peerbed::app {

class NodeScreen {
 public:
  NodeScreen();
  ~NodeScreen() { show({}); }
  NodeScreen(const NodeScreen&) = delete;
  NodeScreen& operator=(const NodeScreen&) = delete;

  // Shows a prompt from now on, or no longer: null.
  void use(std::unique_ptr<NodePrompt> prompt) { prompt_ = std::move(prompt); }
  NodePrompt* prompt() noexcept { return prompt_.get(); }

  void print(std::string_view line);
  void complain(std::string_view sentence);
  // One line that replaces the one before; empty: none.
  void show(const std::string& progress);
  bool shows_progress() const noexcept { return prompt_ != nullptr || on_terminal_; }

 private:
  void clear_progress();

  std::unique_ptr<NodePrompt> prompt_;
  bool on_terminal_;  // stderr
  std::string progress_;
};

}  // namespace peerbed::app
