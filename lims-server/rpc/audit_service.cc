#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "app/audit.h"
#include "app/export.h"
#include "base/message_limits.h"
#include "lims/v1/audit_service.grpc.pb.h"
#include "rpc/places.h"
#include "rpc/services.h"

namespace lims::rpc {
namespace {

// A bundle's events and proofs are held in memory until the terminal has taken them, and one of its
// raw files.
Places export_places{2};

// Sends the files of a bundle one after the other; deletes itself.
class Export final : public grpc::ServerWriteReactor<v1::ExportLotResponse> {
 public:
  Export(Adapter& adapter, grpc::CallbackServerContext& context,
         const v1::ExportLotRequest* request)
      : adapter_(adapter) {
    auto call = adapter.Identify(context, "lims.v1.AuditService/ExportLot");
    if (!call) {
      End(ToStatus(call.error()));
      return;
    }
    if (auto checked = Check(*request); !checked) {
      End(ToStatus(checked.error()));
      return;
    }
    if (!place_->held()) {
      End(ToStatus(
          MakeError(ErrorReason::kBusy, "other lots are being exported: try again in a moment")));
      return;
    }
    limit_.emplace(context, adapter.limits().transfer,
                   "the export took longer than the server allows: try again",
                   [place = place_] { place->Free(); });
    const auto begin = [this, request, call = *std::move(call)]() -> Result<void> {
      auto files = app::ExportLot(adapter_.site(), call, *request);
      if (!files) {
        adapter_.site().access_log().NoteRefusal(call, files.error());
        return files.error();
      }
      files_ = *std::move(files);
      return SendNext();
    };
    if (!OnWorker(begin)) {
      End(ToStatus(MakeError(ErrorReason::kBusy, "the server is busy: try again")));
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      End(grpc::Status(grpc::StatusCode::CANCELLED, "the terminal went away"));
      return;
    }
    // What was begun is not given up when no worker is free: then this thread waits for the disk.
    const auto next = [this] { return SendNext(); };
    if (!OnWorker(next)) Run(next);
  }

  void OnDone() override { delete this; }

 private:
  static Result<void> Check(const v1::ExportLotRequest& request) {
    LIMS_RETURN_IF_ERROR(Adapter::CheckRequestId(request.request_id()));
    LIMS_RETURN_IF_ERROR(app::RequireKnownContent(request));
    return app::RequirePlainTexts(request);
  }

  // The place is free before the answer is there: the same client's next export finds it.
  void End(const grpc::Status& status) {
    std::vector<app::BundleFile>().swap(files_);
    place_->Free();
    Finish(status);
  }

  // Raw files are read as they are sent, which may wait for the disk. False when every worker is
  // taken.
  bool OnWorker(std::function<Result<void>()> work) {
    return adapter_.workers().Post([this, work = std::move(work)] { Run(work); });
  }

  void Run(const std::function<Result<void>()>& work) {
    const Result<void> done = [&]() -> Result<void> {
      try {
        return work();
      } catch (const std::exception& fault) {
        return Adapter::Incident(fault.what());
      }
    }();
    if (!done) End(ToStatus(done.error()));
  }

  // Nothing of this object may be touched after StartWrite or End: the next part may be on its way.
  Result<void> SendNext() {
    if (file_ == files_.size()) {
      End(grpc::Status::OK);
      return {};
    }
    // A bundle has thousands of small files: as many as fit go out together.
    message_.clear_parts();
    LIMS_RETURN_IF_ERROR(
        app::ReadBundleFiles(adapter_.site(), file_, offset_ + kFilePartBytes, &files_));
    for (std::size_t room = kFilePartBytes; room > 0 && file_ < files_.size();) {
      app::BundleFile& file = files_[file_];
      const std::size_t size = std::min(room, file.bytes.size() - offset_);
      v1::BundlePart* part = message_.add_parts();
      part->set_path(file.path);
      part->set_chunk(file.bytes.data() + offset_, size);
      offset_ += size;
      room -= size;
      if (offset_ == file.bytes.size()) {
        std::string().swap(file.bytes);
        offset_ = 0;
        ++file_;
      }
    }
    StartWrite(&message_);
    return {};
  }

  Adapter& adapter_;
  const std::shared_ptr<Place> place_ = std::make_shared<Place>(export_places);
  std::vector<app::BundleFile> files_;
  std::size_t file_ = 0;
  std::size_t offset_ = 0;
  v1::ExportLotResponse message_;
  std::optional<CallLimit> limit_;  // a terminal that does not read holds no export for ever
};

class AuditService final : public v1::AuditService::CallbackService {
 public:
  explicit AuditService(Adapter& adapter) : adapter_(adapter) {}

  LIMS_RPC_READ(AuditService, ListEvents)
  LIMS_RPC_READ(AuditService, GetCheckpoint)
  LIMS_RPC_READ(AuditService, ProveEvent)
  grpc::ServerWriteReactor<v1::ExportLotResponse>* ExportLot(
      grpc::CallbackServerContext* context, const v1::ExportLotRequest* request) override {
    return new Export(adapter_, *context, request);
  }

 private:
  Adapter& adapter_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAuditService(Adapter& adapter) {
  return std::make_unique<AuditService>(adapter);
}

}  // namespace lims::rpc
