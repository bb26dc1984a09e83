#include "rpc/raw_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <memory>
#include <string_view>

namespace lims::rpc {
namespace {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Freer<kFree>>;

class RawConnection {
 public:
  RawConnection(const client::TerminalIdentity& terminal, int port, int highest_version)
      : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), highest_version);
    const Owned<BIO, BIO_free> key(Bio(terminal.key_pem));
    const Owned<EVP_PKEY, EVP_PKEY_free> private_key(
        PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
    const Owned<BIO, BIO_free> pem(Bio(terminal.certificate_pem));
    const Owned<X509, X509_free> certificate(
        PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_certificate(context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), private_key.get());
    constexpr unsigned char kHttp2[] = {2, 'h', '2'};
    SSL_CTX_set_alpn_protos(context_.get(), kHttp2, sizeof kHttp2);

    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket_);
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  ~RawConnection() {
    ssl_.reset();
    ::close(socket_);
  }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool connected() const { return connected_; }
  int version() const { return SSL_version(ssl_.get()); }

  void Send(std::string_view bytes) {
    EXPECT_GT(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())), 0);
  }
  // Exactly `size` bytes, or fewer at the end.
  std::string Receive(std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const int got = SSL_read(ssl_.get(), bytes.data() + have, static_cast<int>(size - have));
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
  }

 private:
  static BIO* Bio(const std::string& pem) {
    return BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  }

  Owned<SSL_CTX, SSL_CTX_free> context_;
  Owned<SSL, SSL_free> ssl_;
  int socket_ = -1;
  bool connected_ = false;
};

std::uint32_t BigEndian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

}  // namespace

std::optional<int> Handshake(const client::TerminalIdentity& terminal, int port,
                             int highest_version) {
  const RawConnection connection(terminal, port, highest_version);
  if (!connection.connected()) return std::nullopt;
  return connection.version();
}

std::map<int, std::uint32_t> Http2Settings(const client::TerminalIdentity& terminal, int port) {
  RawConnection connection(terminal, port, TLS1_3_VERSION);
  EXPECT_TRUE(connection.connected());
  // The preface and an empty SETTINGS frame.
  connection.Send(std::string_view("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33));
  const std::string head = connection.Receive(9);
  std::map<int, std::uint32_t> settings;
  EXPECT_EQ(head.size(), 9u);
  if (head.size() != 9) return settings;
  EXPECT_EQ(head[3], 4);  // SETTINGS
  const std::string payload = connection.Receive(BigEndian(std::string_view(head).substr(0, 3)));
  for (std::size_t at = 0; at + 6 <= payload.size(); at += 6) {
    const std::string_view entry = std::string_view(payload).substr(at, 6);
    settings[static_cast<int>(BigEndian(entry.substr(0, 2)))] = BigEndian(entry.substr(2));
  }
  return settings;
}

}  // namespace lims::rpc
