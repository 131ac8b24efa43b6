#include "adapter/crypto/cluster_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "adapter/base/file_descriptor.h"
#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

constexpr std::size_t longest_file = 256;  // bytes: one line and trailing blanks
constexpr char context[crypto_kdf_CONTEXTBYTES + 1] = "peerbed1";

static_assert(ClusterKey::size == crypto_kdf_KEYBYTES);

// Memory for a secret, wiped on destruction.
template <std::size_t Size>
struct Wiped : std::array<char, Size> {
  ~Wiped() { sodium_memzero(this->data(), Size); }
};

void begin_sodium() { PEERBED_CONTRACT(::sodium_init() >= 0, "libsodium finds randomness"); }

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw std::system_error(errno, std::generic_category(), file.string());
}

std::string_view trimmed(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

bool parse(std::string_view text, ClusterKey::Secret& secret) noexcept {
  auto* bytes = reinterpret_cast<unsigned char*>(secret.data());
  std::size_t size = 0;
  const char* end = nullptr;
  const bool is_hex = text.size() == 2 * secret.size() &&
                      ::sodium_hex2bin(bytes, secret.size(), text.data(), text.size(), nullptr, &size, &end) == 0 &&
                      end == text.data() + text.size();
  if (is_hex && size == secret.size()) return true;
  return ::sodium_base642bin(bytes, secret.size(), text.data(), text.size(), nullptr, &size, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
         end == text.data() + text.size() && size == secret.size();
}

}  // namespace

void ClusterKey::Wipe::operator()(Keys* keys) const noexcept { ::sodium_free(keys); }

ClusterKey::ClusterKey(Secret& secret) {
  begin_sodium();
  keys_.reset(static_cast<Keys*>(::sodium_malloc(sizeof(Keys))));
  if (!keys_) throw std::bad_alloc();
  const auto* master = reinterpret_cast<const unsigned char*>(secret.data());
  ::crypto_kdf_derive_from_key(keys_->datagrams.data(), size, 1, context, master);
  ::crypto_kdf_derive_from_key(keys_->greetings.data(), size, 2, context, master);
  ::crypto_kdf_derive_from_key(keys_->streams.data(), size, 3, context, master);
  ::sodium_mprotect_readonly(keys_.get());
  ::sodium_memzero(secret.data(), secret.size());
}

std::shared_ptr<const ClusterKey> ClusterKey::read(const std::filesystem::path& file) {
  const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!descriptor || ::fstat(descriptor.number(), &status) != 0) fail(file);
  if (!S_ISREG(status.st_mode)) throw BadKey(file.string() + " is not a regular file; a key must be kept in one");
  if ((status.st_mode & S_IRWXO) != 0)
    throw BadKey(file.string() + " can be used by everybody on this machine; make it private with chmod 600");
  Wiped<longest_file> text;
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(descriptor.number(), text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(file);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  Secret secret;
  if (!parse(trimmed({text.data(), length}), secret)) {
    ::sodium_memzero(secret.data(), secret.size());
    throw BadKey(file.string() +
                 " holds no key: that is one line of 64 hexadecimal digits, or of 32 bytes in base64; "
                 "`peerbed key -o FILE` makes one");
  }
  return std::make_shared<const ClusterKey>(secret);
}

void ClusterKey::make(const std::filesystem::path& file) {
  begin_sodium();
  Secret secret;
  Wiped<2 * size + 1> text;
  ::randombytes_buf(secret.data(), secret.size());
  ::sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  ::sodium_memzero(secret.data(), secret.size());
  text.back() = '\n';
  const FileDescriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!descriptor) fail(file);
  const ssize_t written = ::write(descriptor.number(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size()) && ::fsync(descriptor.number()) == 0) return;
  const int error = written < 0 ? errno : EIO;
  ::unlink(file.c_str());
  throw std::system_error(error, std::generic_category(), file.string());
}

}  // namespace peerbed::adapter
