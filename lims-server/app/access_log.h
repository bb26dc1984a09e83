// What is recorded besides acts: refusals for lack of right or state, sessions shown on another
// terminal, and what auditors read.
// Repeats of the same are counted per minute, so that a script gone wild cannot flood the log.
#ifndef LIMS_APP_ACCESS_LOG_H_
#define LIMS_APP_ACCESS_LOG_H_

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
  void NoteRead(const Call& call);
  // Records the counts of minutes that are over.
  void Flush();

 private:
  using Key = std::tuple<v1::Act, std::string, std::string, std::string>;  // user, method, reason
  struct Repeats {
    Call call;
    Details details;
    std::int64_t minute = 0;
    int unrecorded = 0;
  };
  void Count(const Call& call, v1::Act act, const std::string& reason, Details details);
  void RecordRepeats(v1::Act act, Repeats& repeats);

  Clock clock_;
  std::function<void(const Call&, v1::Act, Details)> record_;
  std::mutex mutex_;
  std::map<Key, Repeats> repeats_;
};

}  // namespace lims::app

#endif  // LIMS_APP_ACCESS_LOG_H_
