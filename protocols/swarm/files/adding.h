#pragma once
// ADD: a file of the shared directory is imported, its pieces are hashed, and then its manifest, whose hash is its
// root. Then it is offered. Free functions: what they go by is in the file.

#include <string_view>

#include "protocols/environment/content.h"
#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"

namespace peerbed::swarm {

// Whether one more file may be had; else says why not.
bool has_room(const Context& context, const FileTable& files);

// Whether ADD of a file that is here reads it anew: what was put into a directory since does not show in the files that
// it had.
bool is_read_anew(const SharedFile& file) noexcept;
// Begins to add a file, unless it is here or may not be added; says so then.
void begin_adding(const Context& context, FileTable& files, std::string_view name);

enum class Adding {
  under_way,
  failed,  // it was said why; the file is to be removed
  hashed,  // all of it: what came is the hash of its manifest, its root
};
// What the disk says of a file that is being added.
Adding take_added(const Context& context, SharedFile& file, const ContentReady& ready);

// A file of a root that is known already is that file under another name; one of the root that is being fetched ends
// so. Returns the number of the one that is to be removed; 0: none.
FileNumber double_of(const Context& context, FileTable& files, const SharedFile& added, const Root& root);
// The file is the only one of its root.
void offer_added(const Context& context, FileTable& files, SharedFile& file, const Root& root);

}  // namespace peerbed::swarm
