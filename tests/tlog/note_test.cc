#include "tlog/note.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "base/encoding.h"

namespace lims::tlog {
namespace {

// The worked example of the signed-note specification.
constexpr std::string_view kExampleVkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kExampleNote =
    "This is an example message.\n"
    "\n"
    "\u2014 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    "\n";

SigningKey KeyOf(char fill) {
  return SigningKey::FromSeed(std::string(32, fill)).value();
}

VerifierKey VerifierOf(std::string_view name, const SigningKey& key) {
  return ParseVkey(FormatVkey(name, key.public_key())).value();
}

TEST(Note, ExampleOfTheSpecificationVerifies) {
  const VerifierKey key = ParseVkey(kExampleVkey).value();
  EXPECT_EQ(key.name, "example.com/foo");
  EXPECT_EQ(FormatVkey(key.name, key.public_key), kExampleVkey);
  const Note note = ParseNote(kExampleNote).value();
  EXPECT_EQ(note.text, "This is an example message.\n");
  EXPECT_TRUE(VerifyNote(note, key));
  EXPECT_EQ(FormatNote(note), kExampleNote);
}

TEST(Note, TextIsSeparatedByTheLastBlankLine) {
  const SigningKey key = KeyOf('a');
  const std::string text = "first\n\n\u2014 looks like a signature\n\n";
  const std::string bytes = FormatNote({text, {SignNote("name", key, text)}});
  const Note note = ParseNote(bytes).value();
  EXPECT_EQ(note.text, text);
  EXPECT_TRUE(VerifyNote(note, VerifierOf("name", key)));
}

TEST(Note, AVkeyIsSplitAtItsFirstTwoPlusSigns) {
  // Looks for a key whose base64 holds a plus sign itself.
  for (char fill = 'a';; ++fill) {
    ASSERT_LE(fill, 'z');
    const SigningKey key = KeyOf(fill);
    const std::string base64 = Base64Encode('\x01' + key.public_key());
    if (base64.find('+') == std::string::npos) continue;
    EXPECT_EQ(VerifierOf("a.example/log", key).public_key, key.public_key());
    break;
  }
}

TEST(Note, MalformedVkeysAreRefused) {
  const std::string good(kExampleVkey);
  EXPECT_TRUE(ParseVkey(good));
  const std::string bad[] = {
      "", "example.com/foo", "example.com/foo+530d903a",
      // Empty name, space in the name, wrong, upper-case and short key id.
      "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d90+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      // Another algorithm, a short key, no base64, a line end.
      "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv",
      "example.com/foo+530d903a+!", good + "\n"};
  for (const std::string& vkey : bad) EXPECT_FALSE(ParseVkey(vkey)) << vkey;
}

TEST(Note, KeyNamesHoldNoSpaceAndNoPlus) {
  EXPECT_TRUE(IsValidKeyName("lims.example/site1/user/u0123"));
  EXPECT_TRUE(IsValidKeyName("\u5b9e\u9a8c\u5ba4"));
  for (const std::string_view name :
       {"", " ", "a b", "a+b", "a\nb", "a\tb", "a\u00a0b", "a\u2003b", "a\u3000b",
        "a\xff"
        "b"}) {
    EXPECT_FALSE(IsValidKeyName(name)) << name;
  }
}

TEST(Note, MalformedNotesAreRefused) {
  const std::string line = "\u2014 name AAAAAAA=\n";  // four bytes of key id and one of signature
  EXPECT_TRUE(ParseNote("text\n\n" + line));
  const std::string bad[] = {"",
                             "\n",
                             "text\n",
                             "text\n\n",                                    // no signature
                             "text\n" + line,                               // no blank line
                             "text\n\n" + line + "more\n",                  // no signature line
                             "text\n\n" + line.substr(0, line.size() - 1),  // does not end with LF
                             "text\n\n" + line + "\n",  // blank line after the signatures
                             "te\txt\n\n" + line,       // control characters
                             "te\rxt\n\n" + line,
                             std::string("te\0xt\n\n", 7) + line,
                             "te\x80xt\n\n" + line,        // not UTF-8
                             "text\n\n- name AAAAAAA=\n",  // hyphen for the em dash
                             "text\n\n\u2014name AAAAAAA=\n",
                             "text\n\n\u2014  AAAAAAA=\n",  // empty name
                             "text\n\n\u2014 na+me AAAAAAA=\n",
                             "text\n\n\u2014 na me AAAAAAA=\n",
                             "text\n\n\u2014 name\n",
                             "text\n\n\u2014 name \n",
                             "text\n\n\u2014 name AAAAAA==\n",  // a key id only
                             "text\n\n\u2014 name AAAAAAA\n",   // no padding
                             "text\n\n\u2014 name AAAAAAB=\n",  // unused bits set
                             "text\n\n\u2014 name AAAAAAA= \n"};
  for (const std::string& bytes : bad) EXPECT_FALSE(ParseNote(bytes)) << bytes;

  std::string many = "text\n\n";
  for (int i = 0; i < 64; ++i) many += line;
  EXPECT_TRUE(ParseNote(many));
  EXPECT_FALSE(ParseNote(many + line));
}

TEST(NoteDeathTest, ANoteThatCouldNotBeReadBackAborts) {
  const NoteSignature signature = SignNote("name", KeyOf('a'), "text\n");
  EXPECT_DEATH((void)FormatNote({"text", {signature}}), "");
  EXPECT_DEATH((void)FormatNote({"te\txt\n", {signature}}), "");
  EXPECT_DEATH((void)FormatNote({"text\n", {}}), "");
  EXPECT_DEATH((void)FormatNote({"text\n", {{"na me", {}, "s"}}}), "");
}

TEST(Note, SignaturesOfOtherKeysAreIgnored) {
  const SigningKey log = KeyOf('a');
  const SigningKey witness = KeyOf('b');
  const std::string text = "text\n";
  const Note note{text, {SignNote("witness", witness, text), SignNote("log", log, text)}};
  EXPECT_TRUE(VerifyNote(note, VerifierOf("log", log)));
  EXPECT_TRUE(VerifyNote(note, VerifierOf("witness", witness)));
  EXPECT_FALSE(VerifyNote(note, VerifierOf("log", witness)));
  EXPECT_FALSE(VerifyNote(note, VerifierOf("other", log)));
}

TEST(Note, OneWrongSignatureOfTheKeyRefusesTheNote) {
  const SigningKey key = KeyOf('a');
  const std::string text = "text\n";
  NoteSignature wrong = SignNote("log", key, "other\n");
  const Note note{text, {SignNote("log", key, text), wrong}};
  EXPECT_FALSE(VerifyNote(note, VerifierOf("log", key)));
}

RC_GTEST_PROP(Note, AnyFlippedBitIsFound, ()) {
  const SigningKey key = KeyOf('a');
  const VerifierKey verifier = VerifierOf("lims.example/log", key);
  const std::string text = "line one\nline two\n";
  std::string bytes = FormatNote({text, {SignNote(verifier.name, key, text)}});
  const std::size_t bit = *rc::gen::inRange<std::size_t>(0, 8 * bytes.size());
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  const Result<Note> note = ParseNote(bytes);
  RC_ASSERT((!note || !VerifyNote(*note, verifier)));
}

}  // namespace
}  // namespace lims::tlog
