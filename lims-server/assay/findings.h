// What every calculator does alike: group the data by sample, and let the outcomes follow from
// the checks.
#ifndef LIMS_ASSAY_FINDINGS_H_
#define LIMS_ASSAY_FINDINGS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/error.h"
#include "lims/v1/assay.pb.h"

namespace lims::assay {

// The sample of a datum; without a run map the name in the file.
const std::string& SampleOf(const v1::Datum& datum);

// All data of one sample, in file order.
struct SampleData {
  std::string sample_id;
  std::vector<const v1::Datum*> data;
};
// In order of first appearance; pointers into `input`.
std::vector<SampleData> SamplesOf(const v1::AssayInput& input);

// Wells of one role, in file order.
std::vector<const v1::Datum*> DataOfRole(const v1::AssayInput& input, v1::PositionRole role);

// The number of a datum; absent when it is none, or when nothing was found.
std::optional<Decimal> NumberOf(const v1::Datum& datum);

// Whether it is a number or says that nothing was found.
bool IsReadable(const v1::Datum& datum);

// By replicate number, file order kept where there is none.
void SortByReplicate(std::vector<const v1::Datum*>& data);

void AddDetail(std::string_view name, std::string value, std::string_view unit,
               google::protobuf::RepeatedPtrField<v1::NamedValue>& details);

bool AllHold(const google::protobuf::RepeatedPtrField<v1::Check>& checks);

// A computation that holds the checks of the setup and knows whether they hold.
v1::Computation BeginComputation(const v1::AssayInput& input);
// The computation of a method whose parameters cannot be used, with a check for each reason.
v1::Computation RefuseParameters(const v1::AssayInput& input,
                                 const std::vector<Violation>& violations);
// Settles the outcomes once every check and value stands: the run is invalid when a check of it
// does not hold, a sample with the run or by a check of its own; only valid samples keep values.
void ConcludeComputation(v1::Computation& computation);

}  // namespace lims::assay

#endif  // LIMS_ASSAY_FINDINGS_H_
