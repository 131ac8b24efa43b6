#pragma once
// Files that a scenario names, such as latency matrices. They are found relative to the scenario's folder, and errors
// in them are reported at the position that names them.

#include <exception>
#include <string>
#include <utility>

#include "scenarios/text/field.h"

namespace peerbed::scenarios {

std::string path_of(const Field& field);

// Returns what `load` returns; what it throws becomes a ScenarioError at the field.
template <class Load>
auto load_at(const Field& field, Load&& load) {
  try {
    return std::forward<Load>(load)();
  } catch (const ScenarioError&) {
    throw;
  } catch (const std::exception& exception) {
    field.fail(exception.what());
  }
}

}  // namespace peerbed::scenarios
