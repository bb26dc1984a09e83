#include "base/x509.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>

#include "base/contains.h"
#include "base/encoding.h"
#include "base/openssl.h"
#include "base/random.h"
#include "base/sha256.h"

namespace lims {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Request = std::unique_ptr<X509_REQ, Free<X509_REQ_free>>;
using Asn1Time = std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>>;
using GeneralNames = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

constexpr TimeUs kCaLife = 3'652 * kDay;
constexpr TimeUs kLife = 730 * kDay;
// A terminal whose clock is somewhat behind accepts a certificate that was issued just now.
constexpr TimeUs kClockDifference = kHour;
constexpr std::size_t kCommonNameMax = 64;  // ub-common-name of RFC 5280

// Keeps the library from asking for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) {
  return -1;
}

Bio ReadOnly(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  RequireOpenSsl(bio != nullptr);
  return bio;
}

Bio Buffer() {
  Bio bio(BIO_new(BIO_s_mem()));
  RequireOpenSsl(bio != nullptr);
  return bio;
}

std::string Content(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string ToPem(const Key& key) {
  const Bio bio = Buffer();
  RequireOpenSsl(
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return Content(bio);
}

std::string ToPem(const Certificate& certificate) {
  const Bio bio = Buffer();
  RequireOpenSsl(PEM_write_bio_X509(bio.get(), certificate.get()) == 1);
  return Content(bio);
}

Result<Certificate> ReadCertificate(std::string_view pem) {
  Certificate certificate(PEM_read_bio_X509(ReadOnly(pem).get(), nullptr, NoPassphrase, nullptr));
  if (!certificate) return InvalidArgument("certificate_pem", "not a certificate in PEM form");
  return certificate;
}

void FreeAll(STACK_OF(X509) * certificates) {
  sk_X509_pop_free(certificates, X509_free);
}
using Certificates = std::unique_ptr<STACK_OF(X509), Free<FreeAll>>;

// Those that are left.
Certificates ReadAll(const Bio& bio) {
  Certificates all(sk_X509_new_null());
  RequireOpenSsl(all != nullptr);
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    RequireOpenSsl(sk_X509_push(all.get(), next) > 0);
  }
  ERR_clear_error();  // the end of the text is one
  return all;
}

Result<Key> ReadKey(std::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(ReadOnly(pem).get(), nullptr, NoPassphrase, nullptr));
  if (!key) return InvalidArgument("key_pem", "not a private key in PEM form");
  return key;
}

Key NewKey() {
  Key key(EVP_EC_gen("P-256"));
  RequireOpenSsl(key != nullptr);
  return key;
}

bool IsStrongKey(const EVP_PKEY* key) {
  char group[32] = {};
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1) {
    return false;
  }
  const int nid = OBJ_sn2nid(group);
  return nid == NID_X9_62_prime256v1 || nid == NID_secp384r1 || nid == NID_secp521r1;
}

Result<void> SetCommonName(X509_NAME* name, std::string_view common_name) {
  if (common_name.empty() || common_name.size() > kCommonNameMax ||
      X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, OpenSslBytes(common_name),
                                 static_cast<int>(common_name.size()), -1, 0) != 1) {
    return InvalidArgument("common_name", "must be UTF-8 text of 1 to 64 bytes");
  }
  return {};
}

TimeUs FromAsn1(const ASN1_TIME* time) {
  const Asn1Time epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  RequireOpenSsl(epoch != nullptr && ASN1_TIME_diff(&days, &seconds, epoch.get(), time) == 1);
  return days * kDay + seconds * kSecond;
}

void SetValidity(X509* certificate, TimeUs from, TimeUs to) {
  RequireOpenSsl(ASN1_TIME_set(X509_getm_notBefore(certificate), from / kSecond) != nullptr &&
                 ASN1_TIME_set(X509_getm_notAfter(certificate), to / kSecond) != nullptr);
}

void SetSerial(X509* certificate) {
  std::string bytes = RandomBytes(16);
  bytes[0] = static_cast<char>((bytes[0] & 0x3f) | 0x40);  // positive, and always of one length
  const std::unique_ptr<BIGNUM, Free<BN_free>> number(
      BN_bin2bn(OpenSslBytes(bytes), static_cast<int>(bytes.size()), nullptr));
  RequireOpenSsl(number != nullptr &&
                 BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

// `value` in the notation of x509v3_config; never text from outside.
void AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  RequireOpenSsl(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

bool IsDnsName(std::string_view name) {
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.';
  });
}

Result<void> AddAlternativeNames(X509* certificate, const std::vector<std::string>& names) {
  const GeneralNames list(GENERAL_NAMES_new());
  RequireOpenSsl(list != nullptr);
  for (const std::string& text : names) {
    ASN1_STRING* value = a2i_IPADDRESS(text.c_str());
    const bool address = value != nullptr;
    if (!address) {
      if (!IsDnsName(text)) {
        return InvalidArgument("names", "'" + text + "' is neither a host name nor an address");
      }
      value = ASN1_IA5STRING_new();
      RequireOpenSsl(value != nullptr &&
                     ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) == 1);
    }
    GENERAL_NAME* name = GENERAL_NAME_new();
    RequireOpenSsl(name != nullptr);
    GENERAL_NAME_set0_value(name, address ? GEN_IPADD : GEN_DNS, value);
    RequireOpenSsl(sk_GENERAL_NAME_push(list.get(), name) > 0);
  }
  RequireOpenSsl(X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), 0, 0) == 1);
  return {};
}

// What the CA's signature and every certificate below it share.
struct Issuer {
  Key key;
  Certificate certificate;
};

Result<Issuer> ReadIssuer(const KeyAndCertificate& ca) {
  LIMS_ASSIGN_OR_RETURN(Key key, ReadKey(ca.key_pem));
  LIMS_ASSIGN_OR_RETURN(Certificate certificate, ReadCertificate(ca.certificate_pem));
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return InvalidArgument("key_pem", "not the key of the certificate");
  }
  return Issuer{std::move(key), std::move(certificate)};
}

Certificate NewCertificate(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  RequireOpenSsl(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) &&
                 X509_set_pubkey(certificate.get(), key) == 1);
  SetSerial(certificate.get());
  return certificate;
}

void Sign(X509* certificate, EVP_PKEY* key) {
  RequireOpenSsl(X509_sign(certificate, key, EVP_sha256()) > 0);
}

// A certificate below the CA, complete but for names and signature.
Result<Certificate> NewLeaf(const Issuer& issuer, EVP_PKEY* key, std::string_view common_name,
                            const char* extended_usage, TimeUs now) {
  Certificate certificate = NewCertificate(key);
  LIMS_RETURN_IF_ERROR(SetCommonName(X509_get_subject_name(certificate.get()), common_name));
  X509* const authority = issuer.certificate.get();
  RequireOpenSsl(X509_set_issuer_name(certificate.get(), X509_get_subject_name(authority)) == 1);
  const TimeUs last = FromAsn1(X509_get0_notAfter(authority));
  SetValidity(certificate.get(), now - kClockDifference, std::min(now + kLife, last));
  AddExtension(certificate.get(), authority, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(certificate.get(), authority, NID_key_usage, "critical,digitalSignature");
  AddExtension(certificate.get(), authority, NID_ext_key_usage, extended_usage);
  AddExtension(certificate.get(), authority, NID_subject_key_identifier, "hash");
  AddExtension(certificate.get(), authority, NID_authority_key_identifier, "keyid:always");
  return certificate;
}

}  // namespace

Result<KeyAndCertificate> MakeCa(std::string_view common_name, TimeUs now) {
  const Key key = NewKey();
  const Certificate certificate = NewCertificate(key.get());
  X509* const ca = certificate.get();
  LIMS_RETURN_IF_ERROR(SetCommonName(X509_get_subject_name(ca), common_name));
  RequireOpenSsl(X509_set_issuer_name(ca, X509_get_subject_name(ca)) == 1);
  SetValidity(ca, now - kClockDifference, now + kCaLife);
  AddExtension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  AddExtension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(ca, ca, NID_subject_key_identifier, "hash");
  Sign(ca, key.get());
  return KeyAndCertificate{ToPem(key), ToPem(certificate)};
}

Result<KeyAndCertificate> IssueServerCertificate(const KeyAndCertificate& ca,
                                                 const std::vector<std::string>& names,
                                                 TimeUs now) {
  LIMS_ASSIGN_OR_RETURN(const Issuer issuer, ReadIssuer(ca));
  const Key key = NewKey();
  LIMS_ASSIGN_OR_RETURN(const Certificate certificate,
                        NewLeaf(issuer, key.get(), "lims-server", "serverAuth", now));
  std::vector<std::string> all = {"localhost", "127.0.0.1", "::1"};
  for (const std::string& name : names) {
    if (!Contains(all, name)) all.push_back(name);
  }
  LIMS_RETURN_IF_ERROR(AddAlternativeNames(certificate.get(), all));
  Sign(certificate.get(), issuer.key.get());
  return KeyAndCertificate{ToPem(key), ToPem(certificate)};
}

Result<std::string> IssueClientCertificate(const KeyAndCertificate& ca,
                                           std::string_view request_pem, std::string_view terminal,
                                           TimeUs now) {
  const auto refused = [](std::string description) {
    return InvalidArgument("certificate_request_pem", std::move(description));
  };
  LIMS_ASSIGN_OR_RETURN(const Issuer issuer, ReadIssuer(ca));
  const Request request(
      PEM_read_bio_X509_REQ(ReadOnly(request_pem).get(), nullptr, NoPassphrase, nullptr));
  if (!request) return refused("not a certificate request (PKCS#10) in PEM form");
  EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr || !IsStrongKey(key)) {
    return refused("the key must be an elliptic curve key on P-256, P-384 or P-521");
  }
  if (X509_REQ_verify(request.get(), key) != 1) {
    return refused("not signed with its own key");
  }
  LIMS_ASSIGN_OR_RETURN(const Certificate certificate,
                        NewLeaf(issuer, key, terminal, "clientAuth", now));
  Sign(certificate.get(), issuer.key.get());
  return ToPem(certificate);
}

Result<KeyAndRequest> MakeKeyAndRequest(std::string_view common_name) {
  const Key key = NewKey();
  const Request request(X509_REQ_new());
  RequireOpenSsl(request != nullptr && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) &&
                 X509_REQ_set_pubkey(request.get(), key.get()) == 1);
  LIMS_RETURN_IF_ERROR(SetCommonName(X509_REQ_get_subject_name(request.get()), common_name));
  RequireOpenSsl(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0);
  const Bio bio = Buffer();
  RequireOpenSsl(PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1);
  return KeyAndRequest{ToPem(key), Content(bio)};
}

Result<void> CheckKey(const KeyAndCertificate& pair) {
  LIMS_RETURN_IF_ERROR(ReadIssuer(pair));
  return {};
}

Result<void> CheckServerCertificate(const KeyAndCertificate& server, std::string_view ca_pem,
                                    TimeUs now) {
  LIMS_RETURN_IF_ERROR(CheckKey(server));
  const Bio chain = ReadOnly(server.certificate_pem);
  const Certificate certificate(PEM_read_bio_X509(chain.get(), nullptr, NoPassphrase, nullptr));
  const Certificates above = ReadAll(chain);
  const Certificates trusted = ReadAll(ReadOnly(ca_pem));
  if (sk_X509_num(trusted.get()) == 0) {
    return InvalidArgument("ca_pem", "holds no certificate in PEM form");
  }
  const std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  RequireOpenSsl(check != nullptr &&
                 X509_STORE_CTX_init(check.get(), nullptr, certificate.get(), above.get()) == 1);
  X509_STORE_CTX_set0_trusted_stack(check.get(), trusted.get());
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(check.get());
  RequireOpenSsl(X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER) == 1);
  X509_VERIFY_PARAM_set_time(parameters, now / kSecond);
  if (X509_verify_cert(check.get()) != 1) {
    return InvalidArgument("certificate_pem",
                           X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get())));
  }
  return {};
}

Result<std::string> CertificateSha256(std::string_view certificate_pem) {
  LIMS_ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate(certificate_pem));
  const Bio bio = Buffer();
  RequireOpenSsl(i2d_X509_bio(bio.get(), certificate.get()) == 1);
  return HexEncode(Sha256(Content(bio)));
}

Result<TimeUs> CertificateNotAfter(std::string_view certificate_pem) {
  LIMS_ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate(certificate_pem));
  return FromAsn1(X509_get0_notAfter(certificate.get()));
}

}  // namespace lims
