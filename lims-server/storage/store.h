// One site's database: the writing connection behind its writer, and a pool of readers.
#ifndef LIMS_STORAGE_STORE_H_
#define LIMS_STORAGE_STORE_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/db.h"
#include "storage/ledger.h"
#include "storage/records.h"
#include "storage/writer.h"
#include "tlog/note.h"

namespace lims::storage {

// Files of DIR/server that belong to storage.
std::string DatabasePath(const std::string& server_dir);
std::string CheckpointPath(const std::string& server_dir);

// Keeps a second server off a site: an exclusive lock for the life of the object.
class SiteLock {
 public:
  static Result<std::unique_ptr<SiteLock>> Acquire(const std::string& server_dir);
  ~SiteLock();

 private:
  explicit SiteLock(int fd) : fd_(fd) {}
  int fd_;
};

class Store {
 public:
  struct Options {
    std::string server_dir;
    Origin origin;
    int readers;
  };
  // Opens and migrates the database and compares the log with the signer's last checkpoint:
  // DATA_LOSS when it is shorter or different. `log_key` signs checkpoints of `log_origin`.
  static Result<std::unique_ptr<Store>> Open(Options options, Clock clock, SigningKey log_key,
                                             const std::string& log_origin);

  Writer& writer() { return *writer_; }

  // Runs `read` on a consistent snapshot; waits for a free reader, and until what it saw is on
  // disk.
  template <typename F>
  auto Read(F&& read) -> decltype(read(std::declval<Records&>())) {
    auto result = OnSnapshot(read);
    LIMS_RETURN_IF_ERROR(writer_->AwaitFlush());
    return result;
  }

 private:
  struct Lease {
    explicit Lease(Store& owner);
    ~Lease();
    Store& store;
    std::unique_ptr<Connection> connection;
  };
  Store() = default;

  template <typename F>
  auto OnSnapshot(F& read) -> decltype(read(std::declval<Records&>())) {
    const Lease lease(*this);
    LIMS_RETURN_IF_ERROR(lease.connection->Execute("BEGIN"));
    Records records(*lease.connection);
    return read(records);
  }

  std::unique_ptr<SiteLock> lock_;
  std::unique_ptr<Connection> write_connection_;
  std::unique_ptr<Writer> writer_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> readers_;
};

}  // namespace lims::storage

#endif  // LIMS_STORAGE_STORE_H_
