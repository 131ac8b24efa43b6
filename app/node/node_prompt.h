#pragma once
// The prompt of a real node on a terminal, with history and completion. Lines that the node prints appear above it; the
// progress of a transfer appears before it. It never blocks waiting for a key.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::app {

// What the user does at the prompt.
struct PromptEvents {
  std::function<void(std::string line)> line;
  std::function<void()> end;  // Ctrl-D
  // Possible completions of `typed`, the line up to the cursor.
  std::function<std::vector<std::string>(std::string_view typed)> complete;
};

class NodePrompt {
 public:
  virtual ~NodePrompt() = default;

  // Standard input has something to read.
  virtual void read() = 0;
  virtual void print(std::string_view line) = 0;
  // Shows text in front of the prompt; empty: nothing.
  virtual void show(const std::string& progress) = 0;

  // Opens a prompt if this process is in the foreground of a terminal. Otherwise, or if the program was built without
  // libedit (which it then says), returns null.
  static std::unique_ptr<NodePrompt> open(PromptEvents events);
};

}  // namespace peerbed::app
