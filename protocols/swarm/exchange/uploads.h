#pragma once
// Serving others: blocks in the order in which they were asked for, within the upload limit. A piece that has begun is
// finished before another stream's begins: its receiver can pass it on that much sooner.

#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/swarm/base/rate.h"
#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

class Uploads {
 public:
  enum class Verdict {
    queued,        // serve() is next
    settled,       // there is nothing to send: it has been answered, or is void
    out_of_place,  // the frame is to be refused
  };

  explicit Uploads(std::uint64_t upload_limit) : tokens_(upload_limit) {}

  // The other side of a link asks for a block.
  [[nodiscard]] Verdict take_request(const Context& context, LinkTable& links, SharedFile* file, Link& link,
                                     const Frame& frame);
  // And does not need it any more.
  static void take_cancel(const Context& context, Link& link, const Frame& frame);
  // It asks for the manifest, once. Returns false for a frame that is out of place.
  [[nodiscard]] static bool take_manifest_query(const Context& context, const SharedFile* file, Link& link);

  // Sends what may be sent now: after the network has taken a block.
  void serve(const Context& context, LinkTable& links, FileTable& files);
  // And when upload_timer fires.
  void serve_on(const Context& context, LinkTable& links, FileTable& files) {
    timer_runs_ = false;
    serve(context, links, files);
  }

  std::uint64_t uploaded() const noexcept { return uploaded_; }
  void show_uploaded(std::uint64_t bytes) noexcept { uploaded_ = bytes; }  // in a mirror (InspectableNode)

  auto fields() const { return std::tie(turns_, tokens_, uploaded_, timer_runs_); }
  // What of it can matter later, in a check (check/canonical/canonical_form.h).
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(turns_, tokens_, timer_runs_);
  }

 private:
  bool send_block(const Context& context, const SharedFile& file, Link& link);

  std::vector<StreamId> turns_;  // streams with blocks to send, in the order of their turns
  TokenBucket tokens_;
  std::uint64_t uploaded_ = 0;  // bytes of blocks, by this process
  bool timer_runs_ = false;     // the upload timer
};

}  // namespace peerbed::swarm
