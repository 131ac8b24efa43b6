#pragma once
// How a node comes into the ring, keeps its place and leaves: join, stabilize and rectify as corrected by Zave (2017),
// as exchanges of messages, and what happens when peers fall silent, come back or leave. A list shorter than r stands
// for her filler entries: like these, what is missing names nobody.
//
// It tells the node's storage when others become the holders of its values.

#include <span>

#include "protocols/ring/membership/overlay_context.h"
#include "protocols/ring/membership/stabilization.h"
#include "protocols/ring/wire/membership_messages.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

class Membership {
 public:
  // ---- joining -----------------------------------------------------------------------------------------------------
  // Asks the next bootstrap node for this node's place, and waits for `patience` at first.
  void seek_place(const OverlayContext& context, Duration patience);
  // A member looks for a node that it heard of as for a peer that it lost; a joiner asks it first.
  void hear_of(const OverlayContext& context, Address member);
  // Returns whether this node has joined: it is a member now, and has its fingers to look up.
  bool take(const OverlayContext& context, const Welcome& welcome);
  // Whether others can reach a node: a member has another one call it.
  void take(const OverlayContext& context, Address from, const CallBackQuery& query);
  void take(const OverlayContext& context, Address from, const CallBack& request);
  // Returns whether that is known now: the node has to seek its place.
  bool take(const OverlayContext& context, Address from, const Called& called);
  // Starts the timers of a member at uniform phases of their periods.
  static void begin_periods(const OverlayContext& context);
  // Starts a guest's timer of the built-in workload.
  static void begin_lookups(const OverlayContext& context);

  // ---- stabilizing -------------------------------------------------------------------------------------------------
  void stabilize(const OverlayContext& context);
  // A node that may be a better first successor has introduced itself.
  void ask_candidate(const OverlayContext& context, Contact candidate);
  // The deadline of a question to a successor has come. Returns whether this node is cut off: it has to seek its place.
  bool handle_stabilization_silence(const OverlayContext& context);
  void take(const OverlayContext& context, Address from, const NeighboursQuery& query);
  void take(const OverlayContext& context, Address from, const Neighbours& answer);
  void take(const OverlayContext& context, Address from, const Notify& notify);

  // ---- silent, lost and leaving peers ------------------------------------------------------------------------------
  void check_predecessor(const OverlayContext& context);
  void handle_predecessor_silence(const OverlayContext& context);
  void take(const OverlayContext& context, Address from, const Ping& ping);
  // Returns whether a lost peer is back, and is to be introduced to the member that is to precede it. Perhaps it was in
  // another part of a divided network and is of a ring of its own. It is introduced several times, as that member may
  // be busy, and others may be on their way there.
  bool take(const OverlayContext& context, Address from, const Pong& pong);
  void take(const OverlayContext& context, Address from, const Leaving& leaving);
  // Leaving takes one period of repair at most: first the values go to the next nodes, then the neighbours are told.
  void begin_leaving(const OverlayContext& context);
  void finish_leaving(const OverlayContext& context);

  const Stabilization& stabilization() const noexcept { return stabilization_; }
  // For a checker (check/canonical/questions.h).
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    stabilization_.visit_questions(visitor);
  }

 private:
  void note_reach(const OverlayContext& context, Bootstrap::Reach reach);
  void join(const OverlayContext& context, const Welcome& welcome);
  bool lose_first_successor(const OverlayContext& context);
  void adopt(const OverlayContext& context, Contact head, std::span<const Contact> following);
  void note_change(const OverlayContext& context, RoutingTable::Change change);
  void note_process(const OverlayContext& context, Contact peer, std::uint32_t incarnation);
  void set_predecessor(const OverlayContext& context, Contact predecessor);
  void lose_predecessor(const OverlayContext& context);
  void suspect(const OverlayContext& context, Contact peer);
  bool is_cut_off(const OverlayContext& context);
  void placement_changed(const OverlayContext& context);

  Stabilization stabilization_;
};

}  // namespace peerbed::ring
