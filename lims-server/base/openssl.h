// For the files of this folder that call OpenSSL: a call that can only fail for want of memory or a
// broken installation is no expected outcome.
#ifndef LIMS_BASE_OPENSSL_H_
#define LIMS_BASE_OPENSSL_H_

#include <stdexcept>
#include <string_view>

namespace lims {

inline void RequireOpenSsl(bool done) {
  if (!done) throw std::runtime_error("the cryptographic library failed");
}

inline const unsigned char* OpenSslBytes(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace lims

#endif  // LIMS_BASE_OPENSSL_H_
