#pragma once
// `--config FILE`: the options of a command in a YAML file, each under its name.

#include <string>
#include <vector>

#include "app/options.h"

namespace peerbed::app {

extern const Option config_option;

// The words that would say the same on a command line: of a switch its name when it is true, of `set` a NAME=VALUE for
// each of its keys, of an option that may be repeated one for each element. Throws ScenarioError with the place of what
// cannot be understood, std::runtime_error when the file cannot be read.
std::vector<std::string> read_config(const std::string& file, const std::vector<Option>& options);

}  // namespace peerbed::app
