#include "tlog/signature_note.h"

#include <gtest/gtest.h>

namespace lims::tlog {
namespace {

v1::Signature Signed() {
  v1::Signature signature;
  signature.set_signature_id("8c7d");
  signature.set_subject("lot/A");
  signature.set_user_id("qa1");
  signature.set_name("Quality One");
  signature.set_role(v1::ROLE_QA);
  signature.set_meaning(v1::MEANING_REJECT);
  signature.set_manifest_sha256("ab12");
  signature.set_manifest_bytes(9700);
  return signature;
}

std::string TextOf(const v1::Signature& signature) {
  v1::Manifest manifest;
  manifest.set_subject("lot/A");
  manifest.set_statement("I reject the lot");
  return SignatureNoteText("lims/demo/audit", signature, manifest,
                           {TimeUs{1796076943919294}, "Asia/Shanghai", 480, "a378"});
}

// Signatures of every version so far were made over these bytes.
const std::string kNoteText =
    "lims/demo/esig/v1\n"
    "signer: qa1 Quality One\n"
    "role: QA\n"
    "meaning: REJECT - I reject the lot\n"
    "subject: lot/A\n"
    "record-sha256: ab12\n"
    "record-bytes: 9700\n"
    "signed-at: 2026-12-01T06:15:43.919+08:00 Asia/Shanghai\n"
    "nonce: 8c7d\n"
    "terminal: a378\n";

TEST(SignatureNote, OfOnesOwnSessionWithoutRemarkIsThatOfEarlierVersions) {
  EXPECT_EQ(TextOf(Signed()), kNoteText);
}

TEST(SignatureNote, SaysWhoseSessionItWasAndTheRemark) {
  v1::Signature signature = Signed();
  signature.set_session_user_id("tech1");
  EXPECT_EQ(TextOf(signature), kNoteText + "session-of: tech1\n");
  signature.set_comment("seen with the team");
  EXPECT_EQ(TextOf(signature), kNoteText + "session-of: tech1\ncomment: seen with the team\n");
}

}  // namespace
}  // namespace lims::tlog
