#pragma once
// The reason why a file operation failed, in words for people.

#include <cerrno>
#include <string>
#include <system_error>

namespace peerbed::adapter {

inline std::string reason_of(int error) {
  switch (error) {
    case ENOENT:
      return "it is not there";
    case EACCES:
    case EPERM:
      return "the permission for it is lacking";
    case ENOSPC:
    case EDQUOT:
      return "no space left on device";
    case EROFS:
      return "the disk is read-only";
    case EMFILE:
    case ENFILE:
      return "too many files are open";
    case ELOOP:
      return "it is a link";
    case EEXIST:
      return "a file of that name is there";
    case EISDIR:
    case ENOTEMPTY:
      return "a directory of that name is there";
    default:
      return std::generic_category().message(error);
  }
}

// What to do about it, as a suffix for the message; empty if nothing is known to help.
inline std::string remedy_for(int error) {
  if (error == ENOSPC || error == EDQUOT) return "; make room there, and try again";
  if (error == EROFS) return "; make it writable, and try again";
  return {};
}

}  // namespace peerbed::adapter
