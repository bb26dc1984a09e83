// What must hold before a sample may be tested; shared by planned runs and typed results.
#ifndef LIMS_APP_RUN_RULES_H_
#define LIMS_APP_RUN_RULES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/call.h"
#include "base/result.h"
#include "base/time.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// When a sample is tested, by the site's clock, and by whom; at 0 for a test elsewhere, of which
// neither is known.
struct TestMoment {
  TimeUs at = 0;
  int zone_offset_minutes = 0;
  std::vector<std::string> people;
  bool begins = false;  // the test is still to be made: something of the sample must be left
};

// The version of a method by which a sample is tested now: the one in force, or the one under which
// a plan or a prescribed repeat of its lot has begun.
Result<std::shared_ptr<const v1::Method>> MethodToUse(storage::Records& records,
                                                      const std::string& method_id,
                                                      const v1::Sample& sample, TimeUs now,
                                                      int zone_offset_minutes);

// Decides whether the method may be run on the sample of this lot then, and as which attempt:
// number and kind are set, the outcome is open. WRONG_STATE names everything that is missing, by
// record: a sample that is not at hand, past its window or used up, another sample than the one
// whose doubt a prescribed repeat is to settle.
Result<v1::Attempt> NextAttempt(storage::Records& records, const v1::Method& method,
                                const v1::Sample& sample, const v1::Lot& lot,
                                const TestMoment& moment);

// The moment of a test that is started as the person says, or now.
TestMoment MomentOf(const std::string& started_time, TimeUs now, int zone_offset_minutes,
                    std::vector<std::string> people);

// WRONG_STATE for a run that is not open any more; `act` is what only an open run is: "read".
Error NotOpen(const v1::Run& run, std::string_view act);

// WRONG_STATE for a run by a method that is judged from its instrument's file, which nobody copies
// by hand; nothing for the others.
Result<void> RefuseWithoutFile(const v1::Run& run, const v1::Method& method);

// The sample to test: the one named, which must be of this lot, or when none is named the lot's one
// received sample for release.
Result<std::shared_ptr<const v1::Sample>> SampleToTest(storage::Records& records,
                                                       const std::string& lot_id,
                                                       const std::string& sample_id);

// The caller and the named colleagues, each once; every one without account is refused.
Result<std::vector<std::string>> Analysts(
    storage::Records& records, const Call& call,
    const google::protobuf::RepeatedPtrField<std::string>& named);

// Puts a person among those who worked on a run or an attempt, in order and once; whether it is a
// new one.
bool AddPerson(const std::string& user, google::protobuf::RepeatedPtrField<std::string>* people);

// When a run was started, in the zone of the site, so that its date is the local one; `now` when
// nobody says another time. `claimed` is empty or a time.
std::string InZoneOfSite(const std::string& claimed, TimeUs now, int zone_offset_minutes);

// What is wrong with setup values of a run: as assay::CheckSetupValues, and moments that lie in the
// future or before the run was started.
std::vector<Violation> CheckRunSetup(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup,
    const std::string& started_time, TimeUs now);

// Adds to `analysts` those whom the setup names beside the caller, and says on the setup value who
// is none.
Result<std::vector<Violation>> AddNamedAnalysts(
    storage::Records& records, const Call& call, const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup,
    google::protobuf::RepeatedPtrField<std::string>* analysts);

// A culture test is repeated with as much of the lot as the first: why `vessels`, or what is `used`
// of the sample where both say it, are too little for this attempt; empty when they are enough, and
// for any other test. Vessels are compared within a version of the method.
Result<std::string> WhySmallerThanFirst(storage::Records& records, const v1::Method& method,
                                        const v1::Attempt& attempt, int vessels,
                                        const v1::MeasuredValue& used);

// A new run's identifier: "R-000042", from the number of the next stream. Each run makes streams,
// so the number is new; it leaves gaps.
std::string NewRunId(const storage::Transaction& tx);

}  // namespace lims::app

#endif  // LIMS_APP_RUN_RULES_H_
