#include "scenarios/search/generator.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>

#include "scenarios/plan/command_template.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t campaign_purpose = 0xCA3BA16;  // separate these draws from all others of the seed
constexpr std::uint64_t variation_purpose = 0x7A21A7;
constexpr std::uint64_t command_purpose = 0xC033A2D;
constexpr std::uint64_t aim_purpose = 0xA13;
constexpr std::uint64_t moment_purpose = 0x303E27;
constexpr std::uint64_t most_command_number = 16;  // few values of {number}, so that commands meet

constexpr std::array deed_faults{SearchFault::start, SearchFault::crash, SearchFault::wipe,
                                 SearchFault::leave, SearchFault::pause, SearchFault::partition,
                                 SearchFault::clog,  SearchFault::clock, SearchFault::command};
// A single message is changed where a run has shown that it matters, never at random.
constexpr std::array message_faults{SearchFault::loss, SearchFault::duplicate, SearchFault::latency};

// Uniform on a logarithmic scale, to the precision of a power of two and a uniform draw within it.
Duration drawn_between(Duration least, Duration most, KeyedStream& draws) {
  const auto low = static_cast<std::uint64_t>(std::max<std::int64_t>(least.count(), 1));
  const auto high = std::max(low, static_cast<std::uint64_t>(most.count()));
  const auto octaves = static_cast<std::uint64_t>(std::bit_width(high / low));
  const std::uint64_t base = low << draws.below(octaves);
  const std::uint64_t value = base + draws.below(base);
  return Duration(static_cast<std::int64_t>(std::min(value, high)));
}

Duration whole_milliseconds(Duration duration) {
  using Milliseconds = std::chrono::milliseconds;
  return std::max<Duration>(std::chrono::duration_cast<Milliseconds>(duration), Milliseconds(1));
}

// All kinds are drawn equally often, and all moments of one kind.
const Moment* drawn(std::span<const Moment> moments, std::uint64_t draw) {
  std::vector<std::uint32_t> kinds;
  for (const Moment& moment : moments)
    if (std::find(kinds.begin(), kinds.end(), kind_of(moment)) == kinds.end()) kinds.push_back(kind_of(moment));
  if (kinds.empty()) return nullptr;
  const std::uint32_t kind = kinds[to_below(draw, kinds.size())];
  std::vector<const Moment*> some;
  for (const Moment& moment : moments)
    if (kind_of(moment) == kind) some.push_back(&moment);
  return some[to_below(key_of(draw, moment_purpose), some.size())];
}

}  // namespace

Duration Generator::time(KeyedStream& draws) const {
  const auto range = static_cast<std::uint64_t>((contract_.until() - contract_.from()).count());
  return contract_.from() + Duration(static_cast<std::int64_t>(draws.below(range)));
}

// Nodes stay away for up to ten times as long as they are cut off.
Duration Generator::length(bool stops, KeyedStream& draws) const {
  return drawn_between(plan_.length.least, stops ? 10 * plan_.length.most : plan_.length.most, draws);
}

SearchFaults Generator::deed_kinds() const {
  SearchFaults kinds;
  for (const SearchFault fault : deed_faults)
    if (contract_.faults().contains(fault)) kinds.insert(fault);
  return kinds;
}

Deed Generator::deed(SearchFault kind, KeyedStream& draws, std::uint64_t number) const {
  Deed deed;
  deed.kind = kind;
  deed.at = time(draws);
  const bool stops = kind == SearchFault::crash || kind == SearchFault::wipe || kind == SearchFault::leave;
  const Duration length = this->length(stops, draws);
  const bool is_for_good = draws.below(2) == 0;
  const std::uint64_t node = draws.next();
  const std::uint64_t sides = draws.next();
  const std::uint64_t one_way = draws.below(3);
  const std::uint64_t offset = draws.next();
  const std::uint64_t drift = draws.next();
  const std::uint64_t line = draws.next();
  const Nodes& nodes = kind == SearchFault::start ? contract_.startable() : contract_.nodes();
  deed.node = nodes[to_below(node, nodes.size())];
  if (kind != SearchFault::start && kind != SearchFault::command && !(stops && is_for_good)) deed.length = length;
  // Mostly one node is cut off, otherwise about half of them.
  if ((kind == SearchFault::partition || kind == SearchFault::clog) && sides % 3 == 0)
    for (NodeIndex each = 0; each < contract_.node_count(); ++each)
      if (each != deed.node && key_of(sides, each) % 2 == 0) deed.company.push_back(each);
  if (kind == SearchFault::partition) deed.one_way = one_way == 0;
  if (kind == SearchFault::clock) {
    const Duration range = plan_.offset.most - plan_.offset.least + Duration(1);
    deed.offset = plan_.offset.least +
                  Duration(static_cast<std::int64_t>(to_below(offset, static_cast<std::uint64_t>(range.count()))));
    if (drift % 2 == 0) deed.drift_ppb = static_cast<std::int64_t>(to_below(drift, 200'001)) - 100'000;
  }
  if (kind == SearchFault::command) {
    KeyedStream words(key_of(line, command_purpose));
    deed.line = filled_in(plan_.commands[to_below(line, plan_.commands.size())], number % most_command_number, words);
  }
  return deed;
}

// At who took part in the moment, or at its message, which is on its way for up to about a second before.
void Generator::aim(Deed& deed, const Moment& moment, KeyedStream& draws) const {
  const bool has_message = moment.source != no_node && moment.source != moment.node;
  const std::uint64_t who = draws.below(4);
  const Duration before = drawn_between(Duration(1'000'000), std::chrono::seconds(1), draws);
  if (deed.kind == SearchFault::start) return;
  if (!is_about_message(deed.kind)) {
    deed.node = has_message && who == 0 ? moment.source : moment.node;
    return;
  }
  if (!has_message) return;
  deed.node = moment.source;
  deed.company = {moment.node};
  deed.message = moment.message;
  deed.at = std::max(contract_.from(), moment.at - before);
}

Genome Generator::campaign(std::uint64_t key) const {
  KeyedStream draws(key_of(key, campaign_purpose));
  Genome genome;
  genome.seed = draws.next() >> 32;
  const std::uint64_t latency = draws.next();
  const std::uint64_t loss = draws.next();
  const std::uint64_t duplicate = draws.next();
  const std::uint64_t switches = draws.next();
  const std::uint64_t count = plan_.count.least + draws.below(plan_.count.most - plan_.count.least + 1);
  const auto is_on = [&](SearchFault fault) {
    return contract_.faults().contains(fault) && (switches >> static_cast<unsigned>(fault) & 1U) != 0;
  };
  KeyedStream network(latency);
  if (is_on(SearchFault::latency))
    genome.latency = whole_milliseconds(drawn_between(plan_.latency.least, plan_.latency.most, network));
  const auto most_lost = static_cast<std::uint64_t>(plan_.loss * 1000);
  if (is_on(SearchFault::loss)) genome.loss = static_cast<std::uint32_t>(to_below(loss, most_lost + 1));
  if (is_on(SearchFault::duplicate)) genome.duplicate = static_cast<std::uint32_t>(to_below(duplicate, 51));
  std::vector<SearchFault> kinds;
  for (const SearchFault fault : deed_faults)
    if (is_on(fault)) kinds.push_back(fault);
  if (kinds.empty())
    for (const SearchFault fault : deed_faults)
      if (contract_.faults().contains(fault)) kinds.push_back(fault);
  for (std::uint64_t i = 0; i < count && !kinds.empty(); ++i) {
    KeyedStream own(key_of(key, campaign_purpose, i + 1));
    const std::uint64_t kind = own.below(kinds.size());
    genome.deeds.push_back(deed(kinds[kind], own, own.next()));
  }
  contract_.keep(genome);
  return genome;
}

Genome Generator::variation(const Genome& parent, std::span<const Moment> moments, const Genome& other,
                            std::uint64_t key) const {
  Genome genome = parent;
  KeyedStream count(key_of(key, variation_purpose));
  const std::uint64_t changes = 1 + (count.next() % 2 != 0 ? 0 : count.next() % 4);
  for (std::uint64_t i = 0; i < changes; ++i) {
    KeyedStream draws(key_of(key, variation_purpose, i + 1));
    change(genome, moments, other, draws);
  }
  if (genome.deeds.size() > maximum_deeds) genome.deeds.resize(maximum_deeds);
  contract_.keep(genome);
  return genome;
}

void Generator::change(Genome& genome, std::span<const Moment> moments, const Genome& other, KeyedStream& draws) const {
  enum Change : std::uint8_t {
    move,
    nudge,
    drop,
    double_,
    add,
    retime,
    resize,
    splice,
    swap,
    renode,
    reseed,
    tune,
    message
  };
  // Mostly those that may aim at a moment.
  constexpr std::array<Change, 24> weighted{move,   nudge,  drop,   double_, double_, double_, add,    add,
                                            add,    add,    retime, retime,  retime,  retime,  retime, retime,
                                            resize, splice, swap,   renode,  message, message, reseed, tune};
  const Change what = weighted[draws.below(weighted.size())];
  const std::uint64_t which = draws.next();
  const std::uint64_t where = draws.next();
  const std::uint64_t how = draws.next();
  std::vector<Deed>& deeds = genome.deeds;
  Deed* const chosen = deeds.empty() ? nullptr : &deeds[to_below(which, deeds.size())];
  const Moment* const moment = drawn(moments, where);
  // Just before or after, by up to about a second, and most often by little.
  const auto near = [&](Duration at) {
    KeyedStream distance(how);
    const Duration by = drawn_between(Duration(1000), std::chrono::seconds(1), distance);
    return std::max(contract_.from(), distance.below(2) == 0 ? at - by : at + by);
  };
  const SearchFaults kinds = deed_kinds();
  std::vector<SearchFault> known;
  for (const SearchFault fault : deed_faults)
    if (kinds.contains(fault)) known.push_back(fault);
  const auto fresh = [&] {
    KeyedStream own(how);
    return deed(known[to_below(which, known.size())], own, which);
  };
  switch (what) {
    case move:
      if (chosen != nullptr) chosen->at = time(draws);
      break;
    case nudge:
      if (chosen != nullptr) chosen->at = near(chosen->at);
      break;
    case drop:
      if (chosen != nullptr) deeds.erase(deeds.begin() + (chosen - deeds.data()));
      break;
    case double_:
      if (chosen != nullptr) {
        Deed copy = *chosen;
        const bool is_aimed = moment != nullptr && how % 2 == 0;
        copy.at = near(is_aimed ? moment->at : chosen->at + chosen->length);
        KeyedStream own(key_of(how, aim_purpose));
        if (is_aimed)
          aim(copy, *moment, own);
        else if (how % 3 != 0)
          copy.node = contract_.nodes()[to_below(where, contract_.nodes().size())];
        deeds.push_back(std::move(copy));
      }
      break;
    case add:
      if (!known.empty()) {
        Deed added = fresh();
        if (moment != nullptr && where % 4 != 0) {
          KeyedStream own(key_of(how, aim_purpose));
          added.at = near(moment->at);
          aim(added, *moment, own);
        }
        deeds.push_back(std::move(added));
      }
      break;
    case retime:
      if (chosen != nullptr && moment != nullptr) {
        chosen->at = near(moment->at);
        KeyedStream own(key_of(how, aim_purpose));
        if (how % 2 == 0) aim(*chosen, *moment, own);
      }
      break;
    case resize:
      if (chosen != nullptr && chosen->kind != SearchFault::start && chosen->kind != SearchFault::command) {
        KeyedStream own(how);
        const bool stops = chosen->kind == SearchFault::crash || chosen->kind == SearchFault::wipe ||
                           chosen->kind == SearchFault::leave;
        chosen->length = length(stops, own);
        // So that it ends near something that happened.
        if (moment != nullptr && where % 2 == 0 && moment->at > chosen->at)
          chosen->length = std::max(Duration(1), near(moment->at) - chosen->at);
        if (!stops) chosen->length = std::min(chosen->length, plan_.length.most);
      }
      break;
    case splice: {  // the beginning of one and the end of the other
      const Duration cut = time(draws);
      std::erase_if(deeds, [cut](const Deed& each) { return each.at >= cut; });
      for (const Deed& each : other.deeds)
        if (each.at >= cut) deeds.push_back(each);
      break;
    }
    case swap: {
      const Nodes& nodes = contract_.nodes();
      const NodeIndex one = nodes[to_below(which, nodes.size())];
      const NodeIndex two = nodes[to_below(where, nodes.size())];
      const auto exchange = [one, two](NodeIndex& node) { node = node == one ? two : node == two ? one : node; };
      for (Deed& each : deeds) {
        exchange(each.node);
        for (NodeIndex& beside : each.company) exchange(beside);
        std::sort(each.company.begin(), each.company.end());
      }
      break;
    }
    case renode:
      if (chosen != nullptr)
        chosen->node = moment != nullptr && how % 2 == 0 ? moment->node
                                                         : contract_.nodes()[to_below(where, contract_.nodes().size())];
      break;
    case message: {
      std::vector<SearchFault> allowed;
      for (const SearchFault fault : message_faults)
        if (contract_.faults().contains(fault)) allowed.push_back(fault);
      if (moment == nullptr || moment->source == no_node || allowed.empty()) break;
      KeyedStream own(how);
      Deed changed = deed(allowed[to_below(which, allowed.size())], own, which);
      aim(changed, *moment, own);
      deeds.push_back(std::move(changed));
      break;
    }
    case reseed:
      genome.seed = how >> 32;
      break;
    case tune: {
      const Genome drawn = campaign(how);
      if (which % 3 == 0) genome.latency = drawn.latency;
      if (which % 3 == 1) genome.loss = drawn.loss;
      if (which % 3 == 2) genome.duplicate = drawn.duplicate;
      break;
    }
  }
}

}  // namespace peerbed::scenarios
