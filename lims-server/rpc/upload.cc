#include "rpc/upload.h"

#include <atomic>

#include "app/runs.h"
#include "base/encoding.h"
#include "base/sha256.h"

namespace lims::rpc {
namespace {

// Files are held in memory until their hash is checked: two of 64 MiB at a time.
constexpr int kMaxUploads = 2;
constexpr std::size_t kMaxMessageBytes = std::size_t{256} << 10;
std::atomic<int> uploads_open = 0;

class Upload final : public grpc::ServerReadReactor<v1::UploadRawRequest> {
 public:
  Upload(Adapter& adapter, const grpc::CallbackServerContext& context,
         v1::UploadRawResponse* response)
      : adapter_(adapter), response_(response) {
    counted_ = uploads_open.fetch_add(1) < kMaxUploads;
    if (!counted_) {
      uploads_open.fetch_sub(1);
      End(ToStatus(MakeError(ErrorReason::kBusy,
                             "other files are being uploaded: try again in a moment")));
      return;
    }
    auto call = adapter.Identify(context, "lims.v1.RunService/UploadRaw");
    if (call) {
      call_ = *std::move(call);
      auto allowed = adapter.site().store().Read(
          [&](storage::Records& records) { return app::RoleForRead(records, call_); });
      if (!allowed) call = allowed.error();
    }
    if (!call) {
      if (!call_.user_id.empty()) adapter.site().access_log().NoteRefusal(call_, call.error());
      End(ToStatus(call.error()));
      return;
    }
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      if (!adapter_.workers().Post([this] { Store(); })) {
        End(ToStatus(MakeError(ErrorReason::kBusy, "the server is busy: try again")));
      }
      return;
    }
    if (sha256_.empty()) {
      sha256_ = message_.sha256();
      size_bytes_ = message_.size_bytes();
      if (!HashFromHex(sha256_)) return Refuse("sha256", "must be 64 hex digits");
      if (size_bytes_ <= 0) return Refuse("size_bytes", "the file is empty");
      if (size_bytes_ > storage::kMaxBlobBytes) {
        End(ToStatus(MakeError(ErrorReason::kTooLarge,
                               "the file has " + std::to_string(size_bytes_) +
                                   " bytes; the limit is 64 MiB")));
        return;
      }
    }
    if (message_.chunk().size() > kMaxMessageBytes) return Refuse("chunk", "is above 256 KiB");
    bytes_ += message_.chunk();
    if (static_cast<std::int64_t>(bytes_.size()) > size_bytes_) {
      return Refuse("chunk", "more bytes came than announced");
    }
    StartRead(&message_);
  }

  void OnDone() override { delete this; }

 private:
  // The place is free before the answer is there: the same client's next file finds it.
  void End(const grpc::Status& status) {
    if (counted_) {
      std::string().swap(bytes_);
      uploads_open.fetch_sub(1);
    }
    Finish(status);
  }

  void Refuse(std::string field, std::string description) {
    End(ToStatus(InvalidArgument(std::move(field), std::move(description))));
  }

  void Store() {
    if (static_cast<std::int64_t>(bytes_.size()) != size_bytes_ ||
        HexEncode(Sha256(bytes_)) != sha256_) {
      return Refuse("chunk", "the bytes that came are not the announced file: send it again");
    }
    if (auto stored = app::StoreRawFile(adapter_.site(), sha256_, bytes_); !stored) {
      End(ToStatus(stored.error()));
      return;
    }
    response_->set_sha256(sha256_);
    End(grpc::Status::OK);
  }

  Adapter& adapter_;
  v1::UploadRawResponse* response_;
  app::Call call_;
  v1::UploadRawRequest message_;
  std::string sha256_;
  std::int64_t size_bytes_ = 0;
  std::string bytes_;
  bool counted_ = false;
};

}  // namespace

grpc::ServerReadReactor<v1::UploadRawRequest>* StartUpload(
    Adapter& adapter, const grpc::CallbackServerContext& context,
    v1::UploadRawResponse* response) {
  return new Upload(adapter, context, response);
}

}  // namespace lims::rpc
