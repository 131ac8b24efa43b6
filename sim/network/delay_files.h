#pragma once
// Reads delay matrices from the files in which measurements are published. Round-trip times are halved. A loader
// refuses a file that is not a complete square of finite delays of 0 to 4.29 s, has more than DelayMatrix::maximum_size
// sites, or is larger than 1 GiB. It throws std::runtime_error with one sentence: file, line, what is wrong and how to
// fix it. Between different sites a zero counts as a missing measurement, and a missing measurement is an error: the
// user has to put a number in the file. The diagonal may hold any non-negative number, which is kept.

#include <optional>
#include <string>

#include "sim/network/delay_matrix.h"

namespace peerbed::sim {

enum class DelayUnit { microseconds, milliseconds, seconds };
enum class DelayMeasure { one_way, round_trip };

// n lines of n numbers, separated by blanks or commas. Empty lines and lines that begin with '#' are ignored.
DelayMatrix load_delay_text(const std::string& path, DelayUnit unit, DelayMeasure measure);

// Values separated by commas, semicolons or tabs, in quotes or not. Either a square: a header with the sites' names
// after its first cell, then a line for each site, in any order, which begins with its name; delays run from the row's
// site to the column's. Rows without names are in the order of the header, or of the columns if there is no header. Or
// a list: "from,to,delay" without a header, or with one that names these and perhaps further columns, in any order;
// sites are ordered as they first appear. A delay that is given in one direction holds for both. Unless commas separate
// cells, numbers may have a decimal comma; a cell may have a unit of its own.
DelayMatrix load_delay_csv(const std::string& path, DelayUnit unit, DelayMeasure measure);
// The unit that the title of the delays in such a file names, as in "latency (ms)".
std::optional<DelayUnit> unit_in_csv(const std::string& path);

// The King data set (Gummadi, Saroiu, Gribble 2002) in p2psim's form: "node i" and "i,j rtt" lines, or "i j rtt", as
// round trips, in microseconds unless the file was converted; "topology" and "failure_model" lines are skipped. A pair
// given in one direction holds for both. Sites are named and ordered by their numbers, which may start anywhere. A file
// that holds only a matrix of numbers is accepted too.
DelayMatrix load_king(const std::string& path, DelayUnit unit = DelayUnit::microseconds);

// WonderNetwork pings: n*n records of four little-endian 32-bit numbers, row by row: the minimum, average and maximum
// round trip and its deviation, in microseconds. The average is used. The sites have no names.
DelayMatrix load_wondernetwork(const std::string& path);

}  // namespace peerbed::sim
