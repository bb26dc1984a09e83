// Values typed at a terminal: what may be accepted, and how they become data of a calculator.
#ifndef LIMS_ASSAY_ENTRIES_H_
#define LIMS_ASSAY_ENTRIES_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"

namespace lims::assay {

// Everything that keeps `entries` from being the data of `method`: unknown inputs, values that are
// no decimal number or none of the codes, wrong or missing units, missing descriptions, replicates
// that are missing, too many or there twice. Paths: "entries[3].value"; "entries" for what is
// missing. Outputs that depend on a lot fact (needs_fact) may be left out.
std::vector<Violation> CheckEntries(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries);

// The same for observations of an open run, each for itself: more may still come. Also
// "entries[3].target".
std::vector<Violation> CheckReadings(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::ReadingEntry>& entries);

// The same for the data of a run, whether read or from a file, of a method that takes typed values;
// for other methods only data of several plates where a run is one. `places` says where each datum
// stands: "line 12" gives the path "line 12, unit". Replicates are for the calculator to count.
std::vector<Violation> CheckData(const v1::Method& method,
                                 const google::protobuf::RepeatedPtrField<v1::Datum>& data,
                                 const std::vector<std::string>& places);

// The data of one sample, in the order of the entries. Needs entries that CheckEntries accepts.
std::vector<v1::Datum> DataOfEntries(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::TypedEntry>& entries,
    std::string_view sample_id);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_ENTRIES_H_
