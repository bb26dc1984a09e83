// An export bundle on disk: one lot's history with everything needed to verify it.
//
//   vkey, checkpoint                        the log's key and the signed checkpoint of the export
//   checkpoint.earlier, consistency         an older checkpoint and the proof between both (base64)
//   lot                                     the lot
//   streams.json                            every stream with its events in order
//   heads                                   where each stream ends: tlog/stream_heads.h
//   entries/<index>.json, proofs/<index>    an event's exact bytes and its inclusion proof
//   blobs/<sha256>                          raw files and signed manifests
//
// An event without entry is redacted: its leaf hash alone proves its place. The sealed first of two
// entries is left out until the second is made. Bundles of earlier versions have no heads.
#ifndef LIMS_CLIENT_CORE_BUNDLE_H_
#define LIMS_CLIENT_CORE_BUNDLE_H_

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"

namespace lims::client {

struct BundleEvent {
  std::int64_t index = 0;
  Hash leaf{};
  bool redacted = false;
};

struct BundleStream {
  std::string name;
  std::int64_t head = 0;  // position of its last event
  std::vector<BundleEvent> events;
};

struct BundleList {
  std::string lot;
  std::int64_t export_index = 0;
  std::vector<BundleStream> streams;
};

class Bundle {
 public:
  explicit Bundle(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Reads streams.json; INVALID_ARGUMENT says what is wrong with it.
  Result<BundleList> ReadList() const;
  // A file of the bundle; NOT_FOUND when it is missing.
  Result<std::string> Read(const std::string& path) const;
  // Every file by its path inside the bundle, with its bytes; kNoFile for what is no regular file.
  static constexpr std::uintmax_t kNoFile = std::numeric_limits<std::uintmax_t>::max();
  using Sizes = std::map<std::string, std::uintmax_t>;
  Result<Sizes> Files() const;

  static std::string EntryPath(std::int64_t index) {
    return "entries/" + std::to_string(index) + ".json";
  }
  static std::string ProofPath(std::int64_t index) { return "proofs/" + std::to_string(index); }
  static std::string BlobPath(const std::string& sha256) { return "blobs/" + sha256; }

 private:
  std::filesystem::path folder_;
};

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_BUNDLE_H_
