#pragma once
// The error for an invalid scenario or option: the position, and one sentence that says what is wrong and how to fix
// it.

#include <stdexcept>
#include <string>

namespace peerbed::scenarios {

// A position in a scenario file, or in an override such as "--set seed=x" (then line and column are 0).
struct Place {
  std::string source;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

// "FILE:LINE:COLUMN", or just the source if there is no line.
inline std::string to_string(const Place& place) {
  if (place.line == 0) return place.source;
  return place.source + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

class ScenarioError : public std::runtime_error {
 public:
  ScenarioError(Place place, const std::string& sentence)
      : std::runtime_error(to_string(place) + ": " + sentence), place_(std::move(place)), sentence_(sentence) {}

  const Place& place() const noexcept { return place_; }
  const std::string& sentence() const noexcept { return sentence_; }

 private:
  Place place_;
  std::string sentence_;
};

// A file that cannot be read or written, or a folder in the way. Exit code 3; an invalid scenario gives 2.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace peerbed::scenarios
