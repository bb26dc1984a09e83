// The gRPC server: mutual TLS 1.3, limits, services, drain.
#ifndef LIMS_RPC_SERVER_H_
#define LIMS_RPC_SERVER_H_

#include <memory>
#include <string>

#include "app/site.h"
#include "base/result.h"
#include "rpc/call_limit.h"

namespace lims::rpc {

class Server {
 public:
  // Listens on `address` (host:port, port 0 for any). Refuses to share the port.
  static Result<std::unique_ptr<Server>> Start(app::Site& site, const std::string& address,
                                               CallLimits limits = {});
  ~Server();

  int port() const;
  // Takes certificate, key and CA from their files when they changed, for new connections, and
  // records that, in a later call when it cannot be now; says in its log why it does not. To be
  // called about once a second.
  void RefreshCertificates();
  // Ends open calls: waits up to `seconds`, then cancels.
  void Drain(int seconds);

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  void TakeCertificates();
  std::unique_ptr<Parts> parts_;
};

}  // namespace lims::rpc

#endif  // LIMS_RPC_SERVER_H_
