#include "tlog/stream_heads.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace lims::tlog {
namespace {

TEST(StreamHeads, HaveALineAStreamInTheOrderOfTheirNames) {
  const StreamEnds ends = {{"user/tech", {0, Sha256("a"), {}}},
                           {"run/R-1", {3, Sha256("b"), {280, 281}}}};
  const std::string text = "3 " + HexEncode(Sha256("b")) + " 280,281 run/R-1\n" + "0 " +
                           HexEncode(Sha256("a")) + " - user/tech\n";
  EXPECT_EQ(FormatHeads(ends), text);
  const auto read = ParseHeads(text);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at("run/R-1").pos, 3);
  EXPECT_EQ(read->at("run/R-1").leaf, Sha256("b"));
  EXPECT_EQ(read->at("run/R-1").redacted, (std::vector<std::int64_t>{280, 281}));
  EXPECT_TRUE(read->at("user/tech").redacted.empty());
}

TEST(StreamHeads, OfAnotherSpellingAreRefused) {
  const std::string leaf = HexEncode(Sha256("a"));
  ASSERT_TRUE(ParseHeads("3 " + leaf + " - run/R-1\n"));
  for (const std::string& text :
       {"3 " + leaf + " - run/R-1", "03 " + leaf + " - run/R-1\n", "-1 " + leaf + " - run/R-1\n",
        "3 " + leaf.substr(1) + " - run/R-1\n", "3 " + leaf + "  run/R-1\n",
        "3 " + leaf + " 7, run/R-1\n", "3 " + leaf + " x run/R-1\n", "3  " + leaf + " - run/R-1\n",
        "9007199254740992 " + leaf + " - run/R-1\n",
        "3 " + leaf + " - run/R-2\n3 " + leaf + " - run/R-1\n",
        "3 " + leaf + " - run/R-1\n3 " + leaf + " - run/R-1\n", std::string("\n")}) {
    EXPECT_FALSE(ParseHeads(text)) << text;
  }
}

}  // namespace
}  // namespace lims::tlog
