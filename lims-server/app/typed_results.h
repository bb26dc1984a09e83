// Values typed at a terminal: the first judgement of them, and every later one after a second entry
// or an amendment.
#ifndef LIMS_APP_TYPED_RESULTS_H_
#define LIMS_APP_TYPED_RESULTS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <vector>

#include "app/judging.h"
#include "base/result.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// The panel that a caller means by a panel or line code, among the lines of this kind of lot; sets
// the method that feeds it.
Result<std::string> PanelOf(const v1::SpecificationText& specification, const v1::Lot& lot,
                            const std::string& asked, std::string* method_id);

// One violation for each value outside its possible or, unless confirmed, its plausible range.
Result<void> CheckPlausibility(const v1::Method& method, const v1::SpecificationText& specification,
                               const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries,
                               bool confirmed);

// The same for each value that was multiplied or divided, as it is reported.
Result<void> CheckPlausibility(const v1::Method& method, const v1::SpecificationText& specification,
                               const std::vector<v1::Result>& results, bool confirmed);

// Lines that apply to a lot with these facts and have no entry in a report that stands for a run.
// Those that always apply are for assay::CheckEntries.
std::vector<Violation> UnreportedLines(
    const v1::Method& method, const v1::SpecificationText& specification,
    const std::vector<v1::NamedValue>& facts,
    const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries);

// Data that cannot be judged yet leave no trace but the refusal: partial data are never a verdict.
Result<void> RefuseUnfinished(const std::string& what, const std::vector<std::string>& missing);

// Calculates and judges the entries of the attempt as they are, from the facts pinned in it, and
// records the findings in both.
Result<std::vector<v1::Result>> JudgeEntries(storage::Records& records, const LotMethod& method,
                                             const v1::Lot& lot,
                                             const v1::SpecificationText& specification,
                                             int zone_offset_minutes, v1::Run* run,
                                             v1::Attempt* attempt);

// Puts what was judged for the first time, with the holds that follow from it.
Result<void> RecordJudged(storage::Transaction& tx, const v1::Method& method,
                          const v1::SpecificationText& specification,
                          std::vector<v1::Result> results, v1::Run run, v1::Attempt attempt);

// Where the results of an attempt come from.
v1::ResultSource SourceOf(const v1::Run& run, const v1::Attempt& attempt);

}  // namespace lims::app

#endif  // LIMS_APP_TYPED_RESULTS_H_
