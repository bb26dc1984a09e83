// Password hashes for log-in, and secrets sealed under a password. Both cost 64 MiB and about a
// fifth of a second on purpose: callers limit how many run at once.
#ifndef LIMS_BASE_PASSWORD_H_
#define LIMS_BASE_PASSWORD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lims {

// One password, one spelling: keyboards and systems differ in how they compose an accented letter.
// Unicode NFC; what is not UTF-8 stays as it is. All below do this to the passwords they are given.
std::string ComposedPassword(std::string_view typed);

// Argon2id as a PHC string: m = 64 MiB, t = 3, p = 1, 16-byte salt, 32-byte tag.
// Throws std::bad_alloc when the memory cannot be had.
std::string HashPassword(std::string_view typed);

// Takes the time of a hash even when `phc` is empty or malformed, so that a caller without a stored
// hash (unknown user) answers as slowly as one with.
bool VerifyPassword(std::string_view phc, std::string_view typed);

// AES-256-GCM under a key made from the password with Argon2id. The bytes carry their version and
// the cost of the key, so they stay readable when the cost is raised.
std::string SealWithPassword(std::string_view typed, std::string_view secret);

// WRONG_CREDENTIALS when the password is not the one (or a byte was changed: the two cannot be told
// apart), DATA_LOSS when the bytes are no seal.
Result<std::string> OpenWithPassword(std::string_view typed, std::string_view sealed);

// Lowers the cost of what is hashed and sealed from now on; only tests call this.
void SetPasswordCostForTests(std::uint32_t memory_kib, std::uint32_t passes);

}  // namespace lims

#endif  // LIMS_BASE_PASSWORD_H_
