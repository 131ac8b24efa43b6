#include "scenarios/ring/ring_places.h"

#include <map>
#include <string_view>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

std::vector<ring::Key> identifiers_in(const Field& field, ring::KeySpace space, std::size_t count) {
  std::vector<ring::Key> keys;
  std::set<ring::Key> seen;
  for (const Field& element : field.elements()) {
    const ring::Key key{element.count(0, space.wrap(UINT64_MAX).value)};
    if (!seen.insert(key).second)
      element.fail("the identifier " + element.text() + " is given twice; give each node its own");
    keys.push_back(key);
  }
  if (keys.size() != count)
    field.fail(std::string(keys.size() == 1 ? "there is " : "there are ") + show_counted(keys.size(), "identifier") +
               " for " + show_counted(count, "node") + "; give one for each");
  return keys;
}

void refuse_small_ring(const Field& options, unsigned bits, std::size_t count) {
  if (bits < 64 && count > std::uint64_t{1} << (bits - 1))
    options.fail("a ring of " + std::to_string(bits) + " bits is too small for " + show_counted(count, "node") +
                 "; use fewer nodes or more key_bits");
}

// Where the group's i-th identifier stands.
Field identifier(const Field& options, std::size_t index) { return options.within("identifiers").elements()[index]; }

}  // namespace

void read_identifiers(MapReader& map, std::size_t count, RingPlaces& places) {
  places.can_be_given = true;
  const auto identifiers = map.find("identifiers");
  refuse_small_ring(map.field(), places.key_bits, count);
  if (identifiers) places.identifiers = identifiers_in(*identifiers, ring::KeySpace(places.key_bits), count);
}

std::optional<std::set<ring::Key>> check_ring_places(std::span<const GroupInFile> groups) {
  std::map<ring::Key, std::string_view> owners;
  std::set<ring::Key> keys;
  std::size_t count = 0;
  for (const GroupInFile& group : groups) {
    const RingPlaces& places = places_of(*group.plan);
    if (places.key_bits != places_of(*groups.front().plan).key_bits)
      group.options.fail("all nodes of a ring must have the same key_bits; group '" + groups.front().plan->name +
                         "' differs");
    count += group.plan->count;
    refuse_small_ring(group.options, places.key_bits, count);
    for (std::size_t i = 0; i < places.identifiers.size(); ++i) {
      const auto [owner, is_new] = owners.emplace(places.identifiers[i], group.plan->name);
      if (!is_new)
        identifier(group.options, i)
            .fail("the identifier " + std::to_string(places.identifiers[i].value) +
                  " already belongs to a node of group '" + std::string(owner->second) + "'; give each node its own");
      keys.insert(places.identifiers[i]);
    }
  }
  return keys.size() == count ? std::optional(keys) : std::nullopt;
}

}  // namespace peerbed::scenarios
