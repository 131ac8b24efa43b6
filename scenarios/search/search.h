#pragma once
// A search for failing schedules of a scenario, round by round. The genomes of a round depend on the search's seed and
// on what earlier rounds found, never on who tries them in which order: its trials may be made anywhere, and their
// reports are taken in the order of their numbers.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "scenarios/search/contract.h"
#include "scenarios/search/coverage.h"
#include "scenarios/search/generator.h"
#include "scenarios/search/trial_report.h"

namespace peerbed::scenarios {

// A run that reached something new.
struct CorpusEntry {
  std::uint64_t number = 0;  // of the trial
  std::uint64_t digest = 0;
  Genome genome;
  std::vector<Bucket> reached;
  std::vector<Moment> moments;
};

// What a finding comes down to, once its scenario has been shrunk.
struct Essence {
  std::string sentence;
  std::string signature;
  std::size_t nodes = 0;
  std::size_t deeds = 0;
  Duration duration{};
};

// The first of the runs that failed alike.
struct Finding {
  std::uint64_t number = 0;  // of the trial
  std::uint64_t digest = 0;
  std::uint64_t count = 1;  // runs that violated the same property
  Genome genome;
  TrialViolation violation;        // without a property if the run could not go on
  std::optional<Essence> essence;  // nothing if it could not be shrunk

  // What failed: all that is known before it is shrunk.
  std::string property() const { return violation.property.empty() ? violation.what : violation.property; }
};

struct SearchOptions {
  std::uint64_t seed = 1;
  bool guided = true;  // otherwise each trial is a new campaign
};

class Search {
 public:
  // Throws ScenarioError if the scenario leaves nothing to search.
  Search(const Scenario& scenario, const SearchOptions& options);

  // The trials of the next round: those from tried() on. Later rounds may be larger.
  std::size_t round_size() const noexcept;
  // The genome of a trial of this round.
  Genome genome_of(std::uint64_t number) const;
  std::vector<ScheduledAction> actions_of(const Genome& genome) const { return contract_.actions(genome); }
  // Makes one trial of this round. `trial` is of this search's scenario.
  TrialReport attempt(Trial& trial, Coverage& coverage, std::uint64_t number) const;

  // What a round found that was not known before.
  struct News {
    std::vector<std::size_t> entries;   // of the corpus
    std::vector<std::size_t> findings;  // new ones
    // Runs 2, 4, 8 and so on that violated a property known to be violated. They may differ from its finding in their
    // essence, which would make them findings of their own.
    std::vector<Finding> repeats;
  };
  // Ends the round. The reports are those of its trials, from the first on and in order.
  News take(std::vector<TrialReport> reports);
  void note(std::size_t finding, Essence essence) { findings_[finding].essence = std::move(essence); }
  // Adds a repeat, which has an essence, as a finding of its own, if none has its signature.
  std::optional<std::size_t> adopt(Finding repeat);

  std::uint64_t tried() const noexcept { return tried_; }
  std::uint64_t events() const noexcept { return events_; }
  std::size_t covered() const noexcept { return covered_; }      // buckets
  std::uint64_t last_new() const noexcept { return last_new_; }  // the trial that reached something new last
  const std::vector<CorpusEntry>& corpus() const noexcept { return corpus_; }
  const std::vector<Finding>& findings() const noexcept { return findings_; }
  const Contract& contract() const noexcept { return contract_; }
  const Scenario& scenario() const noexcept { return scenario_; }
  const SearchOptions& options() const noexcept { return options_; }

  // The finding as a scenario that fails under `run`, or the corpus' entry as one that does not.
  std::string written(const Genome& genome) const;

  // All that a search needs to go on, apart from its corpus and findings.
  struct Standing {
    std::uint64_t tried = 0;
    std::uint64_t events = 0;
    std::uint64_t last_new = 0;
    std::vector<std::uint32_t> hits;  // by bucket
  };
  Standing standing() const { return {tried_, events_, last_new_, hits_}; }
  void restore(Standing standing, std::vector<CorpusEntry> corpus, std::vector<Finding> findings);

 private:
  void weigh();
  const CorpusEntry& drawn(std::uint64_t draw) const;  // rarer ones more often

  Scenario scenario_;
  SearchOptions options_;
  Contract contract_;
  Generator generator_;
  std::uint64_t tried_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t last_new_ = 0;
  std::size_t covered_ = 0;
  std::vector<std::uint32_t> hits_;  // trials that reached a bucket
  std::vector<CorpusEntry> corpus_;
  std::vector<std::uint64_t> weights_;  // of the corpus' entries, summed up
  std::vector<Finding> findings_;
  std::map<std::string, std::size_t, std::less<>> by_property_;  // the first finding of each
};

}  // namespace peerbed::scenarios
