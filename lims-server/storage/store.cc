#include "storage/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/log.h"
#include "storage/migrate.h"
#include "tlog/checkpoint.h"

namespace lims::storage {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The checkpoint that the signer gave last, checked against the log that is there now.
Result<tlog::Checkpoint> LastSigned(Connection& db, const std::string& path,
                                    const tlog::VerifierKey& key) {
  LIMS_ASSIGN_OR_RETURN(const std::int64_t size, LogSize(db));
  if (!std::filesystem::exists(path)) {
    if (size == 0) return tlog::Checkpoint{key.name, 0, tlog::EmptyRoot()};
    return MakeError(ErrorReason::kDataLoss,
                     path +
                         " is missing: copy the newest checkpoint that a terminal keeps "
                         "(DIR/client/checkpoint) there, so that the log can be compared with it");
  }
  LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint last, tlog::OpenCheckpoint(ReadFile(path), key));
  if (static_cast<std::int64_t>(last.size) > size) {
    return MakeError(ErrorReason::kDataLoss, "LOG_TRUNCATED: the log has " + std::to_string(size) +
                                                 " events, its last checkpoint covers " +
                                                 std::to_string(last.size) +
                                                 ": the database is older than its checkpoint");
  }
  LIMS_ASSIGN_OR_RETURN(const Hash root, tlog::RootAt(last.size, Nodes(db)));
  if (root != last.root) {
    return MakeError(ErrorReason::kDataLoss,
                     "CHECKPOINT_INCONSISTENT: the log does not extend its "
                     "last checkpoint: run lims-server verify");
  }
  return last;
}

}  // namespace

std::string DatabasePath(const std::string& server_dir) {
  return server_dir + "/lims.db";
}
std::string CheckpointPath(const std::string& server_dir) {
  return server_dir + "/checkpoint";
}

Result<std::unique_ptr<SiteLock>> SiteLock::Acquire(const std::string& server_dir) {
  const std::string path = server_dir + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return MakeError(ErrorReason::kUnavailable, "cannot open " + path);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return MakeError(ErrorReason::kUnavailable, "another server runs on this site: " + server_dir);
  }
  return std::unique_ptr<SiteLock>(new SiteLock(fd));
}

SiteLock::~SiteLock() {
  ::close(fd_);
}

Result<std::unique_ptr<Store>> Store::Open(Options options, Clock clock, SigningKey log_key,
                                           const std::string& log_origin) {
  std::unique_ptr<Store> store(new Store);
  LIMS_ASSIGN_OR_RETURN(store->lock_, SiteLock::Acquire(options.server_dir));
  const std::string path = DatabasePath(options.server_dir);
  LIMS_ASSIGN_OR_RETURN(store->write_connection_, Connection::Open(path, OpenMode::kWriter));
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  LIMS_RETURN_IF_ERROR(Migrate(*store->write_connection_));
  store->write_connection_->AllowOnlyRows();
  const std::string checkpoint_path = CheckpointPath(options.server_dir);
  const tlog::VerifierKey key{log_origin, tlog::KeyId(log_origin, log_key.public_key()),
                              log_key.public_key()};
  LIMS_ASSIGN_OR_RETURN(const tlog::Checkpoint last,
                        LastSigned(*store->write_connection_, checkpoint_path, key));
  LIMS_ASSIGN_OR_RETURN(auto ledger,
                        Ledger::Open(*store->write_connection_, std::move(options.origin), clock));
  tlog::Signer signer(std::move(log_key), log_origin, last.size, last.root);
  for (int i = 0; i < options.readers; ++i) {
    LIMS_ASSIGN_OR_RETURN(auto reader, Connection::Open(path, OpenMode::kReader));
    store->readers_.push_back(std::move(reader));
  }
  LIMS_ASSIGN_OR_RETURN(auto wal_mover, WalMover::Open(*store->write_connection_, path));
  const int checkpoint_fd = ::open(checkpoint_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (checkpoint_fd < 0) {
    return MakeError(ErrorReason::kUnavailable, "cannot write " + checkpoint_path);
  }
  store->writer_ = std::make_unique<Writer>(*store->write_connection_, std::move(wal_mover),
                                            std::move(ledger), std::move(signer), log_origin,
                                            static_cast<std::int64_t>(last.size), checkpoint_fd);
  return store;
}

Store::Lease::Lease(Store& owner) : store(owner) {
  std::unique_lock lock(store.mutex_);
  store.returned_.wait(lock, [this] { return !store.readers_.empty(); });
  connection = std::move(store.readers_.back());
  store.readers_.pop_back();
}

Store::Lease::~Lease() {
  (void)connection->Execute("ROLLBACK");  // ends the snapshot, also after an exception
  {
    const std::lock_guard lock(store.mutex_);
    store.readers_.push_back(std::move(connection));
  }
  store.returned_.notify_one();
}

}  // namespace lims::storage
