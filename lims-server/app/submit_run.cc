// Submitting a planned run: its readings, or its raw files.
#include "app/submit_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/attempt_results.h"
#include "app/file_names.h"
#include "app/judging.h"
#include "app/kept_files.h"
#include "app/late_entry.h"
#include "app/look_records.h"
#include "app/run_input.h"
#include "app/run_rules.h"
#include "app/second_entry.h"
#include "app/system_holds.h"
#include "app/typed_results.h"
#include "assay/entries.h"
#include "assay/observation.h"
#include "assay/registry.h"
#include "assay/setup.h"
#include "base/csv.h"
#include "base/encoding.h"
#include "base/message_limits.h"
#include "base/sha256.h"
#include "base/text.h"
#include "instrument/registry.h"
#include "instrument/statements.h"
#include "storage/log.h"

namespace lims::app {
namespace {

// Everything a run is judged from, read on one snapshot; facts are pinned in the attempts.
struct RunToSubmit {
  std::int64_t etag = 0;
  std::vector<std::int64_t> attempt_etags;  // in the order of the attempts
  RunRecords records;
};

Result<std::vector<std::int64_t>> AttemptEtags(storage::Records& records,
                                               const std::string& run_id) {
  LIMS_ASSIGN_OR_RETURN(const auto attempts, records.ListBy<v1::Attempt>("run_id", run_id));
  std::vector<std::int64_t> etags;
  for (const auto& attempt : attempts) etags.push_back(attempt.etag);
  return etags;
}

Result<RunToSubmit> LoadRunToSubmit(storage::Records& records, const std::string& run_id) {
  RunToSubmit open;
  LIMS_ASSIGN_OR_RETURN(const auto run, records.Get<v1::Run>({run_id}));
  if (run.record.state() != v1::RUN_STATE_OPEN) return NotOpen(run.record, "submitted");
  if (run.record.position_count() == 0) return WaitsForSecondEntry(run.record);
  open.etag = run.etag;
  LIMS_ASSIGN_OR_RETURN(open.records, LoadRun(records, run_id));
  LIMS_ASSIGN_OR_RETURN(open.attempt_etags, AttemptEtags(records, run_id));
  for (v1::Attempt& attempt : open.records.attempts) {
    LIMS_RETURN_IF_ERROR(PinFacts(records, open.records.method, &attempt));
  }
  return open;
}

// Whether a reading came, or an attempt changed, since the run was loaded.
Result<bool> HasChanged(storage::Records& records, const RunToSubmit& open) {
  const std::string& run_id = open.records.run.run_id();
  LIMS_ASSIGN_OR_RETURN(const auto readings, records.List<v1::Reading>({run_id}));
  LIMS_ASSIGN_OR_RETURN(const auto etags, AttemptEtags(records, run_id));
  return readings.size() != open.records.readings.size() || etags != open.attempt_etags;
}

// A raw file of the request, its bytes at hand.
struct SubmittedFile {
  v1::RawFile record;
  std::string bytes;  // empty when it was uploaded before
};

// "method M-TERT takes quantstudio_text, cq_csv"
std::string FormatsOf(const v1::Method& method) {
  const auto& formats = method.formats();
  return fmt::format("method {} takes {}", method.method_id(),
                     formats.empty() ? "no file" : fmt::format("{}", fmt::join(formats, ", ")));
}

// The importer for file `index` of the request, of a format that the method takes.
Result<const instrument::Importer*> ImporterFor(const v1::Method& method,
                                                const v1::RawFileContent& content,
                                                std::string_view bytes, int index) {
  const std::string field = "files[" + std::to_string(index) + "]";
  const std::string name =
      content.file_name().empty() ? "the file" : QuotedForMessage(content.file_name());
  if (bytes.empty()) {
    return InvalidArgument(field, name + " is empty; " + FormatsOf(method) + ": export it again");
  }
  auto importer = instrument::FindImporter(content.format(), bytes, content.file_name());
  if (!importer && importer.error().reason == ErrorReason::kUnimplementedFormat) {
    std::string text = name + " is in no format that is read here; " + FormatsOf(method);
    return MakeError(ErrorReason::kUnimplementedFormat, text, {{field, text}});
  }
  if (!importer) {
    Error error = std::move(importer).error();
    for (Violation& violation : error.violations) violation.field = field + "." + violation.field;
    return InvalidArguments(std::move(error.violations));
  }
  if (std::find(method.formats().begin(), method.formats().end(), (*importer)->format) ==
      method.formats().end()) {
    return InvalidArgument(
        field, name + " is " + std::string((*importer)->format) + "; " + FormatsOf(method));
  }
  return importer;
}

Result<SubmittedFile> ReadRawFile(storage::Records& records, const v1::Method& method,
                                  const v1::RawFileContent& content, int index, v1::RawData* data) {
  if (const auto problem = TextProblem(content.file_name(), kMaxNameBytes)) {
    return InvalidArgument("files[" + std::to_string(index) + "].file_name", *problem);
  }
  if (!content.sha256().empty() && !content.content().empty()) {
    return InvalidArgument("files[" + std::to_string(index) + "]",
                           "has a content and the SHA-256 of an upload: give one of them");
  }
  SubmittedFile file;
  std::string bytes = content.content();
  if (bytes.size() > kMaxInlineFileBytes) {
    return MakeError(ErrorReason::kTooLarge, "a file above 64 KiB is uploaded first");
  }
  if (!content.sha256().empty()) {
    LIMS_ASSIGN_OR_RETURN(const auto size, UploadedSize(records.db(), content.sha256()));
    if (!size) return NotFound("file with SHA-256 " + content.sha256());
    LIMS_ASSIGN_OR_RETURN(bytes, storage::GetBlob(records.db(), content.sha256()));
  } else {
    file.bytes = bytes;
  }
  file.record.set_sha256(HexEncode(Sha256(bytes)));
  file.record.set_file_name(content.file_name());
  file.record.set_size_bytes(static_cast<std::int64_t>(bytes.size()));
  LIMS_ASSIGN_OR_RETURN(const instrument::Importer* importer,
                        ImporterFor(method, content, bytes, index));
  LIMS_ASSIGN_OR_RETURN(*data, importer->parse(bytes));
  file.record.set_format(std::string(importer->format));
  file.record.set_parser_version(std::string(importer->version));
  return file;
}

struct SubmittedFiles {
  std::vector<SubmittedFile> files;
  std::vector<instrument::ParsedFile> parsed;
};

// What problems call a file among several.
std::string LabelOf(const v1::RawFileContent& content, int index) {
  const std::string label = "file " + std::to_string(index + 1);
  const std::string& name = content.file_name();
  return name.empty() || TextProblem(name, 100) ? label : label + " (" + name + ")";
}

// Reads every file, so that the problems of all of them are named at once.
Result<SubmittedFiles> ReadRawFiles(
    storage::Records& records, const v1::Method& method,
    const google::protobuf::RepeatedPtrField<v1::RawFileContent>& contents) {
  SubmittedFiles read;
  FileProblems problems;
  for (int i = 0; i < contents.size(); ++i) {
    instrument::ParsedFile parsed;
    if (contents.size() > 1) parsed.label = LabelOf(contents[i], i);
    Result<SubmittedFile> file = ReadRawFile(records, method, contents[i], i, &parsed.data);
    if (!file) {
      Error error = std::move(file).error();
      if (contents.size() == 1) return error;
      if (error.reason != ErrorReason::kInvalidArgument) {
        error.message = parsed.label + ": " + error.message;
        return error;
      }
      for (Violation& violation : error.violations) {
        std::string place = violation.field == "file"
                                ? parsed.label
                                : instrument::PlaceIn(parsed.label, violation.field);
        if (violation.field.starts_with("files[")) place = violation.field;
        problems.Add(std::move(place), std::move(violation.description));
      }
      continue;
    }
    read.files.push_back(*std::move(file));
    read.parsed.push_back(std::move(parsed));
  }
  if (!problems.empty()) return std::move(problems).ToError();
  return read;
}

// The rules by which points are left out are those of the method.
std::vector<Violation> CheckExclusionReasons(const v1::SubmitRunRequest& request) {
  std::vector<Violation> violations;
  for (int i = 0; i < request.exclusions_size(); ++i) {
    const auto stated = RequireReason("exclusions[" + std::to_string(i) + "].reason",
                                      request.exclusions(i).reason());
    if (!stated) violations.push_back(stated.error().violations[0]);
  }
  return violations;
}

// Why a moment that the hours count from, declared with the data, cannot be it; empty when it can.
std::string ContradictedByReading(const RunRecords& records, const v1::NamedValue& declared) {
  const Result<TimeUs> from = ParseTime(declared.value());
  if (declared.name() != records.method.observation().from() || !from) return "";
  for (const v1::Reading& reading : records.readings) {
    const Result<TimeUs> observed = ParseTime(reading.observed_time());
    if (!observed || *observed >= *from) continue;
    return declared.name() + " lies after reading " + std::to_string(reading.number()) +
           ", which was observed at " + reading.observed_time();
  }
  return "";
}

// Setup values that come with the data; those of the map stand.
std::vector<Violation> CheckFurtherSetup(const RunRecords& records,
                                         const v1::SubmitRunRequest& request, TimeUs now) {
  const v1::Run& run = records.run;
  std::vector<Violation> violations = CheckRunSetup(assay::MethodForReadings(records.method),
                                                    request.setup(), run.started_time(), now);
  for (int i = 0; i < request.setup_size(); ++i) {
    const std::string& name = request.setup(i).name();
    const std::string field = "setup[" + std::to_string(i) + "].";
    if (std::any_of(run.setup().begin(), run.setup().end(),
                    [&](const v1::NamedValue& known) { return known.name() == name; })) {
      violations.push_back({field + "name", name + " was declared when the run was created"});
    }
    if (std::string why = ContradictedByReading(records, request.setup(i)); !why.empty()) {
      violations.push_back({field + "value", std::move(why)});
    }
  }
  return violations;
}

// A run about to be submitted, as one snapshot shows it.
struct Submission {
  RunToSubmit open;
  SubmittedFiles files;
  FileProblems names;                  // of wells, that are other samples'
  std::vector<Violation> no_analysts;  // names in the setup that are none
  TimeUs logged = 0;                   // time of the log's newest event
};

Result<Submission> LoadSubmission(storage::Records& records, const Call& call,
                                  const v1::SubmitRunRequest& request) {
  // Before anything of the run or the file is told.
  LIMS_RETURN_IF_ERROR(RoleForRead(records, call));
  Submission submission;
  LIMS_ASSIGN_OR_RETURN(submission.logged, storage::NewestTime(records.db()));
  LIMS_ASSIGN_OR_RETURN(submission.open, LoadRunToSubmit(records, request.run_id()));
  RunRecords& judged = submission.open.records;
  LIMS_ASSIGN_OR_RETURN(submission.files, ReadRawFiles(records, judged.method, request.files()));
  LIMS_ASSIGN_OR_RETURN(submission.names,
                        NamesOfOthers(records, judged.positions, submission.files.parsed));
  auto setup = judged.run.setup();
  setup.MergeFrom(request.setup());
  LIMS_RETURN_IF_ERROR(RequireOtherSetup(records, judged.method, judged.attempts, setup));
  LIMS_ASSIGN_OR_RETURN(submission.no_analysts,
                        AddNamedAnalysts(records, call, judged.method, request.setup(),
                                         judged.run.mutable_analysts()));
  return submission;
}

// Readings are not mixed with a file, and a method that reads files needs one.
Result<void> RequireItsKindOfData(const RunRecords& records, bool with_files) {
  if (!with_files) return RefuseWithoutFile(records.run, records.method);
  if (records.readings.empty() || !assay::TakesTypedValues(records.method)) return {};
  return WrongState("run " + records.run.run_id() + " has " +
                    std::to_string(records.readings.size()) +
                    " readings, which are what is judged: submit it without files");
}

// What the calculator gets; refused unless it is complete.
Result<v1::AssayInput> CompleteInput(Submission& submission, int zone_offset_minutes) {
  const RunRecords& records = submission.open.records;
  const auto& positions = records.positions;
  LIMS_ASSIGN_OR_RETURN(PlacedInput placed, RunInput(records, submission.files.parsed));
  if (!submission.names.empty()) return std::move(submission.names).ToError();
  v1::AssayInput& input = placed.input;
  auto violations = assay::CheckData(records.method, input.data(), placed.places);
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  if (submission.files.files.empty()) {
    LIMS_RETURN_IF_ERROR(RefuseUnfinished(
        "run " + records.run.run_id(), assay::Unfinished(input, positions, zone_offset_minutes)));
  }
  violations = assay::SetupToDeclare(assay::MethodForReadings(records.method), input, positions);
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  return std::move(input);
}

void RecordComputation(const v1::Computation& computation, RunRecords* records) {
  for (v1::Attempt& attempt : records->attempts) {
    *attempt.mutable_analysts() = records->run.analysts();
    const auto sample =
        std::find_if(computation.samples().begin(), computation.samples().end(),
                     [&](const auto& each) { return each.sample_id() == attempt.sample_id(); });
    if (sample != computation.samples().end()) {
      RecordSampleFindings(*sample, &attempt);
    } else {
      attempt.set_outcome(v1::OUTCOME_ABORTED);
      attempt.set_abort_reason("every position of the sample was omitted");
    }
  }
}

// Inside the transaction: the run and its attempts are still what was judged.
Result<void> RequireUnchanged(storage::Records& records, const RunToSubmit& open) {
  LIMS_ASSIGN_OR_RETURN(const auto now, records.Get<v1::Run>({open.records.run.run_id()}));
  LIMS_ASSIGN_OR_RETURN(const bool changed, HasChanged(records, open));
  if (now.etag == open.etag && !changed) return {};
  return MakeError(ErrorReason::kChanged, "the run changed meanwhile");
}

Result<void> KeepFiles(storage::Transaction& tx, const std::vector<SubmittedFile>& files) {
  for (const SubmittedFile& file : files) {
    if (!file.bytes.empty()) {
      tx.PutBlob(file.record.sha256(), file.bytes);
      continue;
    }
    LIMS_ASSIGN_OR_RETURN(const bool present, storage::HasBlob(tx.db(), file.record.sha256()));
    if (!present) return MakeError(ErrorReason::kChanged, "an uploaded file has gone meanwhile");
  }
  return {};
}

// Puts the attempt with what follows from it: results, holds, a conditional release that fails.
Result<void> PutJudged(storage::Transaction& tx, const RunRecords& judged,
                       const v1::Computation& computation, const v1::Attempt& attempt,
                       SystemHolds* holds) {
  v1::Attempt decided = attempt;
  LIMS_RETURN_IF_ERROR(PinFacts(tx.records(), judged.method, &decided));
  if (decided.SerializeAsString() != attempt.SerializeAsString()) {
    return MakeError(ErrorReason::kChanged, "a fact of the lot changed meanwhile");
  }
  LIMS_ASSIGN_OR_RETURN(const auto lot, tx.records().GetShared<v1::Lot>({attempt.lot_id()}));
  LIMS_ASSIGN_OR_RETURN(const auto specification, SpecificationOf(tx.records(), lot->record));
  if (attempt.purpose() == v1::PURPOSE_RELEASE) {
    LIMS_RETURN_IF_ERROR(RequireFacts(judged.method, *specification, lot->record, decided));
  }
  const auto source =
      judged.run.raw_files().empty() ? v1::RESULT_SOURCE_DIRECT : v1::RESULT_SOURCE_INSTRUMENT_FILE;
  for (const v1::SampleComputation& sample : computation.samples()) {
    if (sample.sample_id() != attempt.sample_id()) continue;
    LIMS_ASSIGN_OR_RETURN(const auto results,
                          ResultsOfAttempt(tx.records(), judged.method, lot->record, sample,
                                           *specification, source, &decided));
    for (const v1::Result& result : results) tx.Put(result);
    LIMS_RETURN_IF_ERROR(FailConditional(tx, attempt.lot_id(), results));
    LIMS_RETURN_IF_ERROR(holds->AddResults(*specification, results, judged.run.run_id()));
    LIMS_RETURN_IF_ERROR(holds->AddUnexpected(judged.method, attempt));
  }
  tx.Put(std::move(decided));
  return {};
}

}  // namespace

Result<Plan> SubmitRun(Site& site, const Call& call, const v1::SubmitRunRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const bool recorded, site.WasRecorded(call.user_id, request.request_id()));
  if (recorded) return AlreadyRecorded();
  LIMS_ASSIGN_OR_RETURN(auto submission, site.store().Read([&](storage::Records& records) {
    return LoadSubmission(records, call, request);
  }));
  RunRecords& records = submission.open.records;
  v1::Run& run = records.run;
  const int offset = site.record().zone_offset_minutes();
  // As the log will tell it: a clock that was set back makes nothing younger.
  const TimeUs entered = std::max(submission.logged, site.clock().Now());
  auto violations = CheckFurtherSetup(records, request, entered);
  const std::optional<ClaimedTime> late = LateDeclaration(records.method, request.setup(), entered);
  Append(CheckLateReason(records.method, late, request.late_reason()), &violations);
  Append(std::move(submission.no_analysts), &violations);
  Append(CheckExclusionReasons(request), &violations);
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  LIMS_RETURN_IF_ERROR(RequireItsKindOfData(records, !request.files().empty()));
  run.mutable_setup()->MergeFrom(request.setup());
  *run.mutable_exclusions() = request.exclusions();
  LIMS_ASSIGN_OR_RETURN(const v1::AssayInput input, CompleteInput(submission, offset));
  const v1::Computation computation = assay::Compute(input);

  run.set_state(v1::RUN_STATE_SUBMITTED);
  RecordRunFindings(computation, &run);
  run.set_input_sha256(InputDigest(input));
  for (const SubmittedFile& file : submission.files.files) *run.add_raw_files() = file.record;
  for (const instrument::ParsedFile& file : submission.files.parsed) {
    for (const std::string& flag : instrument::StatementFlags(file.data)) run.add_flags(flag);
  }
  AddPerson(call.user_id, run.mutable_analysts());
  RecordComputation(computation, &records);
  if (late) {
    const v1::LateEntry entry = LateEntryOf(*late, request.late_reason(), entered, offset);
    for (v1::Attempt& attempt : records.attempts) AddLateEntry(entry, &attempt);
  }

  Plan plan;
  plan.act = v1::ACT_SUBMIT_RUN;
  plan.reason.set_text(request.late_reason());
  plan.run = [submission = std::move(submission),
              computation](storage::Transaction& tx) -> Result<void> {
    const RunRecords& judged = submission.open.records;
    LIMS_RETURN_IF_ERROR(RequireUnchanged(tx.records(), submission.open));
    LIMS_RETURN_IF_ERROR(KeepFiles(tx, submission.files.files));
    tx.Put(judged.run);
    LIMS_RETURN_IF_ERROR(RefuseSameData(tx, judged.method, judged.run, judged.attempts));
    for (const v1::Attempt& attempt : judged.attempts) {
      LIMS_RETURN_IF_ERROR(MarkSubmitted(tx, attempt, judged.run));
    }
    SystemHolds holds(tx);
    for (const v1::Attempt& attempt : judged.attempts) {
      LIMS_RETURN_IF_ERROR(PutJudged(tx, judged, computation, attempt, &holds));
    }
    holds.Put();
    return {};
  };
  return plan;
}

Result<void> StoreRawFile(Site& site, const std::string& sha256, const std::string& bytes) {
  const TimeUs now = site.clock().Now();
  bool present = false;
  LIMS_RETURN_IF_ERROR(site.writer().ExecuteRaw([&](storage::Connection& db) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(present, storage::BeginUpload(db, sha256, now));
    return {};
  }));
  if (present) return {};
  int n = 0;
  for (std::size_t at = 0; at < bytes.size() || n == 0; at += storage::kChunkBytes, ++n) {
    LIMS_RETURN_IF_ERROR(site.writer().ExecuteRaw([&](storage::Connection& db) {
      return storage::PutChunk(db, sha256, n,
                               std::string_view(bytes).substr(at, storage::kChunkBytes));
    }));
  }
  return site.writer().ExecuteRaw([&](storage::Connection& db) {
    return storage::FinishBlob(db, sha256, static_cast<std::int64_t>(bytes.size()), now);
  });
}

}  // namespace lims::app
