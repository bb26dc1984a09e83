// What is recorded besides acts: refusals for lack of right or state, sessions shown on another
// terminal, and what auditors read.
// Repeats of the same are counted per minute, so that a script gone wild cannot flood the log.
#ifndef LIMS_APP_ACCESS_LOG_H_
#define LIMS_APP_ACCESS_LOG_H_

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "app/call.h"
#include "base/clock.h"
#include "base/error.h"

namespace lims::app {

class AccessLog {
 public:
  using Details = std::vector<std::pair<std::string, std::string>>;
  // `record` appends the event; it must not wait.
  AccessLog(Clock clock, std::function<void(const Call&, v1::Act, Details)> record)
      : clock_(std::move(clock)), record_(std::move(record)) {}

  // Bad input is not recorded; a missing right, a wrong state or a broken segregation is.
  void NoteRefusal(const Call& call, const Error& error);
  // A session of the call's user was shown on a terminal that it was not opened on. The person is
  // not proven: the user is a detail, the event has no actor.
  void NoteForeignSession(const Call& call, const Error& error);
  // `objects`: what was read, of NamedIn(request).
  void NoteRead(const Call& call, const Details& objects);

  // Records the counts of minutes that are over. To be called about once a second.
  void Flush();
  // Also those of the minute that runs: the server stops.
  void FlushAll();

  // An event that could not be recorded; only a few are kept.
  void NoteLost(const Call& call, v1::Act act, const Details& details, const Error& error);
  // One line for each of them since the last call, for whoever can write it elsewhere.
  std::vector<std::string> TakeLost();

 private:
  // What is counted together: act, user, method, reason and what it was about.
  using Key = std::tuple<v1::Act, std::string, std::string, std::string, std::string>;
  struct Repeats {
    Call call;
    Details details;
    std::int64_t minute = 0;
    int unrecorded = 0;
  };
  // `about` tells those of one method and reason apart.
  void Count(const Call& call, v1::Act act, const std::string& reason, Details details,
             const Details& about);
  // Whether one more is listed by itself.
  bool HasRoom(const Key& key) const;
  void RecordRepeats(v1::Act act, Repeats& repeats);

  Clock clock_;
  std::function<void(const Call&, v1::Act, Details)> record_;
  std::mutex mutex_;
  std::map<Key, Repeats> repeats_;
  std::mutex lost_mutex_;  // taken inside mutex_
  std::vector<std::string> lost_;
  int lost_unlisted_ = 0;
};

// Which records a request names: its ids, a stream, a version or a log index, as name and value.
AccessLog::Details NamedIn(const google::protobuf::Message& request);

}  // namespace lims::app

#endif  // LIMS_APP_ACCESS_LOG_H_
