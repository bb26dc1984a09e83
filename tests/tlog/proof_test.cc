#include "tlog/proof.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "tlog/memory_log.h"
#include "tlog/signer.h"

namespace lims::tlog {
namespace {

VerifierKey Verifier() {
  return ParseVkey(FormatVkey(kOrigin, Key().public_key())).value();
}

TlogProof ProofOf(const MemoryLog& log, std::uint64_t index) {
  const std::uint64_t size = log.tree().size();
  Signer signer(Key(), kOrigin, 0, EmptyRoot());
  return {index, InclusionProof(index, size, log.reader()).value(),
          signer.Sign(0, {kOrigin, size, log.root(size)}, {}).value()};
}

TEST(TlogProof, RoundTripsAndVerifies) {
  for (const std::uint64_t size : {1U, 2U, 5U, 70U}) {
    const MemoryLog log(size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::string text = FormatTlogProof(ProofOf(log, index));
      const TlogProof proof = ParseTlogProof(text).value();
      EXPECT_EQ(FormatTlogProof(proof), text);
      EXPECT_EQ(VerifyTlogProof(proof, log.leaf(index), Verifier()).value(),
                (Checkpoint{kOrigin, size, log.root(size)}));
    }
  }
}

TEST(TlogProof, HasTheFormOfTheSpecification) {
  const MemoryLog log(2);
  const TlogProof proof = ProofOf(log, 1);
  EXPECT_EQ(FormatTlogProof(proof),
            "c2sp.org/tlog-proof@v1\n"
            "index 1\n"
            "QHZrIDNCkCb1PVRQJnmoOXBrR0H43K86i7pfQbX/4HU=\n"
            "\n" +
                proof.checkpoint);
}

TEST(TlogProof, MalformedTextsAreRefused) {
  const std::string checkpoint = ProofOf(MemoryLog(1), 0).checkpoint;
  const std::string first = "c2sp.org/tlog-proof@v1\n";
  const std::string hash = "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n";
  EXPECT_TRUE(ParseTlogProof(first + "index 0\n" + hash + "\n" + checkpoint));
  const std::string bad[] = {"",
                             first,
                             "c2sp.org/tlog-proof@v2\nindex 0\n\n" + checkpoint,
                             first + "index 00\n\n" + checkpoint,
                             first + "index -1\n\n" + checkpoint,
                             first + "index\n\n" + checkpoint,
                             first + "extra AAAA\nindex 0\n\n" + checkpoint,
                             first + "index 0\n" + hash,
                             first + "index 0\nAAAA\n\n" + checkpoint,
                             first + "index 0\n" + checkpoint};
  for (const std::string& text : bad) EXPECT_FALSE(ParseTlogProof(text)) << text;
  // A checkpoint that is none is found when it is opened.
  const TlogProof proof = ParseTlogProof(first + "index 0\n\n").value();
  EXPECT_FALSE(VerifyTlogProof(proof, Hash{}, Verifier()));
}

TEST(TlogProof, OtherLeafOrIndexDoesNotVerify) {
  const MemoryLog log(6);
  TlogProof proof = ProofOf(log, 3);
  EXPECT_EQ(VerifyTlogProof(proof, log.leaf(2), Verifier()).error().reason,
            ErrorReason::kVerificationFailed);
  for (const std::uint64_t index : {0U, 2U, 4U, 5U, 6U, 1000U}) {
    proof.index = index;
    EXPECT_FALSE(VerifyTlogProof(proof, log.leaf(3), Verifier())) << index;
  }
}

RC_GTEST_PROP(TlogProof, AnyFlippedBitIsFound, ()) {
  const MemoryLog log(11);
  std::string text = FormatTlogProof(ProofOf(log, 6));
  const std::size_t bit = *rc::gen::inRange<std::size_t>(0, 8 * text.size());
  text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
  const Result<TlogProof> proof = ParseTlogProof(text);
  RC_ASSERT((!proof || !VerifyTlogProof(*proof, log.leaf(6), Verifier())));
}

}  // namespace
}  // namespace lims::tlog
