#include "app/recompute.h"

#include <algorithm>

#include "app/attempt_results.h"
#include "app/judging.h"
#include "app/run_input.h"
#include "app/typed_results.h"
#include "assay/registry.h"
#include "instrument/registry.h"
#include "storage/blobs.h"

namespace lims::app {
namespace {

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

// What a calculator decides in a run or attempt; the rest is as recorded, also the version of the
// calculator: a later one must come to the same findings from the same method.
bool SameFindings(const v1::Run& recorded, const v1::Computation& computation) {
  v1::Run again = recorded;
  RecordRunFindings(computation, &again);
  again.set_assay_version(recorded.assay_version());
  return Same(recorded, again);
}

bool SameFindings(const v1::Attempt& recorded, const v1::SampleComputation& sample) {
  v1::Attempt again = recorded;
  RecordSampleFindings(sample, &again);
  return Same(recorded, again);
}

class Recomputation {
 public:
  Recomputation(storage::Records& records, std::int64_t* results)
      : records_(records), results_(results) {}

  Result<void> Run(const v1::Run& run) {
    RunRecords stored;
    stored.run = run;
    LIMS_ASSIGN_OR_RETURN(auto method,
                          records_.Get<v1::Method>({run.method_id(), run.method_version()}));
    stored.method = std::move(method.record);
    LIMS_ASSIGN_OR_RETURN(auto attempts, records_.ListBy<v1::Attempt>("run_id", run.run_id()));
    for (auto& attempt : attempts) stored.attempts.push_back(std::move(attempt.record));
    v1::AssayInput input;
    if (run.position_count() == 0) {
      if (stored.attempts.size() != 1) return Differs("run/" + run.run_id());
      LIMS_ASSIGN_OR_RETURN(const auto lot, records_.Get<v1::Lot>({stored.attempts[0].lot_id()}));
      LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records_, lot.record));
      input = TypedInput(MethodForLot(stored.method, *specification, lot.record.kind(),
                                      stored.attempts[0].source())
                             .record,
                         run, stored.attempts[0]);
    } else {
      auto rebuilt = RebuildInput(&stored);
      if (!rebuilt) {
        // A disk that could not be read says nothing about the run.
        if (rebuilt.error().reason == ErrorReason::kUnavailable) return rebuilt.error();
        return Differs("run/" + run.run_id());
      }
      input = std::move(rebuilt->input);
    }
    if (InputDigest(input) != run.input_sha256()) return Differs("run/" + run.run_id());
    const v1::Computation computation = assay::Compute(input);
    if (!SameFindings(run, computation)) LIMS_RETURN_IF_ERROR(Differs("run/" + run.run_id()));
    for (const v1::Attempt& attempt : stored.attempts) {
      LIMS_RETURN_IF_ERROR(Attempt(run, stored.method, attempt, computation));
    }
    return {};
  }

  std::vector<std::string> TakeDiffering() { return std::move(differing_); }

 private:
  Result<void> Differs(std::string name) {
    differing_.push_back(std::move(name));
    return {};
  }

  Result<PlacedInput> RebuildInput(RunRecords* stored) {
    const std::string& run_id = stored->run.run_id();
    LIMS_ASSIGN_OR_RETURN(auto positions, records_.List<v1::RunPosition>({run_id}));
    for (auto& row : positions) stored->positions.push_back(std::move(row.record));
    LIMS_ASSIGN_OR_RETURN(auto readings, records_.List<v1::Reading>({run_id}));
    for (auto& row : readings) stored->readings.push_back(std::move(row.record));
    std::vector<instrument::ParsedFile> files;
    for (const v1::RawFile& file : stored->run.raw_files()) {
      LIMS_ASSIGN_OR_RETURN(const std::string bytes,
                            storage::GetBlob(records_.db(), file.sha256()));
      LIMS_ASSIGN_OR_RETURN(const instrument::Importer* importer,
                            instrument::FindImporter(file.format(), bytes, file.file_name()));
      LIMS_ASSIGN_OR_RETURN(v1::RawData data, importer->parse(bytes));
      files.push_back({"", std::move(data)});
    }
    return RunInput(*stored, files);
  }

  Result<void> Attempt(const v1::Run& run, const v1::Method& method, const v1::Attempt& attempt,
                       const v1::Computation& computation) {
    const auto sample =
        std::find_if(computation.samples().begin(), computation.samples().end(),
                     [&](const auto& each) { return each.sample_id() == attempt.sample_id(); });
    LIMS_ASSIGN_OR_RETURN(const auto stored, records_.List<v1::Result>({attempt.lot_id()}));
    std::vector<const v1::Result*> recorded;
    for (const auto& result : stored) {
      if (result.record.panel() == attempt.panel() &&
          result.record.attempt_number() == attempt.number()) {
        recorded.push_back(&result.record);
      }
    }
    *results_ += static_cast<std::int64_t>(recorded.size());
    if (sample == computation.samples().end()) {
      if (attempt.outcome() == v1::OUTCOME_ABORTED && recorded.empty()) return {};
      return Differs(tlog::NameOf(attempt));
    }
    if (!SameFindings(attempt, *sample)) LIMS_RETURN_IF_ERROR(Differs(tlog::NameOf(attempt)));
    LIMS_ASSIGN_OR_RETURN(const auto lot, records_.Get<v1::Lot>({attempt.lot_id()}));
    LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(records_, lot.record));
    const v1::ResultSource source = SourceOf(run, attempt);
    v1::Attempt repeated = attempt;
    LIMS_ASSIGN_OR_RETURN(const auto again, ResultsOfAttempt(records_, method, lot.record, *sample,
                                                             *specification, source, &repeated));
    if (!Same(repeated, attempt)) LIMS_RETURN_IF_ERROR(Differs(tlog::NameOf(attempt)));
    for (const v1::Result* result : recorded) {
      const auto same = std::find_if(again.begin(), again.end(), [&](const v1::Result& each) {
        return each.line_code() == result->line_code();
      });
      if (same == again.end() || !Same(*same, *result)) {
        LIMS_RETURN_IF_ERROR(Differs(tlog::NameOf(*result)));
      }
    }
    for (const v1::Result& result : again) {
      const bool known = std::any_of(recorded.begin(), recorded.end(), [&](const auto* each) {
        return each->line_code() == result.line_code();
      });
      if (!known) LIMS_RETURN_IF_ERROR(Differs(tlog::NameOf(result)));
    }
    return {};
  }

  storage::Records& records_;
  std::int64_t* results_;
  std::vector<std::string> differing_;
};

}  // namespace

Result<std::vector<std::string>> RecomputeAll(storage::Records& records, std::int64_t* results) {
  LIMS_ASSIGN_OR_RETURN(
      const auto runs,
      records.ListBy<v1::Run>("state", static_cast<std::int64_t>(v1::RUN_STATE_SUBMITTED)));
  Recomputation recomputation(records, results);
  for (const auto& run : runs) LIMS_RETURN_IF_ERROR(recomputation.Run(run.record));
  return recomputation.TakeDiffering();
}

}  // namespace lims::app
