#include "app/checkpoint_file.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "app/files.h"

namespace lims::app {
namespace {

constexpr std::chrono::milliseconds kCheckpointPoll{10};

}  // namespace

Result<SignedCheckpoint> ReadCheckpointFile(const std::string& path, const tlog::VerifierKey& key,
                                            std::uint64_t size,
                                            std::chrono::milliseconds patience) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  for (auto waited = std::chrono::milliseconds(0);; waited += kCheckpointPoll) {
    LIMS_ASSIGN_OR_RETURN(std::string note, ReadFile(path));
    auto checkpoint = tlog::OpenCheckpoint(note, key);
    if (checkpoint && checkpoint->size >= size) {
      return SignedCheckpoint{std::move(note), *std::move(checkpoint)};
    }
    if (waited >= patience) {
      if (!checkpoint) return checkpoint.error();
      return MakeError(ErrorReason::kWrongState,
                       "the log has " + std::to_string(size) +
                           " events and its checkpoint covers " + std::to_string(checkpoint->size) +
                           ": start the server once, so that it signs the rest");
    }
    never.wait_for(lock, kCheckpointPoll);
  }
}

}  // namespace lims::app
