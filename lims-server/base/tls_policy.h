// TLS 1.3 and nothing older, for every connection of the process.
#ifndef LIMS_BASE_TLS_POLICY_H_
#define LIMS_BASE_TLS_POLICY_H_

namespace lims {

// Gives OpenSSL a configuration of our own in place of the system's: the gRPC library has no
// setting for the lowest version and accepts TLS 1.2 otherwise. Call it first in main, before
// anything uses OpenSSL. Throws std::runtime_error when the configuration does not take effect.
void RequireTls13();

}  // namespace lims

#endif  // LIMS_BASE_TLS_POLICY_H_
