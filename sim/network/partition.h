#pragma once
// Which hosts a thread simulates, and how far it may run ahead of the others. Hosts are dealt to lanes. A datagram
// takes at least the lookahead to get from one lane to another, so during that time no lane needs to hear of the others
// (Chandy and Misra 1979).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/network/network.h"

namespace peerbed::sim {

using LaneIndex = std::uint8_t;
constexpr std::size_t maximum_lanes = 64;

// Deals hosts to lanes, as many to each: neighbours to one lane, since they lie side by side in memory. `firsts` are
// the first hosts of the populations, in order; each population is dealt by itself, because its nodes do alike work.
// Every lane gets a host if there are as many.
std::vector<LaneIndex> deal_hosts(std::size_t hosts, std::span<const NodeIndex> firsts, std::size_t lanes);

// The same, but hosts at one site, or at sites close to each other, get the same lane, so that the lookahead is as long
// as it can be while no lane has a fifth more hosts than its share. Goes by the default conditions of the network.
// Returns nothing if these treat all sites alike, or if there are too few sites for that, or very many.
std::vector<LaneIndex> deal_sites(const Network& network, std::size_t lanes);

// A lower bound of the time that a datagram takes from a host of one lane to a host of another; at least 1 ns.
Duration lookahead(const Network& network, std::span<const LaneIndex> lane_of);

// Why one thread must send the datagrams of all hosts, as a clause; empty if several may.
std::string_view obstacle_to_lanes(const Network& network);

}  // namespace peerbed::sim
