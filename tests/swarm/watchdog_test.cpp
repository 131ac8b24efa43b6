#include "protocols/swarm/exchange/watchdog.h"

#include "tests/catch.h"
#include "tests/swarm/download_scene.h"

using namespace peerbed;
using namespace peerbed::swarm;
using namespace std::chrono_literals;

namespace {

struct Scene : DownloadScene {
  SourceVerdict verdict(StreamId stream, Duration after) {
    return judge_source(stage.options, file(), link(stream), stage.now + after);
  }
};

}  // namespace

TEST_CASE("a source that was asked for nothing may be silent for ever") {
  Scene scene;
  const StreamId stream = scene.add_source(1);
  CHECK(scene.verdict(stream, 24h) == SourceVerdict::fine);
}

TEST_CASE("a silent source is slow first, and then its stream is to end") {
  Scene scene;
  const StreamId stream = scene.add_source(1);
  scene.link(stream).requests.add(scene.file().fetching(), scene.block(0), scene.stage.now);
  const Duration patience = 5 * scene.stage.options.block_timeout;  // its pace is not known
  CHECK(scene.verdict(stream, patience - 1ns) == SourceVerdict::fine);
  CHECK(scene.verdict(stream, patience) == SourceVerdict::slow);
  scene.link(stream).requests.stall(scene.file().fetching(), stream);
  CHECK(scene.verdict(stream, patience) == SourceVerdict::fine);
  CHECK(scene.verdict(stream, 2 * patience) == SourceVerdict::silent);
}

TEST_CASE("a slow source gets four times its pace") {
  Scene scene;
  const StreamId stream = scene.add_source(1);
  SourceRequests& requests = scene.link(stream).requests;
  for (int i = 0; i < 2; ++i) {
    requests.add(scene.file().fetching(), scene.block(0), scene.stage.now);
    if (i == 1) break;
    REQUIRE(requests.begin_arrival(scene.block(0), scene.stage.now));
    requests.set_place(scene.file().fetching(), false);
    scene.stage.now += 1s;
    requests.note_delivery(scene.stage.now);
    requests.end_arrival(scene.file().fetching());
  }
  CHECK(scene.verdict(stream, 3900ms) == SourceVerdict::fine);
  CHECK(scene.verdict(stream, 4100ms) == SourceVerdict::slow);
}

TEST_CASE("a source that does not send the manifest in time is overdue, and one that sends it has longer") {
  Scene scene;
  const StreamId stream = scene.add_source(1);
  Download& download = *scene.file().download;
  const auto is_overdue = [&](Duration after) {
    return overdue_manifest(scene.stage.options, download, scene.links, scene.stage.now + after) != nullptr;
  };
  CHECK_FALSE(is_overdue(1h));  // nobody is asked
  scene.stage.act([&](const Context& context) { download.manifest.ask(context, scene.link(stream)); });
  CHECK_FALSE(is_overdue(2 * scene.stage.options.block_timeout - 1ns));
  CHECK(is_overdue(2 * scene.stage.options.block_timeout));
  scene.link(stream).receiving_manifest = true;
  CHECK_FALSE(is_overdue(30s - 1ns));
  CHECK(is_overdue(30s));
  download.manifest.note_arrival();
  CHECK_FALSE(is_overdue(1h));
}

TEST_CASE("a download that comes to nothing is stuck once, and then hopeless") {
  Scene scene;
  Download& download = *scene.file().download;
  const Duration give_up = scene.stage.options.give_up;
  const auto verdict = [&](Duration after) {
    return judge_download(scene.stage.options, download, scene.stage.now + after);
  };
  CHECK(verdict(give_up / 2 - 1ns) == DownloadVerdict::fine);
  CHECK(verdict(give_up / 2) == DownloadVerdict::stuck);
  download.renewed = true;
  CHECK(verdict(give_up - 1ns) == DownloadVerdict::fine);
  CHECK(verdict(give_up) == DownloadVerdict::hopeless);
  download.note_progress(scene.stage.now + give_up);
  CHECK(verdict(give_up) == DownloadVerdict::fine);
  CHECK(verdict(give_up + give_up / 2) == DownloadVerdict::stuck);
}

TEST_CASE("a download says why nothing came") {
  Scene scene;
  CHECK_FALSE(is_hopeful(scene.file(), scene.links));
  CHECK(why_nothing_came(scene.file(), scene.links) == "nobody has what is missing");
  scene.add_source(1);
  CHECK(is_hopeful(scene.file(), scene.links));
  CHECK(why_nothing_came(scene.file(), scene.links) == "those who have what is missing do not send it");
  scene.files.set_root(scene.file(), Root{});
  CHECK(why_nothing_came(scene.file(), scene.links) == "nobody offers it");
}
