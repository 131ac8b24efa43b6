#include "scenarios/record/marks.h"

#include <algorithm>
#include <array>
#include <vector>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

struct Wording {
  const char* kind;
  const char* one;   // after "1 node "
  const char* many;  // after "5 nodes "
};

// In the order of Action. An action without wording affects only the surroundings, not nodes.
constexpr std::array<Wording, std::variant_size_v<Action>> wordings{{
    {"start", "starts", "start"},
    {"crash", "crashes", "crash"},
    {"leave", "leaves", "leave"},
    {"pause", "pauses", "pause"},
    {"resume", "goes on", "go on"},
    {"command", "is given a command", "are given a command"},
    {"partition", nullptr, nullptr},
    {"heal", nullptr, nullptr},
    {"clog", "is clogged", "are clogged"},
    {"network", nullptr, nullptr},
    {"clock", "gets another clock", "get other clocks"},
    {"lie", "starts or stops lying", "start or stop lying"},
    {"storage", "gets another disk", "get other disks"},
    {"message", nullptr, nullptr},
    {"timer", "has a timer fire early", "have timers fire early"},
    {"rate", "gets links of another rate", "get links of another rate"},
    {"link", nullptr, nullptr},
}};

std::string name_of(const Action& action) {
  if (const auto* partition = std::get_if<Partition>(&action)) return partition->name;
  if (const auto* heal = std::get_if<Heal>(&action)) return heal->name;
  return {};
}

}  // namespace

void Marks::note(const Action& action, Duration at, std::size_t affected) {
  const bool affects_nodes = wordings[action.index()].one != nullptr;
  if (at <= Duration::zero() || (affects_nodes && affected == 0)) return;
  Mark& mark = marks_[{at / interval_, action.index()}];
  if (mark.actions == 0) mark = {.at = at, .kind = wordings[action.index()].kind, .name = name_of(action)};
  ++mark.actions;
  mark.count += affects_nodes ? affected : 1;
}

std::string Marks::words_of(const Mark& mark) {
  const auto wording =
      std::find_if(wordings.begin(), wordings.end(), [&mark](const Wording& each) { return mark.kind == each.kind; });
  if (wording->one != nullptr)
    return show_count(mark.count) + (mark.count == 1 ? " node " : " nodes ") +
           (mark.count == 1 ? wording->one : wording->many);
  const std::string name = mark.actions == 1 && !mark.name.empty() ? " '" + mark.name + "'" : "";
  if (mark.kind == "partition") return "partition" + name + " begins";
  if (mark.kind == "heal") return (name.empty() ? "partitions heal" : "partition" + name + " heals");
  if (mark.kind == "message") return "a single message is lost, doubled or delayed";
  if (mark.kind == "link") return "a link of the topology gets another rate";
  return "the network changes";
}

void Marks::write(analysis::JsonText& out) const {
  std::vector<const Mark*> in_order;
  for (const auto& [key, mark] : marks_) in_order.push_back(&mark);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const Mark* one, const Mark* other) { return one->at < other->at; });
  out.key("marks").open_list();
  for (const Mark* mark : in_order) {
    out.open_object().key("seconds").seconds(mark->at).key("kind").text(mark->kind);
    out.key("what").text(words_of(*mark)).key("count").number(mark->count).close_object();
  }
  out.close_list();
}

}  // namespace peerbed::scenarios
