// The pieces that notes, checkpoints and proofs share: lines, decimal numbers, hash lines.
#ifndef LIMS_TLOG_LINES_H_
#define LIMS_TLOG_LINES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/sha256.h"

namespace lims::tlog {

// Cuts the first line off `text` and gives it without its LF; nullopt when no LF is left.
std::optional<std::string_view> TakeLine(std::string_view* text);

// ASCII decimal digits without a leading zero (but "0"), below 2^64.
std::optional<std::uint64_t> ParseNumber(std::string_view text);

// 44 characters of base64 in the one spelling that FormatHash() writes.
std::optional<Hash> ParseHash(std::string_view text);
std::string FormatHash(const Hash& hash);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_LINES_H_
