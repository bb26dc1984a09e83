// What a received sample still is good for: how much is left, and whether it may be tested.
#ifndef LIMS_DOMAIN_SAMPLE_RULES_H_
#define LIMS_DOMAIN_SAMPLE_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "base/time.h"
#include "lims/v1/lot.pb.h"

namespace lims::domain {

// The amount not yet given to samples divided from it or used up, in the unit of `amount`.
// DATA_LOSS when the stored amounts are no numbers.
Result<Decimal> AmountLeft(const v1::Sample& sample);

// Takes a part off. INVALID_ARGUMENT at `field` for another unit, for nothing and for more than is
// left.
Result<void> TakePart(const v1::MeasuredValue& part, const std::string& field, v1::Sample* sample);

// Why a received sample may not be tested at `at`, in words with the next step: it was not taken or
// thawed yet, or its time in storage or after thawing is over. nullopt when it may.
std::optional<std::string> WhyNotTested(const v1::Sample& sample, TimeUs at,
                                        int zone_offset_minutes);

// Why none of these people may work on a sample that the laboratory has: it is being handed over,
// or another person has taken it over. With whoever received it it is at everybody's disposal, and
// so is one that nobody has in keeping. nullopt when one of them may.
std::optional<std::string> WhyNotInHands(const v1::Sample& sample,
                                         const std::vector<std::string>& people);

}  // namespace lims::domain

#endif  // LIMS_DOMAIN_SAMPLE_RULES_H_
