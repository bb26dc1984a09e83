// Does a reported value comply with its specification line? Exact decimals, rounded at most once.
#ifndef LIMS_DOMAIN_VERDICT_H_
#define LIMS_DOMAIN_VERDICT_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/assay.pb.h"
#include "lims/v1/run.pb.h"
#include "lims/v1/specification.pb.h"

namespace lims::domain {

// The declared value of a lot fact; nullopt while it is not declared.
using FactLookup = std::function<std::optional<std::string>(std::string_view fact)>;

// The reported value is below the line's alert level; no verdict.
inline constexpr std::string_view kFlagAlert = "ALERT";
// The value passes, but a single value behind it, in the same unit and treated likewise, is
// outside the limits: below or above, whatever the name says, which results have recorded.
inline constexpr std::string_view kFlagIndividualBelowLimit = "INDIVIDUAL_BELOW_LIMIT";

struct Judgement {
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  std::string value_reported;  // with exactly the line's decimals; a code as it is
  std::string criterion;       // as applied: ">= 6.8 and <= 7.6"
  std::string explanation;     // "0.496 rounds to 0.50, which is not below 0.50"
  std::vector<std::string> flags;
};

// Judges the unrounded `value`, which must be in the line's unit or carry none. A number is
// rounded once by the line's rule and compared. The end of a qualified value is compared as it
// stands, and reported rounded away from the open side, so that the printed statement stays true.
// INVALID_ARGUMENT when the value is none that the line can report; WRONG_STATE when a limit comes
// from a fact that is not declared, or the line says too little to judge by.
Result<Judgement> Judge(const v1::SpecificationLine& line, const v1::Reportable& value,
                        const FactLookup& facts);

// The criteria of a line as they are printed, bounds from facts resolved: ">= 6.8 and <= 7.6",
// "one of CONFORMS", "report only".
std::string CriterionText(const v1::SpecificationLine& line, const FactLookup& facts);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_VERDICT_H_
