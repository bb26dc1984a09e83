#include <algorithm>
#include <optional>

#include "app/audit.h"
#include "lims/v1/audit_service.grpc.pb.h"
#include "rpc/services.h"

namespace lims::rpc {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

// Sends the files of a bundle one after the other; deletes itself.
class Export final : public grpc::ServerWriteReactor<v1::ExportLotResponse> {
 public:
  Export(Adapter& adapter, grpc::CallbackServerContext& context,
         const v1::ExportLotRequest* request) {
    auto call = adapter.Identify(context, "lims.v1.AuditService/ExportLot");
    if (!call) {
      Finish(ToStatus(call.error()));
      return;
    }
    if (auto checked = Adapter::CheckRequestId(request->request_id()); !checked) {
      Finish(ToStatus(checked.error()));
      return;
    }
    limit_.emplace(context, adapter.limits().transfer,
                   "the export took longer than the server allows: try again");
    const bool posted =
        adapter.workers().Post([this, &adapter, request, call = *std::move(call)] {
          auto files = app::ExportLot(adapter.site(), call, *request);
          if (!files) {
            adapter.site().access_log().NoteRefusal(call, files.error());
            Finish(ToStatus(files.error()));
            return;
          }
          files_ = *std::move(files);
          SendNext();
        });
    if (!posted) {
      Finish(ToStatus(MakeError(ErrorReason::kBusy, "the server is busy: try again")));
    }
  }

  void OnWriteDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the terminal went away"));
      return;
    }
    SendNext();
  }

  void OnDone() override { delete this; }

 private:
  void SendNext() {
    if (file_ == files_.size()) {
      Finish(grpc::Status::OK);
      return;
    }
    // A bundle has thousands of small files: as many as fit go out together.
    message_.clear_parts();
    for (std::size_t room = kChunkBytes; room > 0 && file_ < files_.size();) {
      const auto& [path, bytes] = files_[file_];
      const std::size_t size = std::min(room, bytes.size() - offset_);
      v1::BundlePart* part = message_.add_parts();
      part->set_path(path);
      part->set_chunk(bytes.data() + offset_, size);
      offset_ += size;
      room -= size;
      if (offset_ == bytes.size()) {
        offset_ = 0;
        ++file_;
      }
    }
    StartWrite(&message_);
  }

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
