// The text of a signature's note: made when somebody signs, and made again by whoever verifies.
#ifndef LIMS_TLOG_SIGNATURE_NOTE_H_
#define LIMS_TLOG_SIGNATURE_NOTE_H_

#include <string>

#include "base/time.h"
#include "lims/v1/release.pb.h"

namespace lims::tlog {

// When and where somebody signed, as the event of the signature says it.
struct SignedAt {
  TimeUs time = 0;
  std::string zone;  // IANA name
  int zone_offset_minutes = 0;
  std::string terminal_sha256;  // certificate, hex
};

// `origin` is the log's. Whose session it was and the signer's remark have a line only when the
// signature says them, so that the notes of earlier versions are made again as they were.
std::string SignatureNoteText(const std::string& origin, const v1::Signature& signature,
                              const v1::Manifest& manifest, const SignedAt& at);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_SIGNATURE_NOTE_H_
