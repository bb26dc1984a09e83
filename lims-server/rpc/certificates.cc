#include "rpc/certificates.h"

#include <grpc/grpc.h>

#include "app/files.h"

namespace lims::rpc {
namespace {

// The library's credentials that ask a function, as the C++ interface takes them.
class FetchedCredentials final : public grpc::ServerCredentials {
 public:
  explicit FetchedCredentials(grpc_server_credentials* credentials) : credentials_(credentials) {}
  ~FetchedCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* credentials_;
};

bool Same(const KeyAndCertificate& a, const KeyAndCertificate& b) {
  return a.key_pem == b.key_pem && a.certificate_pem == b.certificate_pem;
}

Error Named(const std::string& path, const Error& error) {
  return InvalidArgument(path, WhatIsWrong(error));
}

}  // namespace

bool Certificates::Content::operator==(const Content& other) const {
  return Same(server, other.server) && Same(ca, other.ca);
}

Result<Certificates::Content> Certificates::Read() const {
  Content content;
  LIMS_ASSIGN_OR_RETURN(content.server.key_pem, app::ReadFile(paths_.key));
  LIMS_ASSIGN_OR_RETURN(content.server.certificate_pem, app::ReadFile(paths_.certificate));
  LIMS_ASSIGN_OR_RETURN(content.ca.key_pem, app::ReadFile(paths_.ca_key));
  LIMS_ASSIGN_OR_RETURN(content.ca.certificate_pem, app::ReadFile(paths_.ca_certificate));
  return content;
}

Result<void> Certificates::Check(const Content& content, TimeUs now) const {
  if (auto fits = CheckServerCertificate(content.server, content.ca.certificate_pem, now); !fits) {
    return Named(paths_.certificate, fits.error());
  }
  if (auto fits = CheckKey(content.ca); !fits) return Named(paths_.ca_key, fits.error());
  return {};
}

Result<void> Certificates::Load(TimeUs now) {
  LIMS_ASSIGN_OR_RETURN(Content content, Read());
  LIMS_RETURN_IF_ERROR(Check(content, now));
  const std::lock_guard lock(mutex_);
  content_ = std::move(content);
  ++version_;
  return {};
}

Result<bool> Certificates::Refresh(TimeUs now) {
  auto content = Read();
  if (!content) return false;  // while they are replaced, a file may be missing
  {
    const std::lock_guard lock(mutex_);
    if (*content == content_) {
      refused_ = {};
      return false;
    }
    if (*content == refused_) return false;
    refused_ = *content;
  }
  LIMS_RETURN_IF_ERROR(Check(*content, now));
  const std::lock_guard lock(mutex_);
  content_ = *std::move(content);
  refused_ = {};
  ++version_;
  return true;
}

Certificates::Content Certificates::content() const {
  const std::lock_guard lock(mutex_);
  return content_;
}

grpc_ssl_certificate_config_reload_status Certificates::Fetch(
    void* self, grpc_ssl_server_certificate_config** config) {
  auto* certificates = static_cast<Certificates*>(self);
  const std::lock_guard lock(certificates->mutex_);
  if (certificates->given_ == certificates->version_) {
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  }
  const Content& content = certificates->content_;
  const grpc_ssl_pem_key_cert_pair pair{content.server.key_pem.c_str(),
                                        content.server.certificate_pem.c_str()};
  *config = grpc_ssl_server_certificate_config_create(content.ca.certificate_pem.c_str(), &pair, 1);
  certificates->given_ = certificates->version_;
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

std::shared_ptr<grpc::ServerCredentials> Certificates::MakeCredentials() {
  grpc_ssl_server_credentials_options* options =
      grpc_ssl_server_credentials_create_options_using_config_fetcher(
          GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, &Certificates::Fetch, this);
  return std::make_shared<FetchedCredentials>(
      grpc_ssl_server_credentials_create_with_options(options));
}

}  // namespace lims::rpc
