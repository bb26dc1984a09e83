// What a received sample still is good for: how much is left, and whether it may be tested.
#ifndef LIMS_DOMAIN_SAMPLE_RULES_H_
#define LIMS_DOMAIN_SAMPLE_RULES_H_

#include <optional>
#include <string>

#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"
#include "lims/v1/lot.pb.h"

namespace lims::domain {

// The amount not yet given to samples divided from it, in the unit of `amount`. DATA_LOSS when the
// stored amounts are no numbers.
Result<Decimal> AmountLeft(const v1::Sample& sample);

// Takes a part off. INVALID_ARGUMENT, field "amount", for another unit, for nothing and for more
// than is left.
Result<void> TakePart(const v1::MeasuredValue& part, v1::Sample* sample);

// Why a received sample may not be tested at `at`, in words with the next step: its time in storage
// or after thawing is over, or it is being handed over. nullopt when it may.
std::optional<std::string> WhyNotTested(const v1::Sample& sample, TimeUs at,
                                        int zone_offset_minutes);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_SAMPLE_RULES_H_
