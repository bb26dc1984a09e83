#include "domain/sample_rules.h"

#include <fmt/format.h>

#include "base/contains.h"
#include "domain/in_force.h"

namespace lims::domain {
namespace {

std::string Printed(const std::string& value, const std::string& unit) {
  return unit.empty() ? value : value + " " + unit;
}

}  // namespace

Result<Decimal> AmountLeft(const v1::Sample& sample) {
  const auto amount = Decimal::Parse(sample.amount().value());
  const auto used =
      sample.used().value().empty() ? Decimal() : Decimal::Parse(sample.used().value());
  if (!amount || !used) {
    return MakeError(ErrorReason::kDataLoss,
                     "the amounts of sample " + sample.sample_id() + " are no numbers");
  }
  return *amount - *used;
}

Result<void> TakePart(const v1::MeasuredValue& part, const std::string& field, v1::Sample* sample) {
  const std::string& unit = sample->amount().unit();
  const auto amount = Decimal::Parse(part.value());
  if (!amount) return InvalidArgument(field + ".value", WhatIsWrong(amount.error()));
  if (amount->negative() || amount->zero()) {
    return InvalidArgument(field + ".value", "must be above zero");
  }
  if (part.unit() != unit) {
    return InvalidArgument(field + ".unit",
                           fmt::format("must be the unit of sample {}: {}", sample->sample_id(),
                                       unit.empty() ? "none" : unit));
  }
  LIMS_ASSIGN_OR_RETURN(const Decimal left, AmountLeft(*sample));
  if (*amount > left) {
    return InvalidArgument(
        field + ".value",
        fmt::format("{} is more than what is left of sample {}: {}", Printed(part.value(), unit),
                    sample->sample_id(), Printed(left.ToString(), unit)));
  }
  const auto whole = Decimal::Parse(sample->amount().value());
  sample->mutable_used()->set_value((*whole - (left - *amount)).ToString());
  sample->mutable_used()->set_unit(unit);
  return {};
}

std::optional<std::string> WhyNotTested(const v1::Sample& sample, TimeUs at,
                                        int zone_offset_minutes) {
  if (Expired(sample.use_by(), at, zone_offset_minutes)) {
    return fmt::format("sample {} was to be tested by {}: plan another with lims sample plan",
                       sample.sample_id(), sample.use_by());
  }
  const Result<TimeUs> taken = ParseTime(sample.taken_time());
  if (taken && at < *taken) {
    return fmt::format("sample {} was taken at {}, after this test was started: check the start",
                       sample.sample_id(), sample.taken_time());
  }
  if (sample.post_thaw_h() == 0) return std::nullopt;
  if (sample.thawed_time().empty()) {
    return fmt::format(
        "sample {} is tested within {} h of thawing, and no thawing is recorded: record it first "
        "with lims sample thaw",
        sample.sample_id(), sample.post_thaw_h());
  }
  const Result<TimeUs> thawed = ParseTime(sample.thawed_time());
  if (thawed && at >= *thawed && at - *thawed <= sample.post_thaw_h() * kHour) {
    return std::nullopt;
  }
  return fmt::format(
      "sample {} was thawed at {} and is tested from then on for {} h: take another sample",
      sample.sample_id(), sample.thawed_time(), sample.post_thaw_h());
}

std::optional<std::string> WhyNotInHands(const v1::Sample& sample,
                                         const std::vector<std::string>& people) {
  if (!sample.handed_to().empty()) {
    return fmt::format(
        "sample {} is being handed over to {}: that person takes it over with lims sample accept",
        sample.sample_id(), sample.handed_to());
  }
  const std::string& keeper = sample.custodian();
  if (keeper.empty() || keeper == sample.received_by() || Contains(people, keeper)) {
    return std::nullopt;
  }
  return fmt::format(
      "sample {} is in the keeping of {}, who hands it over first with lims sample hand-over; of "
      "an "
      "account that has ended it is taken over with lims sample accept",
      sample.sample_id(), keeper);
}

}  // namespace lims::domain
