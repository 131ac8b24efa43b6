#pragma once
// peerbed-scenario(5), the manual page of scenario files, generated from their JSON Schema.

#include <string>

namespace peerbed::app {

// `schema` is the text of scenarios/schema.json. Throws std::runtime_error if it is not.
std::string scenario_page(const std::string& schema);

}  // namespace peerbed::app
