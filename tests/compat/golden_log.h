// A log as a release of the server wrote it, kept as text: tests/compat/RELEASE, or as a build
// before it did: tests/compat/before-RELEASE.
#ifndef LIMS_TESTS_COMPAT_GOLDEN_LOG_H_
#define LIMS_TESTS_COMPAT_GOLDEN_LOG_H_

#include <filesystem>
#include <string>
#include <vector>

namespace lims {

struct GoldenLog {
  std::vector<std::string> events;  // canonical JSON, by log index; a line of events.jsonl each
  std::vector<std::string> files;   // manifests and raw files; a JSON string of files.jsonl each
  std::string vkey;                 // key of the log, and what it signed last
  std::string checkpoint;
};

GoldenLog ReadGoldenLog(const std::filesystem::path& folder);
void WriteGoldenLog(const GoldenLog& log, const std::filesystem::path& folder);

// Of a site that is not served.
GoldenLog GoldenLogOf(const std::string& site_dir);
// A site with this log, replayed by this build. It has no private key and no credential: nobody can
// open it, but it can be verified.
void MakeSite(const GoldenLog& log, const std::string& site_dir);

}  // namespace lims

#endif  // LIMS_TESTS_COMPAT_GOLDEN_LOG_H_
