#pragma once
// The fields of an options struct as options of a group.

#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "protocols/environment/time.h"
#include "scenarios/text/field.h"

namespace peerbed::scenarios {

// Reads options by name and type: an options struct provides `template <class Reader> void read(Reader& option)` and
// calls option("period", period) for each field.
class OptionReader {
 public:
  explicit OptionReader(MapReader& map) : map_(map) {}

  // For a period, `lowest` is the shortest that leaves a node time for anything else.
  void operator()(std::string_view key, Duration& value, Duration lowest = Duration::zero()) {
    if (const auto field = map_.find(key)) value = field->duration_from(lowest);
  }
  void operator()(std::string_view key, bool& value) {
    if (const auto field = map_.find(key)) value = field->boolean();
  }
  void operator()(std::string_view key, double& value) {
    if (const auto field = map_.find(key)) value = field->number(-1e300, 1e300);
  }
  void operator()(std::string_view key, std::string& value) {
    if (const auto field = map_.find(key)) value = field->text();
  }
  template <std::unsigned_integral Integer>
  void operator()(std::string_view key, Integer& value, std::type_identity_t<Integer> lowest = 0,
                  std::type_identity_t<Integer> highest = std::numeric_limits<Integer>::max()) {
    if (const auto field = map_.find(key)) value = static_cast<Integer>(field->count(lowest, highest));
  }

 private:
  MapReader& map_;
};

}  // namespace peerbed::scenarios
