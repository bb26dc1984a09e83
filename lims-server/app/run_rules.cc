#include "app/run_rules.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "domain/lifecycle.h"
#include "domain/refusal.h"
#include "storage/runs.h"

namespace lims::app {

Result<v1::Attempt> NextAttempt(storage::Records& records, const v1::Method& method,
                                const v1::Sample& sample, const v1::Lot& lot) {
  std::vector<Violation> missing;
  const auto refuse = [&missing](std::string record, Error error) {
    missing.push_back({std::move(record), std::move(error.message)});
  };
  const std::string sample_name = "sample " + sample.sample_id();
  const std::string lot_name = "lot " + lot.lot_id();
  if (sample.state() != v1::SAMPLE_STATE_RECEIVED) {
    refuse(sample_name, domain::RefuseState(sample_name, sample.state(),
                                            "only a received sample is tested; " +
                                                domain::NextStep(sample.state())));
  }
  const bool for_release = sample.purpose() == v1::PURPOSE_RELEASE;
  if (for_release) {
    if (lot.confirmed_by().empty()) {
      refuse(lot_name, domain::RefuseUnconfirmed(lot.lot_id()));
    }
    if (lot.disposition() != v1::DISPOSITION_QUARANTINE &&
        lot.disposition() != v1::DISPOSITION_CONDITIONALLY_RELEASED) {
      refuse(lot_name,
             domain::RefuseState(lot_name, lot.disposition(),
                                 "it is no longer tested for release; test a sample of another "
                                 "purpose"));
    }
    if (method.validation_state() != v1::VALIDATION_STATE_VALIDATED &&
        method.validation_state() != v1::VALIDATION_STATE_CONFIRMED) {
      const std::string name =
          "method " + method.method_id() + " version " + std::to_string(method.version());
      refuse(name, domain::RefuseState(name, method.validation_state(),
                                       "it gives no results for release; test a sample of purpose "
                                       "VALIDATION or TRAINING"));
    }
  }
  if (missing.size() == 1) return WrongState(missing[0].description);
  if (!missing.empty()) {
    std::string first = missing[0].description;
    return MakeError(ErrorReason::kWrongState, std::move(first), std::move(missing));
  }
  LIMS_ASSIGN_OR_RETURN(const auto earlier,
                        records.List<v1::Attempt>({lot.lot_id(), method.panel()}));
  std::vector<const v1::Attempt*> same_purpose;
  int newest = 0;
  for (const auto& attempt : earlier) {
    newest = std::max(newest, attempt.record.number());
    if (attempt.record.purpose() == sample.purpose()) same_purpose.push_back(&attempt.record);
  }
  v1::AttemptKind kind = v1::ATTEMPT_KIND_ORIGINAL;
  if (for_release) {
    LIMS_ASSIGN_OR_RETURN(kind, domain::NextAttemptKind(same_purpose,
                                                        method.repeat_invalid_budget()));
  }
  v1::Attempt attempt;
  attempt.set_lot_id(lot.lot_id());
  attempt.set_panel(method.panel());
  attempt.set_number(newest + 1);
  attempt.set_kind(kind);
  attempt.set_sample_id(sample.sample_id());
  attempt.set_purpose(sample.purpose());
  attempt.set_method_id(method.method_id());
  attempt.set_method_version(method.version());
  return attempt;
}

Result<v1::Sample> SampleToTest(storage::Records& records, const std::string& lot_id,
                                const std::string& sample_id) {
  if (!sample_id.empty()) {
    LIMS_ASSIGN_OR_RETURN(auto named, records.Get<v1::Sample>({sample_id}));
    if (named.record.lot_id() != lot_id) {
      return InvalidArgument("sample_id",
                             "sample " + sample_id + " is of lot " + named.record.lot_id());
    }
    return std::move(named.record);
  }
  LIMS_ASSIGN_OR_RETURN(auto samples, records.ListBy<v1::Sample>("lot_id", lot_id));
  v1::Sample* found = nullptr;
  for (auto& sample : samples) {
    if (sample.record.purpose() != v1::PURPOSE_RELEASE ||
        sample.record.state() != v1::SAMPLE_STATE_RECEIVED) {
      continue;
    }
    if (found != nullptr) {
      return InvalidArgument("sample_id", "lot " + lot_id +
                                              " has several received samples: name one");
    }
    found = &sample.record;
  }
  if (found == nullptr) {
    return WrongState("lot " + lot_id + " has no received sample for release: lims sample receive");
  }
  return std::move(*found);
}

Error NotOpen(const v1::Run& run, std::string_view act) {
  return domain::RefuseState("run " + run.run_id(), run.state(),
                             "only an open run is " + std::string(act) + "; " +
                                 domain::NextStep(run.state()));
}

Result<std::vector<std::string>> Analysts(
    storage::Records& records, const Call& call,
    const google::protobuf::RepeatedPtrField<std::string>& named) {
  std::set<std::string> analysts(named.begin(), named.end());
  std::vector<Violation> unknown;
  for (const std::string& user : analysts) {
    LIMS_ASSIGN_OR_RETURN(const auto found, records.Find<v1::User>({user}));
    if (!found) unknown.push_back({"analysts", "there is no user " + user});
  }
  if (!unknown.empty()) return InvalidArguments(std::move(unknown));
  analysts.insert(call.user_id);
  return std::vector<std::string>(analysts.begin(), analysts.end());
}

Result<std::string> NewRunId(storage::Records& records) {
  LIMS_ASSIGN_OR_RETURN(const std::int64_t number, storage::NextRunNumber(records.db()));
  char text[24];
  std::snprintf(text, sizeof text, "R-%06lld", static_cast<long long>(number));
  return std::string(text);
}

Result<void> HoldForBiosafety(storage::Transaction& tx, const v1::SpecificationText& specification,
                              const std::vector<v1::Result>& results) {
  std::string lines;
  for (const v1::Result& result : results) {
    if (result.verdict() != v1::VERDICT_OOS_SUSPECTED) continue;
    for (const v1::SpecificationLine& line : specification.lines()) {
      if (line.line_code() == result.line_code() && line.biosafety()) {
        lines += (lines.empty() ? "" : ", ") + line.line_code() + " " + result.value_reported();
      }
    }
  }
  if (lines.empty()) return {};
  LIMS_ASSIGN_OR_RETURN(const auto holds, tx.records().List<v1::Hold>({results[0].lot_id()}));
  v1::Hold hold;
  hold.set_lot_id(results[0].lot_id());
  hold.set_number(static_cast<int>(holds.size()) + 1);
  hold.set_kind(v1::HOLD_KIND_BIOSAFETY);
  hold.set_reason("biosafety event: " + lines);
  tx.Put(hold);
  return {};
}

}  // namespace lims::app
