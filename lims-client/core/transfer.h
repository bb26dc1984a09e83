// Calls that stream: raw files and many results to the server, audit bundles from it.
#ifndef LIMS_CLIENT_CORE_TRANSFER_H_
#define LIMS_CLIENT_CORE_TRANSFER_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/audit_service.pb.h"
#include "lims/v1/run_service.pb.h"

namespace grpc {
class Channel;
}

namespace lims::client {

// Stores the bytes under their SHA-256 and gives it (hex).
Result<std::string> UploadRaw(const std::shared_ptr<grpc::Channel>& channel,
                              const std::string& session, std::string_view bytes);

// Sends the requests in messages of up to 100 and gives each outcome to `take` as it comes. An
// error when the call ended before all had one.
Result<void> SubmitResults(const std::shared_ptr<grpc::Channel>& channel,
                           const std::string& session,
                           const std::vector<v1::SubmitResultRequest>& requests,
                           const std::function<void(const v1::SubmitResultOutcome&)>& take);

struct ExportedBundle {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

// Writes the bundle into `folder`, which is new or empty. A path that leads out of the folder is
// VERIFICATION_FAILED. After an error the folder may hold a part.
Result<ExportedBundle> ExportLot(const std::shared_ptr<grpc::Channel>& channel,
                                 const std::string& session, const v1::ExportLotRequest& request,
                                 const std::filesystem::path& folder);

// Whether a bundle may name a file so: relative, of plain ASCII names, without "..".
bool IsBundlePath(std::string_view path);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_TRANSFER_H_
