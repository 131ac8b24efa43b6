#pragma once
// All links of a peer, found by their stream. A closed link keeps its place until the handler ends: references to links
// stay good until then, or until open() or accept().

#include <cstddef>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link.h"

namespace peerbed::swarm {

class LinkTable {
 public:
  Link* find(StreamId stream) noexcept {
    for (std::size_t i = 0; i < streams_.size(); ++i)
      if (streams_[i] == stream) return links_[i].is_closed() ? nullptr : &links_[i];
    return nullptr;
  }
  // Opens a stream to a peer for a file.
  Link& open(const Context& context, FileNumber file, Address peer, Duration patience);
  // A stream that another peer opened: what for, it has yet to say.
  Link& accept(const Context& context, StreamId stream, Address from);
  void close(Link& link) noexcept {
    link.stage = Link::Stage::closed;
    has_closed_ = true;
  }
  // Takes closed links away when a handler of the peer ends: each begins with one of these.
  class Sweeper {
   public:
    explicit Sweeper(LinkTable& links) noexcept : links_(links) {}
    ~Sweeper() { links_.sweep(); }
    Sweeper(const Sweeper&) = delete;
    Sweeper& operator=(const Sweeper&) = delete;

   private:
    LinkTable& links_;
  };
  // How many serve a file.
  std::size_t count_for(FileNumber file) const noexcept;
  bool has(FileNumber file, Address peer) const noexcept;

  // A hint that a link is looked for soon.
  void prefetch() const noexcept {
    __builtin_prefetch(streams_.data());
    __builtin_prefetch(streams_.data() + 16);
  }
  void prefetch(StreamId stream) const noexcept {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i] != stream) continue;
      const auto* begin = reinterpret_cast<const std::byte*>(&links_[i]);
      for (std::size_t offset = 0; offset < sizeof(Link); offset += 64) __builtin_prefetch(begin + offset);
    }
  }
  auto begin() noexcept { return links_.begin(); }
  auto end() noexcept { return links_.end(); }
  auto begin() const noexcept { return links_.begin(); }
  auto end() const noexcept { return links_.end(); }
  std::size_t size() const noexcept { return links_.size(); }
  auto fields() const { return std::tie(links_, has_closed_, opened_); }
  // What of it can matter later, in a check (check/canonical/canonical_form.h): between inputs no link is closed, and
  // the next stream only has to be a new one.
  template <class Form>
  void write_canonical(Form& form) const {
    form.add(links_);
  }

 private:
  Link& add(StreamId stream, Address peer);
  void sweep() noexcept {
    if (has_closed_) remove_closed();
  }
  void remove_closed() noexcept;

  std::vector<StreamId> streams_;  // of the links, close together for the search
  std::vector<Link> links_;
  bool has_closed_ = false;
  std::uint32_t opened_ = 0;  // how many were opened here: their streams have odd numbers, from 1
};

// Why a link that is not open yet ends now, if it has taken too long.
std::optional<CloseReason> overdue(const Link& link, Time now) noexcept;
// Asks whether the other side still knows the stream, unless it has been heard lately. A host that came back without
// its streams answers with a reset, and is silent otherwise.
void probe(const Context& context, Link& link);

}  // namespace peerbed::swarm
