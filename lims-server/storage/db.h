// The only driver: a connection to one SQLite file and its prepared statements.
#ifndef LIMS_STORAGE_DB_H_
#define LIMS_STORAGE_DB_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace lims::storage {

// A prepared statement while it is in use; resets itself when it goes out of scope. Parameters are
// numbered from 1, columns from 0. Views from TextColumn and BlobColumn end with the next Step.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& Bind(int parameter, std::int64_t value);
  Statement& BindText(int parameter, std::string_view value);
  Statement& BindBlob(int parameter, std::string_view value);
  // The same without a copy: the bytes must stay as they are for as long as the statement is used.
  Statement& LendText(int parameter, std::string_view value);
  Statement& LendBlob(int parameter, std::string_view value);

  // True when a row is there, false at the end.
  Result<bool> Step();
  // Runs a statement that returns no row.
  Result<void> Run();
  // Makes the statement ready to be bound and run again.
  void Reset();

  std::int64_t IntColumn(int column) const;
  std::string_view TextColumn(int column) const;
  std::string_view BlobColumn(int column) const;
  bool IsNull(int column) const;
  bool IsInteger(int column) const;
  int Columns() const;
  std::string ColumnName(int column) const;

 private:
  sqlite3_stmt* statement_;
};

enum class OpenMode {
  kWriter,    // the one connection that writes
  kReader,    // query only, and only rows
  kSnapshot,  // read-only open from another process, for verification
  kScratch,   // a throw-away file or memory without durability
};

class Connection {
 public:
  // Opens `path` with every setting of the mode asserted; an unexpected answer is an error.
  static Result<std::unique_ptr<Connection>> Open(const std::string& path, OpenMode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From now on only rows are read and written. What would change the schema, a setting or name
  // another file does not compile: not authorized. For whoever serves; a migration comes before.
  void AllowOnlyRows();

  // The cached statement for this text. A text that does not compile is a programmer's error and
  // aborts, except on a snapshot of unknown origin, where Prepare reports it.
  Statement Query(std::string_view sql);
  Result<Statement> Prepare(std::string_view sql);
  // Rows that the last statement put.
  std::int64_t Changes() const;
  // Runs statements without parameters or rows.
  Result<void> Execute(const std::string& sql);
  // Makes the commits so far durable: a COMMIT of the writer only writes. The one call that another
  // thread may make while the connection works.
  Result<void> Flush() const;
  // Moves WAL frames into the file as far as no reader needs them; never waits.
  void Checkpoint();
  // Makes what was moved into the file durable.
  void FlushFile();
  // Frames waiting in the WAL after the last commit.
  int WalFrames() const { return wal_frames_; }
  // Copies what this connection's open transaction sees into a new private file that needs no other
  // beside it. The writer goes on meanwhile; the WAL starts anew only afterwards.
  Result<void> CopyTo(const std::string& path);
  // What is wrong with the file's structure and indexes, at most ten lines; empty for nothing.
  Result<std::vector<std::string>> StructureProblems();
  // True when the last error leaves the outcome of a commit unknown (an I/O error), false when the
  // transaction certainly did not happen (disk full, constraint).
  bool OutcomeUnknown() const;

 private:
  // Finds a cached statement without making a string of its text.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  explicit Connection(sqlite3* db) : db_(db) {}

  sqlite3* db_;
  int wal_fd_ = -1;  // of the writer
  int wal_frames_ = 0;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> statements_;
};

}  // namespace lims::storage

#endif  // LIMS_STORAGE_DB_H_
