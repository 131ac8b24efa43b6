#pragma once
// The members of the group as one of them sees it, itself among them: their incarnations, and whether they are alive,
// suspect or dead. The dead are remembered for a while, so that late news of their life is not believed.

#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/swim/messages.h"

namespace peerbed::swim {

struct Member {
  Address address{};
  Time since{};  // when its standing changed
  std::uint32_t incarnation = 0;
  Standing standing{};

  auto fields() const { return std::tie(address, since, incarnation, standing); }
};

class MemberList {
 public:
  explicit MemberList(std::vector<Member> members) : members_(std::move(members)), living_(members_.size()) {
    note_all();
  }

  std::span<const Member> all() const noexcept { return members_; }  // by address
  std::size_t living() const noexcept { return living_; }            // alive or suspect
  const Member* find(Address address) const noexcept;                // null if it is unknown

  enum class Change : std::uint8_t { none, joined, cleared, renewed, suspected, died, refused };
  // Believes an update if it overrides what is known. A later incarnation overrides an earlier one, and of the same
  // incarnation, suspect overrides alive, and dead both (section 4.2). Unlike there, death is not final: a member that
  // was wrongly taken for dead, or has been started anew, comes back with a later incarnation. Nobody learns of a
  // member by its death. `limit` members are listed, the dead included; of these, the one that died first makes room.
  Change apply(const Update& update, Time now, std::size_t limit);
  // The dead that died before.
  void forget_dead(Time before);

  // The living after this address, as many as a message takes.
  Updates page_after(Address address) const noexcept;
  // Two lists with the same living members in the same incarnations have the same digest.
  std::uint64_t digest() const noexcept { return digest_; }
  // The fields were set from outside.
  void note_all() noexcept;

  auto fields() const { return std::tie(members_, living_); }

 private:
  std::vector<Member>::iterator place_of(Address address) noexcept;
  bool make_room(std::size_t limit);

  std::vector<Member> members_;
  std::size_t living_;
  std::uint64_t digest_ = 0;  // follows from the members
};

}  // namespace peerbed::swim
