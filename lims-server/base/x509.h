// X.509 certificates of a site: its own CA, the server's certificate and those of the terminals.
// Keys are P-256; times come from the caller.
#ifndef LIMS_BASE_X509_H_
#define LIMS_BASE_X509_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lims {

struct KeyAndCertificate {
  std::string key_pem;  // PKCS#8, not encrypted
  std::string certificate_pem;
};

struct KeyAndRequest {
  std::string key_pem;      // PKCS#8, not encrypted
  std::string request_pem;  // PKCS#10
};

// A self-signed CA, valid for ten years. INVALID_ARGUMENT for a common name that is empty or over
// 64 bytes.
Result<KeyAndCertificate> MakeCa(std::string_view common_name, TimeUs now);

// A new key with a certificate for localhost, 127.0.0.1, ::1 and `names` (DNS names or addresses),
// valid for two years, at most as long as the CA.
Result<KeyAndCertificate> IssueServerCertificate(const KeyAndCertificate& ca,
                                                 const std::vector<std::string>& names, TimeUs now);

// The certificate (PEM) for the key of a PKCS#10 request, for use as TLS client, with the CN
// `terminal`, valid for two years, at most as long as the CA. Whatever else the request asks for is
// ignored. INVALID_ARGUMENT (field certificate_request_pem) when the request is malformed, not
// signed by its own key, or its key is not on P-256, P-384 or P-521.
Result<std::string> IssueClientCertificate(const KeyAndCertificate& ca,
                                           std::string_view request_pem, std::string_view terminal,
                                           TimeUs now);

// A new key and a request for a certificate of it.
Result<KeyAndRequest> MakeKeyAndRequest(std::string_view common_name);

// INVALID_ARGUMENT unless the key is that of the first certificate.
Result<void> CheckKey(const KeyAndCertificate& pair);

// INVALID_ARGUMENT unless a client that trusts one of the certificates in `ca_pem` would accept the
// server with this key and certificate (and those above it) at that time.
Result<void> CheckServerCertificate(const KeyAndCertificate& server, std::string_view ca_pem,
                                    TimeUs now);

// SHA-256 over the DER bytes, hex.
Result<std::string> CertificateSha256(std::string_view certificate_pem);

// The last moment of validity.
Result<TimeUs> CertificateNotAfter(std::string_view certificate_pem);

}  // namespace lims

#endif  // LIMS_BASE_X509_H_
