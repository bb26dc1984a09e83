#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <set>
#include <string>

#include "base/ed25519.h"
#include "base/encoding.h"
#include "base/password.h"
#include "base/random.h"

namespace lims {
namespace {

struct Ed25519Vector {
  std::string_view seed, public_key, message, signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Ed25519Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, SignsTheStandardsExamples) {
  for (const Ed25519Vector& vector : kVectors) {
    const SigningKey key = SigningKey::FromSeed(*HexDecode(vector.seed)).value();
    const std::string message = *HexDecode(vector.message);
    EXPECT_EQ(HexEncode(key.public_key()), vector.public_key);
    EXPECT_EQ(HexEncode(key.seed()), vector.seed);
    EXPECT_EQ(HexEncode(key.Sign(message)), vector.signature);
    EXPECT_TRUE(VerifySignature(key.public_key(), message, *HexDecode(vector.signature)));
  }
}

TEST(Ed25519, RefusesWhatWasNotSigned) {
  const SigningKey key = SigningKey::Generate();
  const std::string signature = key.Sign("lot 1 released");
  EXPECT_TRUE(VerifySignature(key.public_key(), "lot 1 released", signature));
  EXPECT_FALSE(VerifySignature(key.public_key(), "lot 2 released", signature));
  EXPECT_FALSE(VerifySignature(SigningKey::Generate().public_key(), "lot 1 released", signature));
  std::string changed = signature;
  changed[40] = static_cast<char>(changed[40] ^ 1);
  EXPECT_FALSE(VerifySignature(key.public_key(), "lot 1 released", changed));
  EXPECT_FALSE(VerifySignature(key.public_key(), "lot 1 released", signature.substr(1)));
  EXPECT_FALSE(VerifySignature(key.public_key() + "x", "lot 1 released", signature));
  EXPECT_FALSE(VerifySignature("", "", ""));
}

TEST(Ed25519, KeepsItsKeyWhenMoved) {
  SigningKey first = SigningKey::Generate();
  const std::string seed = first.seed();
  const SigningKey second = std::move(first);
  EXPECT_EQ(second.seed(), seed);
  EXPECT_EQ(SigningKey::FromSeed(seed).value().public_key(), second.public_key());
  EXPECT_FALSE(SigningKey::FromSeed("short"));
}

TEST(Random, BytesAreNotRepeated) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(RandomBytes(16)).second);
  EXPECT_EQ(RandomBytes(0), "");
}

TEST(Random, UuidsAreVersion7InTheOrderOfTime) {
  std::string before;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewUuid();
    ASSERT_EQ(id.size(), 36U);
    for (std::size_t k = 0; k < id.size(); ++k) {
      const bool dash = k == 8 || k == 13 || k == 18 || k == 23;
      const std::string_view allowed = dash      ? "-"
                                       : k == 14 ? "7"
                                       : k == 19 ? "89ab"
                                                 : "0123456789abcdef";
      EXPECT_NE(allowed.find(id[k]), std::string_view::npos) << id;
    }
    EXPECT_NE(id, before);
    EXPECT_LE(before.substr(0, 13), id.substr(0, 13));
    before = id;
  }
}

TEST(Password, IsStoredAsArgon2idWithTheSetCost) {
  const std::string phc = HashPassword("correct horse battery");
  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << phc;
  // 16-byte salt and 32-byte tag in base64 without padding.
  const std::size_t tag = phc.rfind('$') + 1;
  const std::size_t salt = phc.rfind('$', tag - 2) + 1;
  EXPECT_EQ(tag - 1 - salt, 22U);
  EXPECT_EQ(phc.size() - tag, 43U);
  EXPECT_TRUE(VerifyPassword(phc, "correct horse battery"));
  EXPECT_FALSE(VerifyPassword(phc, "correct horse batterY"));
}

class CheapPassword : public testing::Test {
 protected:
  void SetUp() override { SetPasswordCostForTests(64, 1); }
  void TearDown() override { SetPasswordCostForTests(64 * 1024, 3); }
};

TEST_F(CheapPassword, HashesTheSamePasswordDifferentlyEachTime) {
  const std::string phc = HashPassword("密码 with blanks");
  EXPECT_NE(phc, HashPassword("密码 with blanks"));
  EXPECT_TRUE(VerifyPassword(phc, "密码 with blanks"));
  EXPECT_FALSE(VerifyPassword(phc, ""));
  EXPECT_TRUE(VerifyPassword(HashPassword(""), ""));
}

// "é" as one character and as "e" with an accent; "ộ" with its two marks in both orders.
TEST_F(CheapPassword, IsTheSameHoweverTheKeyboardComposesIt) {
  const std::string composed = "caf\u00e9 l\u1ed9";
  const std::string secret = "secret";
  EXPECT_EQ(ComposedPassword(composed), composed);
  for (const char* typed :
       {"cafe\u0301 l\u1ed9", "caf\u00e9 lo\u0302\u0323", "cafe\u0301 lo\u0323\u0302"}) {
    EXPECT_TRUE(VerifyPassword(HashPassword(composed), typed)) << typed;
    EXPECT_TRUE(VerifyPassword(HashPassword(typed), composed)) << typed;
    EXPECT_EQ(OpenWithPassword(composed, SealWithPassword(typed, secret)).value(), secret);
    EXPECT_EQ(OpenWithPassword(typed, SealWithPassword(composed, secret)).value(), secret);
  }
  EXPECT_FALSE(VerifyPassword(HashPassword(composed), "cafe l\u1ed9"));
  // Compatible letters stay different: only the spelling of one letter is not.
  EXPECT_FALSE(VerifyPassword(HashPassword("\uff41bc"), "abc"));
  EXPECT_EQ(ComposedPassword("no \xff text"), "no \xff text");
  EXPECT_EQ(ComposedPassword(std::string("a\0e\u0301", 5)), std::string("a\0\u00e9", 4));
}

TEST_F(CheapPassword, MatchesNoMalformedHash) {
  for (std::string_view phc : {"", "$argon2id$", "plain",
                               "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$"
                               "c2FsdHNhbHRzYWx0"}) {
    EXPECT_FALSE(VerifyPassword(phc, "")) << phc;
    EXPECT_FALSE(VerifyPassword(phc, "plain")) << phc;
  }
}

// An unknown user must not be told from a wrong password by the time of the answer.
TEST_F(CheapPassword, WorksAsLongForNoHashAsForAHash) {
  SetPasswordCostForTests(16 * 1024, 1);
  // The least of some: whatever else the machine does only adds to it.
  const auto processor_time = [](std::string_view phc) {
    std::clock_t least = std::numeric_limits<std::clock_t>::max();
    for (int i = 0; i < 5; ++i) {
      const std::clock_t start = std::clock();
      EXPECT_FALSE(VerifyPassword(phc, "wrong"));
      least = std::min(least, std::clock() - start);
    }
    return least;
  };
  const std::clock_t with_hash = processor_time(HashPassword("right"));
  EXPECT_GT(processor_time("") * 4, with_hash);
  EXPECT_GT(processor_time("$argon2id$v=19$m=16384") * 4, with_hash);
}

TEST_F(CheapPassword, OpensWhatItSealed) {
  for (const std::string& secret : {std::string(), std::string("\0\x01\xff", 3), RandomBytes(32)}) {
    const std::string sealed = SealWithPassword("password one", secret);
    EXPECT_EQ(OpenWithPassword("password one", sealed).value(), secret);
    EXPECT_EQ(OpenWithPassword("password two", sealed).error().reason,
              ErrorReason::kWrongCredentials);
    EXPECT_NE(sealed, SealWithPassword("password one", secret));
  }
}

TEST_F(CheapPassword, OpensASealMadeAtAnotherCost) {
  const std::string sealed = SealWithPassword("password", "secret");
  SetPasswordCostForTests(128, 2);
  EXPECT_EQ(OpenWithPassword("password", sealed).value(), "secret");
}

TEST_F(CheapPassword, NoticesEveryChangedByteOfASeal) {
  const std::string sealed = SealWithPassword("password", "secret");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(OpenWithPassword("password", changed)) << i;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(OpenWithPassword("password", sealed.substr(0, length))) << length;
  }
  EXPECT_FALSE(OpenWithPassword("password", sealed + "x"));
}

TEST_F(CheapPassword, RefusesASealThatWouldTakeAllMemory) {
  std::string sealed = SealWithPassword("password", "secret");
  sealed[1] = '\x7f';
  EXPECT_EQ(OpenWithPassword("password", sealed).error().reason, ErrorReason::kDataLoss);
}

}  // namespace
}  // namespace lims
