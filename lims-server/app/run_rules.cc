#include "app/run_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/catalogue.h"
#include "app/judging.h"
#include "assay/limits.h"
#include "assay/registry.h"
#include "assay/setup.h"
#include "domain/lifecycle.h"
#include "domain/next_attempt.h"
#include "domain/refusal.h"
#include "domain/sample_rules.h"

namespace lims::app {
namespace {

// Lines of the lot that another method answers: what this one says of them would count for nothing
// that was approved, and attempts are numbered by panel, so that two of one number could have a
// result of the same line.
std::vector<Violation> LinesOfOtherMethods(const v1::Method& method, const v1::Lot& lot,
                                           const v1::SpecificationText& specification) {
  std::vector<Violation> lines;
  for (const v1::SpecificationLine& line : specification.lines()) {
    if (line.method_id() == method.method_id()) continue;
    const auto& outputs = method.outputs();
    const bool answers =
        line.panel() == method.panel() ||
        std::any_of(outputs.begin(), outputs.end(), [&](const v1::MethodOutput& output) {
          return output.line_code() == line.line_code();
        });
    if (!answers || LineFor(specification, line.line_code(), lot.kind()) == nullptr) continue;
    const std::string name = "line " + line.line_code() + " of lot " + lot.lot_id();
    lines.push_back({name, name + " is tested by method " + line.method_id() + ", not by " +
                               method.method_id() + ": create the run with that method"});
  }
  return lines;
}

// The sample that was taken from the lot and that this one is, or was divided from.
Result<std::string> TakenSample(storage::Records& records, std::string sample_id) {
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const auto sample, records.GetShared<v1::Sample>({sample_id}));
    if (sample->record.parent_sample_id().empty()) return sample_id;
    sample_id = sample->record.parent_sample_id();
  }
}

// The repeat that a method prescribes takes the place of a value, so it says something of the same
// material: the one before it was of the sample in doubt, or of what was divided from it. Versions
// that do not bind it go on as they were approved.
Result<void> RequireSameSample(storage::Records& records, const v1::Method& method,
                               const v1::Sample& sample,
                               const std::vector<const v1::Attempt*>& earlier) {
  if (!method.method_repeat().same_sample()) return {};
  const auto newest = std::max_element(
      earlier.begin(), earlier.end(),
      [](const v1::Attempt* a, const v1::Attempt* b) { return a->number() < b->number(); });
  if (newest == earlier.end()) return {};
  const v1::Attempt& before = **newest;
  LIMS_ASSIGN_OR_RETURN(const std::string in_doubt, TakenSample(records, before.sample_id()));
  LIMS_ASSIGN_OR_RETURN(const std::string taken, TakenSample(records, sample.sample_id()));
  if (taken == in_doubt) return {};
  return WrongState(fmt::format(
      "attempt {} of {} on lot {} was made of sample {}: the repeat that the method prescribes is "
      "made of it or of what was divided from {}; {} is another sample of the lot, which needs an "
      "approved plan",
      before.number(), before.panel(), before.lot_id(), before.sample_id(), in_doubt,
      sample.sample_id()));
}

// Why nothing of a sample can be tested, with what was divided from it; empty while some is left.
Result<std::string> WhyUsedUp(storage::Records& records, const v1::Sample& sample) {
  LIMS_ASSIGN_OR_RETURN(const Decimal left, domain::AmountLeft(sample));
  if (!left.zero()) return std::string();
  LIMS_ASSIGN_OR_RETURN(const auto samples,
                        records.SharedBy<v1::Sample>("lot_id", sample.lot_id()));
  std::string parts;
  for (const auto& each : *samples) {
    if (each.record.parent_sample_id() != sample.sample_id()) continue;
    parts += (parts.empty() ? "" : ", ") + each.record.sample_id();
  }
  return "sample " + sample.sample_id() + " is used up: " +
         (parts.empty() ? "plan another with lims sample plan"
                        : "test what was divided from it: " + parts) +
         ", or say with --started when it was tested while some was left";
}

// Why a colleague cannot have worked at the bench; empty when the account tells nothing against it.
Result<std::string> WhyNoAnalyst(storage::Records& records, const std::string& user) {
  LIMS_ASSIGN_OR_RETURN(const auto found, records.Find<v1::User>({user}));
  if (!found) return "there is no user " + user;
  if (found->record.state() == v1::USER_STATE_DISABLED) {
    return "the account of " + user + " has ended";
  }
  for (const v1::Role role : ConfirmedRoles(found->record)) {
    if (role == v1::ROLE_TECHNICIAN || role == v1::ROLE_REVIEWER ||
        role == v1::ROLE_LAB_SUPERVISOR) {
      return std::string();
    }
  }
  return user + " has no role in the laboratory: TECHNICIAN, REVIEWER or LAB_SUPERVISOR";
}

}  // namespace

Result<v1::Attempt> NextAttempt(storage::Records& records, const v1::Method& method,
                                const v1::Sample& sample, const v1::Lot& lot,
                                const TestMoment& moment) {
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
  } else if (moment.at > 0) {
    if (auto why = domain::WhyNotInHands(sample, moment.people)) {
      refuse(sample_name, WrongState(*std::move(why)));
    }
    if (auto why = domain::WhyNotTested(sample, moment.at, moment.zone_offset_minutes)) {
      refuse(sample_name, WrongState(*std::move(why)));
    }
    if (moment.begins) {
      LIMS_ASSIGN_OR_RETURN(std::string why, WhyUsedUp(records, sample));
      if (!why.empty()) refuse(sample_name, WrongState(std::move(why)));
    }
  }
  const bool for_release = sample.purpose() == v1::PURPOSE_RELEASE;
  if (for_release) {
    if (lot.confirmed_by().empty()) {
      refuse(lot_name, domain::RefuseUnconfirmed(lot.lot_id()));
    }
    if (!domain::IsUndecided(lot.disposition())) {
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
  LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot));
  Append(LinesOfOtherMethods(method, lot, *specification), &missing);
  if (!missing.empty()) return WrongStates(std::move(missing));
  LIMS_ASSIGN_OR_RETURN(const auto earlier,
                        records.Shared<v1::Attempt>({lot.lot_id(), method.panel()}));
  std::vector<const v1::Attempt*> same_purpose;
  int newest = 0;
  for (const auto& attempt : *earlier) {
    newest = std::max(newest, attempt.record.number());
    if (attempt.record.purpose() == sample.purpose()) same_purpose.push_back(&attempt.record);
  }
  v1::Attempt attempt;
  attempt.set_kind(v1::ATTEMPT_KIND_ORIGINAL);
  if (for_release) {
    LIMS_ASSIGN_OR_RETURN(attempt, domain::NextAttempt(same_purpose, method));
    if (domain::StepOf(attempt) == v1::ATTEMPT_KIND_METHOD_REPEAT) {
      LIMS_RETURN_IF_ERROR(RequireSameSample(records, method, sample, same_purpose));
    }
  }
  attempt.set_lot_id(lot.lot_id());
  attempt.set_panel(method.panel());
  attempt.set_number(newest + 1);
  attempt.set_sample_id(sample.sample_id());
  attempt.set_purpose(sample.purpose());
  attempt.set_method_id(method.method_id());
  attempt.set_method_version(method.version());
  return attempt;
}

Result<std::shared_ptr<const v1::Method>> MethodToUse(storage::Records& records,
                                                      const std::string& method_id,
                                                      const v1::Sample& sample, TimeUs now,
                                                      int zone_offset_minutes) {
  LIMS_ASSIGN_OR_RETURN(auto in_force, MethodInForce(records, method_id, now, zone_offset_minutes));
  if (sample.purpose() != v1::PURPOSE_RELEASE) return in_force;
  LIMS_ASSIGN_OR_RETURN(const auto stored,
                        records.Shared<v1::Attempt>({sample.lot_id(), in_force->panel()}));
  std::vector<const v1::Attempt*> attempts;
  for (const auto& attempt : *stored) {
    if (attempt.record.purpose() == v1::PURPOSE_RELEASE) attempts.push_back(&attempt.record);
  }
  const int version = domain::VersionUnderWay(attempts);
  if (version == 0 || version == in_force->version()) return in_force;
  LIMS_ASSIGN_OR_RETURN(const auto begun, records.GetShared<v1::Method>({method_id, version}));
  return std::shared_ptr<const v1::Method>(begun, &begun->record);
}

TestMoment MomentOf(const std::string& started_time, TimeUs now, int zone_offset_minutes,
                    std::vector<std::string> people) {
  TimeUs at = now;
  if (!started_time.empty()) {
    if (const Result<TimeUs> started = ParseTime(started_time)) at = *started;
  }
  return {at, zone_offset_minutes, std::move(people)};
}

Result<std::shared_ptr<const v1::Sample>> SampleToTest(storage::Records& records,
                                                       const std::string& lot_id,
                                                       const std::string& sample_id) {
  if (!sample_id.empty()) {
    LIMS_ASSIGN_OR_RETURN(const auto named, records.GetShared<v1::Sample>({sample_id}));
    if (named->record.lot_id() != lot_id) {
      return InvalidArgument("sample_id",
                             "sample " + sample_id + " is of lot " + named->record.lot_id());
    }
    return std::shared_ptr<const v1::Sample>(named, &named->record);
  }
  LIMS_ASSIGN_OR_RETURN(const auto samples, records.SharedBy<v1::Sample>("lot_id", lot_id));
  const v1::Sample* found = nullptr;
  for (const auto& sample : *samples) {
    if (sample.record.purpose() != v1::PURPOSE_RELEASE ||
        sample.record.state() != v1::SAMPLE_STATE_RECEIVED) {
      continue;
    }
    if (found != nullptr) {
      return InvalidArgument("sample_id",
                             "lot " + lot_id + " has several received samples: name one");
    }
    found = &sample.record;
  }
  if (found == nullptr) {
    return WrongState("lot " + lot_id + " has no received sample for release: lims sample receive");
  }
  return std::shared_ptr<const v1::Sample>(samples, found);
}

Error NotOpen(const v1::Run& run, std::string_view act) {
  return domain::RefuseState(
      "run " + run.run_id(), run.state(),
      "only an open run is " + std::string(act) + "; " + domain::NextStep(run.state()));
}

Result<void> RefuseWithoutFile(const v1::Run& run, const v1::Method& method) {
  if (assay::TakesTypedValues(method)) return {};
  return WrongState("run " + run.run_id() +
                    " is judged from the file of its instrument: lims run "
                    "submit " +
                    run.run_id() + " --input FILE");
}

Result<std::vector<std::string>> Analysts(
    storage::Records& records, const Call& call,
    const google::protobuf::RepeatedPtrField<std::string>& named) {
  std::set<std::string> analysts(named.begin(), named.end());
  std::vector<Violation> unknown;
  for (const std::string& user : analysts) {
    if (user == call.user_id) continue;
    LIMS_ASSIGN_OR_RETURN(std::string why, WhyNoAnalyst(records, user));
    if (!why.empty()) unknown.push_back({"analysts", std::move(why)});
  }
  if (!unknown.empty()) return InvalidArguments(std::move(unknown));
  analysts.insert(call.user_id);
  return std::vector<std::string>(analysts.begin(), analysts.end());
}

std::string NewRunId(const storage::Transaction& tx) {
  return fmt::format("R-{:06}", tx.next_stream_no());
}

bool AddPerson(const std::string& user, google::protobuf::RepeatedPtrField<std::string>* people) {
  if (std::find(people->begin(), people->end(), user) != people->end()) return false;
  *people->Add() = user;
  std::sort(people->begin(), people->end());
  return true;
}

std::string InZoneOfSite(const std::string& claimed, TimeUs now, int zone_offset_minutes) {
  const Result<TimeUs> time = ParseTime(claimed);
  return FormatLocal(time ? *time : now, zone_offset_minutes);
}

std::vector<Violation> CheckRunSetup(
    const v1::Method& method, const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup,
    const std::string& started_time, TimeUs now) {
  std::vector<Violation> violations = assay::CheckSetupValues(method, setup);
  if (setup.empty()) return violations;
  const Result<TimeUs> started = ParseTime(started_time);
  for (int i = 0; i < setup.size(); ++i) {
    for (const v1::SetupCheck& check : method.setup_checks()) {
      const Result<TimeUs> time = ParseTime(setup[i].value());
      if (!check.time() || check.name() != setup[i].name() || !time) continue;
      const std::string field = "setup[" + std::to_string(i) + "].value";
      if (*time > now) {
        violations.push_back({field, check.name() + " lies in the future"});
      } else if (started && *time < *started) {
        violations.push_back(
            {field, check.name() + " lies before the start of the run, " + started_time});
      }
    }
  }
  return violations;
}

Result<std::vector<Violation>> AddNamedAnalysts(
    storage::Records& records, const Call& call, const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::NamedValue>& setup,
    google::protobuf::RepeatedPtrField<std::string>* analysts) {
  std::vector<Violation> violations;
  for (int i = 0; i < setup.size(); ++i) {
    const auto check =
        std::find_if(method.setup_checks().begin(), method.setup_checks().end(),
                     [&](const v1::SetupCheck& each) { return each.name() == setup[i].name(); });
    if (check == method.setup_checks().end() || !check->analyst()) continue;
    const std::string& user = setup[i].value();
    const std::string field = "setup[" + std::to_string(i) + "].value";
    LIMS_ASSIGN_OR_RETURN(const std::string why, WhyNoAnalyst(records, user));
    if (!why.empty()) {
      violations.push_back({field, check->name() + ": " + why});
    } else if (user == call.user_id) {
      violations.push_back({field, check->name() + " is another person than the one who enters"});
    } else {
      AddPerson(user, analysts);
    }
  }
  return violations;
}

namespace {

// Whether both say how much was used, and this one less.
bool IsLess(const v1::Attempt& first, const v1::MeasuredValue& used) {
  const Result<Decimal> amount = Decimal::Parse(used.value());
  const Result<Decimal> before = Decimal::Parse(first.used().value());
  return amount && before && used.unit() == first.used().unit() && *amount < *before;
}

}  // namespace

Result<std::string> WhySmallerThanFirst(storage::Records& records, const v1::Method& method,
                                        const v1::Attempt& attempt, int vessels,
                                        const v1::MeasuredValue& used) {
  if (!method.has_observation() || attempt.kind() != v1::ATTEMPT_KIND_REPEAT_INVALID) {
    return std::string();
  }
  LIMS_ASSIGN_OR_RETURN(const auto earlier,
                        records.Shared<v1::Attempt>({attempt.lot_id(), attempt.panel()}));
  const auto found = std::find_if(earlier->begin(), earlier->end(), [&](const auto& stored) {
    return stored.record.purpose() == attempt.purpose();
  });
  if (found == earlier->end()) return std::string();
  const v1::Attempt& first = found->record;
  const std::string name =
      fmt::format("attempt {} of {} on lot {}", first.number(), attempt.panel(), attempt.lot_id());
  if (IsLess(first, used)) {
    return fmt::format("{} used {} of its sample: a repeat uses as much, not {}", name,
                       assay::WithUnit(first.used().value(), first.used().unit()),
                       assay::WithUnit(used.value(), used.unit()));
  }
  // Another version may divide the same amount otherwise.
  if (first.method_version() != attempt.method_version()) return std::string();
  int before = first.entries_size();
  LIMS_ASSIGN_OR_RETURN(const auto positions, records.List<v1::RunPosition>({first.run_id()}));
  for (const auto& position : positions) {
    if (position.record.sample_id() == first.sample_id() && position.record.omit_reason().empty()) {
      ++before;
    }
  }
  if (vessels >= before) return std::string();
  return fmt::format("{} had {} vessels: a repeat has as many, not {}", name, before, vessels);
}

}  // namespace lims::app
