#include <algorithm>

#include "scenarios/plan/load.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

Nodes consecutive(NodeIndex first, std::size_t count) {
  Nodes nodes(count);
  for (std::size_t i = 0; i < count; ++i) nodes[i] = first + static_cast<NodeIndex>(i);
  return nodes;
}

void sort_and_unite(Nodes& nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

}  // namespace

NodeSelector::NodeSelector(const std::vector<Group>& groups) {
  for (const Group& group : groups) {
    group_names_.push_back(group.plan.name);
    named_[group.plan.name] = consecutive(group.plan.first, group.plan.count);
    count_ += group.plan.count;
    kinds_.emplace_back(count_, group.protocol->message_kinds());
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const std::string name = group.plan.options->name_of(i);
      if (name.empty()) break;
      named_[name] = {group.plan.first + static_cast<NodeIndex>(i)};
    }
  }
}

Nodes NodeSelector::everyone() const { return consecutive(0, count_); }

Nodes NodeSelector::nodes_of_word(const std::string& word, const Field& field) const {
  if (word == "all") return everyone();
  if (const auto found = named_.find(word); found != named_.end()) return found->second;
  if (const auto number = parse_count(word)) {
    if (*number < count_) return {static_cast<NodeIndex>(*number)};
    field.fail("there is no node " + word + "; nodes are numbered from 0 to " + std::to_string(count_ - 1));
  }
  if (const std::size_t dash = word.find('-'); dash != std::string::npos) {
    const auto first = parse_count(std::string_view(word).substr(0, dash));
    const auto last = parse_count(std::string_view(word).substr(dash + 1));
    if (first && last && *first <= *last && *last < count_)
      return consecutive(static_cast<NodeIndex>(*first), *last - *first + 1);
    if (first && last)
      field.fail("there are no nodes " + word + "; nodes are numbered from 0 to " + std::to_string(count_ - 1));
  }
  const std::size_t dot = word.find('.');
  const auto group = named_.find(std::string_view(word).substr(0, dot));
  const auto index = dot == std::string::npos ? std::nullopt : parse_count(std::string_view(word).substr(dot + 1));
  if (group != named_.end() && index) {
    if (*index < group->second.size()) return {group->second[*index]};
    field.fail("there is no " + word + "; the group has nodes 0 to " + std::to_string(group->second.size() - 1));
  }
  const std::string nearest = nearest_word(word, group_names_);
  field.fail("no node or group is called '" + word + "'; " +
             (nearest.empty() ? "known groups are " + joined_words(group_names_) : "did you mean '" + nearest + "'?"));
}

Nodes NodeSelector::nodes(const Field& field) const {
  Nodes nodes;
  for (const Field& element : field.elements()) {
    if (!element.is_scalar()) element.fail_expected("a node's number or name, a group, or a list of these");
    const Nodes some = nodes_of_word(element.text(), element);
    nodes.insert(nodes.end(), some.begin(), some.end());
  }
  sort_and_unite(nodes);
  if (nodes.empty()) field.fail("the list is empty; name at least one node");
  return nodes;
}

NodeIndex NodeSelector::one_node(const std::string& name, const Field& field) const {
  const Nodes nodes = nodes_of_word(name, field);
  if (nodes.size() != 1) field.fail("'" + name + "' is " + std::to_string(nodes.size()) + " nodes; name only one");
  return nodes.front();
}

NodeIndex NodeSelector::one_node(const Field& field) const { return one_node(field.text(), field); }

sim::GroupIndex NodeSelector::group(const Field& field) const {
  const std::string name = field.text();
  const auto found = std::find(group_names_.begin(), group_names_.end(), name);
  if (found != group_names_.end()) return static_cast<sim::GroupIndex>(found - group_names_.begin());
  const std::string nearest = nearest_word(name, group_names_);
  field.fail("no group is called '" + name + "'; " +
             (nearest.empty() ? "known groups are " + joined_words(group_names_) : "did you mean '" + nearest + "'?"));
}

std::optional<std::uint8_t> NodeSelector::message_kind(const Field& field, NodeIndex sender) const {
  const std::string name = field.text();
  if (name == "any") return std::nullopt;
  const auto group = std::find_if(kinds_.begin(), kinds_.end(), [&](const auto& each) { return sender < each.first; });
  const auto found = std::find(group->second.begin(), group->second.end(), name);
  if (found != group->second.end() && !name.empty()) return static_cast<std::uint8_t>(found - group->second.begin());
  std::vector<std::string> known{"any"};
  for (const std::string_view kind : group->second)
    if (!kind.empty()) known.emplace_back(kind);
  const std::string nearest = nearest_word(name, known);
  field.fail("this sender has no message called '" + name + "'; " +
             (nearest.empty() ? "its messages are " + joined_words(known) : "did you mean '" + nearest + "'?"));
}

Selection NodeSelector::selection(const Field& field, bool at_most) const {
  Selection selection;
  if (!field.is_map()) {
    selection.nodes = nodes(field);
    return selection;
  }
  field.map([&](MapReader& map) {
    const Field random = map.require("random");
    const auto of = map.find("of");
    selection.nodes = of ? nodes(*of) : everyone();
    if (random.is_scalar() && parse_count(random.text()))
      selection.number = random.count(1, at_most ? count_ : selection.nodes.size());
    else
      selection.share = random.probability();
    // Selecting no nodes is legitimate, for example to run an experiment without its fault; selecting almost none is
    // not.
    const double share = selection.share.value_or(0);
    if (share > 0 && share * static_cast<double>(selection.nodes.size()) < 0.5)
      random.fail(random.text() + " of " + show_counted(selection.nodes.size(), "node") +
                  " selects no node; use a larger share");
  });
  return selection;
}

}  // namespace peerbed::scenarios
