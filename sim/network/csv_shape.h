#pragma once
// What the cells of a CSV file of delays are, recognized by its first lines.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/network/delay_files.h"

namespace peerbed::sim {

struct CsvShape {
  enum class Form {
    list,            // pairs and their delays
    square,          // the sites' names in the first line and in the first column
    unnamed_rows,    // in the first line only
    unnamed_square,  // nowhere
  };
  Form form = Form::square;
  char separator = ',';
  bool has_header = true;
  std::array<std::size_t, 3> columns{0, 1, 2};  // of a list: from, to and the delay
  std::size_t width = 0;                        // in cells
  std::optional<DelayUnit> unit{};              // in the title of the delays
};

// What is ambiguous is a square if its diagonal is zero, because no delay between two sites is. Throws as the loaders
// of delay_files.h do.
CsvShape csv_shape_of(const std::string& path);

// Its words in lower case, without blanks, brackets, hyphens and the like.
std::vector<std::string> words_of_title(std::string_view title);
// The unit of rates that the title of a column names, as in "rate_mbps" or "throughput (Mbit/s)", in bits a second.
std::optional<double> unit_of_rate_in_title(std::string_view title);
// The unit of time that the title of a column names, as in "latency (ms)" or "time_us".
std::optional<DelayUnit> unit_in_title(std::string_view title);
// Whether a cell stands for no delay: it is empty, or says so, like NaN.
bool is_missing(std::string_view cell);
// The number with a decimal point in place of a comma, where commas do not separate cells.
std::string with_point(std::string_view number, char separator);

}  // namespace peerbed::sim
