// The connection to the server: mutual TLS 1.3 with the terminal's key pair.
#ifndef LIMS_CLIENT_CORE_CHANNEL_H_
#define LIMS_CLIENT_CORE_CHANNEL_H_

#include <memory>

#include "core/site.h"

namespace grpc {
class Channel;
}

namespace lims::client {

// Connects on the first call. The server must show a certificate of the site's CA for the host in
// `identity.server`. base/tls_policy.h RequireTls13() comes before.
std::shared_ptr<grpc::Channel> OpenChannel(const TerminalIdentity& identity);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_CHANNEL_H_
