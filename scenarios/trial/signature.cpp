#include "scenarios/trial/signature.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <map>
#include <optional>

#include "scenarios/text/overloaded.h"

namespace peerbed::scenarios {
namespace {

using analysis::RecordKind;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_in_name(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

// Where the name stands in the sentence as a whole; npos if it does not.
std::size_t place_of(std::string_view sentence, std::string_view name) {
  for (std::size_t at = sentence.find(name); at != std::string_view::npos; at = sentence.find(name, at + 1)) {
    const bool begins = at == 0 || !is_in_name(sentence[at - 1]);
    const std::size_t end = at + name.size();
    if (begins && (end == sentence.size() || !is_in_name(sentence[end]))) return at;
  }
  return std::string_view::npos;
}

// The sentence with # for each number, and without the names of groups before them.
std::string without_particulars(std::string_view sentence, const Scenario& scenario) {
  std::string text;
  for (std::size_t i = 0; i < sentence.size();) {
    if (!is_digit(sentence[i])) {
      text += sentence[i++];
      continue;
    }
    while (i < sentence.size() &&
           (is_digit(sentence[i]) || (sentence[i] == '.' && i + 1 < sentence.size() && is_digit(sentence[i + 1]))))
      ++i;
    text += '#';
  }
  for (const Group& group : scenario.groups)
    for (const std::string& name : {group.plan.name + ".#", std::string("peer #")})
      for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
        text.replace(at, name.size(), "node #");
  if (const std::size_t more = text.find(" (and # more)"); more != std::string::npos) text.erase(more, 13);
  // Of a list only that it is one remains.
  for (const std::string& list : {std::string("node #, node #"), std::string("#, #")})
    for (std::size_t at = text.find(list); at != std::string::npos; at = text.find(list))
      text.replace(at, list.size(), list.substr(0, list.find(',')));
  return text;
}

// Which steps a failure depends on: those of a node before it, and the causes of those.
std::vector<bool> marked_past(std::span<const CausedStep> steps, std::span<const std::size_t> anchors,
                              std::size_t nodes) {
  std::vector<std::size_t> reached(nodes);  // by node: its steps up to this number
  std::vector<bool> past(steps.size());
  const auto reach = [&](std::size_t number) {
    std::size_t& upto = reached[steps[number - 1].node];
    upto = std::max(upto, number);
  };
  for (const std::size_t anchor : anchors) reach(anchor + 1);
  for (std::size_t number = steps.size(); number > 0; --number) {
    const CausedStep& step = steps[number - 1];
    if (number > reached[step.node]) continue;
    past[number - 1] = true;
    if (step.cause != 0) reach(step.cause);
  }
  return past;
}

std::string first_word(const std::string& line) { return line.substr(0, line.find(' ')); }

class Slicer {
 public:
  Slicer(const Scenario& scenario, std::span<const ScheduledAction> actions, const Causes& causes,
         const Failure& failure)
      : scenario_(scenario), actions_(actions), causes_(causes), failure_(failure), steps_(causes.steps()) {
    // A look at a period precedes what happens at its instant. One at a change follows it, and what ends a run is the
    // last step itself.
    const bool includes_instant = scenario.checks_changes || failure.kind == Failure::Kind::ended;
    const Duration until = failure.at + (includes_instant ? Duration{1} : Duration::zero());
    const auto end =
        std::partition_point(steps_.begin(), steps_.end(), [&](const CausedStep& step) { return step.at < until; });
    steps_ = steps_.first(static_cast<std::size_t>(end - steps_.begin()));
  }

  Signature signature() {
    Signature signature;
    signature.property = failure_.property;
    signature.predicate = predicate_of(failure_, scenario_);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].kind == RecordKind::datagram) signature.kinds.emplace(causes_.message_name(steps_[i]));
      if (auto deed = deed_of(i)) add(*deed, i);
    }
    for (const ScheduledAction& action : actions_)
      if (auto deed = deed_of(action)) add(*deed, deed->from == no_node ? 0 : SIZE_MAX);  // after what sends it
    std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return std::pair(a.step.at, a.order) < std::pair(b.step.at, b.order);
    });
    for (Found& found : found_) signature.slice.push_back(std::move(found.step));
    return signature;
  }

  std::vector<std::size_t> past() {
    const std::vector<bool> marked =
        marked_past(steps_, anchors_of(nodes_named(failure_.what, scenario_)), scenario_.node_count());
    std::vector<std::size_t> past;
    for (std::size_t i = 0; i < marked.size(); ++i)
      if (marked[i]) past.push_back(i);
    return past;
  }

 private:
  struct Found {
    SliceStep step;
    std::size_t order = 0;  // among those at an instant
  };
  void add(SliceStep step, std::size_t order) { found_.push_back({std::move(step), order}); }

  // The last step of each node in which it reported something, or else the last message that it got.
  std::vector<std::size_t> anchors_of(const Nodes& named) const {
    std::vector<std::size_t> anchors;
    for (const NodeIndex node : named) {
      std::optional<std::size_t> reported;
      std::optional<std::size_t> heard;
      for (std::size_t i = steps_.size(); i > 0 && !reported; --i) {
        const CausedStep& step = steps_[i - 1];
        if (step.node != node) continue;
        if (step.reported) reported = i - 1;
        if (!heard && step.kind == RecordKind::datagram) heard = i - 1;
      }
      if (reported || heard) anchors.push_back(reported ? *reported : *heard);
    }
    // Nobody in particular: the last report of all.
    for (std::size_t i = steps_.size(); i > 0 && anchors.empty(); --i)
      if (steps_[i - 1].reported) anchors.push_back(i - 1);
    return anchors;
  }

  // Whether or not it is known what followed from them: nodes hear of a stop by silence, and a failure that names no
  // node has no past of its own.
  std::optional<SliceStep> deed_of(std::size_t index) const {
    const CausedStep& step = steps_[index];
    const auto deed = [&](std::string word) { return SliceStep{std::move(word), true, no_node, step.node, step.at}; };
    switch (step.kind) {
      case RecordKind::start:
        if (step.at == Duration::zero() && is_there_from_the_beginning(index)) return std::nullopt;
        return deed("start");
      case RecordKind::command:
        if (is_given_at_start(step.node, step.at, causes_.line_of(index))) return std::nullopt;
        return SliceStep{first_word(causes_.line_of(index)), true, no_node, step.node, step.at, causes_.line_of(index)};
      case RecordKind::crash:
        return deed("crash");
      case RecordKind::leave:
        return deed("leave");
      case RecordKind::pause:
        return deed("pause");
      case RecordKind::resume:
        return deed("resume");
      default:
        return std::nullopt;
    }
  }

  // The first start of a node that runs from the beginning.
  bool is_there_from_the_beginning(std::size_t start) const {
    const NodeIndex node = steps_[start].node;
    return scenario_.group_of(node).plan.is_established(node) &&
           std::none_of(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(start),
                        [node](const CausedStep& step) { return step.node == node; });
  }

  // Part of the beginning, like the node's start.
  bool is_given_at_start(NodeIndex node, Duration at, const std::string& line) const {
    const Group& group = scenario_.group_of(node);
    return at == Duration::zero() && group.plan.is_established(node) &&
           std::find(group.on_start.begin(), group.on_start.end(), line) != group.on_start.end();
  }

  // What is done to the surroundings is no step of a node.
  std::optional<SliceStep> deed_of(const ScheduledAction& scheduled) const {
    if (scheduled.at >= failure_.at) return std::nullopt;
    const auto deed = [&](std::string word, NodeIndex node = no_node, NodeIndex from = no_node) {
      return std::optional(SliceStep{std::move(word), true, from, node, scheduled.at});
    };
    const auto one = [](const Nodes& nodes) { return nodes.size() == 1 ? nodes.front() : no_node; };
    return std::visit(overloaded{[&](const Partition& cut) { return deed("partition", one(cut.from)); },
                                 [&](const Heal&) { return deed("heal"); },
                                 [&](const Clog& clog) { return deed("clog", one(clog.from)); },
                                 [&](const ChangeNetwork&) { return deed("network"); },
                                 [&](const ChangeRate& rate) { return deed("rate", one(rate.nodes)); },
                                 [&](const ChangeLinkRate&) { return deed("rate"); },
                                 [&](const FireTimer& timer) {
                                   std::optional<SliceStep> fired = deed("fire", one(timer.nodes));
                                   fired->line = "fire " + timer.timer;
                                   return fired;
                                 },
                                 [&](const SetClock& clock) { return deed("clock", one(clock.nodes)); },
                                 [&](const Lie& lie) { return deed("lie", one(lie.nodes)); },
                                 [&](const ChangeStorage& disks) { return deed("storage", one(disks.nodes)); },
                                 [&](const ChangeMessage& message) {
                                   constexpr std::array verbs{"lose", "double", "delay"};
                                   const auto kinds = scenario_.group_of(message.deed.source).protocol->message_kinds();
                                   const std::string kind =
                                       message.deed.kind ? std::string(kinds[*message.deed.kind]) : "any";
                                   return deed(verbs[static_cast<std::size_t>(message.deed.fate)] + (" " + kind),
                                               message.deed.destination, message.deed.source);
                                 },
                                 [](const auto&) { return std::optional<SliceStep>(); }},
                      scheduled.action);
  }

  const Scenario& scenario_;
  std::span<const ScheduledAction> actions_;
  const Causes& causes_;
  const Failure& failure_;
  std::span<const CausedStep> steps_;  // before the failure
  std::vector<Found> found_;
};

// "the run was ended at 0:37.000, after 12 events: CAUSE; what else is known": only the cause.
std::string cause_in(std::string_view outgrown) {
  const std::size_t begin = outgrown.find(": ");
  if (begin == std::string_view::npos) return std::string(outgrown);
  const std::string_view cause = outgrown.substr(begin + 2);
  return std::string(cause.substr(0, cause.find("; ")));
}

}  // namespace

std::vector<Failure> failures_of(const RunResult& result) {
  std::vector<Failure> failures;
  if (!result.outgrown.empty())
    failures.push_back({Failure::Kind::ended, std::string(run_can_go_on), cause_in(result.outgrown), result.simulated});
  for (const ViolatedProperty& violated : result.violations)
    failures.push_back({Failure::Kind::property, violated.property, violated.first.what, violated.first.at});
  for (const ExpectationResult& expectation : result.expectations) {
    const bool is_said = !result.violations.empty() && expectation.text.starts_with("violations ");
    if (!expectation.held && !is_said)
      failures.push_back({Failure::Kind::expectation, expectation.text, expectation.actual, result.simulated});
  }
  return failures;
}

Nodes nodes_named(std::string_view sentence, const Scenario& scenario) {
  std::vector<std::pair<std::size_t, NodeIndex>> places;
  for (NodeIndex node = 0; node < scenario.node_count(); ++node) {
    std::size_t place = place_of(sentence, scenario.name_of(node));
    if (place == std::string_view::npos) place = place_of(sentence, "node " + std::to_string(node));
    if (place != std::string_view::npos) places.emplace_back(place, node);
  }
  std::sort(places.begin(), places.end());
  Nodes nodes;
  for (const auto& [place, node] : places) nodes.push_back(node);
  return nodes;
}

std::string predicate_of(const Failure& failure, const Scenario& scenario) {
  return without_particulars(failure.what, scenario);
}

Signature signature_of(const Scenario& scenario, std::span<const ScheduledAction> actions, const Causes& causes,
                       const Failure& failure) {
  return Slicer(scenario, actions, causes, failure).signature();
}

std::vector<std::size_t> past_of(const Scenario& scenario, const Causes& causes, const Failure& failure) {
  return Slicer(scenario, {}, causes, failure).past();
}

std::string Signature::text() const {
  std::map<NodeIndex, std::string> letters;
  const auto letter = [&letters](NodeIndex node) -> const std::string& {
    const auto [found, is_new] = letters.try_emplace(node);
    if (is_new) {
      const std::size_t number = letters.size() - 1;
      found->second = number < 26 ? std::string(1, static_cast<char>('a' + number)) : "n" + std::to_string(number);
    }
    return found->second;
  };
  std::string text = property + ": " + predicate + " |";
  for (const SliceStep& step : slice) {
    text += (&step == slice.data() ? " " : "; ") + step.word;
    if (step.from != no_node) text += " " + letter(step.from) + ">";
    if (step.node != no_node) text += (step.from == no_node ? " " : "") + letter(step.node);
  }
  return text;
}

}  // namespace peerbed::scenarios
