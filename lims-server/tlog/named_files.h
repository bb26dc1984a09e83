// The files that a record names by hash: they are evidence, kept and checked with the log.
#ifndef LIMS_TLOG_NAMED_FILES_H_
#define LIMS_TLOG_NAMED_FILES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lims/v1/event.pb.h"

namespace lims::tlog {

struct NamedFile {
  std::string sha256;  // hex
  std::int64_t size_bytes = 0;
};

// Raw files, scans, evidence and sealed entries; not the manifests of signatures.
std::vector<NamedFile> NamedFiles(const v1::Record& record);

// The first of two entries, sealed, of a record that has one; empty otherwise.
v1::RawFile SealOf(const v1::Record& record);

// Which sealed first entries still wait for the second. Nobody may read these, so that no bundle
// holds them.
class WaitingSeals {
 public:
  // After-images of a record in their order.
  void Add(const v1::Record& record);
  std::set<std::string> Hashes() const;

 private:
  struct OfRecord {
    std::set<std::string> hashes;  // one for each time that it was entered anew
    bool wait = false;
  };
  std::map<std::string, OfRecord> records_;
};

}  // namespace lims::tlog

#endif  // LIMS_TLOG_NAMED_FILES_H_
