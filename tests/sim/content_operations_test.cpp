#include "sim/storage/content_operations.h"

#include <string_view>

#include "tests/catch.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;

constexpr Time at(Duration time) { return time_zero + time; }
constexpr NodeIndex host = 2;

Bytes bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

// A host with its disk, and what its node hears.
struct Bench {
  explicit Bench(Rate hashing = {}) : operations(hashing) {}

  std::optional<ContentOperations::Pending> begin(EffectKind kind, std::uint64_t key, Bytes argument,
                                                  Time now = at(0s)) {
    Effect effect{};
    effect.kind = kind;
    effect.argument = key;
    return operations.begin(disks, host, effect, argument, now);
  }
  std::optional<ContentOperations::Pending> begin_hash(std::uint64_t key, std::uint64_t offset, std::uint64_t size,
                                                       Time now = at(0s)) {
    const ContentRange range{{key}, offset, size};
    return begin(EffectKind::hash_content, key, std::as_bytes(std::span(&range, 1)), now);
  }
  ContentReady complete(const std::optional<ContentOperations::Pending>& pending) {
    REQUIRE(pending.has_value());
    return operations.complete(disks, host, pending->slot, result);
  }

  Disks disks{1};
  ContentOperations operations;
  std::vector<std::byte> result;
};

std::string text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

TEST_CASE("what is written can be read, and is absent once it is erased") {
  Bench bench;
  CHECK_FALSE(bench.begin(EffectKind::write_content, 1, bytes("value")).has_value());
  const ContentReady read = bench.complete(bench.begin(EffectKind::read_content, 1, {}));
  CHECK(read.found);
  CHECK(read.action == ContentAction::read);
  CHECK(read.key == ContentKey{1});
  CHECK(text(read.bytes) == "value");
  CHECK_FALSE(bench.begin(EffectKind::erase_content, 1, {}).has_value());
  const ContentReady absent = bench.complete(bench.begin(EffectKind::read_content, 1, {}));
  CHECK_FALSE(absent.found);
  CHECK(absent.bytes.empty());
}

TEST_CASE("an operation sees the disk as it is when it is due") {
  Bench bench;
  bench.begin(EffectKind::write_content, 1, bytes("before"));
  const auto pending = bench.begin(EffectKind::read_content, 1, {});
  bench.begin(EffectKind::write_content, 1, bytes("after"));
  CHECK(text(bench.complete(pending).bytes) == "after");
}

TEST_CASE("only a write that fails is answered") {
  Bench bench;
  bench.disks.of(host).model.capacity = 4;
  const ContentReady lost = bench.complete(bench.begin(EffectKind::write_content, 1, bytes("value")));
  CHECK(lost.action == ContentAction::written);
  CHECK_FALSE(lost.found);
  CHECK(lost.range.size == 5);
  CHECK_FALSE(bench.begin(EffectKind::write_content, 1, bytes("fits")).has_value());
}

TEST_CASE("a slow disk reads one thing after the other") {
  Bench bench;
  bench.begin(EffectKind::write_content, 1, bytes(std::string(1000, 'x')));
  bench.disks.of(host).model.rate = {8'000'000};  // a byte each microsecond
  CHECK(bench.begin(EffectKind::read_content, 1, {}, at(1s))->due == at(1001ms));
  CHECK(bench.begin(EffectKind::read_content, 1, {}, at(1s))->due == at(1002ms));
}

TEST_CASE("a host hashes at its rate, and each thing once for all") {
  Bench bench({8'000'000});
  bench.disks.put_file(host, "file", 7, 10'000);
  const ContentReady imported = bench.complete(bench.begin(EffectKind::import_content, 1, bytes("file")));
  CHECK(imported.found);
  CHECK(imported.range == ContentRange{{1}, 0, 10'000});
  const auto first = bench.begin_hash(1, 0, 1000, at(1s));
  const auto second = bench.begin_hash(1, 0, 1000, at(1s));
  const auto beyond = bench.begin_hash(1, 9999, 2, at(1s));
  CHECK(first->due == at(1001ms));
  CHECK(second->due == at(1002ms));
  const ContentReady hashed = bench.complete(first);
  CHECK(hashed.found);
  CHECK(hashed.bytes.size() == sha256_size);
  const std::string hash = text(hashed.bytes);
  CHECK(text(bench.complete(second).bytes) == hash);
  CHECK_FALSE(bench.complete(beyond).found);
  CHECK(bench.operations.hashes_computed() == 1);
}

TEST_CASE("an export is a file of the same bytes, and no export goes to another directory") {
  Bench bench;
  bench.begin(EffectKind::write_content, 1, bytes("value"));
  CHECK(bench.complete(bench.begin(EffectKind::export_content, 1, bytes("copy"))).found);
  CHECK_FALSE(bench.complete(bench.begin(EffectKind::export_content, 1, bytes("../copy"))).found);
  CHECK_FALSE(bench.complete(bench.begin(EffectKind::import_content, 2, bytes("absent"))).found);
  CHECK(bench.complete(bench.begin(EffectKind::import_content, 2, bytes("copy"))).range.size == 5);
  CHECK(text(bench.complete(bench.begin(EffectKind::read_content, 2, {})).bytes) == "value");
}

TEST_CASE("a change is told of a file that is there, and of one that is gone") {
  Bench bench;
  bench.disks.replace(host, {1}, 7, 100);
  const ContentReady changed = bench.complete(bench.operations.announce_change({1}, at(1s)));
  CHECK(changed.action == ContentAction::changed);
  CHECK(changed.found);
  CHECK(changed.is_file);
  bench.disks.replace(host, {1}, 0, 0);
  CHECK_FALSE(bench.complete(bench.operations.announce_change({1}, at(1s))).found);
}

TEST_CASE("a slot is free again when its operation is complete or released") {
  Bench bench;
  const auto first = bench.begin(EffectKind::read_content, 1, {});
  bench.complete(first);
  const auto second = bench.begin(EffectKind::read_content, 1, {});
  CHECK(second->slot == first->slot);
  bench.operations.release(second->slot);
  CHECK(bench.begin(EffectKind::read_content, 1, {})->slot == first->slot);
}

}  // namespace peerbed::sim::testing
