// `peerbed node ring`: starts a ring, or joins one by address.

#include <algorithm>
#include <chrono>

#include "app/node/node_kinds.h"
#include "app/node/node_options.h"
#include "app/node/node_settings.h"
#include "app/node/value_file.h"
#include "protocols/ring/base/words.h"
#include "protocols/ring/node.h"
#include "scenarios/ring/ring_protocol.h"
#include "scenarios/text/error.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;
using ring::Contact;
using ring::Key;
using ring::Node;

constexpr Verb verb_table[] = {
    {"put", "NAME VALUE|@FILE", "stores a value or the contents of a file"},
    {"get", "NAME [@FILE]", "fetches a value, optionally into a file"},
    {"remove", "NAME", "removes a value"},
    {"lookup", "KEY", "finds the owner of a key"},
    {"quit", "", "hands over its values and exits", true},
};

constexpr Duration fetch_check = 10ms;

class RingView final : public NodeView {
 public:
  RingView(adapter::Host& host, adapter::HostedNodeOf<Node>& hosted, std::vector<Remote> bootstrap)
      : host_(host), hosted_(hosted), bootstrap_(std::move(bootstrap)) {}

  adapter::HostedNode& hosted_node() noexcept override { return hosted_; }
  std::span<const Verb> verbs() const noexcept override { return verb_table; }
  // A value may be read from a file or written to one: @FILE.
  void command(const std::string& line) override {
    ring::Words words(line);
    const auto verb = words.next();
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
    return {{"kind", "ring"},
            {"endpoint", adapter::to_string(hosted_.endpoint())},
            {"key", std::to_string(node.self().value)},
            {"joined", std::uint64_t{node.joined()}},
            {"guest", std::uint64_t{node.is_guest()}},
            {"successors", node.successors().size()},
            {"fingers", node.fingers().size()},
            {"values", node.value_count()}};
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
    for (const Contact& finger : node.fingers()) add("finger:", finger);
    return lines;
  }
  bool is_ready() const override { return hosted_.node().joined() || hosted_.node().is_guest(); }
  // The node does not say which bootstrap node answered; once it is ready, all count as having answered.
  std::vector<Counterpart> counterparts(Time now) override {
    if (is_ready()) ready_ = now;
    std::vector<Counterpart> counterparts;
    for (const Remote& bootstrap_node : bootstrap_)
      counterparts.push_back({adapter::to_string(bootstrap_node.endpoint), ready_, longest_silence,
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
  TraceMeaning meaning_of(std::uint16_t event, const TraceValues& values) const override {
    using ring::TraceEvent;
    const bool is_operation = event == index_of(TraceEvent::put_done) || event == index_of(TraceEvent::get_done);
    if (is_operation) return values[3] == 0 ? TraceMeaning::failure : TraceMeaning::none;  // "success"
    return event == index_of(TraceEvent::datagram_refused) ? TraceMeaning::datagram_refused : TraceMeaning::none;
  }
  std::string remark_on(std::uint16_t event, const TraceValues& values) const override {
    const bool is_closed = event == index_of(ring::TraceEvent::reachability_known) && values[0] == 0;
    return is_closed ? "others cannot reach this node, so it is a guest of the ring: it puts, gets and looks up, and "
                       "holds nothing"
                     : "";
  }
  bool is_busy() const override { return !is_ready() || hosted_.node().pending_operations() > 0 || !fetches_.empty(); }

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
  std::vector<Fetch> fetches_;
  std::vector<Remote> bootstrap_;  // nodes to join through
  Time ready_ = time_zero;         // when it was last seen to be ready
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

// Values are stamped by a clock that hosts agree on; a host's own clock starts with its process.
Duration wall_clock() {
  return std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch());
}

std::unique_ptr<NodeView> make_node_by_address(adapter::Host& host, const Arguments& arguments) {
  const bool joins = arguments.positional().front() == "join";
  if (arguments.positional().size() > 1)
    throw UsageError("unexpected argument '" + arguments.positional()[1] +
                     "'; `node ring start` and `join` take only options");
  for (const char* option : {"base-port", "missed-pings"})
    if (arguments.has(option)) throw UsageError("--" + std::string(option) + " is for `node coursework`");
  adapter::NodeOptions node_options = node_options_of(arguments, loopback_beside(arguments, "via"));
  if (const auto directory = arguments.value("dir")) node_options.content.directory = *directory;
  const std::vector<Remote> remotes = remotes_of(arguments, "via", node_options);
  std::vector<Address> bootstrap;
  for (const Remote& remote : remotes) bootstrap.push_back(remote.endpoint.address());
  if (joins == bootstrap.empty())
    throw UsageError(joins ? "name a member to join through: node ring join --via HOST:PORT"
                           : "--via is for joining; to join a ring, write: node ring join --via HOST:PORT");
  ring::Options read;
  read_settings(arguments, [&](scenarios::MapReader& map) { scenarios::read_ring_options(map, read); });
  if (arguments.has("check-reachability")) {
    if (!joins) throw UsageError("--check-reachability is for joining: who starts a ring has nobody to ask");
    read.check_reachability = true;
  }
  const auto options = std::make_shared<const ring::Options>(read);
  std::optional<Key> key;
  if (const auto text = arguments.value("key")) {
    const auto number = scenarios::parse_count(*text);
    if (!number || !ring::KeySpace(options->key_bits).contains(Key{*number}))
      throw UsageError("--key " + *text + " is not a whole number below 2^" + std::to_string(options->key_bits));
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
      remotes);
}

}  // namespace

Command ring_node_command() {
  return {
      .name = "node ring",
      .summary = "joins or starts a ring that stores values by key",
      .forms = {"start [--listen HOST:PORT] [--dir DIR] [options]",
                "join --via HOST:PORT [--listen HOST:PORT] [options]"},
      .operand = "start|join",
      .description = "Starts or joins a ring. Prompt commands: put, get, remove, lookup, quit.",
      .options = {{"via", "HOST:PORT", "member of the ring to join through", true},
                  {"dir", "DIR", "folder for values (default: memory only)"},
                  {"key", "N", "key on the ring (default: a hash)"},
                  {"check-reachability", nullptr, "be a guest if others cannot reach this node, as behind a NAT"},
                  {"base-port", "PORT", "of `init` and `join PEER`: see node coursework"},
                  {"missed-pings", "N", "of `init` and `join PEER`: see node coursework"},
                  settings_option()},
      .examples = {{"peerbed node ring start --listen 127.0.0.1:5000", "a ring of one"},
                   {"peerbed node ring join --via 127.0.0.1:5000", "and another node"}},
  };
}

std::unique_ptr<NodeView> make_ring_node(adapter::Host& host, const Arguments& arguments) {
  const auto& words = arguments.positional();
  const std::string verb = words.empty() ? "" : words.front();
  // As older versions wrote `node coursework`.
  if (verb == "init" || (verb == "join" && words.size() > 1)) return make_coursework_node(host, arguments);
  if (verb == "start" || verb == "join") return make_node_by_address(host, arguments);
  throw UsageError(verb.empty() ? "missing argument: start or join" : "unknown argument '" + verb + "' (start, join)");
}

}  // namespace peerbed::app
