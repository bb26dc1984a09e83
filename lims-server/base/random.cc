#include "base/random.h"

#include <openssl/rand.h>

#include <chrono>
#include <cstdint>

#include "base/encoding.h"
#include "base/openssl.h"

namespace lims {

std::string RandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  RequireOpenSsl(
      RAND_priv_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(bytes.data()), count, 0) == 1);
  return bytes;
}

std::string NewUuid() {
  std::string bytes = RandomBytes(16);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto milliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (std::size_t i = 6; i > 0; --i) {
    bytes[i - 1] = static_cast<char>(milliseconds & 0xff);
    milliseconds >>= 8;
  }
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x70);  // version 7
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562

  std::string text = HexEncode(bytes);
  for (std::size_t dash : {20U, 16U, 12U, 8U}) text.insert(dash, 1, '-');
  return text;
}

}  // namespace lims
