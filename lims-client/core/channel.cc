#include "core/channel.h"

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <cstdlib>

#include "base/message_limits.h"

namespace lims::client {

std::shared_ptr<grpc::Channel> OpenChannel(const TerminalIdentity& identity) {
  // Its notes about failed connections would stand between the lines of our own error.
  if (std::getenv("GRPC_VERBOSITY") == nullptr) {
    gpr_set_log_function([](gpr_log_func_args*) {});
  }
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity.ca_pem;
  options.pem_private_key = identity.key_pem;
  options.pem_cert_chain = identity.certificate_pem;
  grpc::ChannelArguments arguments;
  // A proxy of the environment is for the web, never for the laboratory's server.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A call that waits finds out that the server's machine is gone.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kMaxReplyBytes));
  return grpc::CreateCustomChannel(identity.server, grpc::SslCredentials(options), arguments);
}

}  // namespace lims::client
