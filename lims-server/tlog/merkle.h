// The RFC 6962 Merkle tree: hashes, appending, roots of any prefix, and both kinds of proof.
// Storing nodes is the caller's work: the tree hands out each finished node once and reads it back.
#ifndef LIMS_TLOG_MERKLE_H_
#define LIMS_TLOG_MERKLE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"

namespace lims::tlog {

// SHA-256(0x00 || entry): the hash of one log entry.
Hash LeafHash(std::string_view entry);
// SHA-256(0x01 || left || right): the hash of an inner node.
Hash NodeHash(const Hash& left, const Hash& right);
// SHA-256(""): the root of the tree without leaves.
Hash EmptyRoot();

// Node (level, n) is the root of the complete subtree over leaves [n << level, (n + 1) << level);
// level 0 holds the leaf hashes. A complete subtree never changes again.
using NodeSink = std::function<void(int level, std::uint64_t n, const Hash& hash)>;
// Answers nullopt for a node that is not stored.
using NodeReader = std::function<std::optional<Hash>(int level, std::uint64_t n)>;

// What appending needs of a tree: its size and the roots of the complete subtrees it consists of.
class Tree {
 public:
  Tree() = default;
  // `peaks` as PeaksAt() gives them for `size`; another number of peaks aborts.
  Tree(std::uint64_t size, std::vector<Hash> peaks);

  // Adds a leaf and tells `sink` every subtree of level >= 1 that it completes, lowest first.
  void Append(const Hash& leaf, const NodeSink& sink);

  std::uint64_t size() const { return size_; }
  // Largest subtree first, one for each bit set in size().
  const std::vector<Hash>& peaks() const { return peaks_; }
  Hash Root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

// The peaks and the root of the tree's first `size` leaves. DATA_LOSS when a node is missing.
Result<std::vector<Hash>> PeaksAt(std::uint64_t size, const NodeReader& nodes);
Result<Hash> RootAt(std::uint64_t size, const NodeReader& nodes);

// RFC 6962 section 2.1.1, the leaf's sibling first. INVALID_ARGUMENT unless index < size, DATA_LOSS
// when a node is missing.
Result<std::vector<Hash>> InclusionProof(std::uint64_t index, std::uint64_t size,
                                         const NodeReader& nodes);
// RFC 6962 section 2.1.2; empty when old_size is 0 or equals size. INVALID_ARGUMENT unless
// old_size <= size, DATA_LOSS when a node is missing.
Result<std::vector<Hash>> ConsistencyProof(std::uint64_t old_size, std::uint64_t size,
                                           const NodeReader& nodes);

// Whether `leaf` is the leaf number `index` of the tree of that size and root.
bool VerifyInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                     const std::vector<Hash>& proof, const Hash& root);
// Whether the first old_size leaves of the tree (size, root) are the tree (old_size, old_root).
// A tree is an extension of the empty one and of itself, with an empty proof.
bool VerifyConsistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                       const Hash& root, const std::vector<Hash>& proof);

}  // namespace lims::tlog

#endif  // LIMS_TLOG_MERKLE_H_
