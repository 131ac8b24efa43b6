#pragma once
// Names in a `check:` section that stand for what a protocol has.

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace peerbed::scenarios {

// A check that cannot be made as it was asked for. One sentence.
class CheckError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// For each name the one of `known` that it is, or whose words it is a part of and no other's. Throws CheckError; `what`
// says what they are.
std::vector<std::string> chosen_names(std::span<const std::string> names, const std::vector<std::string>& known,
                                      std::string_view what);

// A text about nodes in which each "node 2", or "node 2 (key 128)", has the name of that node, by their numbers. A key
// stays where the name does not say it.
std::string with_names(std::string_view text, std::span<const std::string> names);

}  // namespace peerbed::scenarios
