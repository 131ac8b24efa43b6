#pragma once
// Fetches the blocks of downloads: asks each source for more as it delivers, so much ahead that its link never runs
// dry, and so shares follow the measured rates by themselves; within the download limit. Which block is asked of whom
// is block_choice.h's concern; what is outstanding at one source, source_requests.h's.

#include <cstdint>
#include <tuple>

#include "protocols/swarm/base/rate.h"
#include "protocols/swarm/files/shared_file.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

class Requester {
 public:
  enum class Delivery {
    taken,
    disk_failed,  // the disk did not take a block that counts: the download cannot go on
  };

  explicit Requester(std::uint64_t download_limit) : tokens_(download_limit) {}

  // Asks all sources of a file for what they may be asked for now, or one of them. Does nothing for a file that is not
  // being downloaded. When the limit allows nothing, download_timer is set.
  void ask(const Context& context, LinkTable& links, SharedFile& file);
  void ask(const Context& context, LinkTable& links, SharedFile& file, Link& link);

  // A block begins to arrive from a source that was asked for it. Returns a slower source that is writing it to its
  // place; that link is to be dropped before start_arrival().
  Link* overtaken(const Context& context, LinkTable& links, SharedFile& file, const Link& link, const Block& block);
  void start_arrival(const Context& context, SharedFile& file, Link& link, const Block& block);
  // All of the arriving block is here, though the disk may not have taken it (`kept`). The source is asked for more,
  // unless the disk failed.
  [[nodiscard]] Delivery finish_arrival(const Context& context, LinkTable& links, SharedFile& file, Link& link,
                                        bool kept);

  // A source refuses a block; it is asked for something else.
  void take_reject(const Context& context, LinkTable& links, SharedFile& file, Link& link, const Block& block);
  // A source will not send what it was asked for: it choked this side.
  void take_choke(const Context& context, LinkTable& links, SharedFile& file, Link& link);
  // A link is closed: what was asked on it is anybody's again.
  void lose(const Context& context, LinkTable& links, SharedFile& file, Link& link);
  // A silent source: what it was asked for may be asked of others.
  void stall(const Context& context, SharedFile& file, Link& link);
  // A piece is to be closed: nobody owes a block of it.
  void cancel_piece(const Context& context, LinkTable& links, SharedFile& file, std::uint32_t piece);

  std::uint64_t downloaded() const noexcept { return downloaded_; }
  void show_downloaded(std::uint64_t bytes) noexcept { downloaded_ = bytes; }  // in a mirror (InspectableNode)

  auto fields() const { return std::tie(tokens_, downloaded_); }
  // What of it can matter later, in a check (check/canonical/canonical_form.h).
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(tokens_);
  }

 private:
  void request(const Context& context, SharedFile& file, Link& link, const Block& block);
  void note_delivery(Time now, SharedFile& file, Link& link);
  void keep(const Context& context, LinkTable& links, SharedFile& file, Link& link, const Block& block);

  TokenBucket tokens_;
  std::uint64_t downloaded_ = 0;  // bytes of blocks, by this process
};

}  // namespace peerbed::swarm
