#include "tlog/proof.h"

#include <optional>

#include "tlog/lines.h"
#include "tlog/merkle.h"

namespace lims::tlog {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kIndex = "index ";
// No path is longer: tree sizes are below 2^64.
constexpr std::size_t kMaxHashes = 64;

}  // namespace

std::string FormatTlogProof(const TlogProof& proof) {
  std::string text(kFirstLine);
  text += '\n';
  text += kIndex;
  text += std::to_string(proof.index) + '\n';
  for (const Hash& hash : proof.hashes) text += FormatHash(hash) + '\n';
  return text + '\n' + proof.checkpoint;
}

Result<TlogProof> ParseTlogProof(std::string_view text) {
  if (TakeLine(&text) != kFirstLine) {
    return InvalidArgument("proof", "line 1 is not " + std::string(kFirstLine));
  }
  const std::optional<std::string_view> index_line = TakeLine(&text);
  if (!index_line || !index_line->starts_with(kIndex)) {
    return InvalidArgument("proof", "line 2 is not the index");
  }
  const std::optional<std::uint64_t> index = ParseNumber(index_line->substr(kIndex.size()));
  if (!index) return InvalidArgument("proof", "the index is no number");

  TlogProof proof;
  proof.index = *index;
  while (true) {
    const std::optional<std::string_view> line = TakeLine(&text);
    if (!line) return InvalidArgument("proof", "no blank line before the checkpoint");
    if (line->empty()) break;
    const std::optional<Hash> hash = ParseHash(*line);
    if (!hash || proof.hashes.size() == kMaxHashes) {
      return InvalidArgument(
          "proof", "line " + std::to_string(3 + proof.hashes.size()) + " is no base64 of a hash");
    }
    proof.hashes.push_back(*hash);
  }
  proof.checkpoint = text;
  return proof;
}

Result<Checkpoint> VerifyTlogProof(const TlogProof& proof, const Hash& leaf,
                                   const VerifierKey& key) {
  LIMS_ASSIGN_OR_RETURN(Checkpoint checkpoint, OpenCheckpoint(proof.checkpoint, key));
  if (!VerifyInclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)) {
    return MakeError(ErrorReason::kVerificationFailed, "entry " + std::to_string(proof.index) +
                                                           " is not in the log of size " +
                                                           std::to_string(checkpoint.size));
  }
  return checkpoint;
}

}  // namespace lims::tlog
