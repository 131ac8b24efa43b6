#include "scenarios/swarm/swarm_check.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "scenarios/check/names.h"
#include "scenarios/check/node_check_of.h"
#include "scenarios/swarm/checked_downloads.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t most_pieces = 8;
const std::string integrity = "no peer believes a wrong byte";
const std::string ending = "downloads end";

CheckedPeer::Beginning beginning_of(std::span<const std::string> commands) {
  CheckedPeer::Beginning beginning;
  for (const std::string& command : commands) {
    const std::size_t blank = command.find(' ');
    const std::string verb = command.substr(0, blank);
    if (blank == std::string::npos || (verb != "ADD" && verb != "DOWN"))
      throw CheckError("peers of a check are told to ADD and DOWN files when they start; remove '" + command + "'");
    (verb == "ADD" ? beginning.added : beginning.wanted).push_back(command.substr(blank + 1));
  }
  return beginning;
}

void add_properties(NodeCheckOf<CheckedPeer>& check, const CheckPlan& plan, OriginalFiles originals) {
  const bool takes_all = plan.always.empty() && plan.eventually.empty();
  if (takes_all || !chosen_names(plan.always, {integrity}, "property").empty())
    check.always.push_back({integrity, [originals = std::move(originals)](const check::View<CheckedPeer>& view) {
                              return wrong_bytes_in(view, originals);
                            }});
  if (takes_all || !chosen_names(plan.eventually, {ending}, "property").empty())
    check.eventually.push_back({ending, [liars = check.options.liars](const check::View<CheckedPeer>& view) {
                                  return unfinished_in(view, liars);
                                }});
}

}  // namespace

std::unique_ptr<NodeCheck> swarm_check(std::span<const SwarmGroup> groups, const CheckPlan& plan) {
  if (!plan.timers.empty()) throw CheckError("all timers of a peer fire; remove `timers`");
  if (!plan.contract.empty()) chosen_names(std::vector{plan.contract}, {"none"}, "contract");
  std::vector<Address> peers;
  for (const SwarmGroup& group : groups)
    for (std::size_t i = 0; i < group.count && !group.is_tracker; ++i)
      peers.push_back(group.address.plus(static_cast<std::uint32_t>(i)));
  auto check = std::make_unique<NodeCheckOf<CheckedPeer>>(plan);
  check::NodeOptions<CheckedPeer>& options = check->options;
  OriginalFiles originals;
  std::vector<bool> is_tracker;
  for (std::size_t place = 0; place < groups.size(); ++place) {
    const SwarmGroup& group = groups[place];
    std::map<std::string, check::StoredContent> files;
    for (const FileOnDisk& file : group.files) {
      if (file.size > most_pieces * group.options->piece_size)
        throw CheckError("a file of a check has at most " + std::to_string(most_pieces) + " pieces; make " + file.name +
                         " smaller");
      files[file.name] = original_file(file.seed(), file.size, group.options->piece_size);
      originals[file.name] = files[file.name];
    }
    const swarm::SharedOptions checked = checked_options(*group.options);
    const auto beginning =
        plan.on_start.empty() || group.is_tracker ? CheckedPeer::Beginning{} : beginning_of(plan.on_start[place]);
    for (std::size_t i = 0; i < group.count; ++i) {
      const auto node = static_cast<NodeIndex>(options.nodes.size());
      CheckedPeer::Beginning own = beginning;
      own.peers = peers;
      options.nodes.emplace_back(checked, std::move(own));
      options.addresses.push_back(group.address.plus(static_cast<std::uint32_t>(i)));
      options.files.push_back(files);
      is_tracker.push_back(group.is_tracker);
      if (group.is_established && !group.is_tracker) options.started.push_back(node);
    }
  }
  options.disks_take_time = plan.disks_take_time;
  options.allows = [is_tracker](const check::View<CheckedPeer>&, const check::NodeAction& action) {
    return !is_tracker[action.node];
  };
  // Any timer may fire at any time, so often as the budget says.
  if (plan.clock == CheckClock::hasty) options.is_deadline.fill(false);
  options.age = checked_age;
  check->scope.timed = true;
  check->scope.horizon = checked_horizon;
  add_properties(*check, plan, std::move(originals));
  check->assumptions = {"peers know one another, as a tracker tells", "waits end when a timer fires"};
  check->assumptions.emplace_back(plan.disks_take_time ? "disks never fail" : "disks answer at once and never fail");
  return check;
}

}  // namespace peerbed::scenarios
