// From stored input to verdicts: what submitting, looking and recomputing have in common.
#ifndef LIMS_APP_JUDGING_H_
#define LIMS_APP_JUDGING_H_

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/run.pb.h"
#include "storage/ledger.h"

namespace lims::app {

// A specification revision; cached by its text and approval.
Result<std::shared_ptr<const v1::SpecificationText>> SpecificationOf(storage::Records& records,
                                                                     const v1::Lot& lot);

// The lot facts that the outputs of a method and the limits of their lines name, and the documents
// that those lines use, as declared now; undeclared ones are left out. They are pinned in the
// attempt.
Result<std::vector<v1::NamedValue>> FactsFor(storage::Records& records, const v1::Method& method,
                                             const v1::SpecificationText& specification,
                                             const v1::Lot& lot);

// WRONG_STATE while a fact that the values of the method are calculated or judged with is not
// declared: an attempt without it could never be judged. Nothing once the lot is decided on, when
// nobody declares facts any more: other lots on its run are judged all the same.
// `attempt`: after PinFacts.
Result<void> RequireFacts(const v1::Method& method, const v1::SpecificationText& specification,
                          const v1::Lot& lot, const v1::Attempt& attempt);

// Pins in the attempt what FactsFor tells now and, once the lot is decided on, the names of those
// that were never declared.
Result<void> PinFacts(storage::Records& records, const v1::Method& method, v1::Attempt* attempt);
// The same with what is at hand; `facts` as FactsFor tells them.
void PinFacts(const v1::Method& method, const v1::SpecificationText& specification,
              const v1::Lot& lot, const std::vector<v1::NamedValue>& facts, v1::Attempt* attempt);

// The line that an output feeds for this kind of lot; nullptr when the specification has none.
const v1::SpecificationLine* LineFor(const v1::SpecificationText& specification,
                                     std::string_view line_code, v1::LotKind kind);

// Whether values of this source are those of a report that stands for a run of the method. The own
// laboratory has the instrument's file, whatever it wrote on paper.
bool StandsForRun(const v1::Method& method, v1::ResultSource source);

// A method as one kind of lot is tested with it.
struct LotMethod {
  v1::Method record;      // with only the outputs that the specification has lines for
  std::string canonical;  // its canonical JSON
};
// `source`: of the attempt's values; a report that stands for a run answers the lines themselves.
LotMethod MethodForLot(const v1::Method& method, const v1::SpecificationText& specification,
                       v1::LotKind kind, v1::ResultSource source = v1::RESULT_SOURCE_UNSPECIFIED);

// The same, made once for many results.
std::shared_ptr<const LotMethod> SharedMethodForLot(
    const std::shared_ptr<const v1::Method>& method,
    const std::shared_ptr<const v1::SpecificationText>& specification, v1::LotKind kind,
    v1::ResultSource source);

// Judges a sample's values against the lot's lines and the facts pinned in the attempt. For other
// purposes than release an output without line is reported without verdict. WRONG_STATE when a
// limit needs an undeclared fact; where it can be declared no more, CANNOT_DECIDE, or REPORT_ONLY
// for other purposes. A pass for release that lacks its document is CANNOT_DECIDE then too.
Result<std::vector<v1::Result>> JudgeSample(const v1::Lot& lot, const v1::Attempt& attempt,
                                            const v1::SampleComputation& sample,
                                            const v1::SpecificationText& specification,
                                            v1::ResultSource source);

// A conditionally released lot with a result out of specification has failed: in the same act.
Result<void> FailConditional(storage::Transaction& tx, const std::string& lot_id,
                             const std::vector<v1::Result>& results);

// Copies a computation's findings into run and attempt.
void RecordRunFindings(const v1::Computation& computation, v1::Run* run);
void RecordSampleFindings(const v1::SampleComputation& sample, v1::Attempt* attempt);

// SHA-256 of the canonical AssayInput, hex. `method`: the canonical JSON of its method, when the
// input is still without it.
std::string InputDigest(const v1::AssayInput& input, std::string_view method = {});

}  // namespace lims::app

#endif  // LIMS_APP_JUDGING_H_
