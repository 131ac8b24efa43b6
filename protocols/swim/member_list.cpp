#include "protocols/swim/member_list.h"

#include <algorithm>
#include <array>

#include "protocols/environment/hash.h"

namespace peerbed::swim {
namespace {

bool is_before(const Member& member, Address address) noexcept { return member.address < address; }

bool overrides(const Update& update, const Member& known) noexcept {
  if (update.incarnation != known.incarnation) return update.incarnation > known.incarnation;
  return update.standing > known.standing;
}

std::uint64_t hash_of(const Member& member) noexcept {
  std::array<std::byte, maximum_address_size + sizeof member.incarnation> bytes{};
  Writer writer(bytes);
  writer.address(member.address);
  writer.integer(member.incarnation);
  return hash_bytes(writer.written());
}

}  // namespace

const Member* MemberList::find(Address address) const noexcept {
  const auto place = std::lower_bound(members_.begin(), members_.end(), address, is_before);
  return place == members_.end() || place->address != address ? nullptr : &*place;
}

MemberList::Change MemberList::apply(const Update& update, Time now, std::size_t limit) {
  const bool dies = update.standing == Standing::dead;
  auto known = place_of(update.member);
  if (known == members_.end() || known->address != update.member) {
    if (dies) return Change::none;
    if (!make_room(limit)) return Change::refused;
    known = members_.insert(place_of(update.member), {.address = update.member, .standing = Standing::dead});
  } else if (!overrides(update, *known)) {
    return Change::none;
  }
  const Standing before = known->standing;
  if (before != Standing::dead) digest_ ^= hash_of(*known);
  known->incarnation = update.incarnation;
  if (!dies) digest_ ^= hash_of(*known);
  if (before == update.standing) return dies ? Change::none : Change::renewed;
  known->standing = update.standing;
  known->since = now;
  if (dies) --living_;
  if (before == Standing::dead) ++living_;
  if (dies) return Change::died;
  if (update.standing == Standing::suspect) return Change::suspected;
  return before == Standing::dead ? Change::joined : Change::cleared;
}

void MemberList::forget_dead(Time before) {
  std::erase_if(members_,
                [before](const Member& member) { return member.standing == Standing::dead && member.since < before; });
}

Updates MemberList::page_after(Address address) const noexcept {
  Updates page;
  auto next = std::lower_bound(members_.begin(), members_.end(), address, is_before);
  if (next != members_.end() && next->address == address) ++next;
  for (; next != members_.end() && !page.full(); ++next)
    if (next->standing != Standing::dead)
      page.add({.member = next->address, .incarnation = next->incarnation, .standing = Standing::alive});
  return page;
}

void MemberList::note_all() noexcept {
  digest_ = 0;
  for (const Member& member : members_)
    if (member.standing != Standing::dead) digest_ ^= hash_of(member);
}

std::vector<Member>::iterator MemberList::place_of(Address address) noexcept {
  return std::lower_bound(members_.begin(), members_.end(), address, is_before);
}

bool MemberList::make_room(std::size_t limit) {
  if (members_.size() < limit) return true;
  auto oldest = members_.end();
  for (auto member = members_.begin(); member != members_.end(); ++member)
    if (member->standing == Standing::dead && (oldest == members_.end() || member->since < oldest->since))
      oldest = member;
  if (oldest == members_.end()) return false;
  members_.erase(oldest);
  return true;
}

}  // namespace peerbed::swim
