// Ed25519 signatures (RFC 8032, the pure variant).
#ifndef LIMS_BASE_ED25519_H_
#define LIMS_BASE_ED25519_H_

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;

namespace lims {

// A private key. Movable, not copyable; its memory is wiped when it ends.
class SigningKey {
 public:
  static SigningKey Generate();
  // The key of a 32-byte seed; INVALID_ARGUMENT for any other length.
  static Result<SigningKey> FromSeed(std::string_view seed);

  const std::string& public_key() const { return public_key_; }  // 32 bytes
  std::string seed() const;                                      // 32 bytes, to be sealed
  std::string Sign(std::string_view message) const;              // 64 bytes

 private:
  using KeyPointer = std::unique_ptr<evp_pkey_st, void (*)(evp_pkey_st*)>;
  explicit SigningKey(KeyPointer key);

  KeyPointer key_;
  std::string public_key_;
};

// False for a signature that does not match and for a key or signature of a wrong length.
bool VerifySignature(std::string_view public_key, std::string_view message,
                     std::string_view signature);

}  // namespace lims

#endif  // LIMS_BASE_ED25519_H_
