// What is copied from paper or from a contract laboratory's report waits, sealed, until a second
// person has typed the same from the document.
#ifndef LIMS_APP_SECOND_ENTRY_H_
#define LIMS_APP_SECOND_ENTRY_H_

#include <optional>
#include <string_view>
#include <vector>

#include "app/call.h"
#include "app/site.h"
#include "base/time.h"
#include "lims/v1/run_service.pb.h"
#include "storage/blobs.h"

namespace lims::app {

// So that whether a file is a seal is told without reading large ones.
inline constexpr std::size_t kMaxSealBytes = storage::kChunkBytes;

// Keeps a first entry as a blob over the message and a random number: the record names it by hash,
// which tells nothing of the values, and neither does the fingerprint of the act. An entry above
// kMaxSealBytes is refused at `field`.
Result<v1::RawFile> SealEntry(storage::Transaction& tx, const std::string& field,
                              const google::protobuf::Message& typed);

// What was sealed, for the server's own use only.
Result<void> OpenSeal(storage::Records& records, const v1::RawFile& seal,
                      google::protobuf::Message* typed);

// Whether these are the bytes of a sealed first entry.
bool IsSeal(std::string_view bytes);

bool IsCopied(v1::ResultSource source);

// What is missing or wrong in source, document and scan of a submission.
std::vector<Violation> CheckSource(const v1::SubmitResultRequest& request, TimeUs now,
                                   int zone_offset_minutes);

// Days of the test on which the sample could not be tested: before it was taken, or after its
// time.
std::vector<Violation> CheckPerformed(const v1::SourceDocument& document, const v1::Sample& sample,
                                      int zone_offset_minutes);

// Keeps checked entries sealed: run and attempt stay open. The log and every reply show a hash over
// the entries and a random number, nothing of the values.
Result<void> RecordFirstEntry(storage::Transaction& tx, const Call& call,
                              const v1::SubmitResultRequest& request, v1::Run run,
                              v1::Attempt attempt);

// The sealed entries of an attempt that waits, for the server's own use only.
Result<google::protobuf::RepeatedPtrField<v1::TypedEntry>> FirstEntry(storage::Records& records,
                                                                      const v1::Attempt& attempt);

// WRONG_STATE for a run that has no map because it waits for its second entry.
Error WaitsForSecondEntry(const v1::Run& run);

// A second entry that differs is an act of its own, counted once for its request id: what the
// caller is refused with, without a word about the first entry. Empty for every other act.
std::optional<Error> RefusalOf(const storage::RecordedAct& act);

// The second entry. When it agrees the values are judged.
Result<Plan> ReenterResult(Site& site, const Call& call, const v1::ReenterResultRequest& request);

}  // namespace lims::app

#endif  // LIMS_APP_SECOND_ENTRY_H_
