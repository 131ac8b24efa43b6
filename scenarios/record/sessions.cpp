#include "scenarios/record/sessions.h"

#include "scenarios/protocol/protocol_recorder.h"

namespace peerbed::scenarios {

void Sessions::note(const Step& step) {
  if (step.destination >= under_way_.size()) return;
  UnderWay& life = under_way_[step.destination];
  if (step.kind == StepKind::start && !life.up) {
    life = {.from = step.time, .up = true, .leaving = false};
    ++up_;
    ++all_;
  }
  if (step.kind == StepKind::leave) life.leaving = true;
  if (step.kind == StepKind::crash) end(step.time, step.destination, "crash");
}

void Sessions::note_exit(Time time, NodeIndex node) {
  if (node < under_way_.size()) end(time, node, under_way_[node].leaving ? "left" : "exit");
}

void Sessions::end(Time time, NodeIndex node, const char* how) {
  UnderWay& life = under_way_[node];
  if (!life.up) return;
  life.up = false;
  --up_;
  if (node < maximum_snapshot_nodes && ended_.size() < maximum_sessions) ended_.push_back({node, life.from, time, how});
}

void Sessions::write(Time end, analysis::JsonText& out) const {
  std::uint64_t written = 0;
  const auto write_one = [&](NodeIndex node, Time from, Time to, const char* how) {
    out.open_list().number(node).seconds(from - time_zero).seconds(to - time_zero).text(how).close_list();
    ++written;
  };
  out.key("lives").open_list();
  for (const Life& life : ended_) write_one(life.node, life.from, life.to, life.how);
  for (NodeIndex node = 0; node < under_way_.size() && node < maximum_snapshot_nodes; ++node)
    if (under_way_[node].up) write_one(node, under_way_[node].from, end, "up at end");
  out.close_list();
  if (written < all_)
    out.thinned("lives", written, all_,
                "of the first " + std::to_string(maximum_snapshot_nodes) + " nodes, and the first " +
                    std::to_string(maximum_sessions) + " that ended");
}

}  // namespace peerbed::scenarios
