#include "scenarios/disturbance.h"

namespace peerbed::scenarios {
namespace {

bool is_about_processes(const Deed& deed) {
  return std::holds_alternative<StartNodes>(deed) || std::holds_alternative<CrashNodes>(deed) ||
         std::holds_alternative<LeaveNodes>(deed);
}

}  // namespace

void Disturbances::note(const Deed& deed, Duration at) {
  if (std::holds_alternative<Command>(deed)) return;
  last_ = std::max(last_, at);
  if (std::holds_alternative<ChangeStorage>(deed)) return;
  if (is_about_processes(deed)) {
    if (const auto* crash = std::get_if<CrashNodes>(&deed))
      for (const sim::NodeIndex node : crash->nodes) paused_.erase(node);
    return;
  }
  last_deception_ = std::max(last_deception_, at);
  if (const auto* clog = std::get_if<Clog>(&deed)) last_ = last_deception_ = std::max(last_, at + clog->length);
  if (const auto* partition = std::get_if<Partition>(&deed)) partitions_.insert(partition->name);
  if (const auto* heal = std::get_if<Heal>(&deed)) {
    if (heal->name.empty())
      partitions_.clear();
    else
      partitions_.erase(heal->name);
  }
  if (const auto* pause = std::get_if<PauseNodes>(&deed)) paused_.insert(pause->nodes.begin(), pause->nodes.end());
  if (const auto* resume = std::get_if<ResumeNodes>(&deed))
    for (const sim::NodeIndex node : resume->nodes) paused_.erase(node);
}

}  // namespace peerbed::scenarios
