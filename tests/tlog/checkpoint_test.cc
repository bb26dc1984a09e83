#include "tlog/checkpoint.h"

#include <gtest/gtest.h>

#include <string>

#include "tlog/memory_log.h"

namespace lims::tlog {
namespace {

constexpr std::string_view kText =
    "lims.example/site1/audit\n"
    "5\n"
    "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n";

Checkpoint FiveEntries() {
  return {std::string(kOrigin), 5, MemoryLog(5).tree().Root()};
}

std::string Signed(std::string_view name, const SigningKey& key, const std::string& text) {
  return FormatNote({text, {SignNote(name, key, text)}});
}

TEST(Checkpoint, HasThreeLines) {
  EXPECT_EQ(FormatCheckpoint(FiveEntries()), kText);
  EXPECT_EQ(ParseCheckpoint(kText).value(), FiveEntries());
}

TEST(Checkpoint, TheEmptyLogHasOne) {
  const Checkpoint empty{std::string(kOrigin), 0, EmptyRoot()};
  EXPECT_EQ(ParseCheckpoint(FormatCheckpoint(empty)).value(), empty);
}

TEST(Checkpoint, EveryOtherFormIsRefused) {
  const std::string root = "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n";
  const std::string bad[] = {
      "",
      "log\n5\n",
      "log\n5\n" + root.substr(0, root.size() - 1),
      "log\n5\n" + root + "extension\n",
      "log\n5\n" + root + "\n",
      "\n5\n" + root,
      "a b\n5\n" + root,
      "log\n05\n" + root,
      "log\n00\n" + root,
      "log\n+5\n" + root,
      "log\n-5\n" + root,
      "log\n 5\n" + root,
      "log\n5 \n" + root,
      "log\n\n" + root,
      "log\n0x5\n" + root,
      "log\n18446744073709551616\n" + root,
      "log\n5\nGqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw\n",
      "log\n5\nGqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCx=\n",  // unused bits set
      "log\n5\nGqaN\n"};
  for (const std::string& text : bad) EXPECT_FALSE(ParseCheckpoint(text)) << text;
  EXPECT_TRUE(ParseCheckpoint("log\n18446744073709551615\n" + root));
}

TEST(Checkpoint, OpensUnderTheKeyOfItsLogOnly) {
  const SigningKey key = SigningKey::Generate();
  const VerifierKey verifier = ParseVkey(FormatVkey(kOrigin, key.public_key())).value();
  EXPECT_EQ(OpenCheckpoint(Signed(kOrigin, key, std::string(kText)), verifier).value(),
            FiveEntries());

  const SigningKey stranger = SigningKey::Generate();
  EXPECT_EQ(OpenCheckpoint(Signed(kOrigin, stranger, std::string(kText)), verifier).error().reason,
            ErrorReason::kVerificationFailed);
  EXPECT_EQ(OpenCheckpoint(kText, verifier).error().reason, ErrorReason::kInvalidArgument);
}

TEST(Checkpoint, AnotherLogsCheckpointUnderTheSameKeyIsRefused) {
  const SigningKey key = SigningKey::Generate();
  const VerifierKey verifier = ParseVkey(FormatVkey(kOrigin, key.public_key())).value();
  const std::string other = FormatCheckpoint({"lims.example/site2/audit", 0, EmptyRoot()});
  EXPECT_EQ(OpenCheckpoint(Signed(kOrigin, key, other), verifier).error().reason,
            ErrorReason::kVerificationFailed);
}

}  // namespace
}  // namespace lims::tlog
