#include "app/samples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "app/call.h"
#include "app/sample_keeping.h"
#include "base/decimal.h"
#include "base/text.h"
#include "domain/in_force.h"
#include "domain/lifecycle.h"
#include "domain/refusal.h"

namespace lims::app {
namespace {

constexpr int kMaxPostThawHours = 8760;  // a year

// UCUM codes of volume, mass, cells and containers: one of each, so that amounts of a lot add up.
constexpr std::array<std::string_view, 4> kAmountUnits{"mL", "g", "{cells}", "{unit}"};

void CheckText(std::string_view field, std::string_view text, std::vector<Violation>* violations) {
  if (text.empty()) return;
  if (const auto problem = TextProblem(text, 500)) {
    violations->push_back({std::string(field), *problem});
  }
}

// Of an amount that there is; absent ones are the caller's.
void CheckAmount(const v1::MeasuredValue& amount, std::vector<Violation>* violations) {
  if (const auto number = Decimal::Parse(amount.value()); !number) {
    violations->push_back({"amount.value", WhatIsWrong(number.error())});
  } else if (number->negative() || number->zero()) {
    violations->push_back({"amount.value", "must be above zero"});
  }
}

}  // namespace

Result<Plan> PlanSample(Site& site, const Call&, const v1::PlanSampleRequest& request) {
  const int offset = site.record().zone_offset_minutes();
  std::vector<Violation> violations;
  if (!IsIdentifier(request.sample_id())) {
    violations.push_back({"sample_id", kIdentifierRule});
  }
  if (request.purpose() == v1::PURPOSE_UNSPECIFIED) {
    violations.push_back({"purpose", "must be given: it is fixed before testing"});
  }
  if (request.sampling_point().empty()) {
    violations.push_back({"sampling_point", "must be given: DP, HARVEST, BANK_VIAL, POST_THAW"});
  }
  CheckText("sampling_point", request.sampling_point(), &violations);
  CheckText("container", request.container(), &violations);
  CheckText("storage", request.storage(), &violations);
  if (!request.use_by().empty()) {
    if (const auto end = domain::ExpiryEnd(request.use_by(), offset); !end) {
      violations.push_back({"use_by", WhatIsWrong(end.error())});
    }
  }
  if (request.post_thaw_h() < 0 || request.post_thaw_h() > kMaxPostThawHours) {
    violations.push_back({"post_thaw_h", "is a number of hours, at most 8760"});
  }
  CheckAmount(request.amount(), &violations);
  const std::string& unit = request.amount().unit();
  if (std::find(kAmountUnits.begin(), kAmountUnits.end(), unit) == kAmountUnits.end()) {
    violations.push_back(
        {"amount.unit", fmt::format("{}: give the amount in one of {}",
                                    unit.empty() ? "is missing" : "cannot be \"" + unit + "\"",
                                    fmt::join(kAmountUnits, ", "))});
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_PLAN_SAMPLE;
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const auto taken, tx.records().Find<v1::Sample>({request.sample_id()}));
    if (taken) {
      return MakeError(ErrorReason::kAlreadyExists,
                       "sample " + request.sample_id() + " exists: choose another id");
    }
    LIMS_ASSIGN_OR_RETURN(const auto lot, tx.records().Get<v1::Lot>({request.lot_id()}));
    if (lot.record.disposition() == v1::DISPOSITION_VOIDED ||
        lot.record.disposition() == v1::DISPOSITION_REJECTED) {
      return domain::RefuseState(
          "lot " + request.lot_id(), lot.record.disposition(),
          "it is no longer sampled; " + domain::NextStep(lot.record.disposition()));
    }
    if (lot.record.confirmed_by().empty() && request.purpose() == v1::PURPOSE_RELEASE) {
      return domain::RefuseUnconfirmed(request.lot_id());
    }
    v1::Sample sample;
    sample.set_sample_id(request.sample_id());
    sample.set_lot_id(request.lot_id());
    sample.set_purpose(request.purpose());
    sample.set_state(v1::SAMPLE_STATE_PLANNED);
    sample.set_sampling_point(request.sampling_point());
    sample.set_container(request.container());
    *sample.mutable_amount() = request.amount();
    sample.set_storage(request.storage());
    sample.set_use_by(request.use_by());
    sample.set_post_thaw_h(request.post_thaw_h());
    tx.Put(sample);
    return {};
  };
  return plan;
}

Result<Plan> CancelSample(Site&, const Call&, const v1::CancelSampleRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_CANCEL_SAMPLE;
  plan.reason.set_text(request.reason());
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample, SampleToMove(tx.records(), request.sample_id(),
                                                          v1::SAMPLE_STATE_CANCELLED));
    sample.set_state(v1::SAMPLE_STATE_CANCELLED);
    sample.set_cancel_reason(request.reason());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<Plan> TakeSample(Site& site, const Call& call, const v1::TakeSampleRequest& request) {
  const auto time = ParseTime(request.taken_time());
  std::vector<Violation> violations;
  if (!time) {
    violations.push_back({"taken_time", WhatIsWrong(time.error())});
  } else if (*time > site.clock().Now()) {
    violations.push_back({"taken_time", "lies in the future"});
  }
  if (request.has_amount()) CheckAmount(request.amount(), &violations);
  CheckText("container", request.container(), &violations);
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_TAKE_SAMPLE;
  plan.run = [call, request, taken = *time](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample,
                          SampleToMove(tx.records(), request.sample_id(), v1::SAMPLE_STATE_TAKEN));
    LIMS_ASSIGN_OR_RETURN(const auto lot, tx.records().Get<v1::Lot>({sample.lot_id()}));
    if (const auto made = ParseTime(lot.record.manufacture_time()); made && taken < *made) {
      return InvalidArgument("taken_time",
                             "lies before the lot was made, " + lot.record.manufacture_time());
    }
    if (request.has_amount()) {
      const v1::MeasuredValue& planned = sample.amount();
      if (request.amount().unit() != planned.unit()) {
        return InvalidArgument(
            "amount.unit", "must be the unit that was planned for sample " + request.sample_id() +
                               ": " + (planned.unit().empty() ? "none" : planned.unit()));
      }
      *sample.mutable_amount() = request.amount();
    }
    if (!request.container().empty()) sample.set_container(request.container());
    sample.set_state(v1::SAMPLE_STATE_TAKEN);
    sample.set_taken_by(call.user_id);
    sample.set_taken_time(request.taken_time());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<Plan> ReceiveSample(Site&, const Call& call, const v1::ReceiveSampleRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireCondition(request.condition()));
  Plan plan;
  plan.act = v1::ACT_RECEIVE_SAMPLE;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample, SampleToMove(tx.records(), request.sample_id(),
                                                          v1::SAMPLE_STATE_RECEIVED));
    sample.set_state(v1::SAMPLE_STATE_RECEIVED);
    sample.set_received_by(call.user_id);
    sample.set_condition(request.condition());
    sample.set_custodian(call.user_id);
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<Plan> RejectSample(Site&, const Call& call, const v1::RejectSampleRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_REJECT_SAMPLE;
  plan.reason.set_text(request.reason());
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample, SampleToMove(tx.records(), request.sample_id(),
                                                          v1::SAMPLE_STATE_REJECTED));
    sample.set_state(v1::SAMPLE_STATE_REJECTED);
    sample.set_received_by(call.user_id);
    sample.set_reject_reason(request.reason());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<v1::GetSampleResponse> GetSample(Site&, storage::Records& records,
                                        const v1::GetSampleRequest& request) {
  v1::GetSampleResponse response;
  LIMS_ASSIGN_OR_RETURN(auto sample, records.Get<v1::Sample>({request.sample_id()}));
  *response.mutable_sample() = std::move(sample.record);
  return response;
}

}  // namespace lims::app
