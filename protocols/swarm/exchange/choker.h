#pragma once
// Whom this peer uploads to. Few at a time, so that each gets whole pieces soon and can pass them on; a slot never
// stays with somebody who asks for nothing while others wait. A slot that is given or taken is told at once, and where
// this peer spreads the file, so is what to fetch.

#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

class Choker {
 public:
  // Gives free slots to those who wait: after anybody began to wait, or a slot became free or idle.
  void fill_slots(const Context& context, LinkTable& links, FileTable& files);
  // When choke_timer fires: the regular slots of the round go to those who gave most, and where nobody gives, in turn.
  void begin_round(const Context& context, LinkTable& links, FileTable& files);
  // When slot_timer fires: slots whose peers ask for nothing go to others who wait.
  void take_idle_slots(const Context& context, LinkTable& links, FileTable& files);
  // All that was asked for has been sent: where the file is spread, the slot may go to the next.
  void end_turn(const Context& context, LinkTable& links, FileTable& files, Link& link);
  // The other side of a link does not want anything any more.
  void take_unwanted(const Context& context, LinkTable& links, FileTable& files, Link& link);
  // The link is closed. Returns whether it had a slot.
  bool lose(const Link& link) noexcept;

  auto fields() const { return std::tie(rounds_, optimistic_, holders_, choking_, watching_); }

 private:
  void give(const Context& context, const LinkTable& links, FileTable& files, Link& link);
  void take(const Context& context, FileTable& files, Link& link);
  void draw_optimistic(const Context& context, LinkTable& links, FileTable& files);
  void welcome_newcomer(const Context& context, LinkTable& links, FileTable& files);
  void watch(const Context& context);

  std::uint32_t rounds_ = 0;
  StreamId optimistic_{};          // the peer whose slot was drawn
  std::vector<StreamId> holders_;  // of slots
  bool choking_ = false;           // choke_timer runs
  bool watching_ = false;          // slot_timer runs
};

}  // namespace peerbed::swarm
