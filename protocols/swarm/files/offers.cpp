#include "protocols/swarm/files/offers.h"

#include <algorithm>

namespace peerbed::swarm {

namespace {

bool is_offered(const SharedFile& file) noexcept {
  return !file.root.is_zero() && (file.state != SharedFile::State::restoring || file.has_manifest());
}

OfferedFile offer_of(const SharedFile& file) noexcept {
  return {.root = file.root,
          .size = file.geometry().size,
          .complete = file.state == SharedFile::State::complete,
          .name = view_of(file.name())};
}

}  // namespace

ByteView view_of(std::string_view name) noexcept { return {std::as_bytes(std::span(name.data(), name.size()))}; }

std::string_view text_of(ByteView view) noexcept {
  return {reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()};
}

Offers answer_to(const OffersQuery& query, const FileTable& files) {
  Offers answer{.id = query.id, .first = query.first, .total = 0, .files = {}};
  std::size_t room = Offers::room;
  bool full = false;
  for (const SharedFile& file : files) {
    if (!is_offered(file)) continue;
    if (answer.total++ < query.first || full) continue;
    const OfferedFile offer = offer_of(file);
    full = offer.encoded_size() > room || !answer.files.add(offer);
    if (!full) room -= offer.encoded_size();
  }
  return answer;
}

std::vector<Found> answers_to(const Find& find, FileTable& files) {
  std::vector<SharedFile*> meant =
      find.root.is_zero() ? files.all_named(text_of(find.name)) : std::vector{files.rooted(find.root)};
  std::erase_if(meant, [](const SharedFile* file) { return file == nullptr || !is_offered(*file); });
  if (meant.empty()) return {Found{.id = find.id, .file = {}}};
  std::vector<Found> answers;
  for (const SharedFile* file : std::span(meant).first(std::min(meant.size(), maximum_candidates)))
    answers.push_back({.id = find.id, .file = offer_of(*file)});
  return answers;
}

std::string offer_line(const std::string& name, std::uint64_t size, std::size_t peers, const Root& root) {
  return shown_name(name) + ": " + std::to_string(size) + " bytes at " + std::to_string(peers) +
         (peers == 1 ? " peer, " : " peers, ") + to_string(root);
}

}  // namespace peerbed::swarm
