#pragma once
// `--config FILE`: a command's options in a YAML file, each under its name.

#include <string>
#include <vector>

#include "app/cli/options.h"

namespace peerbed::app {

extern const Option config_option;

struct NodeConfig {
  std::vector<std::string> words;  // of a command line
  struct Origin {
    std::string words;     // as a complaint quotes them: "--listen 127.0.0.1:0"
    std::string position;  // in the file
  };
  std::vector<Origin> origins;

  // Prefixes a complaint about one of these words with its position in the file. Leaves complaints about `given`, the
  // command line itself, alone.
  std::string with_position(const std::string& complaint, const Arguments& given) const;
};

// The words that would say the same on a command line: for a switch its name if it is true, for `set` a NAME=VALUE per
// key, for a repeatable option one per element. Throws ScenarioError with the position of anything invalid, and
// std::runtime_error if the file cannot be read.
NodeConfig read_config(const std::string& file, const std::vector<Option>& options);

}  // namespace peerbed::app
