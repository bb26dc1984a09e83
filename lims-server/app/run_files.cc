#include "app/run_files.h"

#include <algorithm>

#include "storage/blobs.h"

namespace lims::app {

Result<void> AddRunFiles(storage::Records& records, v1::GetRunResponse* response) {
  const auto add = [response](v1::RunFileRole role, const std::string& lot_id,
                              const v1::RawFile& file) {
    const bool known =
        std::any_of(response->files().begin(), response->files().end(), [&](const auto& other) {
          return other.role() == role && other.lot_id() == lot_id &&
                 other.file().sha256() == file.sha256();
        });
    if (known || file.sha256().empty()) return;
    v1::RunFile* added = response->add_files();
    added->set_role(role);
    added->set_lot_id(lot_id);
    *added->mutable_file() = file;
  };
  for (const v1::RawFile& file : response->run().raw_files()) {
    add(v1::RUN_FILE_ROLE_RAW_DATA, "", file);
  }
  for (const v1::Attempt& attempt : response->attempts()) {
    add(v1::RUN_FILE_ROLE_DOCUMENT, attempt.lot_id(), attempt.document().file());
    LIMS_ASSIGN_OR_RETURN(const auto amendments, records.List<v1::Amendment>({attempt.lot_id()}));
    for (const auto& amendment : amendments) {
      if (amendment.record.panel() == attempt.panel() &&
          amendment.record.attempt_number() == attempt.number()) {
        add(v1::RUN_FILE_ROLE_EVIDENCE, attempt.lot_id(), amendment.record.evidence());
      }
    }
  }
  return {};
}

Result<v1::ReadRunFileResponse> ReadRunFile(Site&, storage::Records& records,
                                            const v1::ReadRunFileRequest& request) {
  if (request.part() < 0) return InvalidArgument("part", "is counted from 0");
  // Neither map nor readings: they name no file.
  v1::GetRunResponse behind;
  LIMS_ASSIGN_OR_RETURN(auto run, records.Get<v1::Run>({request.run_id()}));
  *behind.mutable_run() = std::move(run.record);
  LIMS_ASSIGN_OR_RETURN(auto attempts, records.ListBy<v1::Attempt>("run_id", request.run_id()));
  for (auto& attempt : attempts) *behind.add_attempts() = std::move(attempt.record);
  LIMS_RETURN_IF_ERROR(AddRunFiles(records, &behind));
  const bool named =
      std::any_of(behind.files().begin(), behind.files().end(),
                  [&](const auto& file) { return file.file().sha256() == request.sha256(); });
  if (!named) {
    return NotFound("file with SHA-256 " + request.sha256() + " behind run " + request.run_id());
  }
  v1::ReadRunFileResponse response;
  LIMS_ASSIGN_OR_RETURN(*response.mutable_chunk(),
                        storage::GetChunk(records.db(), request.sha256(), request.part()));
  return response;
}

}  // namespace lims::app
