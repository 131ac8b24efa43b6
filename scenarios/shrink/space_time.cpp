#include "scenarios/shrink/space_time.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"

namespace peerbed::scenarios {
namespace {

using analysis::RecordKind;
using analysis::SpaceTimeFigure;
using Step = SpaceTimeFigure::Step;

constexpr std::size_t most_messages = 16;

class Drawing {
 public:
  explicit Drawing(const ShrinkResult& result) : result_(result), scenario_(*result.scenario), causes_(scenario_) {
    RunOptions options;
    options.observers = {&causes_};
    run_scenario(scenario_, options);
  }

  SpaceTimeFigure figure() {
    SpaceTimeFigure figure;
    figure.title = sentence_of(result_);
    figure.failure = result_.failure.what;
    figure.failed_at = result_.failure.at.count();
    choose_steps();
    for (const SliceStep& deed : result_.signature.slice) {
      if (!deed.is_deed || (deed.from == no_node && is_of_process(deed))) continue;
      if (deed.from == no_node || deed.word.starts_with("lose ") || !mark_changed(deed)) add_surroundings(deed);
    }
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) { return a.at < b.at; });
    if (found_.size() > analysis::maximum_space_time_steps)
      found_.erase(found_.begin(), found_.end() - analysis::maximum_space_time_steps);

    const Nodes blamed = nodes_named(result_.failure.what, scenario_);
    std::set<NodeIndex> shown(blamed.begin(), blamed.end());
    for (const Found& found : found_)
      for (const NodeIndex node : {found.node, found.from})
        if (node != no_node) shown.insert(node);
    std::map<NodeIndex, std::size_t> rows;
    for (const NodeIndex node : shown) {
      rows.emplace(node, figure.nodes.size());
      figure.nodes.push_back(name_in_sentence(node, result_));
      figure.is_up.push_back(scenario_.group_of(node).plan.is_established(node));
    }
    for (const NodeIndex node : blamed) figure.failed.push_back(rows.at(node));
    std::map<std::size_t, std::size_t> places;  // of steps that are shown
    for (const Found& found : found_) {
      Step step = found.step;
      if (found.node != no_node) step.node = rows.at(found.node);
      if (found.from != no_node) step.from = rows.at(found.from);
      if (const auto cause = places.find(found.cause); cause != places.end()) step.cause = cause->second;
      if (found.number != 0) places.emplace(found.number, figure.steps.size());
      figure.steps.push_back(std::move(step));
    }
    return figure;
  }

 private:
  struct Found {
    Duration at{};
    NodeIndex node = no_node;
    NodeIndex from = no_node;
    std::size_t number = 0;  // of the step, from 1
    std::size_t cause = 0;   // the number of its cause
    Step step;
  };

  static bool is_of_process(const SliceStep& deed) {
    constexpr std::array words{"start", "crash", "leave", "pause", "resume"};
    return std::find(words.begin(), words.end(), deed.word) != words.end() || !deed.line.empty();
  }

  // What is done to nodes, messages that decided, and as many others as fit of those on the way to the failure after
  // which a node reported something.
  void choose_steps() {
    const std::vector<CausedStep>& steps = causes_.steps();
    const std::vector<std::size_t> past = past_of(scenario_, causes_, result_.failure);
    std::size_t messages = result_.decisive.size();
    for (std::size_t i = steps.size(); i > 0; --i) {
      const CausedStep& step = steps[i - 1];
      if (step.at > result_.failure.at) continue;
      const bool is_message = step.kind == RecordKind::datagram && step.source != step.node;
      const bool is_decisive = is_message && decides(step);
      const bool is_telling = is_message && !is_decisive && step.reported && messages < most_messages &&
                              std::binary_search(past.begin(), past.end(), i - 1);
      if (!is_deed(step) && !is_decisive && !is_telling) continue;
      messages += is_telling ? 1 : 0;
      add(i, step);
    }
    std::reverse(found_.begin(), found_.end());
  }

  bool is_deed(const CausedStep& step) const {
    const bool is_beginning = step.kind == RecordKind::start && step.at == Duration::zero() &&
                              scenario_.group_of(step.node).plan.is_established(step.node);
    return analysis::is_from_outside(step.kind) && !is_beginning;
  }
  bool decides(const CausedStep& step) const {
    return std::any_of(result_.decisive.begin(), result_.decisive.end(), [&](const SliceStep& each) {
      return each.at == step.at && each.node == step.node && each.from == step.source &&
             each.word == causes_.message_name(step);
    });
  }

  void add(std::size_t number, const CausedStep& step) {
    Found found{.at = step.at, .node = step.node, .from = step.source, .number = number, .cause = step.cause, .step{}};
    found.step.time = step.at.count();
    found.step.is_deed = analysis::is_from_outside(step.kind);
    found.step.label = step.kind == RecordKind::datagram  ? readable(causes_.message_name(step))
                       : step.kind == RecordKind::command ? causes_.line_of(number - 1)
                                                          : std::string(analysis::name_of(step.kind));
    if (step.kind == RecordKind::start) found.step.life = Step::Life::begins;
    if (step.kind == RecordKind::crash || step.kind == RecordKind::leave) found.step.life = Step::Life::ends;
    found_.push_back(std::move(found));
  }

  // A message that is delayed or doubled arrives. Returns whether it is found.
  bool mark_changed(const SliceStep& deed) {
    const std::vector<CausedStep>& steps = causes_.steps();
    const std::string kind = deed.word.substr(deed.word.find(' ') + 1);
    const bool is_double = deed.word.starts_with("double ");
    std::vector<std::size_t> arrivals;  // of the first such message to be sent, as numbers of steps
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const CausedStep& step = steps[i];
      if (step.kind != RecordKind::datagram || step.source != deed.from || step.node != deed.node || step.cause == 0 ||
          steps[step.cause - 1].at < deed.at || (kind != "any" && kind != causes_.message_name(step)))
        continue;
      if (!arrivals.empty() && step.cause < steps[arrivals.front() - 1].cause) arrivals.clear();
      if (arrivals.empty() || step.cause == steps[arrivals.front() - 1].cause) arrivals.push_back(i + 1);
    }
    const std::size_t place = is_double ? 1 : 0;
    if (arrivals.size() <= place) return false;
    const std::size_t number = arrivals[place];
    std::erase_if(found_, [number](const Found& found) { return found.number == number; });
    add(number, steps[number - 1]);
    found_.back().step.is_deed = true;
    found_.back().step.label += is_double ? ": again" : ": delayed";
    return true;
  }

  // What is done to messages and the network is no step of a node.
  void add_surroundings(const SliceStep& deed) {
    Found found{.at = deed.at, .node = deed.node, .from = deed.from, .step{}};
    found.step.time = deed.at.count();
    found.step.is_deed = true;
    found.step.label = deed.line.empty() ? readable(deed.word) : deed.line;
    found.step.is_lost = deed.word.starts_with("lose ");
    if (deed.from != no_node) {
      const std::string kind = readable(deed.word.substr(deed.word.find(' ') + 1));
      found.step.label = (kind == "any" ? "message" : kind) + (found.step.is_lost ? ": lost" : ": changed");
    }
    found_.push_back(std::move(found));
  }

  const ShrinkResult& result_;
  const Scenario& scenario_;
  Causes causes_;
  std::vector<Found> found_;
};

}  // namespace

SpaceTimeFigure space_time_of(const ShrinkResult& result) { return Drawing(result).figure(); }

}  // namespace peerbed::scenarios
