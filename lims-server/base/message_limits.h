// Largest messages between terminal and server: both sides hold to them.
#ifndef LIMS_BASE_MESSAGE_LIMITS_H_
#define LIMS_BASE_MESSAGE_LIMITS_H_

#include <cstddef>

namespace lims {

// Files travel in parts, so nothing that a person asks or enters comes near it.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{1} << 20;
// A lot with everything recorded about it.
inline constexpr std::size_t kMaxReplyBytes = std::size_t{16} << 20;

}  // namespace lims

#endif  // LIMS_BASE_MESSAGE_LIMITS_H_
