#include "base/ed25519.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <utility>

#include "base/openssl.h"
#include "base/random.h"

namespace lims {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSignatureSize = 64;

using ContextPointer = std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>;

ContextPointer NewContext() {
  ContextPointer context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  RequireOpenSsl(context != nullptr);
  return context;
}

unsigned char* Bytes(std::string& buffer) {
  return reinterpret_cast<unsigned char*>(buffer.data());
}

}  // namespace

// The private half is wiped by OpenSSL when the key is freed.
SigningKey::SigningKey(KeyPointer key) : key_(std::move(key)), public_key_(kKeySize, '\0') {
  std::size_t size = kKeySize;
  RequireOpenSsl(key_ != nullptr &&
                 EVP_PKEY_get_raw_public_key(key_.get(), Bytes(public_key_), &size) == 1);
}

SigningKey SigningKey::Generate() {
  std::string seed = RandomBytes(kKeySize);
  Result<SigningKey> key = FromSeed(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  return std::move(key).value();
}

Result<SigningKey> SigningKey::FromSeed(std::string_view seed) {
  if (seed.size() != kKeySize) return InvalidArgument("seed", "a signing key has 32 bytes");
  return SigningKey(KeyPointer(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, OpenSslBytes(seed), seed.size()),
      EVP_PKEY_free));
}

std::string SigningKey::seed() const {
  std::string seed(kKeySize, '\0');
  std::size_t size = seed.size();
  RequireOpenSsl(EVP_PKEY_get_raw_private_key(key_.get(), Bytes(seed), &size) == 1);
  return seed;
}

std::string SigningKey::Sign(std::string_view message) const {
  const ContextPointer context = NewContext();
  std::string signature(kSignatureSize, '\0');
  std::size_t size = signature.size();
  RequireOpenSsl(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
                 EVP_DigestSign(context.get(), Bytes(signature), &size, OpenSslBytes(message),
                                message.size()) == 1);
  return signature;
}

bool VerifySignature(std::string_view public_key, std::string_view message,
                     std::string_view signature) {
  if (public_key.size() != kKeySize || signature.size() != kSignatureSize) return false;
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, OpenSslBytes(public_key),
                                  public_key.size()),
      EVP_PKEY_free);
  RequireOpenSsl(key != nullptr);
  const ContextPointer context = NewContext();
  RequireOpenSsl(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  return EVP_DigestVerify(context.get(), OpenSslBytes(signature), signature.size(),
                          OpenSslBytes(message), message.size()) == 1;
}

}  // namespace lims
