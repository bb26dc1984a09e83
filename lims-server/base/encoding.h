// Bytes as hexadecimal and base64 text; decoding accepts exactly what encoding writes.
#ifndef LIMS_BASE_ENCODING_H_
#define LIMS_BASE_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/sha256.h"

namespace lims {

// Lower case, two digits a byte. Decoding refuses upper case, so that equal bytes are equal text.
std::string HexEncode(std::string_view bytes);
std::string HexEncode(const Hash& hash);
std::optional<std::string> HexDecode(std::string_view text);
std::optional<Hash> HashFromHex(std::string_view text);

// RFC 4648 section 4 with padding. Decoding refuses missing padding, characters outside the
// alphabet (line ends too) and unused bits that are not zero.
std::string Base64Encode(std::string_view bytes);
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace lims

#endif  // LIMS_BASE_ENCODING_H_
