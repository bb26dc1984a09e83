#include "tlog/merkle.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "tlog/memory_log.h"

namespace lims::tlog {
namespace {

constexpr std::uint64_t kMaxSize = 70;

// RFC 6962 section 2.1 word by word, over a list of leaf hashes: slow and plain.
using Leaves = std::vector<Hash>;

Leaves Part(const Leaves& leaves, std::size_t first, std::size_t end) {
  return Leaves(leaves.begin() + static_cast<std::ptrdiff_t>(first),
                leaves.begin() + static_cast<std::ptrdiff_t>(end));
}

std::size_t LargestPowerOfTwoBelow(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

Hash ReferenceRoot(const Leaves& leaves) {
  if (leaves.empty()) return Sha256("");
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = LargestPowerOfTwoBelow(leaves.size());
  return NodeHash(ReferenceRoot(Part(leaves, 0, k)), ReferenceRoot(Part(leaves, k, leaves.size())));
}

Leaves ReferencePath(std::size_t m, const Leaves& leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t k = LargestPowerOfTwoBelow(leaves.size());
  const Leaves left = Part(leaves, 0, k);
  const Leaves right = Part(leaves, k, leaves.size());
  Leaves path = m < k ? ReferencePath(m, left) : ReferencePath(m - k, right);
  path.push_back(ReferenceRoot(m < k ? right : left));
  return path;
}

Leaves ReferenceSubproof(std::size_t m, const Leaves& leaves, bool complete) {
  if (m == leaves.size()) return complete ? Leaves{} : Leaves{ReferenceRoot(leaves)};
  const std::size_t k = LargestPowerOfTwoBelow(leaves.size());
  const Leaves left = Part(leaves, 0, k);
  const Leaves right = Part(leaves, k, leaves.size());
  Leaves proof =
      m <= k ? ReferenceSubproof(m, left, complete) : ReferenceSubproof(m - k, right, false);
  proof.push_back(ReferenceRoot(m <= k ? right : left));
  return proof;
}

Leaves LeavesOf(const MemoryLog& log, std::uint64_t size) {
  Leaves leaves;
  for (std::uint64_t i = 0; i < size; ++i) leaves.push_back(log.leaf(i));
  return leaves;
}

TEST(Merkle, HashesOfTheEmptyEntryAndTheEmptyTreeAreThoseOfTheStandard) {
  EXPECT_EQ(HexEncode(LeafHash("")).substr(0, 16), "6e340b9cffb37a98");
  EXPECT_EQ(Base64Encode(AsBytes(EmptyRoot())), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(Tree().Root(), EmptyRoot());
}

TEST(Merkle, FiveEntriesHaveTheKnownRoot) {
  EXPECT_EQ(Base64Encode(AsBytes(MemoryLog(5).tree().Root())),
            "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=");
}

TEST(Merkle, EveryCompleteSubtreeIsHandedOutOnce) {
  MemoryLog log;
  for (std::uint64_t size = 1; size <= kMaxSize; ++size) {
    log.Append(std::to_string(size));
    std::size_t complete = 0;
    for (int level = 0; level < 7; ++level) complete += size >> level;
    EXPECT_EQ(log.nodes().size(), complete) << size;
  }
  EXPECT_EQ(log.repeats(), 0);
  for (const auto& [place, hash] : log.nodes()) {
    const auto& [level, n] = place;
    if (level == 0) continue;
    EXPECT_EQ(hash,
              NodeHash(log.nodes().at({level - 1, 2 * n}), log.nodes().at({level - 1, 2 * n + 1})));
  }
}

TEST(Merkle, RootsOfAllPrefixesEqualTheReference) {
  const MemoryLog log(kMaxSize);
  for (std::uint64_t size = 0; size <= kMaxSize; ++size) {
    const Hash expected = ReferenceRoot(LeavesOf(log, size));
    EXPECT_EQ(RootAt(size, log.reader()).value(), expected) << size;
    EXPECT_EQ(MemoryLog(size).tree().Root(), expected) << size;
  }
}

TEST(Merkle, ATreeGoesOnFromItsStoredPeaks) {
  const MemoryLog whole(kMaxSize);
  for (std::uint64_t size = 0; size <= kMaxSize; ++size) {
    Tree tree(size, PeaksAt(size, whole.reader()).value());
    EXPECT_EQ(tree.peaks(), MemoryLog(size).tree().peaks());
    for (std::uint64_t i = size; i < kMaxSize; ++i) {
      tree.Append(whole.leaf(i), [&](int level, std::uint64_t n, const Hash& hash) {
        EXPECT_EQ(hash, whole.nodes().at({level, n}));
      });
    }
    EXPECT_EQ(tree.size(), kMaxSize);
    EXPECT_EQ(tree.Root(), whole.tree().Root());
  }
}

TEST(Merkle, InclusionProofsEqualTheReferenceAndVerify) {
  const MemoryLog log(kMaxSize);
  for (std::uint64_t size = 1; size <= kMaxSize; ++size) {
    const Leaves leaves = LeavesOf(log, size);
    const Hash root = ReferenceRoot(leaves);
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = InclusionProof(index, size, log.reader()).value();
      ASSERT_EQ(proof, ReferencePath(index, leaves)) << index << " of " << size;
      EXPECT_TRUE(VerifyInclusion(index, size, log.leaf(index), proof, root));
      EXPECT_FALSE(VerifyInclusion((index + 1) % (size + 1), size, log.leaf(index), proof, root));
    }
  }
}

TEST(Merkle, ConsistencyProofsEqualTheReferenceAndVerify) {
  const MemoryLog log(kMaxSize);
  for (std::uint64_t size = 1; size <= kMaxSize; ++size) {
    const Leaves leaves = LeavesOf(log, size);
    for (std::uint64_t old_size = 1; old_size <= size; ++old_size) {
      const std::vector<Hash> proof = ConsistencyProof(old_size, size, log.reader()).value();
      ASSERT_EQ(proof, ReferenceSubproof(old_size, leaves, true)) << old_size << " to " << size;
      EXPECT_TRUE(VerifyConsistency(old_size, log.root(old_size), size, log.root(size), proof));
      EXPECT_FALSE(
          VerifyConsistency(old_size, log.root(old_size - 1), size, log.root(size), proof));
    }
  }
}

TEST(Merkle, EveryTreeExtendsTheEmptyOne) {
  const MemoryLog log(3);
  EXPECT_TRUE(ConsistencyProof(0, 3, log.reader()).value().empty());
  EXPECT_TRUE(VerifyConsistency(0, EmptyRoot(), 3, log.root(3), {}));
  EXPECT_FALSE(VerifyConsistency(0, Hash{}, 3, log.root(3), {}));
  EXPECT_FALSE(VerifyConsistency(0, EmptyRoot(), 3, log.root(3), {log.root(3)}));
}

TEST(Merkle, AShorterOrForkedTreeIsNoExtension) {
  const MemoryLog log(8);
  MemoryLog fork(7);
  fork.Append("other");
  EXPECT_FALSE(VerifyConsistency(8, log.root(8), 7, log.root(7), {}));
  EXPECT_FALSE(VerifyConsistency(8, log.root(8), 8, fork.root(8), {}));
  fork.Append("more");
  EXPECT_FALSE(VerifyConsistency(8, log.root(8), 9, fork.root(9),
                                 ConsistencyProof(8, 9, fork.reader()).value()));
}

TEST(Merkle, RequestsBeyondTheTreeAreRefused) {
  const MemoryLog log(5);
  EXPECT_EQ(InclusionProof(5, 5, log.reader()).error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(InclusionProof(0, 0, log.reader()).error().reason, ErrorReason::kInvalidArgument);
  EXPECT_EQ(ConsistencyProof(6, 5, log.reader()).error().reason, ErrorReason::kInvalidArgument);
  EXPECT_FALSE(VerifyInclusion(5, 5, log.leaf(4), {}, log.root(5)));
  EXPECT_FALSE(VerifyInclusion(0, 0, Hash{}, {}, EmptyRoot()));
}

TEST(Merkle, AMissingNodeIsDataLoss) {
  const MemoryLog log(5);
  EXPECT_EQ(RootAt(6, log.reader()).error().reason, ErrorReason::kDataLoss);
  EXPECT_EQ(InclusionProof(0, 6, log.reader()).error().reason, ErrorReason::kDataLoss);
  EXPECT_EQ(ConsistencyProof(3, 6, log.reader()).error().reason, ErrorReason::kDataLoss);
}

TEST(Merkle, ProofsHoldAtTheLargestSizes) {
  // A path is computed from index and size alone, so a made-up reader serves.
  const NodeReader nodes = [](int level, std::uint64_t n) -> std::optional<Hash> {
    return LeafHash(std::to_string(level) + "/" + std::to_string(n));
  };
  constexpr std::uint64_t kSize = ~std::uint64_t{0};
  const Hash leaf = *nodes(0, kSize - 1);
  const std::vector<Hash> proof = InclusionProof(kSize - 1, kSize, nodes).value();
  EXPECT_EQ(proof.size(), 63U);
  EXPECT_TRUE(VerifyInclusion(kSize - 1, kSize, leaf, proof, RootAt(kSize, nodes).value()));
}

std::uint64_t SizeUpTo(std::uint64_t most) {
  return *rc::gen::inRange<std::uint64_t>(1, most + 1);
}

void FlipBit(Hash* hash) {
  const std::size_t bit = *rc::gen::inRange<std::size_t>(0, 8 * hash->size());
  (*hash)[bit / 8] = static_cast<std::uint8_t>((*hash)[bit / 8] ^ (1U << bit % 8));
}

// Changes one bit of one of the hashes, or drops or adds a hash.
void Damage(std::vector<Hash>* proof) {
  const std::size_t choice = *rc::gen::inRange<std::size_t>(0, proof->size() + 2);
  if (choice < proof->size()) {
    FlipBit(&(*proof)[choice]);
  } else if (choice == proof->size() && !proof->empty()) {
    proof->pop_back();
  } else {
    proof->push_back(LeafHash("more"));
  }
}

void DamageOne(Hash* proven, Hash* root, std::vector<Hash>* proof) {
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      FlipBit(proven);
      break;
    case 1:
      FlipBit(root);
      break;
    default:
      Damage(proof);
  }
}

RC_GTEST_PROP(Merkle, AnyDamageToAnInclusionProofIsFound, ()) {
  const MemoryLog log(SizeUpTo(300));
  const std::uint64_t size = log.tree().size();
  const std::uint64_t index = *rc::gen::inRange<std::uint64_t>(0, size);
  Hash leaf = log.leaf(index);
  Hash root = log.tree().Root();
  std::vector<Hash> proof = InclusionProof(index, size, log.reader()).value();
  RC_ASSERT(VerifyInclusion(index, size, leaf, proof, root));
  DamageOne(&leaf, &root, &proof);
  RC_ASSERT(!VerifyInclusion(index, size, leaf, proof, root));
}

RC_GTEST_PROP(Merkle, AnyDamageToAConsistencyProofIsFound, ()) {
  const MemoryLog log(SizeUpTo(300));
  const std::uint64_t size = log.tree().size();
  const std::uint64_t old_size = SizeUpTo(size);
  Hash old_root = log.root(old_size);
  Hash root = log.tree().Root();
  std::vector<Hash> proof = ConsistencyProof(old_size, size, log.reader()).value();
  RC_ASSERT(VerifyConsistency(old_size, old_root, size, root, proof));
  DamageOne(&old_root, &root, &proof);
  RC_ASSERT(!VerifyConsistency(old_size, old_root, size, root, proof));
}

}  // namespace
}  // namespace lims::tlog
