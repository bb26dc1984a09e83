#include "rpc/upload.h"

#include <memory>
#include <optional>

#include "app/submit_run.h"
#include "base/encoding.h"
#include "base/message_limits.h"
#include "base/sha256.h"
#include "rpc/places.h"

namespace lims::rpc {
namespace {

// Files are held in memory until their hash is checked: two of 64 MiB at a time.
Places upload_places{2};

class Upload final : public grpc::ServerReadReactor<v1::UploadRawRequest> {
 public:
  Upload(Adapter& adapter, grpc::CallbackServerContext& context, v1::UploadRawResponse* response)
      : adapter_(adapter), context_(context), response_(response) {
    if (!place_->held()) {
      End(ToStatus(
          MakeError(ErrorReason::kBusy, "other files are being uploaded: try again in a moment")));
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
    whole_.emplace(context_, adapter_.limits().transfer,
                   "the upload took longer than the server allows: try again",
                   [place = place_] { place->Free(); });
    StartSendInitialMetadata();  // the terminal may know that its place is taken
    AwaitMessage();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      silence_.reset();
      if (!adapter_.workers().Post([this] { Store(); })) {
        End(ToStatus(MakeError(ErrorReason::kBusy, "the server is busy: try again")));
      }
      return;
    }
    if (!v1::UploadRawRequest::GetReflection()->GetUnknownFields(message_).empty()) {
      return Refuse("message", "unknown fields");
    }
    if (sha256_.empty()) {
      sha256_ = message_.sha256();
      size_bytes_ = message_.size_bytes();
      if (!HashFromHex(sha256_)) return Refuse("sha256", "must be 64 hex digits");
      if (size_bytes_ <= 0) return Refuse("size_bytes", "the file is empty");
      if (size_bytes_ > static_cast<std::int64_t>(kMaxFileBytes)) {
        End(ToStatus(MakeError(
            ErrorReason::kTooLarge,
            "the file has " + std::to_string(size_bytes_) + " bytes; the limit is 64 MiB")));
        return;
      }
    }
    if (message_.chunk().size() > kFilePartBytes) return Refuse("chunk", "is above 256 KiB");
    bytes_ += message_.chunk();
    if (static_cast<std::int64_t>(bytes_.size()) > size_bytes_) {
      return Refuse("chunk", "more bytes came than announced");
    }
    AwaitMessage();
  }

  void OnDone() override { delete this; }

 private:
  void AwaitMessage() {
    silence_.emplace(context_, adapter_.limits().silence,
                     "nothing came for a while and others wait: send the file again",
                     [place = place_] { place->Free(); });
    StartRead(&message_);
  }

  // The place is free before the answer is there: the same client's next file finds it.
  void End(const grpc::Status& status) {
    std::string().swap(bytes_);
    place_->Free();
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
  grpc::CallbackServerContext& context_;
  v1::UploadRawResponse* response_;
  const std::shared_ptr<Place> place_ = std::make_shared<Place>(upload_places);
  std::optional<CallLimit> whole_;
  std::optional<CallLimit> silence_;
  app::Call call_;
  v1::UploadRawRequest message_;
  std::string sha256_;
  std::int64_t size_bytes_ = 0;
  std::string bytes_;
};

}  // namespace

grpc::ServerReadReactor<v1::UploadRawRequest>* StartUpload(Adapter& adapter,
                                                           grpc::CallbackServerContext& context,
                                                           v1::UploadRawResponse* response) {
  return new Upload(adapter, context, response);
}

}  // namespace lims::rpc
