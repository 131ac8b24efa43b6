// `peerbed node ring`: `init` and `join` as in the coursework, and rings of the chord profile by address.

#include <algorithm>
#include <cctype>
#include <chrono>

#include "app/node/node_kinds.h"
#include "app/node/node_options.h"
#include "app/node/node_settings.h"
#include "app/node/value_file.h"
#include "protocols/ring/node.h"
#include "protocols/ring/words.h"
#include "scenarios/ring/ring_protocol.h"
#include "scenarios/text/error.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;
using ring::Contact;
using ring::Key;
using ring::Node;

constexpr std::uint32_t loopback = 0x7F000001;
constexpr std::uint16_t base_port = 12'000;
constexpr std::uint64_t highest_peer = 255;
constexpr Duration latest_news = 60s;  // in which a death must be noticed, as the coursework requires

constexpr Verb coursework_verbs[] = {
    {"Store", "NNNN", "stores a file at the peer that owns its number"},
    {"Request", "NNNN", "fetches a file into received_NNNN.pdf"},
    {"Quit", "", "tells both predecessors and exits", true},
};
constexpr Verb chord_verbs[] = {
    {"put", "NAME VALUE|@FILE", "stores a value or the contents of a file"},
    {"get", "NAME [@FILE]", "fetches a value, optionally into a file"},
    {"remove", "NAME", "removes a value"},
    {"lookup", "KEY", "finds the owner of a key"},
    {"quit", "", "hands over its values and exits", true},
};

constexpr Duration fetch_check = 10ms;

class RingView final : public NodeView {
 public:
  RingView(adapter::Host& host, adapter::HostedNodeOf<Node>& hosted, bool coursework, std::vector<Remote> bootstrap)
      : host_(host), hosted_(hosted), coursework_(coursework), bootstrap_(std::move(bootstrap)) {}

  adapter::HostedNode& hosted_node() noexcept override { return hosted_; }
  std::span<const Verb> verbs() const noexcept override {
    return coursework_ ? std::span<const Verb>(coursework_verbs) : std::span<const Verb>(chord_verbs);
  }
  // A value may be read from a file or written to one: @FILE.
  void command(const std::string& line) override {
    ring::Words words(line);
    const auto verb = coursework_ ? std::nullopt : words.next();
    if (verb && verb->text == "put") {
      const ring::PutWords put = ring::read_put(words.rest());
      if (put.mistake.empty() && !put.value.quoted && put.value.text.starts_with('@')) return put_file(put);
    } else if (verb && verb->text == "get") {
      const auto name = words.next();
      if (name && !name->text.empty() && words.rest().starts_with('@'))
        return get_file(name->text, std::string(words.rest().substr(1)));
    }
    hosted_.command(line);
  }
  std::vector<Fact> status() const override {
    const Node& node = hosted_.node();
    std::vector<Fact> facts{{"kind", coursework_ ? "ring, coursework" : "ring"},
                            {"endpoint", adapter::to_string(hosted_.endpoint())},
                            {coursework_ ? "peer" : "key", std::to_string(node.self().value)},
                            {"joined", std::uint64_t{node.joined()}},
                            {"successors", node.successors().size()}};
    if (coursework_) return facts;
    facts.push_back({"fingers", node.fingers().size()});
    facts.push_back({"values", node.value_count()});
    return facts;
  }
  std::vector<std::string> peers() const override {
    const Node& node = hosted_.node();
    std::vector<std::string> lines;
    const auto add = [&](const std::string& role, const Contact& contact) {
      lines.push_back(role + " " + std::to_string(contact.key.value) + " at " + to_string(contact.address));
    };
    for (std::size_t i = 0; i < node.successors().size(); ++i)
      add("successor " + std::to_string(i + 1) + ":", node.successors()[i]);
    if (const auto contact = node.predecessor()) add("predecessor:", *contact);
    if (const auto contact = node.second_predecessor()) add("second predecessor:", *contact);
    for (const Contact& finger : node.fingers()) add("finger:", finger);
    return lines;
  }
  bool is_ready() const override { return hosted_.node().joined(); }
  // The node does not say which bootstrap node answered; once it has joined, all count as having answered.
  std::vector<Counterpart> counterparts(Time now) override {
    if (is_ready()) joined_ = now;
    std::vector<Counterpart> counterparts;
    for (const Remote& bootstrap_node : bootstrap_)
      counterparts.push_back({adapter::to_string(bootstrap_node.endpoint), joined_, longest_silence,
                              bootstrap_node.is_name ? bootstrap_node.text : ""});
    return counterparts;
  }
  void relocate(const std::string& host_name, const std::vector<adapter::Endpoint>& endpoints) override {
    const auto bootstrap_node =
        std::find_if(bootstrap_.begin(), bootstrap_.end(), [&](const Remote& one) { return one.text == host_name; });
    const auto endpoint = next_reachable(hosted_.options(), endpoints, bootstrap_node->endpoint);
    if (!endpoint || *endpoint == bootstrap_node->endpoint) return;
    bootstrap_node->endpoint = *endpoint;
    hosted_.ask([&](Node& node, Environment& environment) {
      environment.print(host_name + " is at " + adapter::to_string(*endpoint) + " now");
      node.hear_of(environment, endpoint->address());
    });
  }
  bool is_busy() const override { return !is_ready() || hosted_.node().pending_operations() > 0 || !fetches_.empty(); }
  bool dies_of_interrupt() const noexcept override { return coursework_; }

 private:
  // A value to be written to a file.
  struct Fetch {
    std::uint32_t id = 0;
    std::string name;
    std::string file;
  };

  void put_file(const ring::PutWords& put);
  void get_file(const std::string& name, const std::string& file);
  void write_fetched();
  void refuse(const scenarios::FileError& error) {
    hosted_.ask([&](Node&, Environment& environment) { environment.refuse("file", error.what()); });
  }

  adapter::Host& host_;
  adapter::HostedNodeOf<Node>& hosted_;
  bool coursework_;
  std::vector<Fetch> fetches_;
  std::vector<Remote> bootstrap_;  // nodes to join through
  Time joined_ = time_zero;        // when it was last seen to be a member
};

void RingView::put_file(const ring::PutWords& put) {
  try {
    const auto value = read_value(put.value.text.substr(1));
    hosted_.ask([&](Node& node, Environment& environment) { node.put(environment, put.name, value, put.lifetime); });
  } catch (const scenarios::FileError& error) {
    refuse(error);
  }
}

void RingView::get_file(const std::string& name, const std::string& file) {
  try {
    refuse_unwritable(file);
  } catch (const scenarios::FileError& error) {
    return refuse(error);
  }
  std::uint32_t id = 0;
  hosted_.ask([&](Node& node, Environment& environment) { id = node.fetch(environment, name); });
  fetches_.push_back({id, name, file});
  if (fetches_.size() == 1) write_fetched();
}

// Writes values that have arrived; the rest is checked again later.
void RingView::write_fetched() {
  std::erase_if(fetches_, [this](const Fetch& fetch) {
    if (hosted_.is_running() && hosted_.node().is_pending(fetch.id)) return false;
    hosted_.ask([&](Node& node, Environment& environment) {
      const auto value = node.take_fetched(fetch.id);
      if (!value) return;  // already reported
      try {
        write_value(fetch.file, *value);
        environment.print(ring::shown(fetch.name) + " is in " + ring::shown(fetch.file));
      } catch (const scenarios::FileError& error) {
        environment.refuse("file", error.what());
      }
    });
    return true;
  });
  if (!fetches_.empty()) host_.after(fetch_check, [this] { write_fetched(); });
}

// ---------------------------------------------------------------------------------------------------------------------
// The coursework

std::uint64_t peer_of(const std::string& word, const char* what) {
  const auto number = scenarios::parse_count(word);
  if (!number || *number > highest_peer)
    throw UsageError(std::string(what) + " '" + word + "' is no peer; peers are numbered from 0 to 255");
  return *number;
}

// Parses "30" or "0.5" (seconds), or a duration with a unit.
Duration ping_interval_of(const std::string& word) {
  const auto seconds = scenarios::parse_number(word);
  const auto duration = scenarios::parse_duration(seconds ? word + "s" : word);
  if (!duration || *duration < 10ms || *duration > 1h)
    throw UsageError("PING_INTERVAL '" + word + "' is no number of seconds from 0.01 to 3600");
  return *duration;
}

// Chosen so that a death is noticed within a minute if possible: three missed pings, or fewer if pings are rare.
unsigned missed_pings_of(const Arguments& arguments, Duration interval) {
  const auto text = arguments.value("missed-pings");
  if (!text) return static_cast<unsigned>(std::clamp<std::int64_t>(latest_news / interval - 1, 1, 3));
  const auto number = scenarios::parse_count(*text);
  if (!number || *number < 1 || *number > 16) throw UsageError("--missed-pings " + *text + " is not from 1 to 16");
  return static_cast<unsigned>(*number);
}

constexpr std::string_view suffix = ".pdf";

// NNNN.pdf in the directory is the file NNNN, and received_NNNN.pdf is one that was fetched.
adapter::VisibleContent coursework_files() {
  adapter::VisibleContent files;
  files.name_of = [](ContentKey key) {
    const std::string digits = std::to_string(10'000 + key.value % ring::coursework::received_content).substr(1);
    return (key.value >= ring::coursework::received_content ? "received_" : "") + digits + std::string(suffix);
  };
  files.key_of = [](std::string_view name) -> std::optional<ContentKey> {
    const bool is_file = name.size() == 4 + suffix.size() && name.ends_with(suffix) &&
                         std::all_of(name.begin(), name.begin() + 4, [](unsigned char c) { return std::isdigit(c); });
    if (!is_file) return std::nullopt;
    return ContentKey{scenarios::parse_count(name.substr(0, 4)).value()};
  };
  return files;
}

std::unique_ptr<NodeView> make_coursework_node(adapter::Host& host, const Arguments& arguments) {
  const auto& words = arguments.positional();
  const bool init = words.front() == "init";
  const char* usage = init ? "write: node ring init PEER SUCCESSOR1 SUCCESSOR2 PING_INTERVAL"
                           : "write: node ring join PEER KNOWN_PEER PING_INTERVAL, or node ring join --via HOST:PORT";
  if (words.size() != (init ? 5u : 4u)) throw UsageError(usage);
  for (const char* option : {"via", "key", "dir", "listen", "advertise", "set"})
    if (arguments.has(option))
      throw UsageError("--" + std::string(option) +
                       " is for rings by address; peers with numbers listen on 127.0.0.1 "
                       "and share the current directory");
  auto base = std::uint64_t{base_port};
  if (const auto text = arguments.value("base-port")) {
    const auto number = scenarios::parse_count(*text);
    if (!number || *number == 0 || *number > UINT16_MAX - highest_peer)
      throw UsageError("--base-port " + *text + " leaves no room for 256 peers; take one from 1 to 65280");
    base = *number;
  }
  const auto contact_of = [&](std::size_t word, const char* what) {
    const std::uint64_t peer = peer_of(words[word], what);
    return Contact{Key{peer}, Address::ipv4(loopback, static_cast<std::uint16_t>(base + peer))};
  };
  const Contact self = contact_of(1, "PEER");
  const Contact first = contact_of(2, init ? "SUCCESSOR1" : "KNOWN_PEER");
  const Contact second = init ? contact_of(3, "SUCCESSOR2") : Contact{};
  if (!init && first == self) throw UsageError("a peer cannot join through itself; name one that is in the network");

  ring::Options options;
  options.profile = ring::Profile::coursework;
  options.key_bits = 8;
  options.ping_interval = ping_interval_of(words.back());
  options.missed_pings = missed_pings_of(arguments, options.ping_interval);
  options.rpc_timeout = std::min(options.rpc_timeout, options.ping_interval);
  adapter::NodeOptions node_options = node_options_of(arguments, *adapter::Endpoint::of(self.address));
  node_options.content.directory = ".";
  node_options.content.hidden = ".peerbed-" + std::to_string(self.key.value);
  node_options.content.visible = coursework_files();
  const auto shared = std::make_shared<const ring::Options>(options);
  return std::make_unique<RingView>(
      host,
      host.add<Node>(node_options,
                     [=](Address) {
                       return init ? Node::coursework_init(shared, self, first, second)
                                   : Node::coursework_join(shared, self, first);
                     }),
      true,
      init ? std::vector<Remote>{}
           : std::vector{Remote{to_string(first.address), *adapter::Endpoint::of(first.address)}});
}

// ---------------------------------------------------------------------------------------------------------------------
// Rings by address

// Values are stamped by a clock that hosts agree on; a host's own clock starts with its process.
Duration wall_clock() {
  return std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch());
}

std::unique_ptr<NodeView> make_chord_node(adapter::Host& host, const Arguments& arguments) {
  const bool joins = arguments.positional().front() == "join";
  if (arguments.positional().size() > 1)
    throw UsageError("'" + arguments.positional()[1] + "' is no option; a ring by address takes options only");
  for (const char* option : {"base-port", "missed-pings"})
    if (arguments.has(option)) throw UsageError("--" + std::string(option) + " is for `init` and `join` by numbers");
  adapter::NodeOptions node_options = node_options_of(arguments, loopback_beside(arguments, "via"));
  if (const auto directory = arguments.value("dir")) node_options.content.directory = *directory;
  const std::vector<Remote> remotes = remotes_of(arguments, "via", node_options);
  std::vector<Address> bootstrap;
  for (const Remote& remote : remotes) bootstrap.push_back(remote.endpoint.address());
  if (joins == bootstrap.empty())
    throw UsageError(joins ? "say which node to join through: node ring join --via HOST:PORT"
                           : "a ring that starts has no node to go --via; write: node ring join --via HOST:PORT");
  ring::Options read;
  read_settings(arguments, [&](scenarios::MapReader& map) { scenarios::read_ring_options(map, read); });
  const auto options = std::make_shared<const ring::Options>(read);
  std::optional<Key> key;
  if (const auto text = arguments.value("key")) {
    const auto number = scenarios::parse_count(*text);
    if (!number || !ring::KeySpace(options->key_bits).contains(Key{*number}))
      throw UsageError("--key " + *text + " is no whole number below 2^" + std::to_string(options->key_bits));
    key = Key{*number};
  }
  // Without a key of its own, a node's key is derived from its address, so that it returns to the same position.
  return std::make_unique<RingView>(
      host,
      host.add<Node>(node_options,
                     [=, &host](Address self) {
                       const ring::KeySpace space(options->key_bits);
                       Node node =
                           Node::joining(options, key.value_or(ring::key_of_name(to_string(self), space)), bootstrap);
                       node.set_clock_offset(wall_clock() - (host.now() - time_zero));
                       return node;
                     }),
      false, remotes);
}

}  // namespace

Command ring_node_command() {
  return {
      .name = "node ring",
      .summary = "joins or starts a ring that stores values by key",
      .forms = {"start [--listen HOST:PORT] [--dir DIR] [options]",
                "join --via HOST:PORT [--listen HOST:PORT] [options]",
                "init PEER SUCCESSOR1 SUCCESSOR2 PING_INTERVAL [options]",
                "join PEER KNOWN_PEER PING_INTERVAL [options]"},
      .operand = "start|join|init",
      .description =
          "Starts or joins a ring, either by address (prompt commands: put, get, remove, lookup, quit) or by peer "
          "numbers as in the coursework (Store, Request, Quit).",
      .options = {{"via", "HOST:PORT", "by address: member of the ring to join through", true},
                  {"dir", "DIR", "by address: folder for values (default: memory only)"},
                  {"key", "N", "by address: key on the ring (default: a hash)"},
                  {"base-port", "PORT", "by numbers: peer N uses PORT + N (default: 12000)"},
                  {"missed-pings", "N", "by numbers: missed pings until a successor is dead"},
                  settings_option()},
      .examples = {{"peerbed node ring start --listen 127.0.0.1:5000", "a ring of one"},
                   {"peerbed node ring join --via 127.0.0.1:5000", "and another node"},
                   {"peerbed node ring init 2 4 5 30", "peer 2, before 4 and 5, which it pings every 30 s"}},
  };
}

std::unique_ptr<NodeView> make_ring_node(adapter::Host& host, const Arguments& arguments) {
  const auto& words = arguments.positional();
  const std::string scheduled = words.empty() ? "" : words.front();
  if (scheduled == "init" || (scheduled == "join" && words.size() > 1)) return make_coursework_node(host, arguments);
  if (scheduled == "start" || scheduled == "join") return make_chord_node(host, arguments);
  throw UsageError(scheduled.empty()
                       ? "say what to do with the ring: init, join or start"
                       : "'" + scheduled + "' is nothing that a ring does; there are init, join and start");
}

}  // namespace peerbed::app
