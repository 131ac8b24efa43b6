#pragma once
// Runs a scenario in the simulated network.

#include <functional>
#include <string>

#include "scenarios/backends/backend.h"
#include "scenarios/backends/network_setup.h"
#include "sim/engine/world.h"

namespace peerbed::scenarios {

class SimulatedBackend final : public Backend {
 public:
  // Uses up to so many threads, and calls `on_one_thread` once, with the reason, if it may use several and uses one.
  SimulatedBackend(const Scenario& scenario, sim::EventQueueKind queue, std::size_t threads = 1,
                   std::function<void(const std::string& why)> on_one_thread = nullptr);

  bool is_simulated() const noexcept override { return true; }
  Time now() const override { return world_.now(); }
  // On several threads, stops after about `limit` events, all those before some time; else after exactly so many.
  bool run_until(Time end, std::uint64_t limit) override;
  std::uint64_t events() const override { return world_.counters().events; }
  std::uint64_t bytes_under_way() const override { return world_.bytes_under_way(); }
  NodeIndex exhausted_node() const override { return world_.exhausted_node(); }
  Backlog backlog() const override { return backlog_of(scenario(), world_); }
  std::uint64_t digest() const override { return world_.digest(); }
  void foresee(std::span<const ScheduledAction> actions) override { network_setup_.foresee(actions); }
  void observe(Observer* observer) override { world_.observe(observer); }
  void observe_links(sim::LinkObserver* observer) override { world_.network().observe_links(observer); }
  // For observers: run_until returns once this event has had its effects.
  void stop_after_event() noexcept { world_.stop_after_event(); }
  void measure(analysis::Metrics& metrics) const override;

  bool takes_commands(NodeIndex node) const override { return world_.status(node) == sim::HostStatus::running; }
  bool command(NodeIndex node, std::string_view line) override { return world_.command(node, line); }
  bool fire_timer(NodeIndex node, TimerId timer) override { return world_.fire_timer(node, timer); }
  bool is_up(NodeIndex node) const override { return world_.status(node) != sim::HostStatus::down; }
  bool has_harmed_messages() const override {
    return world_.counters().corrupted > 0 || world_.stream_counters().harmed_bytes > 0;
  }
  std::unique_ptr<StoredBytes> stored(NodeIndex node, ContentKey key) const override;
  // Not owned; told the fates of datagrams from now on.
  void observe_fates(sim::FateObserver* observer) { world_.network().observe(observer); }

 private:
  void measure_gateways(analysis::Metrics& metrics) const;
  sim::World populated(sim::EventQueueKind queue, std::size_t threads) const;
  bool uses_threads();

  const void* state(NodeIndex node, const std::type_info& type) const override {
    return population_of(node).state(world_, node, type);
  }
  bool start_node(NodeIndex node) override { return world_.start(node); }
  bool crash_node(NodeIndex node, Disk disk) override { return world_.crash(node, disk); }
  bool ask_to_leave(NodeIndex node) override { return world_.leave(node); }
  bool pause_node(NodeIndex node) override { return world_.pause(node); }
  bool resume_node(NodeIndex node) override { return world_.resume(node); }
  std::size_t change_surroundings(const Action& action) override;

  sim::World world_;
  NetworkSetup network_setup_;
  std::size_t threads_;
  std::function<void(const std::string& why)> on_one_thread_;
  // What the world did last on several threads, for the next guess.
  Duration last_span_ = std::chrono::milliseconds(1);
  std::uint64_t last_events_ = 0;
};

}  // namespace peerbed::scenarios
