#pragma once
// What commands that run scenarios share: `--set`, `--limit-...`, and quoting of words for a shell.

#include <string>
#include <vector>

#include "app/cli/options.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::app {

// Parses each `--set key=value`. Throws UsageError if the key or the '=' is missing.
std::vector<scenarios::Override> settings_of(const Arguments& arguments);

// `--limit-events` and `--limit-memory`, which are also keys of a scenario.
extern const Option limit_events_option;
extern const Option limit_memory_option;
std::vector<scenarios::Override> limits_of(const Arguments& arguments);
std::vector<scenarios::Override> settings_and_limits_of(const Arguments& arguments);

// Quotes a word for a shell, if necessary.
std::string shell_word(const std::string& word);

}  // namespace peerbed::app
