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
    std::string words;  // as a complaint quotes them: "--listen 127.0.0.1:0"
    std::string place;  // in the file
  };
  std::vector<Origin> origins;

  // What is wrong with one of these words, behind the place in the file where that stands. What `given`, the command
  // line itself, says comes from there.
  std::string placed(const std::string& complaint, const Arguments& given) const;
};

// The words that would say the same on a command line: of a switch its name when it is true, of `set` a NAME=VALUE for
// each of its keys, of an option that may be repeated one for each element. Throws ScenarioError with the place of what
// cannot be understood, std::runtime_error when the file cannot be read.
NodeConfig read_config(const std::string& file, const std::vector<Option>& options);

}  // namespace peerbed::app
