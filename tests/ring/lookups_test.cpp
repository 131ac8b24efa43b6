#include "protocols/ring/routing/lookups.h"

#include "tests/catch.h"
#include "tests/ring/overlay_surroundings.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

namespace {

Found found_by(std::uint32_t id, Contact owner) {
  Found found{.id = id, .hops = 3};
  found.holders.add(owner);
  return found;
}

class Asker : public OverlaySurroundings {
 public:
  Lookups lookups;

  PendingLookup begin(LookupReason reason) { return lookups.begin(context(), table, Key{250}, reason, 5); }
};

}  // namespace

TEST_CASE("a lookup ends once, with the answer to any of its attempts") {
  Asker node;
  const PendingLookup lookup = node.begin(LookupReason::operation);
  CHECK(lookup.deadline == node.now + node.options.lookup_timeout);
  const auto ended = node.lookups.end(node.context(), found_by(id_of_next_copy(lookup.id), contact_at(300)));
  REQUIRE(ended);
  CHECK(ended->subject == 5);
  CHECK_FALSE(node.lookups.end(node.context(), found_by(lookup.id, contact_at(300))));
  CHECK(node.lookups.size() == 0);
}

TEST_CASE("an answer that names a node off the ring ends nothing") {
  Asker node;
  node.options.key_bits = 9;
  const PendingLookup lookup = node.begin(LookupReason::operation);
  CHECK_FALSE(node.lookups.end(node.context(), found_by(lookup.id, contact_at(600))));
  CHECK_FALSE(node.lookups.end(node.context(), found_by(lookup.id, Contact{})));
  CHECK(node.lookups.find(lookup.id) != nullptr);
}

TEST_CASE("a person is told who owns the key, or that nobody was found") {
  Asker node;
  PendingLookup lookup = node.begin(LookupReason::command);
  node.now += 30ms;
  node.lookups.end(node.context(), found_by(lookup.id, contact_at(300)));
  const std::string line =
      "The owner of key 250 is node 300 at " + to_string(contact_at(300).address) + ", after 3 hops";
  CHECK(node.latest(EffectKind::print_line) == bytes_of(line));
  CHECK(node.count_of(TraceEvent::lookup_answered) == 1);
  lookup = node.begin(LookupReason::command);
  node.lookups.end(node.context(), Found{.id = lookup.id});
  CHECK(node.count_of(TraceEvent::lookup_answered) == 1);
  CHECK(node.count_of(TraceEvent::lookup_done) == 2);
  CHECK(node.count_of(EffectKind::print_line) == 2);
}

TEST_CASE("a lookup is attempted as often as the options say, and a finger's once") {
  Asker node;
  node.begin(LookupReason::finger);
  std::uint32_t id = node.begin(LookupReason::workload).id;
  unsigned attempts = 1;
  std::size_t failed = 0;
  for (int i = 0; i < 100 && node.lookups.size() > 0; ++i) {
    node.now = node.lookups.earliest_deadline();
    for (std::size_t position = 0; position < node.lookups.size();) {
      const auto overdue = node.lookups.take_overdue(node.context(), node.table, position);
      if (!overdue) continue;
      if (overdue->has_failed) {
        ++failed;
        node.lookups.end(node.context(), Found{.id = overdue->lookup.id});
      } else {
        CHECK(overdue->lookup.reason == LookupReason::workload);
        CHECK(overdue->lookup.attempts == ++attempts);
        id = id_of_next_copy(id);
        CHECK(overdue->lookup.id == id);
      }
    }
  }
  CHECK(failed == 2);
  CHECK(attempts == node.options.lookup_attempts);
}

TEST_CASE("one lookup too many is to be ended at once, and is not waited for") {
  Asker node;
  for (std::size_t i = 0; i < Lookups::maximum_lookups; ++i) node.begin(LookupReason::operation);
  CHECK_FALSE(node.lookups.is_crowded());
  const PendingLookup lookup = node.begin(LookupReason::operation);
  CHECK(node.lookups.is_crowded());
  CHECK(node.lookups.end(node.context(), Found{.id = lookup.id}));
  CHECK_FALSE(node.lookups.is_crowded());
}
