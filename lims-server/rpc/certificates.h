// The server's certificate, key and CA, taken again from their files while it runs.
#ifndef LIMS_RPC_CERTIFICATES_H_
#define LIMS_RPC_CERTIFICATES_H_

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <cstdint>
#include <memory>
#include <mutex>

#include "app/site.h"
#include "base/result.h"
#include "base/x509.h"

namespace lims::rpc {

// gRPC asks for the newest ones at each handshake; connections that stand keep theirs. Its own
// watcher of files would take a key and a certificate that do not fit and then refuse every
// connection.
class Certificates {
 public:
  // What the files hold.
  struct Content {
    KeyAndCertificate server;
    KeyAndCertificate ca;  // the certificate file may hold further ones that are trusted

    bool operator==(const Content& other) const;
  };

  // `paths` must outlive it.
  explicit Certificates(const app::SitePaths& paths) : paths_(paths) {}

  // Reads the files for the first time. INVALID_ARGUMENT with the file when key and certificate do
  // not fit or no terminal would accept them.
  Result<void> Load(TimeUs now);
  // Reads them again. True when something new was taken. INVALID_ARGUMENT as above, once for the
  // same content: then the old ones stay.
  Result<bool> Refresh(TimeUs now);

  Content content() const;
  // For a server that ends before this object does. Every client must show a certificate of the CA.
  std::shared_ptr<grpc::ServerCredentials> MakeCredentials();

 private:
  Result<Content> Read() const;
  Result<void> Check(const Content& content, TimeUs now) const;
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config);

  const app::SitePaths& paths_;
  mutable std::mutex mutex_;
  Content content_;
  Content refused_;
  std::uint64_t version_ = 0;  // of content_
  std::uint64_t given_ = 0;    // version that gRPC has
};

}  // namespace lims::rpc

#endif  // LIMS_RPC_CERTIFICATES_H_
