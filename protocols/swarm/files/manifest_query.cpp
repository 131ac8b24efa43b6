#include "protocols/swarm/files/manifest_query.h"

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

void ManifestQuery::ask(const Context& context, const Link& source) {
  if (!is_free()) return;
  from_ = source.stream;
  peer_ = source.peer;
  asked_ = context.now();
  context.say(source, Frame{.kind = FrameKind::manifest_query});
}

void ManifestQuery::ask_any(const Context& context, const LinkTable& links, FileNumber file) {
  for (const Link& link : links)
    if (link.file == file && link.is_open() && link.theirs.is_announced()) return ask(context, link);
}

void ManifestQuery::note_arrival() noexcept {
  PEERBED_CONTRACT(!is_free() && !is_here_, "a manifest that arrives was asked for");
  is_here_ = true;
}

void ManifestQuery::end() noexcept {
  from_ = StreamId{};
  is_here_ = false;
}

void ManifestQuery::lose(StreamId source) noexcept {
  if (from_ == source && !is_here_) from_ = StreamId{};
}

}  // namespace peerbed::swarm
