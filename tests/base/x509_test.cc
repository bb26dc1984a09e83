#include "base/x509.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "base/time.h"

namespace lims {
namespace {

constexpr TimeUs kNow = 1'790'000'000'000'000;
constexpr TimeUs kDay = 86'400'000'000;

using CertificatePointer = std::unique_ptr<X509, void (*)(X509*)>;

CertificatePointer Read(const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

std::string CommonName(const std::string& pem) {
  char name[80] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(Read(pem).get()), NID_commonName, name,
                            sizeof name);
  return name;
}

// Whether `pem` chains to `ca` for this purpose at this time.
bool Verifies(const std::string& pem, const std::string& ca, int purpose, TimeUs time) {
  const CertificatePointer root = Read(ca);
  const CertificatePointer leaf = Read(pem);
  const std::unique_ptr<X509_STORE, void (*)(X509_STORE*)> store(X509_STORE_new(), X509_STORE_free);
  X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(X509_STORE_CTX_new(),
                                                                           X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), time / 1'000'000);
  return X509_verify_cert(context.get()) == 1;
}

KeyAndCertificate Ca() {
  return MakeCa("lims.example/site1 CA", kNow).value();
}

std::string RequestOf(EVP_PKEY* key, EVP_PKEY* signer) {
  const std::unique_ptr<X509_REQ, void (*)(X509_REQ*)> request(X509_REQ_new(), X509_REQ_free);
  X509_REQ_set_pubkey(request.get(), key);
  X509_REQ_sign(request.get(), signer, EVP_sha256());
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509_REQ(bio.get(), request.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

using KeyPointer = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
KeyPointer CurveKey(const char* group) {
  return {EVP_EC_gen(group), EVP_PKEY_free};
}

TEST(X509, CaIsSelfSignedForTenYears) {
  const KeyAndCertificate ca = Ca();
  EXPECT_EQ(CommonName(ca.certificate_pem), "lims.example/site1 CA");
  EXPECT_EQ(CertificateNotAfter(ca.certificate_pem).value(), kNow + 3652 * kDay);
  EXPECT_EQ(X509_check_ca(Read(ca.certificate_pem).get()), 1);
  EXPECT_FALSE(MakeCa("", kNow));
  EXPECT_FALSE(MakeCa(std::string(65, 'a'), kNow));
}

TEST(X509, ServerCertificateNamesTheLocalHostAndWhatWasGiven) {
  const KeyAndCertificate ca = Ca();
  const KeyAndCertificate server =
      IssueServerCertificate(ca, {"lims.lab.example", "10.1.2.3", "localhost"}, kNow).value();
  const CertificatePointer certificate = Read(server.certificate_pem);
  for (const char* name : {"localhost", "lims.lab.example"}) {
    EXPECT_EQ(X509_check_host(certificate.get(), name, 0, 0, nullptr), 1) << name;
  }
  for (const char* address : {"127.0.0.1", "::1", "10.1.2.3"}) {
    EXPECT_EQ(X509_check_ip_asc(certificate.get(), address, 0), 1) << address;
  }
  EXPECT_NE(X509_check_host(certificate.get(), "other.example", 0, 0, nullptr), 1);
  EXPECT_TRUE(Verifies(server.certificate_pem, ca.certificate_pem, X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_FALSE(Verifies(server.certificate_pem, ca.certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_FALSE(IssueServerCertificate(ca, {"a,DNS:evil.example"}, kNow));
}

TEST(X509, ClientCertificateIgnoresTheSubjectOfTheRequest) {
  const KeyAndCertificate ca = Ca();
  const KeyAndRequest request = MakeKeyAndRequest("administrator").value();
  const std::string pem = IssueClientCertificate(ca, request.request_pem, "bench-3", kNow).value();
  EXPECT_EQ(CommonName(pem), "bench-3");
  EXPECT_TRUE(Verifies(pem, ca.certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_FALSE(Verifies(pem, ca.certificate_pem, X509_PURPOSE_SSL_SERVER, kNow));
  EXPECT_FALSE(Verifies(pem, Ca().certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow));
  EXPECT_FALSE(Verifies(pem, ca.certificate_pem, X509_PURPOSE_SSL_CLIENT, kNow + 731 * kDay));
}

TEST(X509, CertificateNeverOutlivesItsCa) {
  const KeyAndCertificate ca = Ca();
  const TimeUs late = kNow + 3600 * kDay;
  const std::string pem =
      IssueClientCertificate(ca, MakeKeyAndRequest("t").value().request_pem, "t", late).value();
  EXPECT_EQ(CertificateNotAfter(pem).value(), CertificateNotAfter(ca.certificate_pem).value());
}

TEST(X509, WeakOrForeignRequestsAreRefused) {
  const KeyAndCertificate ca = Ca();
  const KeyPointer p256 = CurveKey("P-256");
  const KeyPointer p384 = CurveKey("P-384");
  const KeyPointer p224 = CurveKey("P-224");
  const KeyPointer rsa(EVP_RSA_gen(1024), EVP_PKEY_free);
  const auto issue = [&ca](const std::string& pem) {
    return IssueClientCertificate(ca, pem, "bench-3", kNow).has_value();
  };
  EXPECT_TRUE(issue(RequestOf(p256.get(), p256.get())));
  EXPECT_TRUE(issue(RequestOf(p384.get(), p384.get())));
  EXPECT_FALSE(issue(RequestOf(p224.get(), p224.get())));
  EXPECT_FALSE(issue(RequestOf(rsa.get(), rsa.get())));
  EXPECT_FALSE(issue(RequestOf(p256.get(), p384.get())));
  EXPECT_FALSE(issue("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"));
  EXPECT_FALSE(issue(""));
}

TEST(X509, FingerprintIsTheHashOfTheDerBytes) {
  const std::string pem = Ca().certificate_pem;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  ASSERT_EQ(X509_digest(Read(pem).get(), EVP_sha256(), digest, &size), 1);
  std::string expected;
  for (unsigned int i = 0; i < size; ++i) {
    const char* digits = "0123456789abcdef";
    expected += digits[digest[i] >> 4];
    expected += digits[digest[i] & 15];
  }
  EXPECT_EQ(CertificateSha256(pem).value(), expected);
  EXPECT_FALSE(CertificateSha256("no certificate"));
}

TEST(X509, KeyOfAnotherCaIsRefused) {
  const KeyAndCertificate mixed = {Ca().key_pem, Ca().certificate_pem};
  EXPECT_FALSE(IssueServerCertificate(mixed, {}, kNow));
}

}  // namespace
}  // namespace lims
