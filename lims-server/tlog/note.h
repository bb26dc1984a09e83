// C2SP signed notes (c2sp.org/signed-note) with Ed25519 keys: a text and the signatures over it.
#ifndef LIMS_TLOG_NOTE_H_
#define LIMS_TLOG_NOTE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ed25519.h"
#include "base/result.h"

namespace lims::tlog {

using NoteKeyId = std::array<std::uint8_t, 4>;

struct NoteSignature {
  std::string name;  // of the key
  NoteKeyId key_id{};
  std::string signature;  // raw bytes
};

struct Note {
  std::string text;  // what is signed, with its last LF
  std::vector<NoteSignature> signatures;
};

struct VerifierKey {
  std::string name;
  NoteKeyId key_id{};
  std::string public_key;  // 32 bytes
};

// Not empty, valid UTF-8, no control character, no Unicode space and no '+'.
bool IsValidKeyName(std::string_view name);
// Ends with LF, valid UTF-8, no control character but LF.
bool IsValidNoteText(std::string_view text);

// Splits the note into text and signatures; verifies nothing. INVALID_ARGUMENT names what is wrong.
Result<Note> ParseNote(std::string_view bytes);
// The bytes that ParseNote() reads back. A note that it would refuse is the caller's error: abort.
std::string FormatNote(const Note& note);

// First four bytes of SHA-256(name LF 0x01 public_key).
NoteKeyId KeyId(std::string_view name, std::string_view public_key);

// "<name>+<key id in hex>+<base64(0x01 || public key)>".
std::string FormatVkey(std::string_view name, std::string_view public_key);
// INVALID_ARGUMENT also when the key id is not the one of name and key.
Result<VerifierKey> ParseVkey(std::string_view vkey);

NoteSignature SignNote(std::string_view name, const SigningKey& key, std::string_view text);
// True when the note carries a signature of `key` and every such signature is right. Signatures of
// other keys are not looked at.
bool VerifyNote(const Note& note, const VerifierKey& key);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_NOTE_H_
