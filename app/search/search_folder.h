#pragma once
// The folder of a search: search.json (what is searched), corpus.jsonl and findings.jsonl (one line each, only ever
// appended), corpus/ and findings/ (the same as scenarios), standing.json (where the search stands), summary.json,
// summary.html and manifest.json (the only file with wall-clock time). See docs/file-formats.md.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "scenarios/search/search.h"
#include "scenarios/text/error.h"

namespace peerbed::app {

// What was reached by the end of a round.
struct CurvePoint {
  std::uint64_t trials = 0;
  std::size_t covered = 0;
  std::size_t corpus = 0;
  std::size_t findings = 0;
};

class SearchFolder {
 public:
  // Creates the folder. With `resume`, it may hold an earlier part of this search. Throws FileError.
  SearchFolder(const std::string& path, bool resume, const scenarios::Search& search);

  const std::string& path() const noexcept { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // The names of a finding's scenario in the folder, of the shrunk one, and of its picture.
  static std::string scenario_of(std::size_t finding) { return "findings/" + std::to_string(finding + 1) + ".yaml"; }
  static std::string shrunk_of(std::size_t finding) {
    return "findings/" + std::to_string(finding + 1) + ".shrunk.yaml";
  }
  static std::string picture_of(std::size_t finding) {
    return "findings/" + std::to_string(finding + 1) + ".shrunk.svg";
  }

  // Brings the search to where the folder says that it stood. Throws FileError if a file is damaged.
  void restore(scenarios::Search& search, std::vector<CurvePoint>& curve) const;
  // Appends what a round brought.
  void append(const scenarios::Search& search, const scenarios::Search::News& news) const;
  // Saves where the search stands: completely or not at all.
  void save(const scenarios::Search& search, const std::vector<CurvePoint>& curve) const;
  // Writes a file completely or not at all.
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace peerbed::app
