#pragma once
// A node for tests of the world: it follows its commands, and records what happened to it.

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"
#include "sim/engine/world.h"

namespace peerbed::sim::testing {

// What a chatter received: when (by its own clock), from whom, and the payload's first bytes as text.
struct Heard {
  Time at;
  Address from;
  std::string text;
  auto fields() const { return std::tie(at, from, text); }
  friend bool operator==(const Heard&, const Heard&) = default;
};

// Commands: "send NODE TEXT", "timer ID MILLISECONDS", "cancel ID", "store KEY TEXT", "load KEY", "erase KEY", "draw",
// "chat NODES MILLISECONDS" (sends a datagram to a random node at each tick, and answers each that it gets).
class Chatter {
 public:
  static constexpr std::size_t timer_count = 3;
  static constexpr std::array<TraceEventType, 1> trace_events{{{"heard", {{{"bytes", Unit::bytes}}}}}};
  static constexpr std::array<std::string_view, 1> message_kinds{"text"};

  void on_start(Environment& environment, Start start) {
    ++starts;
    stored = start.stored.size();
    started_at = environment.now();
  }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    environment.trace(0, {payload.size()});
    if (chat_period == Duration::zero()) {
      heard.push_back({environment.now(), from, text_of(payload)});
    } else if (text_of(payload) == "hello") {
      send(environment, from, "hi");
    }
  }
  void on_timer(Environment& environment, TimerId timer) {
    fired.push_back({environment.now(), {}, std::to_string(timer)});
    if (chat_period == Duration::zero()) return;
    fired.clear();
    send(environment, address_of(static_cast<NodeIndex>(environment.draw_below(1, chat_nodes))), "hello");
    environment.set_timer(0, chat_period + Duration(static_cast<std::int64_t>(environment.draw_below(2, 1'000'000))));
  }
  void on_command(Environment& environment, std::string_view line);
  void on_content(Environment& environment, const ContentReady& ready) {
    heard.push_back({environment.now(), {}, ready.found ? text_of(ready.bytes) : "(absent)"});
  }
  void on_leave(Environment& environment) {
    send(environment, address_of(0), "farewell");
    environment.print("leaving");
    environment.exit();
  }

  auto fields() const { return std::tie(starts, stored, started_at, heard, fired, drawn, chat_nodes, chat_period); }
  friend bool operator==(const Chatter&, const Chatter&) = default;

  std::uint32_t starts = 0;
  std::uint64_t stored = 0;
  Time started_at;
  std::vector<Heard> heard;
  std::vector<Heard> fired;
  std::vector<std::uint64_t> drawn;
  std::uint32_t chat_nodes = 0;
  Duration chat_period{};

 private:
  static std::string text_of(Bytes payload) { return {reinterpret_cast<const char*>(payload.data()), payload.size()}; }
  static void send(Environment& environment, Address to, std::string_view text) {
    environment.send(to, std::as_bytes(std::span(text.data(), text.size())));
  }
};

inline void Chatter::on_command(Environment& environment, std::string_view line) {
  const auto word = [&line] {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view taken = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return taken;
  };
  const auto number = [&word] {
    const std::string_view digits = word();
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  const std::string_view verb = word();
  if (verb == "send") {
    const auto node = static_cast<NodeIndex>(number());
    send(environment, address_of(node), line);
  } else if (verb == "timer") {
    const auto timer = static_cast<TimerId>(number());
    environment.set_timer(timer, std::chrono::milliseconds(number()));
  } else if (verb == "cancel") {
    environment.cancel_timer(static_cast<TimerId>(number()));
  } else if (verb == "store") {
    const ContentKey key{number()};
    environment.write_content(key, std::as_bytes(std::span(line.data(), line.size())));
  } else if (verb == "load") {
    environment.read_content(ContentKey{number()});
  } else if (verb == "erase") {
    environment.erase_content(ContentKey{number()});
  } else if (verb == "draw") {
    drawn.push_back(environment.draw(0));
  } else if (verb == "chat") {
    chat_nodes = static_cast<std::uint32_t>(number());
    chat_period = std::chrono::milliseconds(number());
    environment.set_timer(0, Duration(static_cast<std::int64_t>(
                                 environment.draw_below(2, static_cast<std::uint64_t>(chat_period.count())))));
  }
}

// A world of running chatters with a constant latency between them.
inline World chatter_world(std::size_t count, Duration latency, const WorldOptions& options = {}) {
  World world(options);
  world.add_population<Chatter>(count, [](NodeIndex) { return Chatter(); });
  world.network().set_default({.latency = LatencyModel::constant(latency)});
  for (NodeIndex node = 0; node < count; ++node) world.start(node);
  return world;
}

inline Time at(Duration time) { return time_zero + time; }

inline std::vector<std::string> texts(const std::vector<Heard>& heard) {
  std::vector<std::string> all;
  for (const Heard& one : heard) all.push_back(one.text);
  return all;
}

}  // namespace peerbed::sim::testing
