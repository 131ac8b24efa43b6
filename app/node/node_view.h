#pragma once
// A real node as its operator sees it, whatever its protocol: the commands it takes and what it reports about itself.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "adapter/hosted_node.h"

namespace peerbed::app {

// A command that the node itself understands.
struct Verb {
  const char* name;  // as the node spells it; people may type it in any case
  const char* arguments;
  const char* help;
  bool leaves = false;  // the process ends after it
};

// One value that a node reports about itself. Numbers only are metrics.
struct Fact {
  std::string name;  // lower case, words joined by underscores
  std::variant<std::uint64_t, std::string> value;
  bool grows = false;  // it counts something, and never falls
};

// A file on its way to this node.
struct Transfer {
  std::string name;
  std::uint64_t size = 0;  // bytes; 0 while unknown
  std::uint64_t done = 0;  // of them verified
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

// A counterpart that the node needs: a tracker, or a node to join a ring through.
constexpr Duration longest_silence = std::chrono::seconds(3);
struct Counterpart {
  std::string name;
  Time heard = time_zero;   // the last time; the beginning when never
  Duration patience{};      // silence for so long means that something is wrong
  std::string host_name{};  // as an option gave it, where that was no address: it may be elsewhere by now
};

class NodeView {
 public:
  virtual ~NodeView() = default;

  virtual adapter::HostedNode& process() noexcept = 0;
  // Runs what a person typed, which begins with one of the verbs.
  virtual void command(const std::string& line) { process().command(line); }
  virtual std::span<const Verb> verbs() const noexcept = 0;
  // Lines that are no verb of these are the node's, too.
  virtual bool takes_any_command() const noexcept { return false; }
  virtual std::vector<Fact> status() const = 0;
  virtual std::vector<std::string> peers() const = 0;  // one line for each that it knows
  virtual std::vector<Transfer> transfers() const { return {}; }
  // Whether it has found the counterparts it needs for commands.
  virtual bool is_ready() const { return true; }
  virtual std::vector<Counterpart> counterparts(Time /*now*/) { return {}; }
  // A silent counterpart has a host name, and these are its addresses now.
  virtual void relocate(const std::string& /*host_name*/, const std::vector<adapter::Endpoint>& /*endpoints*/) {}
  // Whether something that a person asked for is not done yet.
  virtual bool is_busy() const { return false; }
  // What is under way that somebody asked for, each thing by a name of the view's own; nothing when the view knows only
  // whether the node is busy.
  virtual std::optional<std::vector<std::string>> tasks() const { return std::nullopt; }
  // Whether such a thing, which is under way no more, came to its good end.
  virtual bool is_done(const std::string& /*task*/) const { return true; }
  // Words that may follow a command, for completion; and a line that the node printed, which may teach some.
  virtual std::vector<std::string> words_after(const Verb&) const { return {}; }
  virtual void hear(std::string_view) {}
  // At its prompt Ctrl-C kills it, as in the coursework, and does not let it leave.
  virtual bool dies_of_interrupt() const noexcept { return false; }
};

}  // namespace peerbed::app
