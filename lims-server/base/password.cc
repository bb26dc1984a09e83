#include "base/password.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <utf8proc.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/openssl.h"
#include "base/random.h"

namespace lims {
namespace {

constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kTagSize = 32;

std::atomic<std::uint32_t> memory_kib_now{64 * 1024};
std::atomic<std::uint32_t> passes_now{3};

struct Cost {
  std::uint32_t memory_kib = memory_kib_now;
  std::uint32_t passes = passes_now;
};

// Sealed bytes: version 1, memory in KiB (4, big endian), passes (4), salt, nonce, ciphertext, tag.
// All before the ciphertext is authenticated with it.
constexpr char kSealVersion = 1;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kHeaderSize = 1 + 4 + 4 + kSaltSize + kNonceSize;
constexpr std::size_t kGcmTagSize = 16;
// Changed bytes shall not make the program take any amount of memory or time.
constexpr Cost kMaxCost{1024 * 1024, 16};

struct Key {
  std::array<unsigned char, 32> bytes;
  Key() = default;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

void DeriveKey(std::string_view password, std::string_view salt, const Cost& cost, Key& key) {
  const int code =
      argon2id_hash_raw(cost.passes, cost.memory_kib, kLanes, password.data(), password.size(),
                        salt.data(), salt.size(), key.bytes.data(), key.bytes.size());
  if (code != ARGON2_OK) throw std::bad_alloc();
}

void AppendUint32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

std::uint32_t ReadUint32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (char c : bytes.substr(0, 4)) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

using CipherPointer = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

// A cipher that has its key and nonce and has taken in the header.
CipherPointer StartCipher(bool encrypt, const Key& key, std::string_view header) {
  CipherPointer context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const std::string_view nonce = header.substr(kHeaderSize - kNonceSize);
  int size = 0;
  RequireOpenSsl(context != nullptr &&
                 EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(),
                                   OpenSslBytes(nonce), encrypt ? 1 : 0) == 1 &&
                 EVP_CipherUpdate(context.get(), nullptr, &size, OpenSslBytes(header),
                                  static_cast<int>(header.size())) == 1);
  return context;
}

std::string Transform(EVP_CIPHER_CTX* context, std::string_view input) {
  std::string output(input.size(), '\0');
  int size = 0;
  RequireOpenSsl(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(output.data()), &size,
                                  OpenSslBytes(input), static_cast<int>(input.size())) == 1);
  return output;
}

}  // namespace

std::string ComposedPassword(std::string_view typed) {
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(typed.data()),
                   static_cast<utf8proc_ssize_t>(typed.size()), &composed,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return std::string(typed);
  std::string password(reinterpret_cast<char*>(composed), static_cast<std::size_t>(size));
  std::free(composed);
  return password;
}

std::string HashPassword(std::string_view typed) {
  const std::string password = ComposedPassword(typed);
  const Cost cost;
  const std::string salt = RandomBytes(kSaltSize);
  std::string phc(
      argon2_encodedlen(cost.passes, cost.memory_kib, kLanes, kSaltSize, kTagSize, Argon2_id),
      '\0');
  const int code =
      argon2id_hash_encoded(cost.passes, cost.memory_kib, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kTagSize, phc.data(), phc.size());
  if (code != ARGON2_OK) throw std::bad_alloc();
  phc.resize(phc.find('\0'));
  return phc;
}

bool VerifyPassword(std::string_view phc, std::string_view typed) {
  const std::string password = ComposedPassword(typed);
  const int code = argon2id_verify(std::string(phc).c_str(), password.data(), password.size());
  if (code != ARGON2_OK && code != ARGON2_VERIFY_MISMATCH) {
    Key unused;
    DeriveKey(password, std::string(kSaltSize, '\0'), Cost{}, unused);
  }
  return code == ARGON2_OK;
}

std::string SealWithPassword(std::string_view typed, std::string_view secret) {
  const std::string password = ComposedPassword(typed);
  const Cost cost;
  const std::string salt = RandomBytes(kSaltSize);
  std::string sealed(1, kSealVersion);
  AppendUint32(sealed, cost.memory_kib);
  AppendUint32(sealed, cost.passes);
  sealed += salt;
  sealed += RandomBytes(kNonceSize);

  Key key;
  DeriveKey(password, salt, cost, key);
  const CipherPointer cipher = StartCipher(true, key, sealed);
  sealed += Transform(cipher.get(), secret);
  int size = 0;
  std::array<unsigned char, kGcmTagSize> tag;
  RequireOpenSsl(EVP_CipherFinal_ex(cipher.get(), tag.data(), &size) == 1 &&
                 EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kGcmTagSize, tag.data()) ==
                     1);
  sealed.append(tag.begin(), tag.end());
  return sealed;
}

Result<std::string> OpenWithPassword(std::string_view typed, std::string_view sealed) {
  const std::string password = ComposedPassword(typed);
  const Error no_seal = MakeError(ErrorReason::kDataLoss, "the sealed key is damaged");
  if (sealed.size() < kHeaderSize + kGcmTagSize || sealed[0] != kSealVersion) return no_seal;
  const Cost cost{ReadUint32(sealed.substr(1)), ReadUint32(sealed.substr(5))};
  if (cost.memory_kib < ARGON2_MIN_MEMORY || cost.memory_kib > kMaxCost.memory_kib ||
      cost.passes < ARGON2_MIN_TIME || cost.passes > kMaxCost.passes) {
    return no_seal;
  }
  const std::string_view header = sealed.substr(0, kHeaderSize);
  const std::string_view ciphertext =
      sealed.substr(kHeaderSize, sealed.size() - kHeaderSize - kGcmTagSize);
  std::string tag(sealed.substr(sealed.size() - kGcmTagSize));

  Key key;
  DeriveKey(password, header.substr(9, kSaltSize), cost, key);
  const CipherPointer cipher = StartCipher(false, key, header);
  std::string secret = Transform(cipher.get(), ciphertext);
  RequireOpenSsl(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kGcmTagSize, tag.data()) ==
                 1);
  int size = 0;
  std::array<unsigned char, kGcmTagSize> rest;
  if (EVP_CipherFinal_ex(cipher.get(), rest.data(), &size) != 1) {
    OPENSSL_cleanse(secret.data(), secret.size());
    return MakeError(ErrorReason::kWrongCredentials, "the password is wrong");
  }
  return secret;
}

void SetPasswordCostForTests(std::uint32_t memory_kib, std::uint32_t passes) {
  memory_kib_now = memory_kib;
  passes_now = passes;
}

}  // namespace lims
