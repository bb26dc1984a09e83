// What text may enter a record: well-formed UTF-8 in which nothing hides.
#ifndef LIMS_BASE_TEXT_H_
#define LIMS_BASE_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lims {

// Reads the character at the start of `text` into `code_point` and returns its length in bytes;
// 0 when `text` is empty or does not start with well-formed UTF-8 (overlong forms, surrogates and
// values over U+10FFFF are not well-formed).
std::size_t DecodeUtf8(std::string_view text, char32_t& code_point);

bool IsValidUtf8(std::string_view text);

// Code points of well-formed UTF-8.
std::size_t Characters(std::string_view utf8);

// Why `text` may not stand in a name or a reason, in words for the person who typed it: not UTF-8,
// longer than `max_bytes`, a control, bidi control or invisible character, a blank that looks like
// another one, a blank at either end. nullopt when it may; the empty text may.
std::optional<std::string> TextProblem(std::string_view text, std::size_t max_bytes);

// `text` with a question mark for each character that TextProblem refuses and for each byte that is
// no UTF-8.
std::string WithoutHidden(std::string_view text);

// `text` in quotes for a message about it, or "this text" when it is not fit to be shown there.
std::string QuotedForMessage(std::string_view text);

// 0 to 9, whatever the locale calls a digit.
constexpr bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Without the blanks at either end.
std::string_view WithoutBlanks(std::string_view text);

// What stands between commas, without blanks around it; one empty item for the empty text.
std::vector<std::string> SplitList(std::string_view text);

// With A-Z as a-z; other letters stay.
std::string AsciiLower(std::string_view text);

// [A-Za-z0-9][A-Za-z0-9._-]{0,63}
bool IsIdentifier(std::string_view text);
// What is said of a text that is none.
inline constexpr char kIdentifierRule[] =
    "must be 1 to 64 letters, digits, points, _ and -, the first a letter or digit";

}  // namespace lims

#endif  // LIMS_BASE_TEXT_H_
