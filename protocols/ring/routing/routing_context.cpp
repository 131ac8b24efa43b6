#include "protocols/ring/routing/routing_context.h"

namespace peerbed::ring {

Step RoutingContext::next_step(Key key, RouteCursor& cursor) const noexcept {
  while (true) {
    const Contact contact =
        cursor.following ? table.next_owner(key, cursor.limit) : table.closest_preceding(options, cursor.limit);
    if (contact) {
      cursor.limit = contact.key;
      // There is but one owner: another one has to be asked only if it is silent.
      const bool is_late = late != nullptr && late->is_late(contact.address, cursor.following);
      if (is_late == cursor.late) return {contact, cursor.following};
    } else if (!cursor.turned) {
      cursor.limit = cursor.following ? key : table.self();
      cursor.following = !cursor.following;
      cursor.turned = true;
    } else if (!cursor.late && options.hedges()) {
      cursor = begin_route(key);
      cursor.late = true;
    } else {
      return {};
    }
  }
}

}  // namespace peerbed::ring
