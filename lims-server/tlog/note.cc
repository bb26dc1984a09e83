#include "tlog/note.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "base/sha256.h"
#include "base/text.h"
#include "tlog/lines.h"

namespace lims::tlog {
namespace {

constexpr std::string_view kSignaturePrefix = "\u2014 ";
constexpr char kEd25519 = '\x01';
// Bounds the work on a hostile note; the specification asks for at least 16.
constexpr std::size_t kMaxSignatures = 64;

// Every code point with the Unicode property White_Space that is no ASCII control character.
constexpr std::string_view kSpaces[] = {"\u0020", "\u0085", "\u00a0", "\u1680", "\u2000",
                                        "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
                                        "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
                                        "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

bool HasControlCharacter(std::string_view text, bool line_feed_allowed) {
  return std::any_of(text.begin(), text.end(), [line_feed_allowed](char c) {
    return static_cast<unsigned char>(c) < 0x20 && !(line_feed_allowed && c == '\n');
  });
}

std::string_view AsBytes(const NoteKeyId& key_id) {
  return {reinterpret_cast<const char*>(key_id.data()), key_id.size()};
}

Error BadNote(std::string description) {
  return InvalidArgument("note", std::move(description));
}

Result<NoteSignature> ParseSignatureLine(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix)) {
    return BadNote("a signature line does not start with an em dash and a space");
  }
  line.remove_prefix(kSignaturePrefix.size());
  const std::size_t space = line.find(' ');
  NoteSignature signature;
  signature.name = line.substr(0, space);
  if (space == std::string_view::npos || !IsValidKeyName(signature.name)) {
    return BadNote("a signature line has no valid key name");
  }
  const std::optional<std::string> bytes = Base64Decode(line.substr(space + 1));
  if (!bytes || bytes->size() <= signature.key_id.size()) {
    return BadNote("a signature line does not hold the base64 of a key id and a signature");
  }
  std::copy_n(bytes->begin(), signature.key_id.size(), signature.key_id.begin());
  signature.signature = bytes->substr(signature.key_id.size());
  return signature;
}

}  // namespace

bool IsValidKeyName(std::string_view name) {
  return !name.empty() && name.find('+') == std::string_view::npos && IsValidUtf8(name) &&
         !HasControlCharacter(name, /*line_feed_allowed=*/false) &&
         std::none_of(std::begin(kSpaces), std::end(kSpaces), [name](std::string_view space) {
           return name.find(space) != std::string_view::npos;
         });
}

bool IsValidNoteText(std::string_view text) {
  return text.ends_with('\n') && IsValidUtf8(text) &&
         !HasControlCharacter(text, /*line_feed_allowed=*/true);
}

Result<Note> ParseNote(std::string_view bytes) {
  if (!IsValidNoteText(bytes)) {
    return BadNote("not valid UTF-8 text of whole lines without control characters");
  }
  const std::size_t blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos) {
    return BadNote("no blank line between text and signatures");
  }
  Note note;
  note.text = bytes.substr(0, blank + 1);
  std::string_view rest = bytes.substr(blank + 2);
  while (const std::optional<std::string_view> line = TakeLine(&rest)) {
    if (note.signatures.size() == kMaxSignatures) return BadNote("too many signatures");
    LIMS_ASSIGN_OR_RETURN(NoteSignature signature, ParseSignatureLine(*line));
    note.signatures.push_back(std::move(signature));
  }
  if (note.signatures.empty()) return BadNote("no signature");
  return note;
}

std::string FormatNote(const Note& note) {
  if (!IsValidNoteText(note.text) || note.signatures.empty() ||
      note.signatures.size() > kMaxSignatures) {
    std::abort();
  }
  std::string bytes = note.text + '\n';
  for (const NoteSignature& signature : note.signatures) {
    if (!IsValidKeyName(signature.name) || signature.signature.empty()) std::abort();
    bytes += kSignaturePrefix;
    bytes += signature.name + ' ';
    bytes += Base64Encode(std::string(AsBytes(signature.key_id)) + signature.signature) + '\n';
  }
  return bytes;
}

NoteKeyId KeyId(std::string_view name, std::string_view public_key) {
  Sha256Stream stream;
  stream.Update(name);
  stream.Update("\n");
  stream.Update(std::string_view(&kEd25519, 1));
  stream.Update(public_key);
  const Hash hash = stream.Finish();
  NoteKeyId key_id;
  std::copy_n(hash.begin(), key_id.size(), key_id.begin());
  return key_id;
}

std::string FormatVkey(std::string_view name, std::string_view public_key) {
  return std::string(name) + '+' + HexEncode(AsBytes(KeyId(name, public_key))) + '+' +
         Base64Encode(kEd25519 + std::string(public_key));
}

Result<VerifierKey> ParseVkey(std::string_view vkey) {
  // Base64 may itself hold a '+', so only the first two separate.
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) {
    return InvalidArgument("vkey", "not of the form <name>+<key id>+<key>");
  }
  VerifierKey key;
  key.name = vkey.substr(0, first);
  if (!IsValidKeyName(key.name)) return InvalidArgument("vkey", "not a valid key name");
  const std::optional<std::string> typed_key = Base64Decode(vkey.substr(second + 1));
  if (!typed_key || typed_key->size() != 33 || typed_key->front() != kEd25519) {
    return InvalidArgument("vkey", "not the base64 of an Ed25519 public key");
  }
  key.public_key = typed_key->substr(1);
  key.key_id = KeyId(key.name, key.public_key);
  if (vkey.substr(first + 1, second - first - 1) != HexEncode(AsBytes(key.key_id))) {
    return InvalidArgument("vkey", "the key id is not the one of this name and key");
  }
  return key;
}

NoteSignature SignNote(std::string_view name, const SigningKey& key, std::string_view text) {
  return {std::string(name), KeyId(name, key.public_key()), key.Sign(text)};
}

bool VerifyNote(const Note& note, const VerifierKey& key) {
  bool verified = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != key.name || signature.key_id != key.key_id) continue;
    if (!VerifySignature(key.public_key, note.text, signature.signature)) return false;
    verified = true;
  }
  return verified;
}

}  // namespace lims::tlog
