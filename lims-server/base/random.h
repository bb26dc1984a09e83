// Randomness fit for keys, and identifiers made from it.
#ifndef LIMS_BASE_RANDOM_H_
#define LIMS_BASE_RANDOM_H_

#include <cstddef>
#include <string>

namespace lims {

// Bytes of the system's cryptographic generator. Throws std::runtime_error when it has none to
// give.
std::string RandomBytes(std::size_t count);

// A UUID version 7 (RFC 9562) in lower case: ids made later sort later, to the millisecond.
std::string NewUuid();

}  // namespace lims

#endif  // LIMS_BASE_RANDOM_H_
