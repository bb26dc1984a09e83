// What must hold before a sample may be tested; shared by planned runs and typed results.
#ifndef LIMS_APP_RUN_RULES_H_
#define LIMS_APP_RUN_RULES_H_

#include <string>

#include "app/call.h"
#include "base/result.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// A lot, one of its samples, and the attempt that testing the sample would be.
struct Testable {
  storage::Stored<v1::Lot> lot;
  storage::Stored<v1::Sample> sample;
  v1::Attempt attempt;  // number and kind decided; outcome open
};

// Decides whether the method may be run on the sample now, and as which attempt. WRONG_STATE names
// what is missing.
Result<Testable> CheckTestable(storage::Records& records, const v1::Method& method,
                               const std::string& sample_id);

// The sample to test when the caller names none: the lot's one received sample for release.
Result<std::string> OnlyReleaseSample(storage::Records& records, const std::string& lot_id);

// The caller and the named colleagues, each once; refused when one has no account.
Result<std::vector<std::string>> Analysts(
    storage::Records& records, const Call& call,
    const google::protobuf::RepeatedPtrField<std::string>& named);

// A new run's identifier: "R-000042", from the number of its stream.
Result<std::string> NewRunId(storage::Records& records);

// Puts a hold on a lot when a result of a biosafety line is out of specification.
Result<void> HoldForBiosafety(storage::Transaction& tx, const v1::SpecificationText& specification,
                              const std::vector<v1::Result>& results);

}  // namespace lims::app

#endif  // LIMS_APP_RUN_RULES_H_
