// Content at the simulated hosts: extents, disks, damage, lies, and hashes of real bytes.

#include "sim/storage/content_store.h"

#include "tests/catch.h"
#include "tests/sim/streamer.h"

namespace peerbed::sim::testing {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

std::string text_of(const std::vector<std::byte>& bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned>(byte) & 15];
  }
  return text;
}

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

std::string read_all(const Content& content) {
  std::vector<Extent> extents;
  content.read(0, content.size(), extents);
  std::string text;
  for (const Extent& extent : extents) {
    std::vector<std::byte> bytes(extent.size);
    materialise(extent, bytes);
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return text;
}

// Two hosts with an open stream from 0 to 1; host 0 has a complete file of 4 MiB as content 1.
World ready_world(const WorldOptions& options = {}) {
  World world = streamer_world(2, 10ms, options);
  world.put_file(0, "file", 7, 4 << 20);
  world.command(0, "import 1 file");
  world.command(0, "open 1 1");
  world.run_until(at(1s));
  return world;
}

}  // namespace

TEST_CASE("content is what was last written at each offset, and zeros elsewhere") {
  Content content;
  std::string model;
  KeyedStream draws(1);
  for (int i = 0; i < 2000; ++i) {
    const std::size_t offset = draws.below(300);
    const std::string text(1 + draws.below(40), static_cast<char>('a' + draws.below(26)));
    if (model.size() < offset + text.size()) model.resize(offset + text.size(), '\0');
    const std::string before = model.substr(offset, text.size());
    model.replace(offset, text.size(), text);
    content.write(offset, literal_extent(bytes_of(text)));
    REQUIRE(read_all(content) == model);
  }
}

TEST_CASE("pieces of one file that arrive in any order become one extent") {
  Content content;
  KeyedStream draws(2);
  std::vector<std::uint64_t> pieces(64);
  for (std::uint64_t i = 0; i < 64; ++i) pieces[i] = i;
  for (std::size_t i = 63; i > 0; --i) std::swap(pieces[i], pieces[draws.below(i + 1)]);
  std::uint64_t fresh = 0;
  for (const std::uint64_t piece : pieces) fresh += content.write(piece * 100, synthetic_extent(7, piece * 100, 100));
  CHECK(fresh == 6400);
  REQUIRE(content.placed().size() == 1);
  CHECK(content.placed()[0] == Content::Placed{0, synthetic_extent(7, 0, 6400)});
  CHECK(content.write(50, synthetic_extent(7, 50, 100)) == 0);
  CHECK(content.placed().size() == 1);
  content.write(1000, synthetic_extent(8, 1000, 1));
  CHECK(content.placed().size() == 3);
}

TEST_CASE("a part of a synthetic file has the same bytes as that part of the whole") {
  std::vector<std::byte> whole(1000);
  materialise(synthetic_extent(7, 0, 1000), whole);
  for (const auto& [begin, size] : {std::pair{0, 1}, {3, 2}, {5, 11}, {8, 8}, {13, 900}, {999, 1}}) {
    std::vector<std::byte> part(static_cast<std::size_t>(size));
    materialise(synthetic_extent(7, static_cast<std::uint64_t>(begin), part.size()), part);
    CHECK(std::equal(part.begin(), part.end(), whole.begin() + begin));
  }
}

TEST_CASE("a hash is the SHA-256 of the bytes") {
  World world = streamer_world(1, 10ms);
  world.command(0, "store 1 abc");
  world.command(0, "hash 1 0 3");
  world.run_until(at(1s));
  CHECK(text_of(streamer(world, 0).hash) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  world.command(0, "hash 1 1 3");
  world.command(0, "hash 2 0 1");
  world.run_until(at(2s));
  CHECK(told(world, 0) == Texts{"hashed", "not hashed", "not hashed"});
}

TEST_CASE("hashing takes time, one piece after the other") {
  WorldOptions options;
  options.hashing = {8'000'000};  // a megabyte a second
  World world = ready_world(options);
  world.command(0, "hash 1 0 1000000");
  world.command(0, "hash 1 1000000 500000");
  world.run_until(at(5s));
  const std::vector<Told>& told = streamer(world, 0).told;
  REQUIRE(told.size() == 4);
  CHECK(told[2].at == at(2s));
  CHECK(told[3].at == at(2500ms));
}

TEST_CASE("names with a path in them are refused, and a missing file is not imported") {
  World world = ready_world();
  world.command(0, "export 1 ../up");
  world.command(0, "export 1 ..");
  world.command(0, "export 1 fine");
  world.command(0, "export 9 absent");
  world.command(0, "import 2 nowhere");
  world.run_until(at(2s));
  CHECK(told(world, 0) == Texts{"imported 4194304", "1 opened", "not exported", "not exported", "exported",
                                "not exported", "not imported 0"});
}

TEST_CASE("a byte damaged past the checksum changes the hash, and one that the checksum catches is sent again") {
  WorldOptions options;
  PathConditions path{.latency = LatencyModel::constant(10ms), .corrupt = 0.01};
  SECTION("caught") { options.streams.undetected_corruption = 0; }
  SECTION("not caught") { options.streams.undetected_corruption = 1; }
  World world = ready_world(options);
  world.network().set_default(path);
  world.command(1, "take 2 5 0 4000000");
  world.command(0, "send 1 1 0 4000000");
  world.run_until(at(200s));
  CHECK(told(world, 1) == Texts{"2 accepted", "2 content received 0+4000000"});
  world.command(0, "hash 1 0 4000000");
  world.command(1, "hash 5 0 4000000");
  world.run_until(at(201s));
  const bool same = streamer(world, 0).hash == streamer(world, 1).hash;
  const StreamCounters& counters = world.stream_counters();
  if (options.streams.undetected_corruption == 0) {
    CHECK(same);
    CHECK(counters.packets_again > 10);
    CHECK(counters.harmed_bytes == 0);
  } else {
    CHECK_FALSE(same);
    CHECK(counters.packets_again == 0);
    // A hundredth of 2740 packets; only these bytes differ.
    CHECK(counters.harmed_bytes > 10 * 1460);
    CHECK(counters.harmed_bytes < 60 * 1460);
    std::uint64_t harmed = 0;
    for (const Content::Placed& placed : world.stored(1)->contents.at({5}).content.placed())
      harmed += placed.extent.damage != 0 ? placed.extent.size : 0;
    CHECK(harmed == counters.harmed_bytes);
  }
}

TEST_CASE("a lying host sends a share of its ranges wrong, as their hashes show") {
  World world = ready_world();
  world.set_lying(0, 0.3);
  for (int i = 0; i < 100; ++i) {
    const std::string range = std::to_string(i * 10'000) + " 10000";
    world.command(1, "take 2 5 " + range);
    world.command(0, "send 1 1 " + range);
  }
  world.run_until(at(100s));
  int wrong = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string range = std::to_string(i * 10'000) + " 10000";
    world.command(0, "hash 1 " + range);
    world.command(1, "hash 5 " + range);
    world.run_until(world.now() + 1s);
    wrong += streamer(world, 0).hash != streamer(world, 1).hash ? 1 : 0;
  }
  CHECK(wrong > 15);
  CHECK(wrong < 45);
}

TEST_CASE("a file of 4 GiB costs no memory on either side") {
  World world = streamer_world(2, 1ms);
  world.network().set_uplink(0, {{10'000'000'000}, 10'000'000});
  world.put_file(0, "file", 7, std::uint64_t{4} << 30);
  world.command(0, "import 1 file");
  world.command(0, "serve " + std::to_string(std::uint64_t{4} << 30));
  world.run_until(at(1s));
  world.command(1, "fetch 1 0 65536 65536");
  world.run_until(at(20s));
  REQUIRE(streamer(world, 1).fetches.at(1).done == 65'536);
  const Content& received = world.stored(1)->contents.at({2}).content;
  CHECK(received.placed().size() == 1);
  CHECK(received == world.stored(0)->contents.at({1}).content);
  CHECK(world.hashes_computed() == 0);
}

TEST_CASE("a full disk loses what does not fit, but accepts replacements") {
  World world = ready_world();
  world.set_disk(1, {.rate = {}, .latency = {}, .capacity = 1'000'000, .failing = 0});
  const auto transfer = [&world](const std::string& range) {
    world.command(1, "take 2 5 " + range);
    world.command(0, "send 1 1 " + range);
    world.run_until(world.now() + 1s);
    return told(world, 1).back();
  };
  CHECK(transfer("0 600000") == "2 content received 0+600000");
  CHECK(transfer("600000 600000") == "2 content lost 600000+600000");
  CHECK(transfer("600000 400000") == "2 content received 600000+400000");
  world.command(1, "store 6 more");
  world.run_until(world.now() + 1s);
  CHECK(told(world, 1).back() == "not written");
  world.command(1, "erase 5");
  CHECK(transfer("0 900000") == "2 content received 0+900000");
}

TEST_CASE("a failing disk fails a share of its operations") {
  World world = ready_world();
  world.set_disk(1, {.rate = {}, .latency = {}, .capacity = 0, .failing = 0.25});
  int lost = 0;
  for (int i = 0; i < 200; ++i) {
    world.command(1, "take 2 5 0 1000");
    world.command(0, "send 1 1 0 1000");
    world.run_until(world.now() + 1s);
    lost += told(world, 1).back() == "2 content lost 0+1000" ? 1 : 0;
  }
  CHECK(lost > 25);
  CHECK(lost < 75);
}

TEST_CASE("a crash keeps the disk or wipes it") {
  World world = ready_world();
  world.command(0, "store 2 value");
  world.crash(0, Disk::keep);
  CHECK(world.stored(0)->contents.size() == 2);
  world.start(0);
  world.crash(0, Disk::wipe);
  CHECK(world.stored(0)->contents.empty());
  CHECK(world.stored(0)->files.empty());
}

TEST_CASE("a slow disk limits a transfer, at either end") {
  World world = ready_world();
  const NodeIndex slow = GENERATE(0U, 1U);
  world.set_disk(slow, {.rate = {8'000'000}, .latency = 5ms, .capacity = 0, .failing = 0});  // a megabyte a second
  world.command(1, "take 2 5 0 4000000");
  world.command(0, "send 1 1 0 4000000");
  world.run_until(at(100s));
  REQUIRE(told(world, 1).back() == "2 content received 0+4000000");
  const Duration taken = streamer(world, 1).told.back().at - at(1s);
  CHECK(taken > 4s);
  CHECK(taken < 4400ms);
}

}  // namespace peerbed::sim::testing
