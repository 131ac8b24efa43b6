#include "scenarios/backends/node_namespaces.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <utility>

#include "adapter/base/endpoint.h"
#include "adapter/base/file_descriptor.h"
#include "scenarios/backends/network_setup.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

namespace fs = std::filesystem;

constexpr const char* prefix = "peerbed-run-";
constexpr const char* folder_of_namespaces = "/run/netns";
constexpr std::uint64_t least_burst = 4000;          // bytes: two packets and a little more
constexpr std::uint64_t bursts_a_second = 250;       // of a link, as the kernel's clock has it
constexpr std::uint64_t default_queue = 256 * 1024;  // bytes
constexpr Duration shortest_interval = std::chrono::milliseconds(100);
constexpr Duration interval_of_link = std::chrono::milliseconds(50);
constexpr double fastest_rate = 100e9;       // bits a second: as good as none
constexpr std::uint64_t least_rate = 8'000;  // bits a second: tbf has no rate of nothing

// Gives a tool its standard input, and waits for it; false when it fails or is not there.
bool run_tool(const char* command, const std::string& input) {
  ::FILE* tool = ::popen((std::string(command) + " 2>/dev/null").c_str(), "we");
  if (tool == nullptr) return false;
  std::fwrite(input.data(), 1, input.size(), tool);
  return ::pclose(tool) == 0;
}

// A class of shaping that lets the link's rate through, and queues as much as the link does.
std::string shaped(const std::string& device, const sim::LinkLimit& limit, sim::Rate wanted) {
  const std::uint64_t rate = std::max(wanted.bits_per_second, least_rate);
  const std::uint64_t burst = std::max(least_burst, rate / 8 / bursts_a_second);
  const std::uint64_t queue = limit.queue_bytes == 0 ? default_queue : limit.queue_bytes;
  return "qdisc replace dev " + device + " root tbf rate " + std::to_string(rate) + "bit burst " +
         std::to_string(burst) + " limit " + std::to_string(std::max(queue, burst)) + "\n";
}

// Namespaces of runs whose process is gone.
void remove_abandoned() {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_of_namespaces, ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix)) continue;
    const auto owner = parse_count(
        name.substr(std::char_traits<char>::length(prefix), name.rfind('-') - std::char_traits<char>::length(prefix)));
    if (owner && ::kill(static_cast<pid_t>(*owner), 0) != 0 && errno == ESRCH)
      run_tool("ip -batch -", "netns del " + name + "\n");
  }
}

}  // namespace

NodeNamespaces::NodeNamespaces(const Scenario& scenario, std::span<const ScheduledAction> actions) {
  if (::geteuid() != 0)
    throw FileError("--netns creates network namespaces, which needs root; use sudo, or --processes");
  remove_abandoned();
  try {
    make(scenario);
    note_varying(scenario, actions);
  } catch (...) {
    remove();
    throw;
  }
}

NodeNamespaces::~NodeNamespaces() { remove(); }

std::string NodeNamespaces::name_of(const std::string& part) const {
  return prefix + std::to_string(::getpid()) + "-" + part;
}

std::vector<std::string> NodeNamespaces::inside(NodeIndex node, std::vector<std::string> command) const {
  // The tool would be /proc/self/exe by then.
  std::error_code error;
  if (!command.empty() && command.front() == "/proc/self/exe")
    command.front() = fs::read_symlink("/proc/self/exe", error);
  std::vector<std::string> words{"ip", "netns", "exec", name_of(std::to_string(node))};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

void NodeNamespaces::make(const Scenario& scenario) {
  const auto demand = [](bool done) {
    if (!done)
      throw FileError(
          "--netns: this machine does not allow shaped network namespaces (`ip netns`, `tc` with tbf); use "
          "--processes");
  };
  const SitePlacement placement(scenario);
  const std::string hub = name_of("hub");
  names_.push_back(hub);
  demand(run_tool("ip -batch -", "netns add " + hub + "\n"));
  std::string links = "link add name hub type bridge\nlink set dev hub up\n";
  std::string downlinks;
  for (NodeIndex node = 0; node < scenario.node_count(); ++node) {
    const std::string number = std::to_string(node);
    const std::string name = name_of(number);
    names_.push_back(name);
    demand(run_tool("ip -batch -", "netns add " + name + "\n"));
    links += "link add name n" + number + " type veth peer name link netns " + name + "\nlink set dev n" + number +
             " master hub up\n";
    if (const sim::LinkLimit down = placement.downlink(node); down.is_limited())
      downlinks += shaped("n" + number, down, down.rate);
  }
  demand(run_tool(("ip -n " + hub + " -batch -").c_str(), links));
  demand(downlinks.empty() || run_tool(("tc -n " + hub + " -batch -").c_str(), downlinks));
  for (NodeIndex node = 0; node < scenario.node_count(); ++node) {
    const std::string name = name_of(std::to_string(node));
    const Group& group = scenario.group_of(node);
    const Address own = group.plan.address_of(node);
    // A new IPv6 address is not used for a second while the kernel looks for its duplicates; there are none.
    const std::string address = host_text(own) + (own.is_ipv6() ? "/96 nodad" : "/16");
    demand(run_tool(("ip -n " + name + " -batch -").c_str(),
                    "link set dev lo up\naddress add " + address + " dev link\nlink set dev link up\n"));
    if (const sim::LinkLimit up = placement.uplink(node); up.is_limited())
      demand(run_tool(("tc -n " + name + " -batch -").c_str(), shaped("link", up, up.rate)));
  }
}

void NodeNamespaces::note_varying(const Scenario& scenario, std::span<const ScheduledAction> actions) {
  std::map<std::pair<NodeIndex, bool>, sim::LinkLimit> limits;
  for (NodeIndex node = 0; node < scenario.node_count(); ++node) {
    const Group& group = scenario.group_of(node);
    if (group.uplink && group.uplink->schedule) limits[{node, true}] = *group.uplink;
    if (group.downlink && group.downlink->schedule) limits[{node, false}] = *group.downlink;
  }
  for (const ChangedLink& link : changed_links(scenario, actions)) limits[{link.node, link.is_uplink}] = link.limit;
  for (const auto& [end, limit] : limits) varying_.push_back({end.first, end.second, limit, {}});
  interval_ = std::max(shortest_interval, interval_of_link * static_cast<std::int64_t>(varying_.size()));
  keep_rates(time_zero);
}

void NodeNamespaces::keep_rates(Time now) {
  if (varying_.empty() || now < next_) return;
  std::string downlinks;
  for (Varying& link : varying_) {
    // Bits a second, of an interval in nanoseconds.
    const std::uint64_t bytes = link.limit.schedule->bytes_between(now, now + interval_);
    const double rate = static_cast<double>(bytes) * 8e9 / static_cast<double>(interval_.count());
    const sim::Rate mean{static_cast<std::uint64_t>(std::min(rate, fastest_rate))};
    if (mean == link.set) continue;
    link.set = mean;
    const std::string number = std::to_string(link.node);
    if (link.is_uplink)
      run_tool(("tc -n " + name_of(number) + " -batch -").c_str(), shaped("link", link.limit, mean));
    else
      downlinks += shaped("n" + number, link.limit, mean);
  }
  if (!downlinks.empty()) run_tool(("tc -n " + name_of("hub") + " -batch -").c_str(), downlinks);
  next_ = now + interval_;
}

Address NodeNamespaces::first_address(const Scenario& scenario) noexcept {
  constexpr std::uint32_t host = (10U << 24) | (77U << 16) | 1;
  return scenario.network.family == AddressFamily::ipv6 ? Address::laboratory(host, sim::host_port)
                                                        : Address::ipv4(host, sim::host_port);
}

void NodeNamespaces::remove() noexcept {
  for (const std::string& name : names_) run_tool("ip -batch -", "netns del " + name + "\n");
}

}  // namespace peerbed::scenarios
