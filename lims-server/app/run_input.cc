#include "app/run_input.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "app/judging.h"
#include "assay/entries.h"
#include "assay/exclusions.h"
#include "assay/setup.h"
#include "domain/next_attempt.h"

namespace lims::app {
namespace {

void AddFacts(const v1::Attempt& attempt, v1::AssayInput* input) {
  v1::SampleFacts* facts = input->add_facts();
  facts->set_sample_id(attempt.sample_id());
  *facts->mutable_facts() = attempt.facts();
  facts->set_method_repeat(domain::StepOf(attempt) == v1::ATTEMPT_KIND_METHOD_REPEAT);
  *facts->mutable_lost_controls() = attempt.lost_controls();
}

// The date as the run's start is written, which is in the zone of the site.
void AddStart(const v1::Method& method, const v1::Run& run, v1::AssayInput* input) {
  if (!assay::AsksForExpiry(method)) return;
  input->set_start_date(run.started_time().substr(0, 10));
}

// The n-th reading of a position is its n-th replicate.
void AddReadings(const RunRecords& records, PlacedInput* placed) {
  std::unordered_map<std::string_view, std::vector<const v1::RunPosition*>> at;  // by position
  for (const v1::RunPosition& position : records.positions) {
    at[position.position()].push_back(&position);
  }
  for (const v1::Reading& reading : records.readings) {
    for (const v1::ReadingEntry& entry : reading.entries()) {
      for (const v1::RunPosition* place : at[entry.position()]) {
        const v1::RunPosition& position = *place;
        if (!position.target().empty() && position.target() != entry.target()) continue;
        placed->places.push_back("reading " + std::to_string(reading.number()));
        v1::Datum* datum = placed->input.add_data();
        datum->set_position(position.position());
        datum->set_role(position.role());
        datum->set_sample_id(position.sample_id());
        datum->set_target(entry.target());
        datum->set_replicate(std::to_string(reading.number()));
        *datum->mutable_value() = entry.value();
        datum->set_description(entry.description());
        datum->set_observed_time(reading.observed_time());
        break;
      }
    }
  }
}

}  // namespace

v1::AssayInput TypedValues(const v1::Method& method, const v1::Run& run,
                           const v1::Attempt& attempt) {
  v1::AssayInput input;
  for (v1::Datum& datum : assay::DataOfEntries(method, attempt.entries(), attempt.sample_id())) {
    *input.add_data() = std::move(datum);
  }
  *input.mutable_setup() = run.setup();
  AddStart(method, run, &input);
  // Values copied from a document were measured on its days.
  const auto& performed = attempt.document().performed_dates();
  if (!input.start_date().empty() && !performed.empty()) {
    input.set_start_date(*std::min_element(performed.begin(), performed.end()));
  }
  AddFacts(attempt, &input);
  return input;
}

v1::AssayInput TypedInput(const v1::Method& method, const v1::Run& run,
                          const v1::Attempt& attempt) {
  v1::AssayInput input = TypedValues(method, run, attempt);
  *input.mutable_method() = method;
  return input;
}

LentMethod::LentMethod(const v1::Method& method, v1::AssayInput* input) : input_(*input) {
  input_.unsafe_arena_set_allocated_method(const_cast<v1::Method*>(&method));
}

LentMethod::~LentMethod() {
  (void)input_.unsafe_arena_release_method();
}

Result<RunRecords> LoadRun(storage::Records& records, const std::string& run_id) {
  RunRecords loaded;
  LIMS_ASSIGN_OR_RETURN(auto run, records.Get<v1::Run>({run_id}));
  loaded.run = std::move(run.record);
  LIMS_ASSIGN_OR_RETURN(
      auto method, records.Get<v1::Method>({loaded.run.method_id(), loaded.run.method_version()}));
  loaded.method = std::move(method.record);
  LIMS_ASSIGN_OR_RETURN(auto positions, records.List<v1::RunPosition>({run_id}));
  for (auto& row : positions) loaded.positions.push_back(std::move(row.record));
  LIMS_ASSIGN_OR_RETURN(auto readings, records.List<v1::Reading>({run_id}));
  for (auto& row : readings) loaded.readings.push_back(std::move(row.record));
  LIMS_ASSIGN_OR_RETURN(auto attempts, records.ListBy<v1::Attempt>("run_id", run_id));
  for (auto& row : attempts) loaded.attempts.push_back(std::move(row.record));
  return loaded;
}

Result<RunRecords> LoadOpenRun(storage::Records& records, const std::string& run_id) {
  LIMS_ASSIGN_OR_RETURN(RunRecords run, LoadRun(records, run_id));
  LIMS_RETURN_IF_ERROR(PinOpenFacts(records, &run));
  return run;
}

Result<void> PinOpenFacts(storage::Records& records, RunRecords* run) {
  if (run->method.observation().short_fact().empty()) return {};
  for (v1::Attempt& attempt : run->attempts) {
    LIMS_RETURN_IF_ERROR(PinFacts(records, run->method, &attempt));
  }
  return {};
}

v1::AssayInput ReadSoFar(const RunRecords& records) {
  PlacedInput placed;
  *placed.input.mutable_method() = records.method;
  *placed.input.mutable_setup() = records.run.setup();
  AddStart(records.method, records.run, &placed.input);
  for (const v1::Attempt& attempt : records.attempts) AddFacts(attempt, &placed.input);
  AddReadings(records, &placed);
  return std::move(placed.input);
}

Result<PlacedInput> RunInput(const RunRecords& records,
                             const std::vector<instrument::ParsedFile>& files) {
  PlacedInput placed;
  v1::AssayInput& input = placed.input;
  *input.mutable_method() = records.method;
  *input.mutable_setup() = records.run.setup();
  AddStart(records.method, records.run, &input);
  for (const v1::Attempt& attempt : records.attempts) AddFacts(attempt, &input);
  if (files.empty()) {
    if (!records.run.exclusions().empty()) {
      return InvalidArgument("exclusions", "only points of a raw file are left out");
    }
    AddReadings(records, &placed);
    if (input.data().empty()) {
      return WrongState("run " + records.run.run_id() +
                        " has neither readings nor raw files: record readings with lims run read "
                        "or name the files with --input");
    }
    return placed;
  }
  for (const instrument::ParsedFile& file : files) {
    for (const v1::NamedValue& property : file.data.properties()) {
      *input.add_properties() = property;
    }
  }
  LIMS_ASSIGN_OR_RETURN(auto joined, instrument::JoinWithMap(records.positions, files));
  for (v1::Datum& datum : joined.data) *input.add_data() = std::move(datum);
  placed.places = std::move(joined.places);
  if (auto violations =
          assay::ApplyExclusions(records.method, records.run.exclusions(), input.mutable_data());
      !violations.empty()) {
    return InvalidArguments(std::move(violations));
  }
  return placed;
}

}  // namespace lims::app
