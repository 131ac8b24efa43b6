#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>
#include <nlohmann/json.hpp>

#include "analysis/results/comparison.h"
#include "analysis/results/json_document.h"
#include "analysis/results/one_line.h"
#include "analysis/statistics/metric_words.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "app/sweep/result_folder.h"
#include "app/sweep/sweep_report.h"
#include "scenarios/text/error.h"
#include "scenarios/text/field.h"

namespace peerbed::app {
namespace {

using analysis::Align;
using analysis::Comparison;
using analysis::ComparisonVerdict;
using analysis::Correction;
using analysis::Test;
using scenarios::show_count;

double share_of(const Arguments& arguments, const char* option, const char* otherwise) {
  const std::string text = arguments.value(option).value_or(otherwise);
  if (const auto share = scenarios::parse_probability(text)) return *share;
  throw UsageError("'--" + std::string(option) + " " + text + "' is not a percentage; write one such as 5%");
}

// The option's table has already checked the word.
template <class Choice>
Choice choice_of(const Arguments& arguments, const char* option, const std::vector<std::pair<const char*, Choice>>& all,
                 Choice otherwise) {
  const auto given = arguments.value(option);
  for (const auto& [name, choice] : all)
    if (given == name) return choice;
  return otherwise;
}

analysis::ComparisonOptions options_of(const Arguments& arguments) {
  analysis::ComparisonOptions options;
  options.alpha = share_of(arguments, "alpha", "5%");
  options.margin = share_of(arguments, "margin", "0%");
  options.correction = choice_of<Correction>(
      arguments, "correction",
      {{"holm", Correction::holm}, {"benjamini-hochberg", Correction::benjamini_hochberg}, {"none", Correction::none}},
      Correction::holm);
  options.test = choice_of<Test>(arguments, "test",
                                 {{"paired", Test::paired_bootstrap},
                                  {"mann-whitney", Test::mann_whitney},
                                  {"kolmogorov-smirnov", Test::kolmogorov_smirnov}},
                                 Test::automatic);
  return options;
}

const char* word_of(Correction correction) {
  switch (correction) {
    case Correction::holm:
      return "Holm";
    case Correction::benjamini_hochberg:
      return "Benjamini-Hochberg";
    case Correction::none:
      break;
  }
  return "no correction";
}

const char* word_of(Test test) {
  switch (test) {
    case Test::paired_bootstrap:
      return "paired bootstrap";
    case Test::mann_whitney:
      return "Mann-Whitney";
    case Test::kolmogorov_smirnov:
      return "Kolmogorov-Smirnov";
    case Test::automatic:
    case Test::none:
      break;
  }
  return "none";
}

const char* word_of(ComparisonVerdict verdict) {
  switch (verdict) {
    case ComparisonVerdict::better:
      return "better";
    case ComparisonVerdict::worse:
      return "worse";
    case ComparisonVerdict::different:
      return "different";
    case ComparisonVerdict::untested:
      return "not tested";
    case ComparisonVerdict::undecided:
      break;
  }
  return "no significant difference";
}

std::string p_text(const Comparison& each) {
  if (each.test == Test::none) return "";
  if (each.adjusted < 0.0001) return "<0.0001";
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), each.adjusted, std::chars_format::fixed, 4).ptr;
  return {text.data(), end};
}

// The metrics of either side that `wanted` names, or those with a better direction.
std::vector<std::string> metrics_to_compare(const analysis::SweepResults& a, const analysis::SweepResults& b,
                                            const std::vector<std::string>& wanted) {
  analysis::SweepResults both(b.header());  // only its metric names are used
  for (const analysis::SweepResults* results : {&a, &b}) {
    analysis::UnitResult unit;
    for (const auto& [name, metric] : results->metrics())
      if (!wanted.empty() || metric.better != Better::neither)
        unit.metrics.set(name, analysis::Metric{0, metric.unit, metric.better});
    both.add(unit);
  }
  return chosen_metrics(both, wanted.empty() ? std::vector<std::string>{"*"} : wanted);
}

class ComparisonReport {
 public:
  ComparisonReport(const ResultFolder& a, const ResultFolder& b, const analysis::ComparisonOptions& options, bool full)
      : a_(a), b_(b), options_(options), full_(full), points_(analysis::matched_points(a.results, b.results)) {}

  void print(const std::vector<Comparison>& all) const {
    print_sides();
    for (std::size_t point = 0; point < points_.size(); ++point) print_point(all, point);
    print_verdict(all);
  }

  std::string json(const std::vector<Comparison>& all) const {
    analysis::Json json;
    json["a"] = a_.path;
    json["b"] = b_.path;
    json["alpha"] = options_.alpha;
    json["correction"] = word_of(options_.correction);
    json["comparisons"] = analysis::Json::array();
    for (const Comparison& each : all)
      json["comparisons"].push_back({{"point", text_of_point(each.point)},
                                     {"metric", each.metric},
                                     {"unit", analysis::word_of(each.unit)},
                                     {"a", each.a},
                                     {"b", each.b},
                                     {"difference", each.change.difference},
                                     {"low", each.change.interval.low},
                                     {"high", each.change.interval.high},
                                     {"pairs", each.change.pairs},
                                     {"test", word_of(each.test)},
                                     {"p", each.p},
                                     {"adjusted_p", each.adjusted},
                                     {"verdict", word_of(each.verdict)}});
    return analysis::json_page(json);
  }

 private:
  std::string text_of_point(std::size_t point) const {
    return point_text(a_.results.header().parameters, a_.results.points()[points_[point].first]);
  }

  void print_side(const char* name, const ResultFolder& side) const {
    const analysis::SweepHeader& header = side.results.header();
    const std::size_t runs = side.results.digests().size();
    std::cout << name << ": " << analysis::one_line(side.path) << ", " << analysis::one_line(header.scenario) << ", "
              << show_count(runs) << (runs == 1 ? " run" : " runs") << ", version "
              << analysis::one_line(header.version) << '\n';
  }

  void print_sides() const {
    print_side("A", a_);
    print_side("B", b_);
    const std::size_t most = std::max(a_.results.points().size(), b_.results.points().size());
    if (points_.size() < most) std::cout << "Points in both: " << points_.size() << " of " << most << ".\n";
    if (a_.results.digests() == b_.results.digests() && a_.results.points() == b_.results.points())
      std::cout << "The digests are equal: the runs are identical.\n";
    else if (a_.results.digests().size() == 1 && b_.results.digests().size() == 1)
      std::cout << "One run each: the tests compare only these two runs; other seeds may give other results.\n";
  }

  bool is_shown(const Comparison& each, std::size_t point) const {
    return each.point == point && (full_ || each.verdict != ComparisonVerdict::undecided);
  }

  void print_point(const std::vector<Comparison>& all, std::size_t point) const {
    analysis::Table table({{"", Align::left},
                           {"A", Align::right},
                           {"B", Align::right},
                           {"change, 95 % interval", Align::left},
                           {"p", Align::right},
                           {"B is", Align::left}});
    const analysis::Style style = stdout_style();
    for (const Comparison& each : all) {
      if (!is_shown(each, point)) continue;
      std::string verdict = word_of(each.verdict);
      if (each.verdict == ComparisonVerdict::worse) verdict = style.red(verdict);
      if (each.verdict == ComparisonVerdict::better) verdict = style.green(verdict);
      const std::string change = each.test == Test::none ? untested_change(each) : change_text(each.change, each.unit);
      table.add({analysis::one_line(each.metric), metric_text(each.a, each.unit), metric_text(each.b, each.unit),
                 change, p_text(each), verdict});
    }
    if (table.empty()) return;
    const std::string title = text_of_point(point);
    std::cout << '\n' << (title.empty() ? "" : style.bold(title) + "\n");
    table.print(std::cout, style);
  }

  static std::string untested_change(const Comparison& each) {
    if (!each.change.has_relative()) return "";
    return percent_text(each.change.relative(each.change.difference));
  }

  void print_verdict(const std::vector<Comparison>& all) const {
    const auto count = [&all](ComparisonVerdict verdict) {
      return static_cast<std::size_t>(
          std::count_if(all.begin(), all.end(), [verdict](const Comparison& each) { return each.verdict == verdict; }));
    };
    const std::size_t tests = all.size() - count(ComparisonVerdict::untested);
    std::cout << '\n';
    if (tests == 0) {
      std::cout << (all.empty() ? "No differences.\n" : "No tests possible: sweep over several seeds.\n");
      return;
    }
    std::string text;
    for (const ComparisonVerdict verdict :
         {ComparisonVerdict::worse, ComparisonVerdict::better, ComparisonVerdict::different})
      if (const std::size_t number = count(verdict); number > 0)
        text += (text.empty() ? "" : ", ") + std::string(word_of(verdict)) + " in " + show_count(number);
    std::cout << (text.empty() ? "No significant difference in " : "B is " + text + " of ") << show_count(tests)
              << (tests == 1 ? " test" : " tests") << " (level " << metric_text(options_.alpha, Unit::flag) << ", "
              << word_of(options_.correction) << ").\n";
  }

  const ResultFolder& a_;
  const ResultFolder& b_;
  const analysis::ComparisonOptions& options_;
  bool full_;
  std::vector<std::pair<std::size_t, std::size_t>> points_;
};

int compare(const Invocation&, const Arguments& arguments) {
  if (arguments.positional().size() != 2) throw UsageError("compare takes two folders: peerbed compare A B");
  const analysis::ComparisonOptions options = options_of(arguments);
  const ResultFolder a = read_result_folder(arguments.positional()[0]);
  const ResultFolder b = read_result_folder(arguments.positional()[1]);
  if (analysis::matched_points(a.results, b.results).empty())
    throw UsageError(a.path + " and " + b.path +
                     " have no parameter values in common; sweep both over the same parameters");
  const std::vector<std::string> metrics = metrics_to_compare(a.results, b.results, arguments.values("metric"));
  const std::vector<Comparison> all = analysis::compare(a.results, b.results, metrics, options);
  const ComparisonReport report(a, b, options, arguments.has("full"));
  if (arguments.has("json"))
    std::cout << report.json(all);
  else
    report.print(all);
  const bool is_worse = std::any_of(all.begin(), all.end(),
                                    [](const Comparison& each) { return each.verdict == ComparisonVerdict::worse; });
  return is_worse ? exit_expectation_failed : exit_good;
}

}  // namespace

Command compare_command() {
  return {
      .name = "compare",
      .summary = "compares two runs or sweeps and flags regressions",
      .forms = {"A B [options]"},
      .operand = "RUN",
      .description =
          "Compares B with A. Each is the folder of a run or a sweep: two runs, two sweeps, or the same sweep by two "
          "versions of the program. Exits with 1 if any metric is significantly worse in B.",
      .options = {{"metric", "NAME",
                   "metric to compare; '*' matches any text (default: all for which higher or lower is better)", true},
                  {"full", nullptr, "also show metrics without a significant difference"},
                  {"alpha", "SHARE", "significance level (default: 5%)"},
                  {"correction", "holm|benjamini-hochberg|none", "correction for multiple tests (default: holm)"},
                  {"test", "paired|mann-whitney|kolmogorov-smirnov",
                   "statistical test (default: chosen automatically)"},
                  {"margin", "SHARE", "ignore changes up to this size (default: 0%)"},
                  {"json", nullptr, "print one JSON object"}},
      .examples = {{"peerbed compare cubic reno", "the folders of two sweeps"},
                   {"peerbed compare before after --metric 'lookup.done.*' --margin 1%", "one group of metrics"}},
      .run = compare,
  };
}

}  // namespace peerbed::app
