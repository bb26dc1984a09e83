// The canonical JSON of events: the subset of RFC 8785 with ASCII keys in ascending order, strings,
// integers within ±(2^53-1), booleans, arrays and objects. One value has one text.
#ifndef LIMS_BASE_JSON_H_
#define LIMS_BASE_JSON_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lims {

inline constexpr std::int64_t kJsonMaxInteger = (std::int64_t{1} << 53) - 1;
inline constexpr std::size_t kJsonMaxDepth = 32;

// Appends `utf8`, which must be well-formed, as a JSON string with the escapes of RFC 8785.
void AppendJsonString(std::string& out, std::string_view utf8);

// Reads canonical JSON piece by piece and refuses every other text: white space, null, fractions,
// exponents, leading zeros, -0, escapes that the writer would not use, malformed UTF-8, keys that
// are not strictly ascending or hold anything but ASCII that needs no escape.
//
//   if (!reader.BeginObject()) return Fail(reader.problem());
//   while (reader.NextKey(key)) { … read the value … }
//   if (!reader.ok()) return Fail(reader.problem());
//
// The first refusal is final: every later call returns false.
class JsonReader {
 public:
  // `text` must outlive the reader.
  explicit JsonReader(std::string_view text);

  bool BeginObject();
  // True with the next key, its value to be read next; false at the end of the object or on a
  // refusal, which ok() tells apart.
  bool NextKey(std::string& key);
  bool BeginArray();
  // True when an element follows; false at the end of the array or on a refusal.
  bool NextElement();

  bool ReadString(std::string& value);
  bool ReadInteger(std::int64_t& value);
  bool ReadBool(bool& value);

  // True when a whole value was read and nothing stands behind it.
  bool AtEnd();

  // Offset from 0 of the byte to be read next.
  std::size_t position() const { return position_; }

  bool ok() const { return problem_.empty(); }
  // Empty, or "byte 17: …" with the offset from 0.
  const std::string& problem() const { return problem_; }

 private:
  struct Level {
    std::string_view last_key;
    bool has_key = false;
    bool first = true;
  };

  bool Refuse(std::string_view what);
  bool RefuseAt(std::size_t position, std::string_view what);
  bool Take(char c);
  bool Begin(char opening, std::string_view what);
  bool NextMember(char closing, std::string_view what);
  bool ReadEscape(std::string& value);

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  std::array<Level, kJsonMaxDepth> levels_;
  std::string problem_;
};

}  // namespace lims

#endif  // LIMS_BASE_JSON_H_
