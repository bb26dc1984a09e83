// Values copied from paper or from a contract laboratory's report: they wait, sealed, until a
// second person has typed the same from the document.
#ifndef LIMS_APP_SECOND_ENTRY_H_
#define LIMS_APP_SECOND_ENTRY_H_

#include <vector>

#include "app/call.h"
#include "app/site.h"
#include "base/time.h"
#include "lims/v1/run_service.pb.h"

namespace lims::app {

bool IsCopied(v1::ResultSource source);

// What is missing or wrong in source, document and scan of a submission.
std::vector<Violation> CheckSource(const v1::SubmitResultRequest& request, TimeUs now,
                                   int zone_offset_minutes);

// Keeps checked entries sealed: run and attempt stay open. The log and every reply show a hash over
// the entries and a random number, nothing of the values.
Result<void> RecordFirstEntry(storage::Transaction& tx, const Call& call,
                              const v1::SubmitResultRequest& request, v1::Run run,
                              v1::Attempt attempt);

// WRONG_STATE for a run that has no map because it waits for its second entry.
Error WaitsForSecondEntry(const v1::Run& run);

// The second entry. When it agrees the values are judged; when it differs that alone is recorded,
// and the caller is refused without a word about the first values.
Result<Plan> ReenterResult(Site& site, const Call& call, const v1::ReenterResultRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_SECOND_ENTRY_H_
