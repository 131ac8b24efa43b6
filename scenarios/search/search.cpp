#include "scenarios/search/search.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "protocols/environment/contract.h"
#include "scenarios/plan/lower.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t trial_purpose = 0x7121A1;  // separates these draws from all others of the seed
constexpr std::uint64_t fresh_share = 5;           // one trial in this many is a new campaign
constexpr std::uint64_t events_of_a_round = 400'000;
constexpr std::size_t smallest_round = 64;
constexpr std::size_t largest_round = 4096;
constexpr std::size_t largest_corpus = 20'000;
constexpr std::uint64_t last_repeat = 64;  // runs that violated a property, of which the later ones are only counted

}  // namespace

Search::Search(const Scenario& scenario, const SearchOptions& options)
    : scenario_(scenario),
      options_(options),
      contract_(scenario_),
      generator_(scenario_.search, contract_),
      hits_(coverage_buckets) {
  if (contract_.settle() == scenario_.settle) return;
  scenario_.settle = contract_.settle();
  Value& root = scenario_.document.root;
  if (root.find("checks") == nullptr) set_entry(root, "checks", map_value({}));
  set_entry(*root.find("checks"), "settle", scalar_value(write_duration(scenario_.settle)));
}

std::size_t Search::round_size() const noexcept {
  if (tried_ == 0) return smallest_round;
  const std::uint64_t mean = std::max<std::uint64_t>(events_ / tried_, 1);
  return std::clamp<std::size_t>(events_of_a_round / mean, smallest_round, largest_round);
}

const CorpusEntry& Search::drawn(std::uint64_t draw) const {
  const std::uint64_t wanted = to_below(draw, weights_.back());
  const auto found = std::upper_bound(weights_.begin(), weights_.end(), wanted);
  return corpus_[static_cast<std::size_t>(found - weights_.begin())];
}

Genome Search::genome_of(std::uint64_t number) const {
  const std::uint64_t key = key_of(options_.seed, trial_purpose, number);
  KeyedStream draws(key);
  const std::uint64_t parent = draws.next();
  const std::uint64_t other = draws.next();
  if (number == 0) {  // the scenario as it is
    Genome genome;
    genome.seed = scenario_.seed;
    return genome;
  }
  if (!options_.guided || corpus_.empty() || number % fresh_share == 0) return generator_.campaign(key);
  const CorpusEntry& from = drawn(parent);
  return generator_.variation(from.genome, from.moments, drawn(other).genome, key);
}

TrialReport Search::attempt(Trial& trial, Coverage& coverage, std::uint64_t number) const {
  const Genome genome = genome_of(number);
  TrialOptions options;
  options.until_first = true;
  options.witness = &coverage;
  TrialOutcome outcome = trial.run(genome.seed, actions_of(genome), options);
  TrialReport report{number, outcome.events, outcome.digest, coverage.reached(), {}, {}};
  if (!outcome.violations.empty())
    report.violation = std::move(outcome.violations.front());
  else if (!outcome.failure.empty())
    report.violation = TrialViolation{{}, outcome.ended, std::move(outcome.failure)};
  const auto is_new = [this](Bucket bucket) { return hits_[bucket] == 0; };
  if (std::any_of(report.reached.begin(), report.reached.end(), is_new)) report.moments = coverage.moments(is_new);
  return report;
}

Search::News Search::take(std::vector<TrialReport> reports) {
  News news;
  const std::uint64_t first = tried_;
  std::vector<Genome> genomes(reports.size());  // of this round, before the corpus changes
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const TrialReport& report = reports[i];
    PEERBED_CONTRACT(report.number == first + i, "reports are taken in the order of their numbers");
    const bool may_be_new =
        std::any_of(report.reached.begin(), report.reached.end(), [this](Bucket bucket) { return hits_[bucket] == 0; });
    if (may_be_new || report.violation) genomes[i] = genome_of(report.number);
  }
  for (std::size_t i = 0; i < reports.size(); ++i) {
    TrialReport& report = reports[i];
    ++tried_;
    events_ += report.events;
    bool is_new = false;
    for (const Bucket bucket : report.reached) {
      if (hits_[bucket]++ > 0) continue;
      is_new = true;
      ++covered_;
    }
    if (is_new) last_new_ = report.number;
    if (report.violation) {
      Finding finding{report.number, report.digest, 1, std::move(genomes[i]), std::move(*report.violation), {}};
      const auto [known, is_first] = by_property_.emplace(finding.property(), findings_.size());
      if (!is_first) {
        const std::uint64_t count = ++findings_[known->second].count;
        if (std::has_single_bit(count) && count <= last_repeat) news.repeats.push_back(std::move(finding));
        continue;
      }
      news.findings.push_back(findings_.size());
      findings_.push_back(std::move(finding));
    } else if (is_new && corpus_.size() < largest_corpus) {
      news.entries.push_back(corpus_.size());
      corpus_.push_back(
          {report.number, report.digest, std::move(genomes[i]), std::move(report.reached), std::move(report.moments)});
    }
  }
  weigh();
  return news;
}

std::optional<std::size_t> Search::adopt(Finding repeat) {
  const bool is_known = std::any_of(findings_.begin(), findings_.end(), [&repeat](const Finding& finding) {
    return finding.essence && finding.essence->signature == repeat.essence->signature;
  });
  if (is_known) return std::nullopt;
  findings_.push_back(std::move(repeat));
  return findings_.size() - 1;
}

// The rarer what an entry reached, the more it is varied.
void Search::weigh() {
  std::vector<std::uint32_t> worth(coverage_buckets);
  for (std::size_t bucket = 0; bucket < coverage_buckets; ++bucket)
    if (hits_[bucket] > 0) worth[bucket] = (std::uint32_t{1} << 24) / hits_[bucket];
  weights_.clear();
  std::uint64_t sum = 0;
  for (const CorpusEntry& entry : corpus_) {
    for (const Bucket bucket : entry.reached) sum += worth[bucket];
    weights_.push_back(++sum);
  }
}

std::string Search::written(const Genome& genome) const {
  Scenario scenario = scenario_;
  scenario.seed = genome.seed;
  remove_entry(scenario.document.root, "search");
  return resolved_scenario(scenario, actions_of(genome));
}

void Search::restore(Standing standing, std::vector<CorpusEntry> corpus, std::vector<Finding> findings) {
  tried_ = standing.tried;
  events_ = standing.events;
  last_new_ = standing.last_new;
  hits_ = std::move(standing.hits);
  covered_ = static_cast<std::size_t>(std::count_if(hits_.begin(), hits_.end(), [](auto hits) { return hits > 0; }));
  corpus_ = std::move(corpus);
  findings_ = std::move(findings);
  by_property_.clear();
  for (std::size_t i = 0; i < findings_.size(); ++i) by_property_.emplace(findings_[i].property(), i);
  weigh();
}

}  // namespace peerbed::scenarios
