// From the bytes of a text file to UTF-8.
#ifndef LIMS_BASE_TEXT_ENCODING_H_
#define LIMS_BASE_TEXT_ENCODING_H_

#include <string>
#include <string_view>

#include "base/result.h"

namespace lims {

// The whole file as UTF-8 without byte order mark. Read are UTF-8, with or without the mark, and
// UTF-16 little-endian with it ("Unicode text"). INVALID_ARGUMENT names the line of the first byte
// that is neither (field "line 12"), or says that the file is no text (field "file").
Result<std::string> DecodeText(std::string_view bytes);

// The first few kilobytes, for recognising a format; empty when they are no readable text.
std::string DecodeTextStart(std::string_view bytes);

}  // namespace lims

#endif  // LIMS_BASE_TEXT_ENCODING_H_
