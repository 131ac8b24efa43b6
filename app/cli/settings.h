#pragma once
// What commands that run scenarios share: `--set`, `--limit-...`, and quoting of words for a shell.

#include <string>
#include <vector>

#include "app/cli/options.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::app {

// Each `--set key=value`. Throws UsageError for one without a key or '='.
std::vector<scenarios::Override> settings_of(const Arguments& arguments);

// `--limit-events` and `--limit-memory`, which are keys of a scenario, too.
extern const Option limit_events_option;
extern const Option limit_memory_option;
std::vector<scenarios::Override> limits_of(const Arguments& arguments);
std::vector<scenarios::Override> settings_and_limits_of(const Arguments& arguments);

// A word as a shell takes it for one: quoted where it must be.
std::string shell_word(const std::string& word);

}  // namespace peerbed::app
