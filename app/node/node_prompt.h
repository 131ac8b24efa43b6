#pragma once
// The prompt of a real node on a terminal, with history and completion. Lines that the node prints appear above it; the
// progress of a transfer appears before it. Nothing here blocks on a key.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::app {

// What a person does at the prompt.
struct PromptEvents {
  std::function<void(std::string line)> line;
  std::function<void()> end;  // Ctrl-D
  // The words that may stand where `typed`, the line up to the cursor, ends.
  std::function<std::vector<std::string>(std::string_view typed)> complete;
};

class NodePrompt {
 public:
  virtual ~NodePrompt() = default;

  // Standard input has something to read.
  virtual void read() = 0;
  virtual void print(std::string_view line) = 0;
  // What stands before the prompt; empty: nothing.
  virtual void show(const std::string& progress) = 0;

  // On a terminal in whose foreground this process is; null where there is none, or when this program was built without
  // libedit, which it then says.
  static std::unique_ptr<NodePrompt> open(PromptEvents events);
};

}  // namespace peerbed::app
