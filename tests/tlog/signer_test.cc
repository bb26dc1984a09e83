#include "tlog/signer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tlog/memory_log.h"

namespace lims::tlog {
namespace {

Checkpoint At(const MemoryLog& log, std::uint64_t size) {
  return {kOrigin, size, log.root(size)};
}

std::vector<Hash> Proof(const MemoryLog& log, std::uint64_t old_size, std::uint64_t size) {
  return ConsistencyProof(old_size, size, log.reader()).value();
}

void ExpectRefused(const Result<std::string>& signature) {
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().reason, ErrorReason::kDataLoss);
}

TEST(Signer, SignsEachProvenExtension) {
  const MemoryLog log(20);
  const VerifierKey verifier = ParseVkey(FormatVkey(kOrigin, Key().public_key())).value();
  Signer signer(Key(), kOrigin, 0, EmptyRoot());
  std::uint64_t last = 0;
  for (const std::uint64_t size : {1U, 2U, 7U, 8U, 20U}) {
    const std::string note = signer.Sign(last, At(log, size), Proof(log, last, size)).value();
    EXPECT_EQ(OpenCheckpoint(note, verifier).value(), At(log, size));
    last = size;
  }
}

TEST(Signer, SignsTheSameCheckpointAgain) {
  const MemoryLog log(5);
  Signer signer(Key(), kOrigin, 5, log.root(5));
  const std::string first = signer.Sign(5, At(log, 5), {}).value();
  EXPECT_EQ(signer.Sign(5, At(log, 5), {}).value(), first);
}

TEST(Signer, RefusesARollback) {
  const MemoryLog log(9);
  Signer signer(Key(), kOrigin, 8, log.root(8));
  ExpectRefused(signer.Sign(8, At(log, 7), {}));
  ExpectRefused(signer.Sign(7, At(log, 7), {}));
  ExpectRefused(signer.Sign(0, At(log, 9), {}));
  ExpectRefused(signer.Sign(7, At(log, 9), Proof(log, 7, 9)));
  ExpectRefused(signer.Sign(7, At(log, 9), Proof(log, 8, 9)));
  EXPECT_TRUE(signer.Sign(8, At(log, 9), Proof(log, 8, 9)));
}

TEST(Signer, RefusesAFork) {
  const MemoryLog log(8);
  MemoryLog fork(7);
  fork.Append("other");
  fork.Append("more");
  Signer signer(Key(), kOrigin, 8, log.root(8));
  ExpectRefused(signer.Sign(8, At(fork, 8), {}));
  ExpectRefused(signer.Sign(8, At(fork, 9), Proof(fork, 8, 9)));
  ExpectRefused(signer.Sign(8, At(fork, 9), {}));
}

TEST(Signer, RefusesAnotherLog) {
  const MemoryLog log(3);
  Signer signer(Key(), kOrigin, 0, EmptyRoot());
  Checkpoint other = At(log, 3);
  other.origin = "lims.example/site2/audit";
  ExpectRefused(signer.Sign(0, other, {}));
}

TEST(Signer, ARefusalLeavesTheMemoryAlone) {
  const MemoryLog log(4);
  Signer signer(Key(), kOrigin, 2, log.root(2));
  ExpectRefused(signer.Sign(2, {kOrigin, 4, EmptyRoot()}, Proof(log, 2, 4)));
  EXPECT_TRUE(signer.Sign(2, At(log, 4), Proof(log, 2, 4)));
  ExpectRefused(signer.Sign(2, At(log, 4), Proof(log, 2, 4)));
}

}  // namespace
}  // namespace lims::tlog
