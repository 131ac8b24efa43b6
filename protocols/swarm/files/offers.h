#pragma once
// What a peer answers to those who ask what it offers. A file is offered once its root is known, whether or not there
// is anything to give yet: its peers find each other.

#include <string>
#include <string_view>
#include <vector>

#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/wire/offer_messages.h"

namespace peerbed::swarm {

ByteView view_of(std::string_view name) noexcept;
std::string_view text_of(ByteView view) noexcept;

// Names in the answers are views of those in `files`.
Offers answer_to(const OffersQuery& query, const FileTable& files);
// A name may mean several files, each of which has its own answer, up to maximum_candidates. Never empty: one answer
// says that there is none.
std::vector<Found> answers_to(const Find& find, FileTable& files);

// A file as a person sees it on offer: "film: 1234 bytes at 2 peers, " and the root.
std::string offer_line(const std::string& name, std::uint64_t size, std::size_t peers, const Root& root);

}  // namespace peerbed::swarm
