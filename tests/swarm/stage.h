#pragma once
// What a part of a peer is lent in a test without a Peer, and what it did with it.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocols/swarm/link/context.h"
#include "protocols/swarm/wire/messages.h"
#include "sim/core/types.h"

namespace peerbed::swarm {

struct Stage {
  static constexpr Address self = sim::address_of(0);
  // The i-th other, from 1.
  static constexpr Address other(NodeIndex i) { return sim::address_of(i); }

  // Lets a part act, with an empty log. What it returns is returned.
  template <class Act>
  decltype(auto) act(Act&& act) {
    effects.clear();
    Environment environment(now, self, 1, draws, effects);
    return std::forward<Act>(act)(Context{environment, options});
  }

  // Where datagrams of this kind went, in order.
  template <class Message>
  std::vector<std::pair<Address, Message>> sent() const {
    std::vector<std::pair<Address, Message>> found;
    for (const Effect& effect : effects.all()) {
      if (effect.kind != EffectKind::send_datagram) continue;
      const auto message = decode(effects.bytes_of(effect));
      if (const auto* is_it = message ? std::get_if<Message>(&*message) : nullptr)
        found.emplace_back(Address{effect.argument}, *is_it);
    }
    return found;
  }
  // The frames written on a stream; what is no frame is passed over.
  std::vector<Frame> frames(StreamId stream) const {
    std::vector<Frame> found;
    for (const Effect& effect : effects.all()) {
      if (effect.kind != EffectKind::write_stream || effect.stream != stream || effect.size != frame_size) continue;
      if (const auto frame = decode_frame(effects.bytes_of(effect))) found.push_back(*frame);
    }
    return found;
  }
  // How long from now a timer fires, as it was set last.
  std::optional<Duration> timer(TimerId number) const {
    std::optional<Duration> delay;
    for (const Effect& effect : effects.all())
      if (effect.kind == EffectKind::set_timer && effect.number == number)
        delay = Duration(static_cast<std::int64_t>(effect.argument));
    return delay;
  }
  // Printed lines; those of refusals begin with their code.
  std::vector<std::string> lines() const {
    std::vector<std::string> found;
    for (const Effect& effect : effects.all()) {
      const Bytes bytes = effects.bytes_of(effect);
      if (effect.kind == EffectKind::print_line)
        found.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return found;
  }
  std::vector<Effect> of(EffectKind kind) const {
    std::vector<Effect> found;
    for (const Effect& effect : effects.all())
      if (effect.kind == kind) found.push_back(effect);
    return found;
  }
  // Bytes whose hashes were asked for.
  std::vector<ContentRange> hashed() const {
    std::vector<ContentRange> found;
    for (const Effect& effect : of(EffectKind::hash_content)) found.push_back(range_in(effects.bytes_of(effect)));
    return found;
  }
  // What was last written to a content.
  std::vector<std::byte> written(ContentKey key) const {
    std::vector<std::byte> found;
    for (const Effect& effect : of(EffectKind::write_content)) {
      const Bytes bytes = effects.bytes_of(effect);
      if (effect.argument == key.value) found.assign(bytes.begin(), bytes.end());
    }
    return found;
  }
  std::size_t traces(TraceEvent event) const {
    std::size_t count = 0;
    for (const Effect& effect : of(EffectKind::trace)) count += effect.number == index_of(event) ? 1 : 0;
    return count;
  }

  Options options{};
  Time now = time_zero + std::chrono::seconds(100);
  Effects effects{};
  DrawCounts draws{};
};

// What the disk answers.
inline ContentReady hash_ready(const ContentRange& range, const Digest& digest) {
  return {.key = range.content, .bytes = digest.value, .found = true, .action = ContentAction::hashed, .range = range};
}
inline ContentReady read_ready(ContentKey key, Bytes bytes) {
  return {.key = key, .bytes = bytes, .found = true, .action = ContentAction::read};
}

inline Root root_of(std::uint8_t number) {
  Root root{};
  root.value[0] = std::byte{number};
  return root;
}

}  // namespace peerbed::swarm
