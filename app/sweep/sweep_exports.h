#pragma once
// The --export option.

#include "app/cli/options.h"
#include "app/sweep/sweep_gather.h"

namespace peerbed::app {

extern const Option export_option;
// Throws UsageError.
Exports exports_of(const Arguments& arguments);

}  // namespace peerbed::app
