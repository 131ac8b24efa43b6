#include "app/search/search_folder.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"
#include "app/cli/version.h"
#include "app/cli/whole_file.h"
#include "app/run/run_folder.h"
#include "protocols/environment/random.h"
#include "scenarios/text/document.h"

namespace peerbed::app {
namespace {

namespace fs = std::filesystem;
using analysis::Json;
using scenarios::CorpusEntry;
using scenarios::Deed;
using scenarios::FileError;
using scenarios::Finding;
using scenarios::Genome;
using scenarios::Search;

std::string hex(std::uint64_t number) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

std::uint64_t digest_in(const Json& json) { return std::stoull(json.at("digest").get<std::string>(), nullptr, 16); }

// Identifies what a folder searches.
std::string description_of(const Search& search) {
  std::uint64_t digest = 0;
  for (const char letter : scenarios::write_document(search.scenario().document.root))
    digest = key_of(digest, static_cast<unsigned char>(letter));
  Json json;
  json["format"] = 3;
  json["peerbed"] = PEERBED_VERSION;
  json["scenario"] = search.scenario().name;
  json["scenario_digest"] = hex(digest);
  json["search_seed"] = search.options().seed;
  json["guided"] = search.options().guided;
  return analysis::json_page(json);
}

Json json_of(const Deed& deed) {
  Json json;
  json["kind"] = scenarios::search_fault_names[static_cast<std::size_t>(deed.kind)];
  json["at"] = deed.at.count();
  if (deed.length != Duration::zero()) json["length"] = deed.length.count();
  json["node"] = deed.node;
  if (!deed.company.empty()) json["company"] = deed.company;
  if (deed.one_way) json["one_way"] = true;
  if (deed.offset != Duration::zero()) json["offset"] = deed.offset.count();
  if (deed.drift_ppb != 0) json["drift"] = deed.drift_ppb;
  if (!deed.line.empty()) json["line"] = deed.line;
  if (deed.message != 0) json["message"] = deed.message;
  return json;
}

Json json_of(const Genome& genome) {
  Json json;
  json["seed"] = genome.seed;
  if (genome.latency) json["latency"] = genome.latency->count();
  if (genome.loss != 0) json["loss"] = genome.loss;
  if (genome.duplicate != 0) json["duplicate"] = genome.duplicate;
  json["deeds"] = Json::array();
  for (const Deed& deed : genome.deeds) json["deeds"].push_back(json_of(deed));
  return json;
}

Deed deed_in(const Json& json) {
  Deed deed;
  const std::string kind = json.at("kind");
  std::size_t index = 0;
  while (index < scenarios::search_fault_count && scenarios::search_fault_names[index] != kind) ++index;
  if (index == scenarios::search_fault_count) throw std::out_of_range("unknown kind of fault");
  deed.kind = static_cast<scenarios::SearchFault>(index);
  deed.at = Duration(json.at("at").get<std::int64_t>());
  deed.length = Duration(json.value("length", std::int64_t{0}));
  deed.node = json.at("node");
  if (json.contains("company")) deed.company = json.at("company").get<std::vector<NodeIndex>>();
  deed.one_way = json.value("one_way", false);
  deed.offset = Duration(json.value("offset", std::int64_t{0}));
  deed.drift_ppb = json.value("drift", std::int64_t{0});
  deed.line = json.value("line", std::string());
  deed.message = json.value("message", std::uint8_t{0});
  return deed;
}

Genome genome_in(const Json& json) {
  Genome genome;
  genome.seed = json.at("seed");
  if (json.contains("latency")) genome.latency = Duration(json.at("latency").get<std::int64_t>());
  genome.loss = json.value("loss", 0U);
  genome.duplicate = json.value("duplicate", 0U);
  for (const Json& deed : json.at("deeds")) genome.deeds.push_back(deed_in(deed));
  return genome;
}

Json json_of(const CorpusEntry& entry) {
  Json json;
  json["trial"] = entry.number;
  json["digest"] = hex(entry.digest);
  json["genome"] = json_of(entry.genome);
  json["reached"] = entry.reached;
  json["moments"] = Json::array();
  for (const scenarios::Moment& moment : entry.moments)
    json["moments"].push_back(
        Json::array({moment.at.count(), moment.node, moment.source, moment.message, moment.traced}));
  return json;
}

CorpusEntry entry_in(const Json& json) {
  CorpusEntry entry{json.at("trial"), digest_in(json), genome_in(json.at("genome")), json.at("reached"), {}};
  for (const Json& moment : json.at("moments"))
    entry.moments.push_back({Duration(moment.at(0).get<std::int64_t>()), moment.at(1).get<NodeIndex>(),
                             moment.at(2).get<NodeIndex>(), moment.at(3).get<std::uint8_t>(),
                             moment.at(4).get<std::uint16_t>()});
  return entry;
}

Json json_of(const Finding& finding) {
  Json json;
  json["trial"] = finding.number;
  json["digest"] = hex(finding.digest);
  json["property"] = finding.violation.property;
  json["at"] = finding.violation.at.count();
  json["what"] = finding.violation.what;
  json["genome"] = json_of(finding.genome);
  if (!finding.essence) return json;
  json["sentence"] = finding.essence->sentence;
  json["signature"] = finding.essence->signature;
  json["nodes"] = finding.essence->nodes;
  json["deeds"] = finding.essence->deeds;
  json["duration"] = finding.essence->duration.count();
  return json;
}

Finding finding_in(const Json& json) {
  Finding finding{json.at("trial"), digest_in(json), 1, genome_in(json.at("genome")), {}, {}};
  finding.violation.property = json.at("property");
  finding.violation.at = Duration(json.at("at").get<std::int64_t>());
  finding.violation.what = json.at("what");
  if (json.contains("signature"))
    finding.essence = scenarios::Essence{json.at("sentence"), json.at("signature"), json.at("nodes"), json.at("deeds"),
                                         Duration(json.at("duration").get<std::int64_t>())};
  return finding;
}

// The first `count` lines; those after them belong to a round whose end was never saved, and are cut off.
std::vector<Json> first_lines(const std::string& file, std::size_t count) {
  std::vector<Json> lines;
  std::ifstream in(file, std::ios::binary);
  std::uintmax_t size = 0;
  for (std::string line; lines.size() < count && std::getline(in, line);) {
    lines.push_back(Json::parse(line));
    size += line.size() + 1;
  }
  if (lines.size() < count) throw std::out_of_range("lines are missing");
  in.close();
  if (fs::exists(file)) fs::resize_file(file, size);
  return lines;
}

void append_to(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out << text << std::flush;
  if (!out) throw unwritable(file);
}

}  // namespace

SearchFolder::SearchFolder(const std::string& path, bool resume, const Search& search) : path_(path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_directory(path, error))
    throw FileError(path + ": is a file, not a folder; choose another name");
  const bool is_used = fs::is_directory(path, error) && !fs::is_empty(path, error);
  if (is_used && !resume)
    throw FileError(path + ": the folder is not empty; use --resume to continue its search, or choose another folder");
  const std::string description = description_of(search);
  if (is_used) {
    const std::string known =
        read_whole(file("search.json"), "this is no folder of a search; choose another folder", most_file_bytes);
    if (known != description)
      throw FileError(path + ": holds the search of another scenario, seed or version; choose another folder");
  }
  for (const char* folder : {"", "/corpus", "/findings"})
    if (fs::create_directories(path + folder, error); error) throw unwritable(path + folder);
  if (!is_used) write("search.json", description);
}

void SearchFolder::restore(Search& search, std::vector<CurvePoint>& curve) const {
  if (!fs::exists(file("standing.json"))) return;
  const std::string remedy = "start the search again in another folder";
  try {
    const Json json = Json::parse(read_whole(file("standing.json"), remedy, most_file_bytes));
    Search::Standing standing;
    standing.tried = json.at("trials");
    standing.events = json.at("events");
    standing.last_new = json.at("last_new");
    standing.hits.assign(scenarios::coverage_buckets, 0);
    for (const Json& each : json.at("hits"))
      standing.hits.at(each.at(0).get<std::size_t>()) = each.at(1).get<std::uint32_t>();
    std::vector<CorpusEntry> corpus;
    for (const Json& line : first_lines(file("corpus.jsonl"), json.at("corpus"))) corpus.push_back(entry_in(line));
    std::vector<Finding> findings;
    const std::vector<std::uint64_t> counts = json.at("findings");
    for (const Json& line : first_lines(file("findings.jsonl"), counts.size())) {
      findings.push_back(finding_in(line));
      findings.back().count = counts[findings.size() - 1];
    }
    curve.clear();
    for (const Json& point : json.at("curve")) curve.push_back({point.at(0), point.at(1), point.at(2), point.at(3)});
    search.restore(std::move(standing), std::move(corpus), std::move(findings));
  } catch (const std::logic_error&) {
    throw FileError(path_ + ": a file of this search is damaged; " + remedy);
  } catch (const nlohmann::json::exception&) {
    throw FileError(path_ + ": a file of this search is damaged; " + remedy);
  }
}

void SearchFolder::append(const Search& search, const Search::News& news) const {
  std::string corpus;
  for (const std::size_t index : news.entries) {
    const CorpusEntry& entry = search.corpus()[index];
    corpus += analysis::json_line(json_of(entry)) + "\n";
    write("corpus/" + std::to_string(entry.number) + ".yaml", search.written(entry.genome));
  }
  if (!corpus.empty()) append_to(file("corpus.jsonl"), corpus);
  std::string findings;
  for (const std::size_t index : news.findings) {
    findings += analysis::json_line(json_of(search.findings()[index])) + "\n";
    write(scenario_of(index), search.written(search.findings()[index].genome));
  }
  if (!findings.empty()) append_to(file("findings.jsonl"), findings);
}

void SearchFolder::save(const Search& search, const std::vector<CurvePoint>& curve) const {
  const Search::Standing standing = search.standing();
  Json json;
  json["trials"] = standing.tried;
  json["events"] = standing.events;
  json["last_new"] = standing.last_new;
  json["corpus"] = search.corpus().size();
  json["findings"] = Json::array();
  for (const Finding& finding : search.findings()) json["findings"].push_back(finding.count);
  json["curve"] = Json::array();
  for (const CurvePoint& point : curve)
    json["curve"].push_back(Json::array({point.trials, point.covered, point.corpus, point.findings}));
  json["hits"] = Json::array();
  for (std::size_t bucket = 0; bucket < standing.hits.size(); ++bucket)
    if (standing.hits[bucket] > 0) json["hits"].push_back(Json::array({bucket, standing.hits[bucket]}));
  write("standing.json", analysis::json_line(json) + "\n");
}

void SearchFolder::write(const std::string& name, const std::string& text) const {
  const std::string half = file(name) + ".part";
  std::ofstream out(half, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  out.close();
  std::error_code error;
  if (out) fs::rename(half, file(name), error);
  if (!out || error) throw unwritable(file(name));
}

}  // namespace peerbed::app
