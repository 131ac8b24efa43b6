#pragma once
// What a person does with the files of a peer: LIST, REMOVE, CANCEL, PAUSE, RESUME. A command that cannot be carried
// out says why. Free functions over the tables.

#include <string>
#include <string_view>

#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

void list_files(Environment& environment, const FileTable& files, const LinkTable& links);

// The file that a command names: by its name in the shared directory, by the one that others know, or by its root.
// Null: there is none, as was said.
SharedFile* wanted_file(Environment& environment, FileTable& files, std::string_view verb, std::string_view what);

// Both return the number of the file that is to be removed, as was said; 0: none.
FileNumber remove_share(Environment& environment, FileTable& files, std::string_view what);
FileNumber cancel_download(Environment& environment, FileTable& files, std::string_view what);

// Pauses a download. Null: nothing is paused. The links that serve the file are then to be dropped; say_paused()
// follows.
SharedFile* pause_download(Environment& environment, FileTable& files, std::string_view what);
void say_paused(Environment& environment, const SharedFile& file);

}  // namespace peerbed::swarm
