#include "analysis/results/json_document.h"

#include <nlohmann/json.hpp>

namespace peerbed::analysis {

std::string json_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }
std::string json_page(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json json_number(double value) {
  if (is_plain_integer(value)) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace peerbed::analysis
