#include "tlog/merkle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

namespace lims::tlog {
namespace {

struct Range {
  std::uint64_t first;
  std::uint64_t end;
};

// The sibling met at one step of a path: its leaves, and on which side of the path they are.
struct Step {
  Range sibling;
  bool is_left;
};

// The way from the range `target` up to the root, lowest step first. Prover and verifier walk the
// same path: one computes the siblings' hashes, the other takes them from the proof.
struct Path {
  Range target;
  std::vector<Step> steps;
};

// Splits [range) as RFC 6962 does: the left part is the largest power of two below its size.
std::uint64_t Split(const Range& range) {
  return range.first + std::bit_floor(range.end - range.first - 1);
}

// Descends from the whole tree to the subtree that holds leaf `last` as long as `done` says no.
template <typename Done>
Path Descend(std::uint64_t size, std::uint64_t last, Done done) {
  Path path{{0, size}, {}};
  Range& range = path.target;
  while (!done(range)) {
    const std::uint64_t middle = Split(range);
    const bool goes_left = last < middle;
    if (goes_left) {
      path.steps.push_back({{middle, range.end}, false});
      range.end = middle;
    } else {
      path.steps.push_back({{range.first, middle}, true});
      range.first = middle;
    }
  }
  std::reverse(path.steps.begin(), path.steps.end());
  return path;
}

Path PathToLeaf(std::uint64_t index, std::uint64_t size) {
  return Descend(size, index, [](const Range& range) { return range.end - range.first == 1; });
}

// To the lowest subtree that ends where the old tree ended. Needs 0 < old_size <= size.
Path PathToPrefix(std::uint64_t old_size, std::uint64_t size) {
  return Descend(size, old_size - 1,
                 [old_size](const Range& range) { return range.end == old_size; });
}

Hash Fold(const std::vector<Hash>& peaks) {
  if (peaks.empty()) return EmptyRoot();
  Hash root = peaks.back();
  for (auto peak = std::next(peaks.rbegin()); peak != peaks.rend(); ++peak) {
    root = NodeHash(*peak, root);
  }
  return root;
}

// The complete subtrees that make up the range, largest first. The range starts at a multiple of
// the largest power of two that fits into it, which holds for every sibling and for a whole tree.
Result<std::vector<Hash>> Peaks(Range range, const NodeReader& nodes) {
  std::vector<Hash> peaks;
  while (range.first < range.end) {
    const int level = static_cast<int>(std::bit_width(range.end - range.first)) - 1;
    const std::uint64_t n = range.first >> level;
    const std::optional<Hash> node = nodes(level, n);
    if (!node) {
      return MakeError(ErrorReason::kDataLoss, "the log has no node " + std::to_string(n) +
                                                   " at level " + std::to_string(level));
    }
    peaks.push_back(*node);
    range.first += std::uint64_t{1} << level;
  }
  return peaks;
}

Result<Hash> RangeRoot(const Range& range, const NodeReader& nodes) {
  LIMS_ASSIGN_OR_RETURN(const std::vector<Hash> peaks, Peaks(range, nodes));
  return Fold(peaks);
}

Result<void> AppendSiblings(const Path& path, const NodeReader& nodes, std::vector<Hash>* proof) {
  for (const Step& step : path.steps) {
    LIMS_ASSIGN_OR_RETURN(const Hash hash, RangeRoot(step.sibling, nodes));
    proof->push_back(hash);
  }
  return {};
}

}  // namespace

Hash LeafHash(std::string_view entry) {
  thread_local Sha256Stream stream;  // Finish() leaves it ready for the next entry
  stream.Update(std::string_view("\0", 1));
  stream.Update(entry);
  return stream.Finish();
}

Hash NodeHash(const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * sizeof(Hash)> bytes;
  bytes[0] = '\x01';
  std::memcpy(bytes.data() + 1, left.data(), left.size());
  std::memcpy(bytes.data() + 1 + left.size(), right.data(), right.size());
  return Sha256(std::string_view(bytes.data(), bytes.size()));
}

Hash EmptyRoot() {
  return Sha256("");
}

Tree::Tree(std::uint64_t size, std::vector<Hash> peaks) : size_(size), peaks_(std::move(peaks)) {
  if (peaks_.size() != static_cast<std::size_t>(std::popcount(size))) std::abort();
}

void Tree::Append(const Hash& leaf, const NodeSink& sink) {
  Hash hash = leaf;
  int level = 0;
  for (std::uint64_t n = size_; n % 2 == 1;) {
    hash = NodeHash(peaks_.back(), hash);
    peaks_.pop_back();
    n /= 2;
    sink(++level, n, hash);
  }
  peaks_.push_back(hash);
  ++size_;
}

Hash Tree::Root() const {
  return Fold(peaks_);
}

Result<std::vector<Hash>> PeaksAt(std::uint64_t size, const NodeReader& nodes) {
  return Peaks({0, size}, nodes);
}

Result<Hash> RootAt(std::uint64_t size, const NodeReader& nodes) {
  return RangeRoot({0, size}, nodes);
}

Result<std::vector<Hash>> InclusionProof(std::uint64_t index, std::uint64_t size,
                                         const NodeReader& nodes) {
  if (index >= size) {
    return InvalidArgument("index", "the log of size " + std::to_string(size) + " has no entry " +
                                        std::to_string(index));
  }
  std::vector<Hash> proof;
  LIMS_RETURN_IF_ERROR(AppendSiblings(PathToLeaf(index, size), nodes, &proof));
  return proof;
}

Result<std::vector<Hash>> ConsistencyProof(std::uint64_t old_size, std::uint64_t size,
                                           const NodeReader& nodes) {
  if (old_size > size) {
    return InvalidArgument("old_size", "the log has " + std::to_string(size) +
                                           " entries, fewer than " + std::to_string(old_size));
  }
  std::vector<Hash> proof;
  if (old_size == 0) return proof;
  const Path path = PathToPrefix(old_size, size);
  // A verifier holds the old root; any other common subtree has to be told.
  if (path.target.first != 0) {
    LIMS_ASSIGN_OR_RETURN(const Hash common, RangeRoot(path.target, nodes));
    proof.push_back(common);
  }
  LIMS_RETURN_IF_ERROR(AppendSiblings(path, nodes, &proof));
  return proof;
}

bool VerifyInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                     const std::vector<Hash>& proof, const Hash& root) {
  if (index >= size) return false;
  const Path path = PathToLeaf(index, size);
  if (proof.size() != path.steps.size()) return false;
  Hash hash = leaf;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    hash = path.steps[i].is_left ? NodeHash(proof[i], hash) : NodeHash(hash, proof[i]);
  }
  return hash == root;
}

bool VerifyConsistency(std::uint64_t old_size, const Hash& old_root, std::uint64_t size,
                       const Hash& root, const std::vector<Hash>& proof) {
  if (old_size > size) return false;
  if (old_size == 0) return proof.empty() && old_root == EmptyRoot();
  const Path path = PathToPrefix(old_size, size);
  const std::size_t told = path.target.first == 0 ? 0 : 1;
  if (proof.size() != told + path.steps.size()) return false;
  Hash old_hash = told == 0 ? old_root : proof[0];
  Hash hash = old_hash;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const Hash& sibling = proof[told + i];
    if (path.steps[i].is_left) {
      old_hash = NodeHash(sibling, old_hash);
      hash = NodeHash(sibling, hash);
    } else {
      hash = NodeHash(hash, sibling);
    }
  }
  return old_hash == old_root && hash == root;
}

}  // namespace lims::tlog
