#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/sha256.h"

namespace lims {
namespace {

// FIPS 180-4 examples.
TEST(Sha256, HashesTheStandardsExamples) {
  const struct {
    std::string message;
    std::string_view hash;
  } cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [message, hash] : cases) {
    EXPECT_EQ(HexEncode(Sha256(message)), hash) << message.size();
  }
}

RC_GTEST_PROP(Sha256, PiecesHashLikeTheWhole, (const std::vector<std::string>& pieces)) {
  Sha256Stream stream;
  std::string whole;
  for (const std::string& piece : pieces) {
    stream.Update(piece);
    whole += piece;
  }
  RC_ASSERT(stream.Finish() == Sha256(whole));
  RC_ASSERT(stream.Finish() == Sha256(""));
}

TEST(Sha256, HashesInSeveralThreadsAtOnce) {
  const Hash expected = Sha256("abc");
  std::vector<int> differences(4, 0);
  std::vector<std::thread> threads;
  for (int& count : differences) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) count += Sha256("abc") != expected ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(differences, std::vector<int>(4, 0));
}

TEST(Hex, RefusesEverythingItWouldNotWrite) {
  EXPECT_EQ(HexEncode(std::string_view("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(HexDecode("00ff1a"), std::string("\x00\xff\x1a", 3));
  EXPECT_EQ(HexDecode(""), "");
  for (std::string_view text : {"0", "0g", "0A", " 00", "00 ", "0x00"}) {
    EXPECT_EQ(HexDecode(text), std::nullopt) << text;
  }
}

TEST(Hex, ReadsAHashOnlyOf32Bytes) {
  const Hash hash = Sha256("abc");
  EXPECT_EQ(HashFromHex(HexEncode(hash)), hash);
  EXPECT_EQ(HashFromHex(HexEncode(hash).substr(2)), std::nullopt);
  EXPECT_EQ(HashFromHex(HexEncode(hash) + "00"), std::nullopt);
}

// RFC 4648 section 10.
TEST(Base64, EncodesTheStandardsExamples) {
  const std::pair<std::string, std::string> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
}

TEST(Base64, RefusesEverythingItWouldNotWrite) {
  for (std::string_view text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8=Zm8=", "====", "=",
                                "Z===", "Zg==\n", "Zm9v ", "Zm-v", "Zm_v", "Z=9v", "Zm9v===="}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(Base64, AcceptedTextIsWhatEncodingWrites, (const std::string& bytes)) {
  const std::string text = Base64Encode(bytes);
  RC_ASSERT(Base64Decode(text) == bytes);
  RC_ASSERT(HexDecode(HexEncode(bytes)) == bytes);
  RC_PRE(!text.empty());
  std::string changed = text;
  changed[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  const auto decoded = Base64Decode(changed);
  if (decoded) RC_ASSERT(Base64Encode(*decoded) == changed);
}

}  // namespace
}  // namespace lims
