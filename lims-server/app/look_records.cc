#include "app/look_records.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "app/call.h"
#include "assay/registry.h"
#include "domain/segregation.h"
#include "storage/runs.h"

namespace lims::app {
namespace {

bool Names(const v1::Run& run, const std::string& sha256) {
  return std::any_of(run.raw_files().begin(), run.raw_files().end(),
                     [&](const v1::RawFile& file) { return file.sha256() == sha256; });
}

Result<bool> SubmittedBefore(storage::Records& records, const v1::Attempt& open,
                             const std::string& sha256) {
  LIMS_ASSIGN_OR_RETURN(const auto attempts,
                        records.List<v1::Attempt>({open.lot_id(), open.panel()}));
  for (const auto& attempt : attempts) {
    if (attempt.record.purpose() != open.purpose()) continue;
    LIMS_ASSIGN_OR_RETURN(const auto run, records.Get<v1::Run>({attempt.record.run_id()}));
    if (Names(run.record, sha256)) return true;
  }
  return false;
}

// Whether what was judged before and what is to be judged now, from the same bytes, cannot be two
// measurements.
bool IsSameMeasurement(const v1::Attempt& now, const v1::Attempt& before) {
  if (before.panel() != now.panel()) return false;
  if (before.lot_id() == now.lot_id()) return true;
  const auto calculates_again = [](const v1::Attempt& attempt) {
    return attempt.purpose() == v1::PURPOSE_VALIDATION || attempt.purpose() == v1::PURPOSE_TRAINING;
  };
  return !calculates_again(now) && !calculates_again(before);
}

// Runs in which the lots' panel, or for data of an instrument any other lot's, was judged from the
// file. Typed lists of two lots may be alike by chance.
Result<std::vector<std::string>> RunsToCompare(storage::Transaction& tx, const v1::Method& method,
                                               const std::vector<v1::Attempt>& attempts,
                                               const v1::RawFile& file) {
  if (!assay::TakesTypedValues(method)) return storage::RunsOfFile(tx.db(), file.sha256());
  std::set<std::string> runs;
  for (const v1::Attempt& attempt : attempts) {
    LIMS_ASSIGN_OR_RETURN(const auto others,
                          tx.records().List<v1::Attempt>({attempt.lot_id(), attempt.panel()}));
    for (const auto& other : others) runs.insert(other.record.run_id());
  }
  return std::vector<std::string>(runs.begin(), runs.end());
}

bool IsSame(const v1::Look& known, const v1::Look& look) {
  return known.run_id() == look.run_id() && known.user_id() == look.user_id() &&
         known.content_sha256() == look.content_sha256() && known.assay() == look.assay();
}

}  // namespace

Result<void> RecordLooks(storage::Transaction& tx, const std::string& user_id,
                         int zone_offset_minutes, const Looked& looked) {
  storage::Records& records = tx.records();
  LIMS_ASSIGN_OR_RETURN(const auto open_runs, storage::OpenRuns(tx.db()));
  std::map<std::string, int> newest;  // number of the lot's newest look
  for (const std::string& run_id : open_runs) {
    LIMS_ASSIGN_OR_RETURN(const auto run, records.Get<v1::Run>({run_id}));
    LIMS_ASSIGN_OR_RETURN(
        const auto method,
        records.Get<v1::Method>({run.record.method_id(), run.record.method_version()}));
    // Values copied from a document have no data of their own.
    if (run.record.position_count() == 0 || !looked.concerns(run.record, method.record)) continue;
    LIMS_ASSIGN_OR_RETURN(const auto attempts, records.ListBy<v1::Attempt>("run_id", run_id));
    std::set<std::string> seen;  // lots, some with several samples on the run
    for (const auto& attempt : attempts) {
      const std::string& lot_id = attempt.record.lot_id();
      LIMS_ASSIGN_OR_RETURN(const bool submitted,
                            SubmittedBefore(records, attempt.record, looked.content_sha256));
      if (submitted) continue;
      v1::Look look;
      look.set_lot_id(lot_id);
      look.set_user_id(user_id);
      look.set_time(FormatLocal(tx.now(), zone_offset_minutes));
      look.set_assay(looked.assay);
      look.set_content_sha256(looked.content_sha256);
      look.set_outcome(looked.outcome);
      look.set_run_id(run_id);
      LIMS_ASSIGN_OR_RETURN(const auto known, records.List<v1::Look>({lot_id}));
      if (std::any_of(known.begin(), known.end(),
                      [&](const auto& each) { return IsSame(each.record, look); }) ||
          !seen.insert(lot_id).second) {
        continue;
      }
      int& number = newest.try_emplace(lot_id, static_cast<int>(known.size())).first->second;
      look.set_number(++number);
      tx.Put(std::move(look));
    }
  }
  return {};
}

Result<void> MarkSubmitted(storage::Transaction& tx, const v1::Attempt& attempt,
                           const v1::Run& run) {
  if (run.raw_files().empty()) return {};
  LIMS_ASSIGN_OR_RETURN(auto looks, tx.records().List<v1::Look>({attempt.lot_id()}));
  for (auto& look : looks) {
    if (!look.record.submitted_run_id().empty() || !Names(run, look.record.content_sha256())) {
      continue;
    }
    LIMS_ASSIGN_OR_RETURN(const auto open,
                          tx.records().ListBy<v1::Attempt>("run_id", look.record.run_id()));
    const bool same_test = std::any_of(open.begin(), open.end(), [&](const auto& each) {
      return each.record.lot_id() == attempt.lot_id() && each.record.panel() == attempt.panel() &&
             each.record.purpose() == attempt.purpose();
    });
    if (!same_test) continue;
    look.record.set_submitted_run_id(run.run_id());
    tx.Put(std::move(look.record));
  }
  return {};
}

Result<void> RefuseSameData(storage::Transaction& tx, const v1::Method& method, const v1::Run& run,
                            const std::vector<v1::Attempt>& attempts) {
  storage::Records& records = tx.records();
  for (const v1::RawFile& file : run.raw_files()) {
    LIMS_ASSIGN_OR_RETURN(const auto runs, RunsToCompare(tx, method, attempts, file));
    for (const std::string& run_id : runs) {
      LIMS_ASSIGN_OR_RETURN(const auto earlier, records.Get<v1::Run>({run_id}));
      if (run_id == run.run_id() || !Names(earlier.record, file.sha256())) continue;
      LIMS_ASSIGN_OR_RETURN(const auto judged, records.ListBy<v1::Attempt>("run_id", run_id));
      for (const v1::Attempt& attempt : attempts) {
        const auto same = std::find_if(judged.begin(), judged.end(), [&](const auto& each) {
          return IsSameMeasurement(attempt, each.record);
        });
        if (same == judged.end()) continue;
        return InvalidArgument(
            "files",
            file.file_name() + " was submitted in run " + run_id + " already, as attempt " +
                std::to_string(same->record.number()) + " of " + attempt.panel() + " of lot " +
                same->record.lot_id() + ": " +
                (same->record.lot_id() == attempt.lot_id()
                     ? "another attempt is another measurement"
                     : "it judges the lots on the map of that run, not lot " + attempt.lot_id()) +
                "; see it with lims run show " + run_id);
      }
    }
  }
  return {};
}

Result<Plan> ClearLook(Site&, const Call& call, const v1::ClearLookRequest& request) {
  LIMS_RETURN_IF_ERROR(RequireReason("reason", request.reason()));
  Plan plan;
  plan.act = v1::ACT_CLEAR_LOOK;
  plan.reason.set_text(request.reason());
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto look,
                          tx.records().Get<v1::Look>({request.lot_id(), request.number()}));
    const std::string name =
        "look " + std::to_string(request.number()) + " of lot " + request.lot_id();
    if (!look.record.submitted_run_id().empty()) {
      return WrongState(name + " was submitted in run " + look.record.submitted_run_id() +
                        ", which answers it: there is nothing to clear; see the others with lims "
                        "lot show");
    }
    if (!look.record.cleared_by().empty()) {
      return WrongState(name + " was cleared already, by " + look.record.cleared_by() +
                        ": see the others with lims lot show");
    }
    if (const auto conflict = domain::LookConflict(look.record.user_id(), call.user_id)) {
      return MakeError(ErrorReason::kSegregation, *conflict);
    }
    LIMS_ASSIGN_OR_RETURN(const auto run, tx.records().Get<v1::Run>({look.record.run_id()}));
    if (run.record.state() == v1::RUN_STATE_OPEN) {
      return WrongState("run " + look.record.run_id() +
                        " is still open and the data may come: it is submitted or aborted first, "
                        "then the look is cleared");
    }
    look.record.set_cleared_by(call.user_id);
    look.record.set_clear_reason(request.reason());
    tx.Put(std::move(look.record));
    return {};
  };
  return plan;
}

}  // namespace lims::app
