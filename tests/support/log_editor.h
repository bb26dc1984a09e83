// Writes a site's log anew, as somebody who owns the database could: every hash, stream, request
// and row agrees with the new events. Only what the log's key signed does not.
#ifndef LIMS_TESTS_SUPPORT_LOG_EDITOR_H_
#define LIMS_TESTS_SUPPORT_LOG_EDITOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "lims/v1/event.pb.h"
#include "storage/db.h"
#include "tlog/merkle.h"

namespace lims {

// Fills the empty tables of a log and of its records, event by event. Rows of requests may be
// updated afterwards.
class LogEditor {
 public:
  explicit LogEditor(storage::Connection& db);

  // Stores `bytes` at the next index, at the place that `event` names. Rows are those of `bytes`,
  // as far as they can be read.
  void Append(const v1::Event& event, const std::string& bytes);
  // Leaf hash of the newest event of a stream, hex; empty when there is none.
  std::string HeadOf(const std::string& stream) const;
  const tlog::Tree& tree() const { return tree_; }

 private:
  struct Stream {
    std::int64_t number = 0;
    std::string head;
  };
  storage::Connection& db_;
  tlog::Tree tree_;
  std::map<std::string, Stream> streams_;
};

// Replaces every event of a site that is not served: `rewrite` gets it with `prev` already that of
// the new log and gives the bytes to store, CanonicalJson for a consistent log.
void RewriteLog(const std::string& site_dir,
                const std::function<std::string(const v1::Event&)>& rewrite);

// Signs the log as it stands with the site's own key, which only the server has.
void SignLog(const std::string& site_dir);

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_LOG_EDITOR_H_
