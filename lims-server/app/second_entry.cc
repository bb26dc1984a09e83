#include "app/second_entry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "app/judging.h"
#include "app/kept_files.h"
#include "app/run_rules.h"
#include "app/typed_results.h"
#include "assay/entries.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/sha256.h"
#include "base/text.h"
#include "domain/in_force.h"
#include "domain/segregation.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

constexpr std::size_t kMaxFieldBytes = 200;
constexpr std::size_t kMaxDates = 100;
// Without it the hash of a single value could be guessed.
constexpr std::size_t kSealBytes = 32;

void CheckName(const std::string& field, const std::string& text, const std::string& wanted,
               std::vector<Violation>* violations) {
  if (text.empty()) {
    violations->push_back({field, "must be given: " + wanted});
  } else if (const auto problem = TextProblem(text, kMaxFieldBytes)) {
    violations->push_back({field, *problem});
  }
}

void CheckDates(const v1::SourceDocument& document, TimeUs now, int offset,
                std::vector<Violation>* violations) {
  if (document.performed_dates().empty() ||
      static_cast<std::size_t>(document.performed_dates_size()) > kMaxDates) {
    violations->push_back({"document.performed_dates",
                           "must name the days on which the test was performed: YYYY-MM-DD"});
  }
  const std::string today = LocalDate(now, offset);
  for (int i = 0; i < document.performed_dates_size(); ++i) {
    const std::string& date = document.performed_dates(i);
    const std::string field = "document.performed_dates[" + std::to_string(i) + "]";
    if (!domain::IsDate(date)) {
      violations->push_back({field, "must be a day that exists: YYYY-MM-DD"});
    } else if (date > today) {
      violations->push_back({field, "lies in the future"});
    }
  }
}

using Entries = google::protobuf::RepeatedPtrField<v1::TypedEntry>;

// Digits, qualifier and unit as typed; a description is free text and may be worded otherwise.
bool Agree(const Entries& first, const Entries& second) {
  std::map<std::pair<std::string, int>, std::string> values;
  for (const v1::TypedEntry& entry : first) {
    values[{entry.input(), entry.replicate()}] = entry.value().SerializeAsString();
  }
  return first.size() == second.size() &&
         std::all_of(second.begin(), second.end(), [&](const v1::TypedEntry& entry) {
           const auto found = values.find({entry.input(), entry.replicate()});
           return found != values.end() && found->second == entry.value().SerializeAsString();
         });
}

// What waits, with what it is judged by.
struct Waiting {
  storage::Stored<v1::Attempt> attempt;
  v1::Run run;
  v1::Lot lot;
  std::shared_ptr<const v1::SpecificationText> specification;
  LotMethod method;
};

// The newest attempt that waits for a second entry from the document that is named, or from the
// only one when none is: what is typed is never compared with another.
Result<storage::Stored<v1::Attempt>> WaitingAttempt(
    const v1::ReenterResultRequest& request, const std::string& panel,
    const std::vector<storage::Stored<v1::Attempt>>& attempts) {
  std::set<std::string> waiting;
  std::set<std::string> meant;
  const storage::Stored<v1::Attempt>* found = nullptr;
  for (const auto& each : attempts) {
    const v1::Attempt& attempt = each.record;
    if (!attempt.has_sealed_entries() || attempt.outcome() != v1::OUTCOME_UNSPECIFIED) continue;
    const std::string& report = attempt.document().report_number();
    std::string name = "report " + report + " (sample " + attempt.sample_id() + ")";
    waiting.insert(name);
    if (!request.report_number().empty() && request.report_number() != report) continue;
    if (!request.sample_id().empty() && request.sample_id() != attempt.sample_id()) continue;
    meant.insert(std::move(name));
    found = &each;
  }
  const std::string values = "values of " + panel + " on lot " + request.lot_id();
  if (waiting.empty()) {
    return WrongState("no " + values +
                      " wait for a second entry: see what was recorded with lims result show");
  }
  if (found == nullptr) {
    return WrongState("no " + values +
                      " from the document that was named wait for a second "
                      "entry; these do: " +
                      fmt::format("{}", fmt::join(waiting, ", ")));
  }
  if (meant.size() > 1) {
    return WrongState(values + " from several documents wait for a second entry: " +
                      fmt::format("{}", fmt::join(meant, ", ")) +
                      "; name the one that you type from with --report, and the sample with "
                      "--sample where it has several");
  }
  return *found;
}

Result<Waiting> FindWaiting(storage::Records& records, const v1::ReenterResultRequest& request) {
  Waiting waiting;
  LIMS_ASSIGN_OR_RETURN(auto lot, records.Get<v1::Lot>({request.lot_id()}));
  waiting.lot = std::move(lot.record);
  LIMS_ASSIGN_OR_RETURN(waiting.specification, SpecificationOf(records, waiting.lot));
  std::string method_id;
  LIMS_ASSIGN_OR_RETURN(const std::string panel,
                        PanelOf(*waiting.specification, waiting.lot, request.panel(), &method_id));
  LIMS_ASSIGN_OR_RETURN(const auto attempts, records.List<v1::Attempt>({request.lot_id(), panel}));
  LIMS_ASSIGN_OR_RETURN(waiting.attempt, WaitingAttempt(request, panel, attempts));
  const v1::Attempt& attempt = waiting.attempt.record;
  LIMS_ASSIGN_OR_RETURN(auto run, records.Get<v1::Run>({attempt.run_id()}));
  waiting.run = std::move(run.record);
  LIMS_ASSIGN_OR_RETURN(const auto method,
                        records.Get<v1::Method>({attempt.method_id(), attempt.method_version()}));
  waiting.method =
      MethodForLot(method.record, *waiting.specification, waiting.lot.kind(), attempt.source());
  return waiting;
}

Error Differs(const v1::Attempt& attempt) {
  return WrongState("the second entry of " + attempt.panel() + " on lot " + attempt.lot_id() +
                    " differs from the first: nothing of it is kept. Read report " +
                    attempt.document().report_number() +
                    " and type it again; when it is the first entry that is wrong, the supervisor "
                    "ends it with lims run abort " +
                    attempt.run_id() + " and both type anew");
}

Error Differs(const v1::ExternalCertificate& certificate) {
  return WrongState("the second entry of the certificate of lot " + certificate.lot_id() +
                    " differs from the first: nothing of it is kept. Read the certificate and type "
                    "it again; when it is the first entry that is wrong, it is copied anew with "
                    "lims lot certificate");
}

}  // namespace

Result<v1::RawFile> SealEntry(storage::Transaction& tx, const std::string& field,
                              const google::protobuf::Message& typed) {
  std::string sealed =
      tlog::CanonicalJson(typed) + "\n" + HexEncode(RandomBytes(kSealBytes)) + "\n";
  if (sealed.size() > kMaxSealBytes) {
    return InvalidArgument(field, "holds " + std::to_string(sealed.size()) +
                                      " bytes, more than are kept of one document: " +
                                      std::to_string(kMaxSealBytes) + "; shorten its texts");
  }
  v1::RawFile seal;
  seal.set_sha256(HexEncode(Sha256(sealed)));
  seal.set_size_bytes(static_cast<std::int64_t>(sealed.size()));
  tx.info().fingerprint = storage::SealedFingerprint(tx.info().fingerprint, sealed);
  tx.PutBlob(seal.sha256(), std::move(sealed));
  return seal;
}

Result<void> OpenSeal(storage::Records& records, const v1::RawFile& seal,
                      google::protobuf::Message* typed) {
  LIMS_ASSIGN_OR_RETURN(const std::string bytes, storage::GetBlob(records.db(), seal.sha256()));
  return tlog::ParseCanonicalJson(bytes.substr(0, bytes.find('\n')), typed);
}

bool IsSeal(std::string_view bytes) {
  const std::size_t line = bytes.find('\n');
  return bytes.starts_with('{') && line != std::string_view::npos &&
         bytes.size() == line + 2 + 2 * kSealBytes && bytes.ends_with('\n') &&
         HashFromHex(bytes.substr(line + 1, 2 * kSealBytes)).has_value();
}

bool IsCopied(v1::ResultSource source) {
  return source == v1::RESULT_SOURCE_TRANSCRIBED_PAPER || source == v1::RESULT_SOURCE_CONTRACT_LAB;
}

std::vector<Violation> CheckSource(const v1::SubmitResultRequest& request, TimeUs now,
                                   int zone_offset_minutes) {
  std::vector<Violation> violations;
  if (!IsCopied(request.source())) {
    if (request.source() == v1::RESULT_SOURCE_INSTRUMENT_FILE) {
      violations.push_back(
          {"source", "values of an instrument come with its file: lims run submit"});
    }
    if (request.has_document() || request.has_scan()) {
      violations.push_back({"document",
                            "only values copied from one have it: name the source, "
                            "TRANSCRIBED_PAPER or CONTRACT_LAB"});
    }
    return violations;
  }
  const v1::SourceDocument& document = request.document();
  CheckName("document.issuer", document.issuer(), "who issued the document", &violations);
  CheckName("document.report_number", document.report_number(), "the number of the document",
            &violations);
  CheckDates(document, now, zone_offset_minutes, &violations);
  Append(CheckFile("scan", request.scan()), &violations);
  return violations;
}

std::vector<Violation> CheckPerformed(const v1::SourceDocument& document, const v1::Sample& sample,
                                      int zone_offset_minutes) {
  const auto day = [&](const Result<TimeUs>& time) {
    return time ? LocalDate(*time, zone_offset_minutes) : std::string();
  };
  const std::string taken = day(ParseTime(sample.taken_time()));
  const std::string last = day(domain::ExpiryEnd(sample.use_by(), zone_offset_minutes));
  std::vector<Violation> violations;
  for (int i = 0; i < document.performed_dates_size(); ++i) {
    const std::string& date = document.performed_dates(i);
    const std::string field = "document.performed_dates[" + std::to_string(i) + "]";
    if (date < taken) {
      violations.push_back({field, "lies before sample " + sample.sample_id() + " was taken, " +
                                       sample.taken_time() + ": compare with the document"});
    } else if (!last.empty() && date > last) {
      violations.push_back({field, "lies after the time of sample " + sample.sample_id() +
                                       ", which was to be tested by " + sample.use_by() +
                                       ": plan another with lims sample plan"});
    }
  }
  return violations;
}

Result<void> RecordFirstEntry(storage::Transaction& tx, const Call& call,
                              const v1::SubmitResultRequest& request, v1::Run run,
                              v1::Attempt attempt) {
  LIMS_ASSIGN_OR_RETURN(const v1::RawFile scan, KeepFile(tx, "scan", request.scan()));
  attempt.set_source(request.source());
  *attempt.mutable_document() = request.document();
  *attempt.mutable_document()->mutable_file() = scan;
  attempt.set_entered_by(call.user_id);
  v1::Attempt typed;
  typed.mutable_entries()->Swap(attempt.mutable_entries());
  LIMS_ASSIGN_OR_RETURN(*attempt.mutable_sealed_entries(), SealEntry(tx, "entries", typed));
  attempt.clear_facts();
  attempt.clear_undeclared_facts();
  run.set_state(v1::RUN_STATE_OPEN);
  tx.Put(std::move(run));
  tx.Put(std::move(attempt));
  return {};
}

Result<google::protobuf::RepeatedPtrField<v1::TypedEntry>> FirstEntry(storage::Records& records,
                                                                      const v1::Attempt& attempt) {
  v1::Attempt typed;
  LIMS_RETURN_IF_ERROR(OpenSeal(records, attempt.sealed_entries(), &typed));
  return std::move(*typed.mutable_entries());
}

Error WaitsForSecondEntry(const v1::Run& run) {
  return WrongState("run " + run.run_id() +
                    " holds values copied from a document: a second person types them with lims "
                    "result second");
}

std::optional<Error> RefusalOf(const storage::RecordedAct& act) {
  for (const v1::Event& event : act.events) {
    if (event.act() != v1::ACT_REFUSE_REENTRY) continue;
    for (const v1::Record& record : event.records()) {
      if (record.has_attempt()) return Differs(record.attempt());
      if (record.has_external_certificate()) return Differs(record.external_certificate());
    }
  }
  return std::nullopt;
}

Result<Plan> ReenterResult(Site& site, const Call& call, const v1::ReenterResultRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const bool recorded, site.WasRecorded(call.user_id, request.request_id()));
  if (recorded) return AlreadyRecorded();
  const int offset = site.record().zone_offset_minutes();
  bool agree = false;
  LIMS_ASSIGN_OR_RETURN(
      Waiting waiting, site.store().Read([&](storage::Records& records) -> Result<Waiting> {
        LIMS_RETURN_IF_ERROR(RoleForRead(records, call));
        LIMS_ASSIGN_OR_RETURN(Waiting found, FindWaiting(records, request));
        if (const auto conflict =
                domain::SecondEntryConflict(found.attempt.record.entered_by(), call.user_id)) {
          return MakeError(ErrorReason::kSegregation, *conflict);
        }
        if (auto violations = assay::CheckEntries(found.method.record, request.entries());
            !violations.empty()) {
          return InvalidArguments(std::move(violations));
        }
        LIMS_ASSIGN_OR_RETURN(Entries first, FirstEntry(records, found.attempt.record));
        agree = Agree(first, request.entries());
        if (agree) *found.attempt.record.mutable_entries() = std::move(first);
        return found;
      }));
  Plan plan;
  plan.act = agree ? v1::ACT_REENTER_RESULT : v1::ACT_REFUSE_REENTRY;
  plan.run = [call, waiting = std::move(waiting), agree,
              offset](storage::Transaction& tx) -> Result<void> {
    storage::Records& records = tx.records();
    v1::Attempt attempt = waiting.attempt.record;
    LIMS_ASSIGN_OR_RETURN(
        const auto now,
        records.Get<v1::Attempt>({attempt.lot_id(), attempt.panel(), attempt.number()}));
    if (now.etag != waiting.attempt.etag) {
      return MakeError(ErrorReason::kChanged, "the values changed meanwhile");
    }
    if (!agree) {
      attempt.set_reentries_refused(attempt.reentries_refused() + 1);
      tx.Put(std::move(attempt));
      return {};
    }
    v1::Run run = waiting.run;
    attempt.set_reentered_by(call.user_id);
    AddPerson(call.user_id, attempt.mutable_analysts());
    AddPerson(call.user_id, run.mutable_analysts());
    LIMS_RETURN_IF_ERROR(PinFacts(records, waiting.method.record, &attempt));
    LIMS_ASSIGN_OR_RETURN(auto results,
                          JudgeEntries(records, waiting.method, waiting.lot, *waiting.specification,
                                       offset, &run, &attempt));
    return RecordJudged(tx, waiting.method.record, *waiting.specification, std::move(results),
                        std::move(run), std::move(attempt));
  };
  return plan;
}

}  // namespace lims::app
