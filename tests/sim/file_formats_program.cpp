// Prints what our readers make of a file, for file_formats_test.py: a word and a value on each line.
// Usage: file_formats_program graph FILE [LATENCY [RATE]] | csv FILE | text FILE | king FILE | wondernetwork FILE |
//        mahimahi FILE | rates FILE | avt FILE | intervals FILE

#include <chrono>
#include <exception>
#include <iostream>
#include <string>

#include "sim/network/delay_files.h"
#include "sim/network/rate_schedule.h"
#include "sim/network/topology.h"
#include "sim/random/availability_trace.h"

using namespace peerbed;
using namespace peerbed::sim;

namespace {

void print(const DelayMatrix& delays) {
  for (const std::string& name : delays.names()) std::cout << "site " << name << '\n';
  for (SiteIndex from = 0; from < delays.size(); ++from)
    for (SiteIndex to = 0; to < delays.size(); ++to)
      std::cout << "delay " << from << ' ' << to << ' ' << delays(from, to).count() << '\n';
}

void print(const Topology& topology) {
  for (const TopologyLink& link : topology.links)
    std::cout << "link " << link.from << ' ' << link.to << ' ' << link.delay.count() << ' ' << link.rate.bits_per_second
              << '\n';
  for (SiteIndex i = 0; i < topology.sites.size(); ++i) {
    const TopologySite& site = topology.sites[i];
    if (site.within) std::cout << "within " << i << ' ' << site.within->count() << '\n';
    if (site.location)
      std::cout << "place " << i << ' ' << site.location->latitude << ' ' << site.location->longitude << '\n';
  }
  print(shortest_path_delays(topology));
}

void print(const RateSchedule& schedule, Duration step) {
  for (int i = 0; i < 40; ++i) {
    const Time from = time_zero + step * i;
    std::cout << "bytes " << schedule.bytes_between(from, from + step) << '\n';
  }
}

void print(const AvailabilityTrace& trace) {
  for (std::size_t host = 0; host < trace.hosts.size(); ++host)
    for (const UpInterval& interval : trace.hosts[host])
      std::cout << "up " << trace.names[host] << ' ' << interval.start.count() << ' ' << interval.end.count() << '\n';
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  const std::string kind = words[1];
  const std::string file = words[2];
  const auto word = [&](int place) { return count > place ? std::string(words[place]) : std::string(); };
  try {
    if (kind == "graph") print(load_topology(file, {.latency_attribute = word(3), .rate_attribute = word(4)}));
    if (kind == "csv") print(load_delay_csv(file, DelayUnit::milliseconds, DelayMeasure::one_way));
    if (kind == "text") print(load_delay_text(file, DelayUnit::milliseconds, DelayMeasure::one_way));
    if (kind == "king") print(load_king(file));
    if (kind == "wondernetwork") print(load_wondernetwork(file));
    if (kind == "mahimahi") print(load_mahimahi(file), std::chrono::milliseconds(25));
    if (kind == "rates") print(load_rate_table(file), std::chrono::milliseconds(500));
    if (kind == "avt") print(load_availability_trace(file));
    if (kind == "intervals") print(load_availability_trace(file, {.format = TraceFormat::csv}));
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
    return 1;
  }
  return 0;
}
