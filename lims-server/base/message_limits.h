// Largest messages and files between terminal and server: both sides hold to them.
#ifndef LIMS_BASE_MESSAGE_LIMITS_H_
#define LIMS_BASE_MESSAGE_LIMITS_H_

#include <cstddef>

namespace lims {

// Files travel in parts, so nothing that a person asks or enters comes near it.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{1} << 20;
// A lot with everything recorded about it.
inline constexpr std::size_t kMaxReplyBytes = std::size_t{16} << 20;

inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
// Of a file that travels in parts, each a message.
inline constexpr std::size_t kFilePartBytes = std::size_t{256} << 10;
// A file that travels alone in one request.
inline constexpr std::size_t kMaxLoneFileBytes = std::size_t{900} << 10;
// One that travels in a request beside other content.
inline constexpr std::size_t kMaxInlineFileBytes = std::size_t{64} << 10;

}  // namespace lims

#endif  // LIMS_BASE_MESSAGE_LIMITS_H_
