// SHA-256 of bytes held in memory or arriving in pieces.
#ifndef LIMS_BASE_SHA256_H_
#define LIMS_BASE_SHA256_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct evp_md_ctx_st;

namespace lims {

using Hash = std::array<std::uint8_t, 32>;

Hash Sha256(std::string_view bytes);

// The same hash over pieces: any number of Update, then Finish, after which the stream is new.
class Sha256Stream {
 public:
  Sha256Stream();
  void Update(std::string_view bytes);
  Hash Finish();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

// The 32 bytes of `hash`; valid as long as `hash` is.
std::string_view AsBytes(const Hash& hash);
// The other way; nullopt unless there are 32 of them.
std::optional<Hash> HashFromBytes(std::string_view bytes);

}  // namespace lims

#endif  // LIMS_BASE_SHA256_H_
