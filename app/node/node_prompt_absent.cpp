// For builds without libedit: lines come from the terminal, which edits them itself.

#include <unistd.h>

#include <iostream>

#include "app/node/node_prompt.h"

namespace peerbed::app {

std::unique_ptr<NodePrompt> NodePrompt::open(PromptEvents) {
  if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0)
    std::cerr << "peerbed: built without libedit, so there is no history and no completion" << std::endl;
  return nullptr;
}

}  // namespace peerbed::app
