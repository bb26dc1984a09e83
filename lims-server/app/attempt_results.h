// What an attempt reports together with the attempts before it: the runs of a plan, and the
// inconclusive one in whose place a repeat stands.
#ifndef LIMS_APP_ATTEMPT_RESULTS_H_
#define LIMS_APP_ATTEMPT_RESULTS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <vector>

#include "base/result.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// Judges an attempt whose findings are recorded, and notes in it whether the method prescribes a
// repeat. The value of a planned run is reported without verdict until the plan is complete; then
// the combination is judged, in the result of the last run. Rests only on this attempt and on those
// with smaller numbers, so that it can be done again at any time.
Result<std::vector<v1::Result>> ResultsOfAttempt(storage::Records& records,
                                                 const v1::Method& method, const v1::Lot& lot,
                                                 const v1::SampleComputation& sample,
                                                 const v1::SpecificationText& specification,
                                                 v1::ResultSource source, v1::Attempt* attempt);

// Setup values that are the same as in an earlier attempt where the method wants others: the donor
// of a further planned run, the extraction of a prescribed repeat. What is not declared yet is not
// looked at.
Result<std::vector<Violation>> StaleSetup(
    storage::Records& records, const v1::Method& method, const v1::Attempt& attempt,
    const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup);
// WRONG_STATE when any of the attempts has such values.
Result<void> RequireOtherSetup(storage::Records& records, const v1::Method& method,
                               const std::vector<v1::Attempt>& attempts,
                               const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup);

}  // namespace lims::app

#endif  // LIMS_APP_ATTEMPT_RESULTS_H_
