#include "app/create_run.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "app/attempt_results.h"
#include "app/catalogue.h"
#include "app/judging.h"
#include "app/late_entry.h"
#include "app/run_rules.h"
#include "assay/registry.h"
#include "assay/setup.h"
#include "base/decimal.h"
#include "base/text.h"
#include "domain/next_attempt.h"
#include "domain/sample_rules.h"
#include "instrument/run_map.h"
#include "lims/v1/words.h"

namespace lims::app {
namespace {

constexpr int kMaxPositions = 2000;

void CheckPosition(const v1::RunPosition& position, int i, std::set<std::string>* seen,
                   std::vector<Violation>* violations) {
  const std::string field = "positions[" + std::to_string(i) + "].";
  if (position.position().empty() || TextProblem(position.position(), 64)) {
    violations->push_back({field + "position", "must name a position of the run"});
  }
  if (!seen->insert(position.position() + "\n" + position.target()).second) {
    violations->push_back({field + "position", position.position() + " stands on the map twice"});
  }
  if (position.role() == v1::POSITION_ROLE_UNSPECIFIED) {
    violations->push_back({field + "role", "must be given: SAMPLE, STANDARD, NTC, …"});
  }
  if ((position.role() == v1::POSITION_ROLE_SAMPLE) == position.sample_id().empty()) {
    violations->push_back(
        {field + "sample_id", position.sample_id().empty()
                                  ? "a position with role SAMPLE names its sample"
                                  : "only a position with role SAMPLE names one"});
  }
  for (const auto& [name, text] :
       {std::pair("target", &position.target()), std::pair("file_name", &position.file_name())}) {
    if (const auto problem = TextProblem(*text, kMaxNameBytes)) {
      violations->push_back({field + name, *problem});
    }
  }
  if (!position.omit_reason().empty()) {
    const auto stated = RequireReason(field + "omit_reason", position.omit_reason());
    if (!stated) violations->push_back(stated.error().violations[0]);
  }
  if (!position.dilution().empty()) {
    const auto dilution = Decimal::Parse(position.dilution());
    if (!dilution) {
      violations->push_back({field + "dilution", WhatIsWrong(dilution.error())});
    } else if (*dilution < Decimal::FromInt(1)) {
      violations->push_back({field + "dilution", "is a factor of 1 or more: 10 for 1:10"});
    }
  }
}

// A position may be read for several targets, but it holds one sample.
void CheckContents(const google::protobuf::RepeatedPtrField<v1::RunPosition>& positions,
                   std::vector<Violation>* violations) {
  std::map<std::string, const v1::RunPosition*> first;
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    const auto [known, is_new] = first.try_emplace(position.position(), &position);
    const v1::RunPosition& other = *known->second;
    if (is_new || other.sample_id() == position.sample_id()) continue;
    const std::string role = v1::EnumWord(other.role());
    violations->push_back({"positions[" + std::to_string(i) + "].position",
                           position.position() + " holds " +
                               (other.sample_id().empty() ? role : other.sample_id()) +
                               " already: one position holds one sample"});
  }
}

// For a method that reads files: "A1" and "A01" are one well of them, which CheckContents takes for
// two positions.
std::vector<Violation> CheckWells(
    const google::protobuf::RepeatedPtrField<v1::RunPosition>& positions) {
  std::vector<Violation> violations;
  std::map<std::string, const v1::RunPosition*> first;
  std::map<std::pair<std::string, std::string>, std::string> spelled;  // first, by well and target
  for (int i = 0; i < positions.size(); ++i) {
    const v1::RunPosition& position = positions[i];
    const std::string well = instrument::MapWell(position.position());
    const v1::RunPosition& other = *first.try_emplace(well, &position).first->second;
    const auto [known, is_new] =
        spelled.try_emplace({well, position.target()}, position.position());
    const bool twice = !is_new && known->second != position.position();
    const bool other_content =
        other.position() != position.position() && other.sample_id() != position.sample_id();
    if (!twice && !other_content) continue;
    violations.push_back({"positions[" + std::to_string(i) + "].position",
                          position.position() + " is the same well as " +
                              (twice ? known->second : other.position()) +
                              ", which is on the map already: write a well in one way"});
  }
  return violations;
}

// What the sample of an attempt lacks on the map. Tests for other purposes than release may leave
// lines out.
Result<std::vector<Violation>> MissingOnMap(
    storage::Records& records, const v1::Method& method, const v1::Attempt& attempt,
    const google::protobuf::RepeatedPtrField<v1::RunPosition>& positions) {
  if (attempt.purpose() != v1::PURPOSE_RELEASE) return std::vector<Violation>();
  LIMS_ASSIGN_OR_RETURN(const auto lot, records.Get<v1::Lot>({attempt.lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records, lot.record));
  LIMS_ASSIGN_OR_RETURN(const auto earlier,
                        records.Shared<v1::Attempt>({attempt.lot_id(), attempt.panel()}));
  const v1::Attempt* repeated = nullptr;
  if (domain::StepOf(attempt) == v1::ATTEMPT_KIND_METHOD_REPEAT) {
    for (const auto& each : *earlier) {
      const bool prescribes =
          each.record.purpose() == attempt.purpose() && !each.record.repeat_because().empty();
      if (!prescribes) continue;
      if (repeated == nullptr || repeated->number() < each.record.number()) repeated = &each.record;
    }
  }
  return assay::CheckSampleOnMap(MethodForLot(method, *specification, lot.record.kind()).record,
                                 positions, attempt.sample_id(), repeated);
}

// Takes off the samples what the run uses up of them, and notes it in their attempts.
Result<std::vector<Violation>> UseUp(storage::Transaction& tx, const v1::CreateRunRequest& request,
                                     std::vector<v1::Attempt>* attempts) {
  std::vector<Violation> refused;
  for (int i = 0; i < request.uses_size(); ++i) {
    const v1::SampleUse& use = request.uses(i);
    const std::string field = "uses[" + std::to_string(i) + "]";
    const auto attempt = std::find_if(attempts->begin(), attempts->end(), [&](const auto& each) {
      return each.sample_id() == use.sample_id();
    });
    if (attempt == attempts->end() || attempt->has_used()) {
      refused.push_back({field + ".sample_id",
                         attempt == attempts->end()
                             ? "sample " + use.sample_id() + " is not on the map"
                             : "sample " + use.sample_id() + " is named twice: give one amount"});
      continue;
    }
    LIMS_ASSIGN_OR_RETURN(auto sample, tx.records().Get<v1::Sample>({use.sample_id()}));
    if (const auto taken = domain::TakePart(use.amount(), field + ".amount", &sample.record);
        !taken) {
      if (taken.error().violations.empty()) return taken.error();
      refused.push_back(taken.error().violations[0]);
      continue;
    }
    *attempt->mutable_used() = use.amount();
    tx.Put(std::move(sample.record));
  }
  return refused;
}

// The version by which the first sample for release on the map is tested.
Result<std::shared_ptr<const v1::Method>> MethodOfRun(storage::Records& records,
                                                      const v1::CreateRunRequest& request,
                                                      TimeUs now, int offset) {
  for (const v1::RunPosition& position : request.positions()) {
    if (position.sample_id().empty()) continue;
    LIMS_ASSIGN_OR_RETURN(const auto sample, records.Find<v1::Sample>({position.sample_id()}));
    if (!sample || sample->record.purpose() != v1::PURPOSE_RELEASE) continue;
    return MethodToUse(records, request.method_id(), sample->record, now, offset);
  }
  return MethodInForce(records, request.method_id(), now, offset);
}

// What is wrong with the request alone.
std::vector<Violation> CheckRequest(const v1::CreateRunRequest& request, TimeUs now) {
  std::vector<Violation> violations;
  std::set<std::string> seen;
  if (request.positions().empty()) {
    violations.push_back({"positions", "a run needs a map with at least one position"});
  }
  if (request.positions_size() > kMaxPositions) {
    violations.push_back({"positions", "a map has at most 2000 positions"});
  }
  for (int i = 0; i < request.positions_size(); ++i) {
    CheckPosition(request.positions(i), i, &seen, &violations);
  }
  CheckContents(request.positions(), &violations);
  if (const auto problem = TextProblem(request.instrument(), kMaxNameBytes)) {
    violations.push_back({"instrument", *problem});
  }
  if (request.started_time().empty()) return violations;
  const Result<TimeUs> started = ParseTime(request.started_time());
  if (!started) {
    violations.push_back({"started_time", WhatIsWrong(started.error())});
  } else if (*started > now) {
    violations.push_back({"started_time", "lies in the future"});
  }
  return violations;
}

// The run, where setup, map and people are what the method asks for.
Result<v1::Run> NewRun(storage::Transaction& tx, const Call& call,
                       const v1::CreateRunRequest& request, const v1::Method& method,
                       const std::optional<ClaimedTime>& late, int offset) {
  std::vector<Violation> refused = CheckRunSetup(assay::MethodForReadings(method), request.setup(),
                                                 request.started_time(), tx.now());
  Append(CheckLateReason(method, late, request.late_reason()), &refused);
  Append(assay::CheckMap(method, request.positions()), &refused);
  if (!method.formats().empty()) Append(CheckWells(request.positions()), &refused);
  v1::Run run;
  auto analysts = Analysts(tx.records(), call, request.analysts());
  if (analysts) {
    run.mutable_analysts()->Assign(analysts->begin(), analysts->end());
  } else if (analysts.error().reason == ErrorReason::kInvalidArgument) {
    Append(std::move(analysts).error().violations, &refused);
  } else {
    return std::move(analysts).error();
  }
  LIMS_ASSIGN_OR_RETURN(auto unknown, AddNamedAnalysts(tx.records(), call, method, request.setup(),
                                                       run.mutable_analysts()));
  Append(std::move(unknown), &refused);
  if (!refused.empty()) return InvalidArguments(std::move(refused));
  run.set_run_id(NewRunId(tx));
  run.set_method_id(method.method_id());
  run.set_method_version(method.version());
  run.set_state(v1::RUN_STATE_OPEN);
  run.set_started_time(InZoneOfSite(request.started_time(), tx.now(), offset));
  run.set_instrument(request.instrument());
  *run.mutable_setup() = request.setup();
  run.set_assay(method.assay());
  run.set_position_count(request.positions_size());
  return run;
}

// The attempts of a new run, one for each sample on its map. What stands in their way is collected,
// so that all of it is named at once.
class NewAttempts {
 public:
  NewAttempts(storage::Transaction& tx, const v1::CreateRunRequest& request,
              const v1::Method& method, const v1::Run& run, int offset)
      : tx_(tx), request_(request), method_(method), run_(run), offset_(offset) {}

  // The sample of a position; positions of one that was added before add nothing.
  Result<void> Add(int position);
  // The attempts with what they use up of their samples, or every refusal.
  Result<std::vector<v1::Attempt>> Take();
  // The lot of a sample that was added.
  const std::string& LotOf(const std::string& sample_id) { return lot_of_[sample_id]; }

 private:
  Result<v1::Attempt> Next(const std::string& sample_id);
  Result<std::string> WhySmaller(const v1::Attempt& attempt);

  storage::Transaction& tx_;
  const v1::CreateRunRequest& request_;
  const v1::Method& method_;
  const v1::Run& run_;
  const int offset_;
  std::vector<v1::Attempt> attempts_;
  std::vector<Violation> missing_;             // of records
  std::vector<Violation> refused_;             // of the request
  std::map<std::string, std::string> lot_of_;  // by sample; empty for one that is refused
  std::map<std::string, int> attempts_of_;     // by lot
  std::set<std::string> with_release_sample_;  // lots with a sample for release on the map
};

Result<v1::Attempt> NewAttempts::Next(const std::string& sample_id) {
  storage::Records& records = tx_.records();
  LIMS_ASSIGN_OR_RETURN(const auto sample, records.Get<v1::Sample>({sample_id}));
  LIMS_ASSIGN_OR_RETURN(const auto lot, records.Get<v1::Lot>({sample.record.lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto own, MethodToUse(records, request_.method_id(), sample.record,
                                                    tx_.now(), offset_));
  if (sample.record.purpose() == v1::PURPOSE_RELEASE && own->version() != method_.version()) {
    return WrongState("lot " + lot.record.lot_id() + " is tested by version " +
                      std::to_string(own->version()) + " of method " + own->method_id() +
                      ", another lot on the map by version " + std::to_string(method_.version()) +
                      ": a plan or repeat goes on under the version that it began with; "
                      "create a run for each");
  }
  TestMoment moment = MomentOf(request_.started_time(), tx_.now(), offset_,
                               {run_.analysts().begin(), run_.analysts().end()});
  moment.begins = request_.started_time().empty();
  return NextAttempt(records, method_, sample.record, lot.record, moment);
}

Result<std::string> NewAttempts::WhySmaller(const v1::Attempt& attempt) {
  const auto vessels = std::count_if(
      request_.positions().begin(), request_.positions().end(), [&](const auto& position) {
        return position.sample_id() == attempt.sample_id() && position.omit_reason().empty();
      });
  const auto use = std::find_if(
      request_.uses().begin(), request_.uses().end(),
      [&](const v1::SampleUse& each) { return each.sample_id() == attempt.sample_id(); });
  return WhySmallerThanFirst(tx_.records(), method_, attempt, static_cast<int>(vessels),
                             use == request_.uses().end() ? v1::MeasuredValue() : use->amount());
}

Result<void> NewAttempts::Add(int position) {
  const std::string& sample_id = request_.positions(position).sample_id();
  if (sample_id.empty() || lot_of_.contains(sample_id)) return {};
  const std::string field = "positions[" + std::to_string(position) + "].sample_id";
  Result<v1::Attempt> next = Next(sample_id);
  if (!next) {
    const Error& error = next.error();
    if (error.violations.empty()) missing_.push_back({field, error.message});
    for (const Violation& each : error.violations) missing_.push_back({field, each.description});
    lot_of_[sample_id] = "";
    return {};
  }
  v1::Attempt& attempt = attempts_.emplace_back(*std::move(next));
  lot_of_[sample_id] = attempt.lot_id();
  attempt.set_run_id(run_.run_id());
  *attempt.mutable_analysts() = run_.analysts();
  // Other samples of a lot may stand beside its sample for release.
  attempt.set_number(attempt.number() + attempts_of_[attempt.lot_id()]++);
  if (attempt.purpose() == v1::PURPOSE_RELEASE &&
      !with_release_sample_.insert(attempt.lot_id()).second) {
    missing_.push_back(
        {field, "the map has another sample for release of lot " + attempt.lot_id() +
                    ": a run tests one; plan what is to be compared with another purpose"});
  }
  LIMS_ASSIGN_OR_RETURN(auto lacks,
                        MissingOnMap(tx_.records(), method_, attempt, request_.positions()));
  Append(std::move(lacks), &refused_);
  LIMS_ASSIGN_OR_RETURN(std::string smaller, WhySmaller(attempt));
  if (!smaller.empty()) missing_.push_back({field, std::move(smaller)});
  LIMS_ASSIGN_OR_RETURN(auto stale, StaleSetup(tx_.records(), method_, attempt, request_.setup()));
  Append(std::move(stale), &missing_);
  return {};
}

Result<std::vector<v1::Attempt>> NewAttempts::Take() {
  if (attempts_.empty() && missing_.empty()) {
    missing_.push_back({"positions", "no position holds a sample"});
  }
  if (!missing_.empty()) return WrongStates(std::move(missing_));
  LIMS_ASSIGN_OR_RETURN(auto uses, UseUp(tx_, request_, &attempts_));
  Append(std::move(uses), &refused_);
  if (!refused_.empty()) return InvalidArguments(std::move(refused_));
  return std::move(attempts_);
}

}  // namespace

Result<Plan> CreateRun(Site& site, const Call& call, const v1::CreateRunRequest& request) {
  auto violations = CheckRequest(request, site.clock().Now());
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_CREATE_RUN;
  plan.reason.set_text(request.late_reason());
  plan.run = [call, request, offset = site.record().zone_offset_minutes()](
                 storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(const auto method, MethodOfRun(tx.records(), request, tx.now(), offset));
    const std::optional<ClaimedTime> late =
        LateClaim(*method, request.started_time(), request.setup(), true, tx.now());
    LIMS_ASSIGN_OR_RETURN(const v1::Run run, NewRun(tx, call, request, *method, late, offset));
    tx.Put(run);
    NewAttempts made(tx, request, *method, run, offset);
    for (int i = 0; i < request.positions_size(); ++i) LIMS_RETURN_IF_ERROR(made.Add(i));
    LIMS_ASSIGN_OR_RETURN(std::vector<v1::Attempt> attempts, made.Take());
    for (v1::RunPosition position : request.positions()) {
      position.set_run_id(run.run_id());
      position.set_lot_id(made.LotOf(position.sample_id()));
      tx.Put(std::move(position));
    }
    for (v1::Attempt& attempt : attempts) {
      if (late) {
        *attempt.mutable_late_entry() = LateEntryOf(*late, request.late_reason(), tx.now(), offset);
      }
      tx.Put(std::move(attempt));
    }
    return {};
  };
  return plan;
}

}  // namespace lims::app
