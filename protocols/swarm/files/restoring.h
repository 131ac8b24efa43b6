#pragma once
// Finding out what files that lie on the disk still are: those of an earlier process, those that somebody changed, and
// downloads that go on. Nothing on the disk is believed before it has been hashed again: the manifest first, then each
// piece that is said to be here, which is offered as soon as it has been. A file that people see is theirs: when it is
// not what it was it is offered no more, and never fetched anew over what they made of it. Free functions: what they go
// by is in the file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"

namespace peerbed::swarm {

// Nobody is offered any of the file until all of it has been hashed again (`was_whole`), or all that is noted of a
// download that is to go on. No link serves it any more.
void begin_restoring(Environment& environment, SharedFile& file, bool was_whole);

struct Restoring {
  enum class Step {
    waits,
    hashes,        // hash_on() is next
    lost,          // what was noted of a file is damaged, as was said; the file is to be removed
    begins_again,  // the manifest of a download is lost: it is sought again
  };
  Step step = Step::waits;
  std::optional<std::uint32_t> verified{};  // a piece that may be announced, before what comes next
};
// What the disk says of a file that is being restored.
Restoring take_stored(const Context& context, SharedFile& file, const ContentReady& ready);
// Hashes the next pieces. Returns whether all are done: then conclude() is next.
bool hash_on(Environment& environment, SharedFile& file);

enum class Finding {
  changed_again,  // while it was being hashed: it is to be restored once more
  spoilt,         // it is not what it was: drop_changed() is next
  whole,          // it is complete again
  in_part,        // it is to be fetched on, unless it is paused, as was said
};
Finding conclude(const Context& context, SharedFile& file);

// The host says that a file is not what it was.
enum class Change {
  nothing,
  add_failed,  // it was being added, as was said; it is to be removed
  dropped,     // it is gone: drop_changed() is next
  restored,    // it is to be hashed again: where only its dates changed it is found whole
};
Change take_change(Environment& environment, SharedFile& file, bool is_there);
// Says that a file is offered no more; it is then to be removed. Returns the names to be added afterwards: those that
// other files of the same content have are offered still.
std::vector<std::string> drop_changed(const Context& context, const SharedFile& file, bool is_there);

}  // namespace peerbed::swarm
