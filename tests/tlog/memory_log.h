// A log kept in memory, for tests: leaves, nodes and the frontier.
#ifndef LIMS_TESTS_TLOG_MEMORY_LOG_H_
#define LIMS_TESTS_TLOG_MEMORY_LOG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ed25519.h"
#include "tlog/merkle.h"

namespace lims::tlog {

// Who signs it.
inline constexpr char kOrigin[] = "lims.example/site1/audit";
inline SigningKey Key() {
  return SigningKey::FromSeed(std::string(32, 'k')).value();
}

class MemoryLog {
 public:
  // A log of `size` entries "entry-0", "entry-1", …
  explicit MemoryLog(std::uint64_t size = 0) {
    while (tree_.size() < size) Append("entry-" + std::to_string(tree_.size()));
  }

  void Append(std::string_view entry) {
    const Hash leaf = LeafHash(entry);
    Store(0, tree_.size(), leaf);
    tree_.Append(leaf,
                 [this](int level, std::uint64_t n, const Hash& hash) { Store(level, n, hash); });
  }

  const Tree& tree() const { return tree_; }
  Hash leaf(std::uint64_t index) const { return nodes_.at({0, index}); }
  Hash root(std::uint64_t size) const { return RootAt(size, reader()).value(); }
  const std::map<std::pair<int, std::uint64_t>, Hash>& nodes() const { return nodes_; }
  // How often a node was handed out that had been handed out before.
  int repeats() const { return repeats_; }

  NodeReader reader() const {
    return [this](int level, std::uint64_t n) -> std::optional<Hash> {
      const auto found = nodes_.find({level, n});
      if (found == nodes_.end()) return std::nullopt;
      return found->second;
    };
  }

 private:
  void Store(int level, std::uint64_t n, const Hash& hash) {
    if (!nodes_.insert({{level, n}, hash}).second) ++repeats_;
  }

  Tree tree_;
  std::map<std::pair<int, std::uint64_t>, Hash> nodes_;
  int repeats_ = 0;
};

}  // namespace lims::tlog

#endif  // LIMS_TESTS_TLOG_MEMORY_LOG_H_
