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
  const char* name;  // as the node spells it; users may type it in any case
  const char* arguments;
  const char* help;
  bool leaves = false;  // the process ends after it
};

// One value that a node reports about itself. Only numbers become metrics.
struct Fact {
  std::string name;  // lower case, words joined by underscores
  std::variant<std::uint64_t, std::string> value;
  bool grows = false;  // a counter: it never falls
};

// A file being downloaded to this node.
struct Transfer {
  std::string name;
  std::uint64_t size = 0;  // bytes; 0 while unknown
  std::uint64_t done = 0;  // verified bytes
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

// Another node that this one needs: a tracker, or a node to join a ring through.
constexpr Duration longest_silence = std::chrono::seconds(3);
struct Counterpart {
  std::string name;
  Time heard = time_zero;  // when it last was; time zero if never
  Duration patience{};     // longer silence means that something is wrong
  // As an option gave it, unless that was an address. It may resolve to another endpoint by now.
  std::string host_name{};
};

// What a trace event of the node means to its operator.
enum class TraceMeaning : std::uint8_t {
  none,
  failure,           // the node failed to do what it was told to
  datagram_refused,  // values: from whom, its size, and its version if that is another one
};

class NodeView {
 public:
  virtual ~NodeView() = default;

  virtual adapter::HostedNode& hosted_node() noexcept = 0;
  // Runs a line that the user typed, which begins with one of the verbs.
  virtual void command(const std::string& line) { hosted_node().command(line); }
  virtual std::span<const Verb> verbs() const noexcept = 0;
  // Whether the node also takes lines that begin with none of these verbs.
  virtual bool takes_any_command() const noexcept { return false; }
  virtual std::vector<Fact> status() const = 0;
  virtual std::vector<std::string> peers() const = 0;  // one line per known peer
  virtual std::vector<Transfer> transfers() const { return {}; }
  // Whether it has found the other nodes that its commands need.
  virtual bool is_ready() const { return true; }
  virtual std::vector<Counterpart> counterparts(Time /*now*/) { return {}; }
  // A silent counterpart has this host name; these are its current addresses.
  virtual void relocate(const std::string& /*host_name*/, const std::vector<adapter::Endpoint>& /*endpoints*/) {}
  virtual TraceMeaning meaning_of(std::uint16_t /*event*/, const TraceValues& /*values*/) const {
    return TraceMeaning::none;
  }
  // A sentence for the operator about a trace event of the node; empty for none.
  virtual std::string remark_on(std::uint16_t /*event*/, const TraceValues& /*values*/) const { return {}; }
  // Whether something that the user asked for is not done yet.
  virtual bool is_busy() const { return false; }
  // The tasks under way that somebody asked for, each by a name of the view's choice; nothing if the view knows only
  // whether the node is busy.
  virtual std::optional<std::vector<std::string>> tasks() const { return std::nullopt; }
  // Whether a task that is no longer under way succeeded.
  virtual bool is_done(const std::string& /*task*/) const { return true; }
  // Words that may follow a command, for completion.
  virtual std::vector<std::string> words_after(const Verb&) const { return {}; }
  // Whether Ctrl-C at its prompt kills it, as in the coursework, instead of letting it leave.
  virtual bool dies_of_interrupt() const noexcept { return false; }
};

}  // namespace peerbed::app
