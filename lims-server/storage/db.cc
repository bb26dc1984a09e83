#include "storage/db.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "storage/wal_frames.h"

namespace lims::storage {
namespace {

// What the system said when a write of the journal failed; SQLite itself tells only a full disk
// from other I/O errors.
int JournalErrno(sqlite3* db) {
  sqlite3_file* journal = nullptr;
  int cause = 0;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
  if (journal != nullptr && journal->pMethods != nullptr) {
    journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &cause);
  }
  return cause;
}

// No room on the disk, or beyond the largest size of a file or the user's share of the disk.
bool IsFull(sqlite3* db) {
  const int code = sqlite3_extended_errcode(db);
  if (code != SQLITE_IOERR_WRITE) return (code & 0xff) == SQLITE_FULL;
  const int cause = JournalErrno(db);
  return cause == EFBIG || cause == EDQUOT;
}

Error SqliteError(sqlite3* db, std::string_view during) {
  const int code = sqlite3_errcode(db) & 0xff;
  const auto reason = code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ErrorReason::kDataLoss
                                                                      : ErrorReason::kUnavailable;
  std::string message = "database: " + std::string(during) + ": " + sqlite3_errmsg(db);
  if (IsFull(db)) {
    message = "the disk is full: nothing was recorded; free space and repeat the same request";
  }
  return MakeError(reason, std::move(message));
}

// One setting, set and read back.
Result<void> Assert(sqlite3* db, const std::string& pragma, std::string_view value,
                    std::string_view expected) {
  if (!value.empty()) {
    const std::string set = "PRAGMA " + pragma + "=" + std::string(value);
    if (sqlite3_exec(db, set.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      return SqliteError(db, set);
    }
  }
  sqlite3_stmt* statement = nullptr;
  const std::string get = "PRAGMA " + pragma;
  if (sqlite3_prepare_v2(db, get.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    return SqliteError(db, get);
  }
  std::string found;
  if (sqlite3_step(statement) == SQLITE_ROW) {
    found = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  }
  sqlite3_finalize(statement);
  if (found != expected) {
    return MakeError(ErrorReason::kUnavailable,
                     "database: " + pragma + " is " + found + ", must be " + std::string(expected));
  }
  return {};
}

// Fails closed: what is not listed here is denied.
int AuthoriseRows(void* /*unused*/, int action, const char* name, const char* /*argument*/,
                  const char* /*database*/, const char* /*trigger*/) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return SQLITE_OK;
    case SQLITE_PRAGMA:  // these check and bound the file, and change no rule
      return sqlite3_stricmp(name, "integrity_check") == 0 ||
                     sqlite3_stricmp(name, "max_page_count") == 0
                 ? SQLITE_OK
                 : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

}  // namespace

Statement::~Statement() {
  if (statement_ != nullptr) Reset();
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::Bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_, parameter, value);
  return *this;
}

Statement& Statement::BindText(int parameter, std::string_view value) {
  sqlite3_bind_text64(statement_, parameter, value.data(), value.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(int parameter, std::string_view value) {
  sqlite3_bind_blob64(statement_, parameter, value.data() == nullptr ? "" : value.data(),
                      value.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::LendText(int parameter, std::string_view value) {
  sqlite3_bind_text64(statement_, parameter, value.data(), value.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::LendBlob(int parameter, std::string_view value) {
  sqlite3_bind_blob64(statement_, parameter, value.data() == nullptr ? "" : value.data(),
                      value.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return SqliteError(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
}

Result<void> Statement::Run() {
  LIMS_ASSIGN_OR_RETURN([[maybe_unused]] const bool row, Step());
  return {};
}

std::int64_t Statement::IntColumn(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::TextColumn(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::BlobColumn(int column) const {
  const void* blob = sqlite3_column_blob(statement_, column);
  if (blob == nullptr) return {};
  return {static_cast<const char*>(blob),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

bool Statement::IsInteger(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

int Statement::Columns() const {
  return sqlite3_column_count(statement_);
}

std::string Statement::ColumnName(int column) const {
  return sqlite3_column_name(statement_, column);
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, OpenMode mode) {
  // Statistics of memory would take a lock of all connections for each allocation.
  [[maybe_unused]] static const int without_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const bool writes = mode == OpenMode::kWriter || mode == OpenMode::kScratch;
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
              : (mode == OpenMode::kReader ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY));
  sqlite3* db = nullptr;
  const char* vfs = mode == OpenMode::kWriter ? GatheredWalVfs() : nullptr;
  if (sqlite3_open_v2(path.c_str(), &db, flags, vfs) != SQLITE_OK) {
    Error error = SqliteError(db, "open " + path);
    sqlite3_close_v2(db);
    return error;
  }
  std::unique_ptr<Connection> connection(new Connection(db));
  sqlite3_busy_timeout(db, 5000);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (mode == OpenMode::kScratch) {
    LIMS_RETURN_IF_ERROR(Assert(db, "journal_mode", "MEMORY", "memory"));
    LIMS_RETURN_IF_ERROR(Assert(db, "synchronous", "OFF", "0"));
    LIMS_RETURN_IF_ERROR(connection->Execute("PRAGMA cache_size=-262144"));
    return connection;
  }
  if (mode == OpenMode::kWriter) {
    LIMS_RETURN_IF_ERROR(Assert(db, "journal_mode", "WAL", "wal"));
    // Writes before every COMMIT ends, flushes around every checkpoint: after each COMMIT it is
    // Flush that does what FULL would, so that the next batch runs meanwhile.
    LIMS_RETURN_IF_ERROR(Assert(db, "synchronous", "NORMAL", "1"));
    LIMS_RETURN_IF_ERROR(Assert(db, "recursive_triggers", "ON", "1"));
    LIMS_RETURN_IF_ERROR(Assert(db, "foreign_keys", "ON", "1"));
    sqlite3_wal_hook(
        db,
        [](void* self, sqlite3*, const char*, int frames) {
          static_cast<Connection*>(self)->wal_frames_ = frames;
          return SQLITE_OK;
        },
        connection.get());
  } else {
    LIMS_RETURN_IF_ERROR(Assert(db, "query_only", "ON", "1"));
  }
  // WalMover alone says when the WAL moves; a reader that did it by itself could meet the WAL-reset
  // race of SQLite before 3.51.3.
  if (mode != OpenMode::kWriter) LIMS_RETURN_IF_ERROR(Assert(db, "wal_autocheckpoint", "0", "0"));
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, mode == OpenMode::kWriter ? 0 : 1,
                    nullptr);
  LIMS_RETURN_IF_ERROR(Assert(db, "trusted_schema", "", "0"));
  LIMS_RETURN_IF_ERROR(Assert(db, "cell_size_check", "ON", "1"));
  LIMS_RETURN_IF_ERROR(Assert(db, "mmap_size", "0", "0"));
  if (mode == OpenMode::kWriter) {
    // The first read makes the file.
    LIMS_RETURN_IF_ERROR(connection->Execute("SELECT 1 FROM sqlite_schema"));
    connection->wal_fd_ = ::open((path + "-wal").c_str(), O_RDONLY | O_CLOEXEC);
    if (connection->wal_fd_ < 0) {
      return MakeError(ErrorReason::kUnavailable, "cannot open " + path + "-wal");
    }
  }
  LIMS_RETURN_IF_ERROR(connection->Execute(mode == OpenMode::kWriter ? "PRAGMA cache_size=-16384"
                                           : mode == OpenMode::kSnapshot
                                               ? "PRAGMA cache_size=-65536"
                                               : "PRAGMA cache_size=-4096"));
  if (mode == OpenMode::kReader) connection->AllowOnlyRows();
  return connection;
}

Connection::~Connection() {
  if (wal_fd_ >= 0) ::close(wal_fd_);
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

void Connection::AllowOnlyRows() {
  sqlite3_set_authorizer(db_, AuthoriseRows, nullptr);
}

Result<Statement> Connection::Prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr) != SQLITE_OK) {
      return SqliteError(db_, sql);
    }
    found = statements_.emplace(std::string(sql), statement).first;
  }
  return Statement(found->second);
}

Statement Connection::Query(std::string_view sql) {
  auto statement = Prepare(sql);
  if (!statement) {
    std::fprintf(stderr, "%s\n", statement.error().message.c_str());
    std::abort();
  }
  return std::move(statement).value();
}

std::int64_t Connection::Changes() const {
  return sqlite3_changes64(db_);
}

Result<void> Connection::Execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqliteError(db_, sql.substr(0, 80));
  }
  return {};
}

Result<void> Connection::Flush() const {
  if (::fdatasync(wal_fd_) != 0) {
    return MakeError(ErrorReason::kUnavailable,
                     "database: the disk does not take what was written");
  }
  return {};
}

void Connection::Checkpoint() {
  // One that fails is tried again after the next commits.
  sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  wal_frames_ = 0;
}

void Connection::FlushFile() {
  // A failure is met again, and reported, when the writer ends the move.
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file != nullptr && file->pMethods != nullptr) file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

Result<void> Connection::CopyTo(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return MakeError(ErrorReason::kUnavailable, "cannot make " + path + ": " + strerror(errno));
  }
  ::close(fd);
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> copy(opened, sqlite3_close_v2);
  if (code != SQLITE_OK) return SqliteError(copy.get(), "open " + path);
  sqlite3_backup* backup = sqlite3_backup_init(copy.get(), "main", db_, "main");
  if (backup == nullptr) return SqliteError(copy.get(), "copy to " + path);
  // All pages in one step: between steps another process' commit would start the copy again.
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) {
    return SqliteError(copy.get(), "copy to " + path);
  }
  return Assert(copy.get(), "journal_mode", "DELETE", "delete");
}

Result<std::vector<std::string>> Connection::StructureProblems() {
  LIMS_ASSIGN_OR_RETURN(Statement rows, Prepare("PRAGMA integrity_check(10)"));
  std::vector<std::string> problems;
  for (;;) {
    LIMS_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return problems;
    if (rows.TextColumn(0) != "ok") problems.emplace_back(rows.TextColumn(0));
  }
}

bool Connection::OutcomeUnknown() const {
  const int code = sqlite3_errcode(db_) & 0xff;
  return !IsFull(db_) && code != SQLITE_CONSTRAINT && code != SQLITE_TOOBIG;
}

}  // namespace lims::storage
