// `peerbed node PROTOCOL`: a member of an overlay whose members are known from the beginning, for any protocol that a
// program adds.

#include <algorithm>

#include "app/node/node_kinds.h"
#include "app/node/node_options.h"
#include "app/node/node_settings.h"
#include "scenarios/protocol/population.h"

namespace peerbed::app {
namespace {

// A protocol's commands as verbs. A command that it does not list is passed on as typed.
class MemberView final : public NodeView {
 public:
  MemberView(adapter::HostedNode& hosted_node, std::string kind, std::span<const CommandForm> forms,
             std::vector<Address> members)
      : process_(hosted_node), kind_(std::move(kind)), members_(std::move(members)) {
    for (const CommandForm& form : forms) add(form);
    for (const Words& each : words_)
      verbs_.push_back({each.name.c_str(), each.arguments.c_str(), each.meaning.c_str(), false});
  }

  adapter::HostedNode& hosted_node() noexcept override { return process_; }
  std::span<const Verb> verbs() const noexcept override { return verbs_; }
  bool takes_any_command() const noexcept override { return verbs_.empty(); }
  std::vector<Fact> status() const override {
    return {{"kind", kind_},
            {"endpoint", adapter::to_string(process_.endpoint())},
            {"members", std::uint64_t{members_.size()}}};
  }
  std::vector<std::string> peers() const override {
    std::vector<std::string> lines;
    for (const Address member : members_) lines.push_back(to_string(member));
    return lines;
  }

 private:
  struct Words {
    std::string name;
    std::string arguments;
    std::string meaning;
  };

  // Adds a verb for each spelling of the first word.
  void add(const CommandForm& form) {
    const std::size_t end = std::min(form.form.find(' '), form.form.size());
    const std::string arguments(form.form.substr(std::min(end + 1, form.form.size())));
    std::string_view names = form.form.substr(0, end);
    while (!names.empty()) {
      const std::size_t bar = std::min(names.find('|'), names.size());
      words_.push_back({std::string(names.substr(0, bar)), arguments, std::string(form.meaning)});
      names.remove_prefix(std::min(bar + 1, names.size()));
    }
  }

  adapter::HostedNode& process_;
  std::string kind_;
  std::vector<Words> words_;
  std::vector<Verb> verbs_;
  std::vector<Address> members_;
};

std::vector<Address> members_in(const Arguments& arguments, const adapter::NodeOptions& node_options) {
  std::vector<Address> members;
  for (const Remote& member : remotes_of(arguments, "member", node_options))
    members.push_back(member.endpoint.address());
  if (members.size() < arguments.values("member").size()) throw UsageError("a --member is given twice");
  return members;
}

}  // namespace

std::unique_ptr<NodeView> make_member_node(adapter::Host& host, const Arguments& arguments,
                                           const scenarios::Protocol& protocol) {
  const std::string name(protocol.name());
  if (!arguments.positional().empty())
    throw UsageError("unexpected argument '" + arguments.positional().front() + "'; a member takes only options");
  if (!arguments.has("listen")) throw UsageError("give this member's own address with --listen HOST:PORT");
  adapter::NodeOptions node_options = node_options_of(arguments, {});
  if (const auto directory = arguments.value("dir")) node_options.content.directory = *directory;
  const auto members = std::make_shared<const std::vector<Address>>(members_in(arguments, node_options));
  const Address self = node_options.advertised.value_or(node_options.listen).address();
  const auto own = std::find(members->begin(), members->end(), self);
  if (own == members->end())
    throw UsageError("none of the members is " + to_string(self) +
                     ": name all of them, in the same order at each, with --member HOST:PORT");
  std::shared_ptr<const scenarios::GroupOptions> options;
  read_settings(arguments, [&](scenarios::MapReader& map) { options = protocol.read_options(map, members->size()); });
  const auto population = protocol.members(options, members);
  const auto index = static_cast<NodeIndex>(own - members->begin());
  return std::make_unique<MemberView>(population->enter(host, node_options, index, 0), name,
                                      protocol.commands(*options), *members);
}

Command member_node_command(const scenarios::Protocol& protocol) {
  const std::string name(protocol.name());
  return {
      .name = "node " + name,
      .summary = std::string(protocol.summary()),
      .forms = {"--listen HOST:PORT --member HOST:PORT... [options]"},
      .description =
          "Runs one member of an overlay whose members are known from the beginning: those of --member, in the "
          "same order at each. --listen says which of them it is.",
      .options = {{"member", "HOST:PORT", "a member; once for each of them, itself too", true},
                  {"dir", "DIR", "where it keeps content; else in memory alone"},
                  settings_option()},
      .examples = {{"peerbed node " + name + " --listen 127.0.0.1:5001 --member 127.0.0.1:5001 --member 127.0.0.1:5002",
                    "the first of two"}},
  };
}

}  // namespace peerbed::app
