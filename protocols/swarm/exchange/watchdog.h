#pragma once
// Every download goes on or fails. What a silent source was asked for goes to others; a stream that may be dead is
// probed; a download that comes to nothing for half of its time to give up opens all its streams anew, and fails when
// that did not help. So none waits for ever, whatever it waits for.

#include <string_view>

#include "protocols/swarm/base/options.h"
#include "protocols/swarm/files/shared_file.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

enum class SourceVerdict {
  fine,
  slow,    // it has been silent so long that others are to be asked
  silent,  // it has been silent twice as long: its stream is to end
};

// Of a source of a download, whose link is open.
SourceVerdict judge_source(const Options& options, const SharedFile& file, const Link& link, Time now) noexcept;
// The link whose source does not send the manifest in time; null: none. The frame that announces the manifest takes a
// round trip, the manifest itself as long as its source needs.
Link* overdue_manifest(const Options& options, const Download& download, LinkTable& links, Time now) noexcept;

enum class DownloadVerdict {
  fine,
  stuck,     // its old streams are to end, and all sources to be tried anew; once, until it makes progress
  hopeless,  // it fails
};

DownloadVerdict judge_download(const Options& options, const Download& download, Time now) noexcept;
// A stream that the stuck download has had for so long that it has been seen what it is good for.
bool is_old(const Options& options, const Link& link, Time now) noexcept;
// Somebody is there who has what is missing.
bool is_hopeful(const SharedFile& file, const LinkTable& links) noexcept;
std::string_view why_nothing_came(const SharedFile& file, const LinkTable& links) noexcept;

}  // namespace peerbed::swarm
