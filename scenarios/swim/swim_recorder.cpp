#include "scenarios/swim/swim_recorder.h"

namespace peerbed::scenarios {

void SwimRecorder::measure(const StateView& states, Duration, IntervalValues& values) {
  const SwimMembers members(states, *places_);
  if (!members.are_all_seen()) return;
  values.set("swim.members", static_cast<double>(members.all().size()), "count");
  if (members.all().empty()) return;
  values.set("swim.missing.share", members.missing_share(), "share");
  values.set("swim.dead_listed.share", members.dead_share(), "share");
}

void SwimRecorder::take_snapshot(const StateView& states, Duration now) {
  const SwimMembers members(states, *places_);
  if (!members.are_all_seen() || (!frames_.empty() && frames_.back().at == now)) return;
  Frame frame{.at = now, .members = {}, .errors = {}};
  const auto note = [&frame](NodeIndex member, NodeIndex about, Kind kind) {
    if (about >= maximum_snapshot_nodes) return;
    if (frame.error_count++ < most_errors) frame.errors.push_back({member, about, kind});
  };
  for (const SwimMember& member : members.all()) {
    if (member.node >= maximum_snapshot_nodes) continue;
    frame.members.push_back(member.node);
    for (const SwimMember& other : members.all()) {
      const swim::Member* const listed = member.state->members().find(other.address);
      if (listed == nullptr)
        note(member.node, other.node, Kind::unknown);
      else if (listed->standing != swim::Standing::alive)
        note(member.node, other.node, listed->standing == swim::Standing::suspect ? Kind::suspected : Kind::buried);
    }
    for (const swim::Member& listed : member.state->members().all())
      if (member.state->lists(listed.address) && !members.has(listed.address))
        note(member.node, places_->node_of({.key = {}, .address = listed.address}), Kind::dead_listed);
  }
  frames_.push_back(std::move(frame));
}

void SwimRecorder::write(analysis::JsonText& out) const {
  out.open_object().key("frames").open_list();
  for (const Frame& frame : frames_) {
    out.open_object().key("seconds").seconds(frame.at).key("members").open_list();
    for (const NodeIndex member : frame.members) out.number(member);
    out.close_list().key("wrong").open_list();
    for (const Error& error : frame.errors)
      out.open_list()
          .number(error.member)
          .number(error.about)
          .number(static_cast<std::size_t>(error.kind))
          .close_list();
    out.close_list();
    if (frame.errors.size() < frame.error_count)
      out.thinned("wrong", frame.errors.size(), frame.error_count, "the first members' errors");
    out.close_object();
  }
  out.close_list().close_object();
}

}  // namespace peerbed::scenarios
