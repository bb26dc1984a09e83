#include "app/sample_keeping.h"

#include <utility>

#include "app/call.h"
#include "base/text.h"
#include "domain/lifecycle.h"
#include "domain/refusal.h"
#include "domain/sample_rules.h"

namespace lims::app {
namespace {

Result<v1::Sample> Received(storage::Records& records, const std::string& sample_id,
                            std::string_view act) {
  LIMS_ASSIGN_OR_RETURN(auto sample, records.Get<v1::Sample>({sample_id}));
  if (sample.record.state() != v1::SAMPLE_STATE_RECEIVED) {
    return domain::RefuseState("sample " + sample_id, sample.record.state(),
                               "only a received sample is " + std::string(act) + "; " +
                                   domain::NextStep(sample.record.state()));
  }
  return std::move(sample.record);
}

// Only who has a sample gives it away. Samples received before custody was kept have nobody.
Result<void> RequireCustodian(const v1::Sample& sample, const std::string& user) {
  if (sample.custodian().empty() || sample.custodian() == user) return {};
  return MakeError(ErrorReason::kSegregation, "sample " + sample.sample_id() +
                                                  " is in the keeping of " + sample.custodian() +
                                                  ", who hands it over with lims sample hand-over; "
                                                  "of an account that has ended it is taken over "
                                                  "with lims sample accept");
}

// For an act after which the sample is no longer what it was.
Result<void> RequireInHands(const v1::Sample& sample, const std::string& user) {
  auto why = domain::WhyNotInHands(sample, {user});
  if (!why) return {};
  return MakeError(
      sample.handed_to().empty() ? ErrorReason::kSegregation : ErrorReason::kWrongState,
      *std::move(why));
}

Result<void> RequireNoOpenRun(storage::Records& records, const v1::Sample& sample) {
  LIMS_ASSIGN_OR_RETURN(const auto attempts, records.List<v1::Attempt>({sample.lot_id()}));
  for (const auto& attempt : attempts) {
    if (attempt.record.sample_id() == sample.sample_id() &&
        attempt.record.outcome() == v1::OUTCOME_UNSPECIFIED) {
      return WrongState("sample " + sample.sample_id() + " is tested in run " +
                        attempt.record.run_id() +
                        ", which is open: finish that with lims run submit or lims run abort");
    }
  }
  return {};
}

// The sample as it is put away or destroyed.
Result<v1::Sample> Ending(storage::Transaction& tx, const Call& call, const std::string& sample_id,
                          v1::SampleState to) {
  LIMS_ASSIGN_OR_RETURN(v1::Sample sample, SampleToMove(tx.records(), sample_id, to));
  if (sample.state() == v1::SAMPLE_STATE_RECEIVED) {
    LIMS_RETURN_IF_ERROR(RequireInHands(sample, call.user_id));
  }
  LIMS_RETURN_IF_ERROR(RequireNoOpenRun(tx.records(), sample));
  sample.set_state(to);
  return sample;
}

}  // namespace

Result<v1::Sample> SampleToMove(storage::Records& records, const std::string& sample_id,
                                v1::SampleState to) {
  LIMS_ASSIGN_OR_RETURN(auto sample, records.Get<v1::Sample>({sample_id}));
  if (!domain::MayBecome(sample.record.state(), to)) {
    return domain::RefuseState("sample " + sample_id, sample.record.state(),
                               domain::NextStep(sample.record.state()));
  }
  return std::move(sample.record);
}

Result<Plan> AliquotSample(Site&, const Call& call, const v1::AliquotSampleRequest& request) {
  std::vector<Violation> violations;
  if (!IsIdentifier(request.aliquot_id())) {
    violations.push_back({"aliquot_id", kIdentifierRule});
  }
  if (request.container().empty() || TextProblem(request.container(), 500)) {
    violations.push_back({"container", "must name the container of the part"});
  }
  if (request.storage().empty() || TextProblem(request.storage(), 500)) {
    violations.push_back({"storage", "must say where the part is kept, as on its label"});
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_ALIQUOT_SAMPLE;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample,
                          Received(tx.records(), request.sample_id(), "divided"));
    LIMS_RETURN_IF_ERROR(RequireCustodian(sample, call.user_id));
    LIMS_RETURN_IF_ERROR(RequireInHands(sample, call.user_id));
    LIMS_ASSIGN_OR_RETURN(const auto taken, tx.records().Find<v1::Sample>({request.aliquot_id()}));
    if (taken) {
      return MakeError(ErrorReason::kAlreadyExists,
                       "sample " + request.aliquot_id() + " exists: choose another id");
    }
    v1::Sample part = sample;
    LIMS_RETURN_IF_ERROR(domain::TakePart(request.amount(), "amount", &sample));
    part.set_sample_id(request.aliquot_id());
    part.set_parent_sample_id(sample.sample_id());
    *part.mutable_amount() = request.amount();
    part.clear_used();
    part.set_container(request.container());
    part.set_storage(request.storage());
    part.set_custodian(call.user_id);
    part.clear_handed_to();
    tx.Put(std::move(sample));
    tx.Put(std::move(part));
    return {};
  };
  return plan;
}

Result<Plan> ThawSample(Site& site, const Call& call, const v1::ThawSampleRequest& request) {
  const auto time = ParseTime(request.thawed_time());
  if (!time) return InvalidArgument("thawed_time", WhatIsWrong(time.error()));
  if (*time > site.clock().Now()) return InvalidArgument("thawed_time", "lies in the future");
  Plan plan;
  plan.act = v1::ACT_THAW_SAMPLE;
  plan.run = [call, request, thawed = *time](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample, Received(tx.records(), request.sample_id(), "thawed"));
    LIMS_RETURN_IF_ERROR(RequireInHands(sample, call.user_id));
    if (!sample.thawed_time().empty()) {
      return WrongState("sample " + request.sample_id() + " was thawed at " + sample.thawed_time() +
                        ": that moment counts");
    }
    if (const auto taken = ParseTime(sample.taken_time()); taken && thawed < *taken) {
      return InvalidArgument("thawed_time",
                             "lies before the sample was taken, " + sample.taken_time());
    }
    sample.set_thawed_time(request.thawed_time());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<Plan> HandOverSample(Site&, const Call& call, const v1::HandOverSampleRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireCondition(request.condition()));
  if (request.to_user() == call.user_id) {
    return InvalidArgument("to_user", "must be another person than you");
  }
  Plan plan;
  plan.act = v1::ACT_HAND_OVER_SAMPLE;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample,
                          Received(tx.records(), request.sample_id(), "handed over"));
    LIMS_RETURN_IF_ERROR(RequireCustodian(sample, call.user_id));
    LIMS_ASSIGN_OR_RETURN(const auto to, tx.records().Find<v1::User>({request.to_user()}));
    if (!to || to->record.state() != v1::USER_STATE_ACTIVE) {
      return InvalidArgument("to_user", "there is no active account " + request.to_user());
    }
    sample.set_custodian(call.user_id);
    sample.set_handed_to(request.to_user());
    sample.set_handed_condition(request.condition());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<Plan> AcceptSample(Site&, const Call& call, const v1::AcceptSampleRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireCondition(request.condition()));
  Plan plan;
  plan.act = v1::ACT_ACCEPT_SAMPLE;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample,
                          Received(tx.records(), request.sample_id(), "taken over"));
    // Nobody hands over, or takes over, under an account that has ended.
    const std::string& awaited =
        sample.handed_to().empty() ? sample.custodian() : sample.handed_to();
    LIMS_ASSIGN_OR_RETURN(const auto holder, tx.records().Find<v1::User>({awaited}));
    const bool ended = holder && holder->record.state() == v1::USER_STATE_DISABLED;
    if (!ended && sample.handed_to().empty()) {
      return WrongState("sample " + request.sample_id() +
                        " is handed over to nobody: who has it begins with lims sample hand-over");
    }
    if (!ended && sample.handed_to() != call.user_id) {
      return MakeError(ErrorReason::kSegregation, "sample " + request.sample_id() +
                                                      " is handed over to " + sample.handed_to() +
                                                      ": only that person takes it over");
    }
    sample.set_custodian(call.user_id);
    sample.clear_handed_to();
    sample.set_condition(request.condition());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<Plan> RetainSample(Site&, const Call& call, const v1::RetainSampleRequest& request) {
  if (request.storage().empty() || TextProblem(request.storage(), 500)) {
    return InvalidArgument("storage", "must say where the sample is kept");
  }
  Plan plan;
  plan.act = v1::ACT_RETAIN_SAMPLE;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample,
                          Ending(tx, call, request.sample_id(), v1::SAMPLE_STATE_RETAINED));
    sample.set_storage(request.storage());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

Result<Plan> DisposeSample(Site&, const Call& call, const v1::DisposeSampleRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_DISPOSE_SAMPLE;
  plan.reason.set_text(request.reason());
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(v1::Sample sample,
                          Ending(tx, call, request.sample_id(), v1::SAMPLE_STATE_DISPOSED));
    sample.set_disposed_by(call.user_id);
    sample.set_dispose_reason(request.reason());
    tx.Put(std::move(sample));
    return {};
  };
  return plan;
}

}  // namespace lims::app
