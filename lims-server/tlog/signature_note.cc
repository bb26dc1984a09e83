#include "tlog/signature_note.h"

#include "lims/v1/words.h"

namespace lims::tlog {

std::string SignatureNoteText(const std::string& origin, const v1::Signature& signature,
                              const v1::Manifest& manifest, const SignedAt& at) {
  std::string text = origin.substr(0, origin.rfind('/')) + "/esig/v1\n";
  text += "signer: " + signature.user_id() + " " + signature.name() + "\n";
  text += "role: " + v1::EnumWord(signature.role()) + "\n";
  text += "meaning: " + v1::EnumWord(signature.meaning()) + " - " + manifest.statement() + "\n";
  text += "subject: " + manifest.subject() + "\n";
  text += "record-sha256: " + signature.manifest_sha256() + "\n";
  text += "record-bytes: " + std::to_string(signature.manifest_bytes()) + "\n";
  text += "signed-at: " + FormatLocal(at.time, at.zone_offset_minutes) + " " + at.zone + "\n";
  text += "nonce: " + signature.signature_id() + "\n";
  text += "terminal: " + at.terminal_sha256 + "\n";
  if (!signature.session_user_id().empty()) {
    text += "session-of: " + signature.session_user_id() + "\n";
  }
  if (!signature.comment().empty()) text += "comment: " + signature.comment() + "\n";
  return text;
}

}  // namespace lims::tlog
