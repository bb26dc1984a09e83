#include "base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lims {
namespace {

std::string Encode(char32_t c) {
  std::string bytes;
  const auto tail = [&](int shift) {
    bytes += static_cast<char>(0x80 | (static_cast<std::uint32_t>(c) >> shift & 0x3f));
  };
  const auto code = static_cast<std::uint32_t>(c);
  if (code < 0x80) {
    bytes += static_cast<char>(code);
  } else if (code < 0x800) {
    bytes += static_cast<char>(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    bytes += static_cast<char>(0xe0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    bytes += static_cast<char>(0xf0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
  return bytes;
}

TEST(Utf8, AcceptsExactlyTheCodePointsThatExist) {
  for (char32_t c = 0; c <= 0x1fffff; ++c) {
    const std::string bytes = Encode(c);
    const bool exists = c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
    char32_t decoded = 0;
    ASSERT_EQ(DecodeUtf8(bytes + "x", decoded), exists ? bytes.size() : 0U) << std::hex << +c;
    if (exists) {
      ASSERT_EQ(decoded, c);
    }
  }
}

TEST(Utf8, RefusesMalformedBytes) {
  for (std::string_view bytes :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf",
        "\xe6\x9d", "\xe6\x9d(", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
        "ok \xd5\xc5"}) {
    EXPECT_FALSE(IsValidUtf8(bytes));
    EXPECT_EQ(TextProblem(bytes, 100), "is not valid UTF-8 text");
  }
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("质量 \U0001F9EB"));
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0", 1)));
}

TEST(Text, AcceptsNamesOfPeopleAndThings) {
  for (std::string_view text :
       {"", "a", "张三", "Zoë Müller", "CO₂ incubator #3 (37 °C)", "复测\u3000按计划", "O'Neil",
        "\U00020000\U000E0100", "two  blanks"}) {
    EXPECT_EQ(TextProblem(text, 64), std::nullopt) << text;
  }
}

TEST(Text, RefusesWhatHidesOrLooksAlike) {
  const struct {
    std::string_view text;
    std::string_view problem;
  } cases[] = {
      {" a", "starts with a blank"},
      {"a ", "ends with a blank"},
      {" ", "starts with a blank"},
      {"\u3000张三", "starts with a blank"},
      {"张三\u3000", "ends with a blank"},
      {"a\nb", "holds the control character U+000A"},
      {"a\tb", "holds the control character U+0009"},
      {std::string_view("a\0b", 3), "holds the control character U+0000"},
      {"a\x7f", "holds the control character U+007F"},
      {"a\u0085", "holds the control character U+0085"},
      {"a\u009f", "holds the control character U+009F"},
      {"a\u2028b", "holds the control character U+2028"},
      {"a\u061cb", "holds U+061C, which changes the direction of the text"},
      {"a\u200eb", "holds U+200E, which changes the direction of the text"},
      {"a\u200fb", "holds U+200F, which changes the direction of the text"},
      {"a\u202ab", "holds U+202A, which changes the direction of the text"},
      {"pass\u202eliaf", "holds U+202E, which changes the direction of the text"},
      {"a\u2066b", "holds U+2066, which changes the direction of the text"},
      {"a\u2069b", "holds U+2069, which changes the direction of the text"},
      {"a\u200bb", "holds the invisible character U+200B"},
      {"a\u200db", "holds the invisible character U+200D"},
      {"a\u00adb", "holds the invisible character U+00AD"},
      {"\ufeffa", "holds the invisible character U+FEFF"},
      {"a\U000E0041", "holds the invisible character U+E0041"},
      {"a\u3164", "holds the invisible character U+3164"},
      {"a\u00a0b", "holds the special blank U+00A0; type an ordinary blank"},
      {"a\u2003b", "holds the special blank U+2003; type an ordinary blank"},
      {"a\u202fb", "holds the special blank U+202F; type an ordinary blank"},
      {"a\u2800b", "holds the special blank U+2800; type an ordinary blank"},
  };
  for (const auto& [text, problem] : cases) EXPECT_EQ(TextProblem(text, 64), problem) << text;
}

TEST(Text, CountsItsLengthInBytes) {
  EXPECT_EQ(TextProblem("张三", 6), std::nullopt);
  EXPECT_EQ(TextProblem("张三", 5), "is 6 bytes long; at most 5 are kept");
}

TEST(Text, IsCountedInCharacters) {
  EXPECT_EQ(Characters(""), 0u);
  EXPECT_EQ(Characters("a批é"), 3u);
}

TEST(Text, ShowsInAMessageOnlyWhatIsFitForOne) {
  EXPECT_EQ(QuotedForMessage("1,5"), "\"1,5\"");
  EXPECT_EQ(QuotedForMessage(" 1"), "\" 1\"");
  EXPECT_EQ(QuotedForMessage(""), "\"\"");
  EXPECT_EQ(QuotedForMessage("\xff"), "this text");
  EXPECT_EQ(QuotedForMessage("a\nb"), "this text");
  EXPECT_EQ(QuotedForMessage(std::string(80, '1')), '"' + std::string(80, '1') + '"');
  EXPECT_EQ(QuotedForMessage(std::string(81, '1')), "this text");
}

TEST(Text, StandsInALogWithoutWhatHides) {
  EXPECT_EQ(WithoutHidden("β-肌动蛋白 7.2"), "β-肌动蛋白 7.2");
  EXPECT_EQ(WithoutHidden(""), "");
  EXPECT_EQ(WithoutHidden("a\x1b[2Jb\u202ec\u00a0d"), "a?[2Jb?c?d");
  EXPECT_EQ(WithoutHidden("\xb5-actin \xe8\x82"), "?-actin ??");
  EXPECT_FALSE(TextProblem(WithoutHidden("\xe8\x82\x01\u2066"), 10));
}

TEST(Text, OnlyBlanksAtTheEndsAreLeftOut) {
  EXPECT_EQ(WithoutBlanks("  a b "), "a b");
  EXPECT_EQ(WithoutBlanks("\ta"), "\ta");
  EXPECT_EQ(WithoutBlanks("   "), "");
}

TEST(Text, OnlyAsciiDigitsAreDigits) {
  for (const char c : {'0', '5', '9'}) EXPECT_TRUE(IsDigit(c)) << c;
  for (const char c : {'/', ':', 'a', '\xb2'}) EXPECT_FALSE(IsDigit(c)) << c;
}

TEST(Text, ListsAreSplitAtCommas) {
  using List = std::vector<std::string>;
  EXPECT_EQ(SplitList("NTC, NO_RT ,EXTRACTION_BLANK"), (List{"NTC", "NO_RT", "EXTRACTION_BLANK"}));
  EXPECT_EQ(SplitList("a b,,c,"), (List{"a b", "", "c", ""}));
  EXPECT_EQ(SplitList(""), (List{""}));
}

TEST(Text, IdentifiersAreShortPlainAscii) {
  for (const std::string& text :
       std::vector<std::string>{"a", "7", "POT-LYM", "lot_1.2", std::string(64, 'a')}) {
    EXPECT_TRUE(IsIdentifier(text)) << text;
  }
  for (const std::string& text :
       std::vector<std::string>{"", "-a", ".a", "_a", "a b", "a/b", "a:b", "质", "a\n", "a\u00e4",
                                std::string(65, 'a')}) {
    EXPECT_FALSE(IsIdentifier(text)) << text;
  }
}

}  // namespace
}  // namespace lims
