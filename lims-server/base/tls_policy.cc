#include "base/tls_policy.h"

#include <openssl/bio.h>
#include <openssl/conf.h>
#include <openssl/crypto.h>

#include <memory>
#include <string_view>

#include "base/openssl.h"

namespace lims {
namespace {

// MinProtocol would be overwritten by gRPC, which sets its own lowest version on each context; a
// protocol that is switched off stays off.
constexpr std::string_view kConfiguration =
    "openssl_conf = init\n"
    "[init]\n"
    "ssl_conf = ssl\n"
    "[ssl]\n"
    "system_default = tls\n"
    "[tls]\n"
    "Protocol = -TLSv1.2\n";

}  // namespace

void RequireTls13() {
  RequireOpenSsl(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
  const std::unique_ptr<BIO, int (*)(BIO*)> text(
      BIO_new_mem_buf(kConfiguration.data(), static_cast<int>(kConfiguration.size())), BIO_free);
  const std::unique_ptr<CONF, void (*)(CONF*)> configuration(NCONF_new(nullptr), NCONF_free);
  RequireOpenSsl(text != nullptr && configuration != nullptr &&
                 NCONF_load_bio(configuration.get(), text.get(), nullptr) == 1 &&
                 CONF_modules_load(configuration.get(), nullptr, 0) == 1);
}

}  // namespace lims
