#include "app/sweep/sweep_exports.h"

namespace peerbed::app {

const Option export_option{"export", "WHAT", "csv, json, csv,json or none, besides SQLite (default: csv)"};

Exports exports_of(const Arguments& arguments) {
  const std::string what = arguments.value("export").value_or("csv");
  if (what == "csv") return {true, false};
  if (what == "json") return {false, true};
  if (what == "csv,json" || what == "json,csv") return {true, true};
  if (what == "none") return {false, false};
  throw UsageError("'--export " + what + "' is unknown; write csv, json, csv,json or none");
}

}  // namespace peerbed::app
