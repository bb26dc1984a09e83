#include "base/sha256.h"

#include <openssl/evp.h>

#include <cstring>

#include "base/openssl.h"

namespace lims {
namespace {

// Fetched once and kept for the life of the program: fetching costs more than hashing an event.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  RequireOpenSsl(algorithm != nullptr);
  return algorithm;
}

void Start(EVP_MD_CTX* context) {
  RequireOpenSsl(EVP_DigestInit_ex2(context, Algorithm(), nullptr) == 1);
}

}  // namespace

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  RequireOpenSsl(context_ != nullptr);
  Start(context_.get());
}

void Sha256Stream::Update(std::string_view bytes) {
  RequireOpenSsl(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Hash Sha256Stream::Finish() {
  Hash hash;
  RequireOpenSsl(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1);
  Start(context_.get());
  return hash;
}

Hash Sha256(std::string_view bytes) {
  thread_local Sha256Stream stream;
  stream.Update(bytes);
  return stream.Finish();
}

std::string_view AsBytes(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

std::optional<Hash> HashFromBytes(std::string_view bytes) {
  Hash hash;
  if (bytes.size() != hash.size()) return std::nullopt;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

}  // namespace lims
