#include "scenarios/kademlia/kademlia_recorder.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace peerbed::scenarios {

void KademliaRecorder::measure(const StateView& states, Duration, IntervalValues& values) {
  const KademliaMembers members(states, *layout_);
  if (!members.are_all_seen()) return;
  values.set("kademlia.members", static_cast<double>(members.all().size()), "count");
  std::size_t contacts = 0;
  std::size_t dead = 0;
  for (const KademliaMember& member : members.all())
    for (const kademlia::Bucket& bucket : member.state->table().buckets())
      for (const kademlia::Entry& entry : bucket.entries()) {
        ++contacts;
        if (members.place_of(entry.contact) == members.all().size()) ++dead;
      }
  if (contacts > 0)
    values.set("kademlia.dead_contacts.share", static_cast<double>(dead) / static_cast<double>(contacts), "share");
}

void KademliaRecorder::take_snapshot(const StateView& states, Duration now) {
  const KademliaMembers members(states, *layout_);
  if (!members.are_all_seen() || (!frames_.empty() && frames_.back().at == now)) return;
  Frame frame{.at = now, .members = {}};
  for (const KademliaMember& member : members.all()) {
    if (member.node >= maximum_snapshot_nodes) continue;
    Portrait portrait{.node = member.node, .buckets = {}};
    const auto buckets = member.state->table().buckets();
    for (unsigned i = 0; i < buckets.size() || members.count_beyond(member.contact.id, i) > 1; ++i) {
      const std::size_t there =
          members.count_beyond(member.contact.id, i) - members.count_beyond(member.contact.id, i + 1);
      Filling filling{.room = std::min(there, member.state->options().bucket_size)};
      if (i < buckets.size())
        for (const kademlia::Entry& entry : buckets[i].entries())
          ++(members.place_of(entry.contact) < members.all().size() ? filling.live : filling.dead);
      portrait.buckets.push_back(filling);
    }
    const auto is_empty = [](const Filling& filling) { return filling.live + filling.dead + filling.room == 0; };
    while (!portrait.buckets.empty() && is_empty(portrait.buckets.back())) portrait.buckets.pop_back();
    frame.members.push_back(std::move(portrait));
  }
  std::sort(frame.members.begin(), frame.members.end(),
            [](const Portrait& one, const Portrait& other) { return one.node < other.node; });
  frames_.push_back(std::move(frame));
}

void KademliaRecorder::write(analysis::JsonText& out) const {
  out.open_object();
  write_places(out);
  write_frames(out);
  out.close_object();
}

// By node; null for those that are none of the network's.
void KademliaRecorder::write_places(analysis::JsonText& out) const {
  std::vector<std::optional<kademlia::Id>> ids;
  for (const kademlia::Contact& contact : layout_->everyone()) {
    const NodeIndex node = layout_->node_of(contact);
    if (node >= maximum_snapshot_nodes) continue;
    ids.resize(std::max<std::size_t>(ids.size(), node + 1));
    ids[node] = contact.id;
  }
  out.key("ids").open_list();
  for (const auto& id : ids) id ? out.number(std::ldexp(static_cast<double>(id->high), -64)) : out.null();
  out.close_list().key("id_text").open_list();
  for (const auto& id : ids) id ? out.text(kademlia::to_hex(*id)) : out.null();
  out.close_list();
}

void KademliaRecorder::write_frames(analysis::JsonText& out) const {
  out.key("frames").open_list();
  for (const Frame& frame : frames_) {
    out.open_object().key("seconds").seconds(frame.at).key("nodes").open_list();
    for (const Portrait& member : frame.members) {
      out.open_object().key("n").number(member.node).key("b").open_list();
      for (const Filling& filling : member.buckets)
        out.open_list().number(filling.live).number(filling.dead).number(filling.room).close_list();
      out.close_list().close_object();
    }
    out.close_list().close_object();
  }
  out.close_list();
}

}  // namespace peerbed::scenarios
