#include "bare_sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "now.h"
#include "storage/log.h"

namespace lims::bench {
namespace {

void Check(int code, sqlite3* db, const char* what) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  std::fprintf(stderr, "bare sqlite: %s: %s\n", what, sqlite3_errmsg(db));
  std::exit(1);
}

void Execute(sqlite3* db, const std::string& sql) {
  Check(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), db, sql.c_str());
}

// A row that the site wrote, and the event that it came with.
struct Row {
  std::int64_t index = 0;
  sqlite3_stmt* insert = nullptr;
  std::vector<sqlite3_value*> values;
};

// The rows of a select whose first column is the log index that they came with.
void AddRows(sqlite3* site, const std::string& select, sqlite3_stmt* insert,
             std::vector<Row>* rows) {
  sqlite3_stmt* statement = nullptr;
  Check(sqlite3_prepare_v2(site, select.c_str(), -1, &statement, nullptr), site, select.c_str());
  while (sqlite3_step(statement) == SQLITE_ROW) {
    Row& row = rows->emplace_back();
    row.index = sqlite3_column_int64(statement, 0);
    row.insert = insert;
    for (int i = 1; i < sqlite3_column_count(statement); ++i) {
      row.values.push_back(sqlite3_value_dup(sqlite3_column_value(statement, i)));
    }
  }
  sqlite3_finalize(statement);
}

std::int64_t Number(sqlite3* db, const std::string& select) {
  sqlite3_stmt* statement = nullptr;
  Check(sqlite3_prepare_v2(db, select.c_str(), -1, &statement, nullptr), db, select.c_str());
  sqlite3_step(statement);
  const std::int64_t number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  return number;
}

// A table that a submit writes, what it is joined with to know the event, and that event's index.
struct Written {
  std::string table;
  std::string join;
  std::string index;
};

}  // namespace

int RunBareSqlite(const std::string& site_dir, const std::string& file, double seconds,
                  int together) {
  sqlite3* site = nullptr;
  Check(
      sqlite3_open_v2((site_dir + "/server/lims.db").c_str(), &site, SQLITE_OPEN_READONLY, nullptr),
      site, "open the site");
  sqlite3* db = nullptr;
  Check(sqlite3_open(file.c_str(), &db), db, "open");
  Execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384");
  const std::string bits = std::to_string(storage::kPositionBits);
  const std::vector<Written> tables = {
      {"log_request", "", "t.first_index"},  // the first row of its act
      {"log_stream", "JOIN log_leaf l ON l.event_id = t.stream_no << " + bits, "l.log_index"},
      {"run", "", "t.etag"},
      {"result", "", "t.etag"},
      {"attempt", "", "t.etag"},
      {"log_event", "JOIN log_leaf l ON l.event_id = t.id", "l.log_index"},
      {"log_leaf", "", "t.log_index"},
      // A node comes with the last leaf below it.
      {"log_node", "", "((t.id & ((1 << 40) - 1)) + 1 << (t.id >> 40)) - 1"},
  };
  const std::int64_t first = Number(db, "SELECT max(log_index) + 1 FROM log_leaf");
  std::vector<Row> rows;
  for (const auto& [table, join, index] : tables) {
    const auto columns = Number(db, "SELECT count(*) FROM pragma_table_info('" + table + "')");
    std::string marks = "?";
    for (std::int64_t i = 1; i < columns; ++i) marks += ", ?";
    sqlite3_stmt* insert = nullptr;
    Check(sqlite3_prepare_v2(db, ("INSERT INTO " + table + " VALUES (" + marks + ")").c_str(), -1,
                             &insert, nullptr),
          db, "prepare");
    AddRows(site,
            "SELECT " + index + ", t.* FROM " + table + " t " + join + " WHERE " + index +
                " >= " + std::to_string(first),
            insert, &rows);
  }
  if (rows.empty()) std::exit(1);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.index < b.index; });

  const sqlite3_stmt* const begins_act = rows.front().insert;
  std::int64_t acts = 0;
  auto row = rows.cbegin();
  const double start = NowSeconds();
  while (row != rows.cend() && NowSeconds() - start < seconds) {
    Execute(db, "BEGIN IMMEDIATE");
    for (int i = 0; i < together && row != rows.cend(); ++i, ++acts) {
      do {
        for (std::size_t column = 0; column < row->values.size(); ++column) {
          sqlite3_bind_value(row->insert, static_cast<int>(column) + 1, row->values[column]);
        }
        Check(sqlite3_step(row->insert), db, "insert");
        sqlite3_reset(row->insert);
        ++row;
      } while (row != rows.cend() && row->insert != begins_act);
    }
    Execute(db, "COMMIT");
  }
  std::printf("acts a second %.3f\n", static_cast<double>(acts) / (NowSeconds() - start));
  return 0;
}

}  // namespace lims::bench
