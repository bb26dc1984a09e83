#include "bare_sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include "now.h"

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

// One row of the pattern: its values, and which of them must differ from act to act.
struct Row {
  sqlite3_stmt* insert = nullptr;
  std::vector<sqlite3_value*> values;
  std::vector<bool> unique;
};

std::vector<std::vector<sqlite3_value*>> Select(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  Check(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr), db, sql.c_str());
  std::vector<std::vector<sqlite3_value*>> rows;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      rows.back().push_back(sqlite3_value_dup(sqlite3_column_value(statement, i)));
    }
  }
  sqlite3_finalize(statement);
  return rows;
}

}  // namespace

int RunBareSqlite(const std::string& site_dir, const std::string& file, double seconds,
                  int together) {
  sqlite3* site = nullptr;
  Check(
      sqlite3_open_v2((site_dir + "/server/lims.db").c_str(), &site, SQLITE_OPEN_READONLY, nullptr),
      site, "open the site");
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);
  sqlite3* db = nullptr;
  Check(sqlite3_open(file.c_str(), &db), db, "open");
  Execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  for (const auto& row : Select(site,
                                "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL "
                                "AND type <> 'trigger' AND name NOT LIKE 'sqlite_%'")) {
    Execute(db, reinterpret_cast<const char*>(sqlite3_value_text(row[0])));
  }
  // The newest act of a person that put an attempt: its events, its rows, and with each event a
  // leaf, a node and the act's request.
  const std::string etag = "(SELECT max(etag) FROM attempt)";
  const std::string act = "(SELECT first_index FROM log_request WHERE first_index <= " + etag +
                          " ORDER BY first_index DESC LIMIT 1)";
  const std::string in_act = " >= " + act + " AND ";
  std::vector<Row> rows;
  const auto add = [&](const std::string& table, const std::string& where,
                       const std::vector<bool>& unique) {
    for (auto& values : Select(site, "SELECT * FROM " + table + " WHERE " + where)) {
      std::string marks;
      for (std::size_t i = 0; i < values.size(); ++i) marks += i == 0 ? "?" : ", ?";
      Row row;
      Check(sqlite3_prepare_v2(db, ("INSERT INTO " + table + " VALUES (" + marks + ")").c_str(), -1,
                               &row.insert, nullptr),
            db, "prepare");
      row.values = std::move(values);
      row.unique = unique;
      row.unique.resize(row.values.size(), false);
      rows.push_back(std::move(row));
    }
  };
  const std::string leaves = "log_index" + in_act + "log_index < " + act +
                             " + (SELECT event_count FROM log_request WHERE first_index = " + act +
                             ")";
  add("log_event", "id IN (SELECT event_id FROM log_leaf WHERE " + leaves + ")", {true, false});
  const std::size_t events = rows.size();
  add("log_leaf", leaves, {true, false, false});
  const std::size_t nodes_from = rows.size();
  add("log_node", "id IN (SELECT id FROM log_node LIMIT " + std::to_string(events) + ")",
      {true, false});
  if (rows.size() != nodes_from + events) std::exit(1);
  add("log_stream", "stream_no = (SELECT max(stream_no) FROM log_stream WHERE name LIKE 'run/%')",
      {true, true});
  add("log_request", "first_index = " + act, {false, true, false, false, false});
  const std::string of_act = "etag" + in_act + "etag < " + act + " + 8";
  add("run", of_act, {true, false, false, false, false});
  add("attempt", of_act, {false, false, true, true, false, false, false});
  add("result", of_act, {false, false, true, false, false, false});

  std::int64_t number = 1;
  std::int64_t acts = 0;
  const double start = NowSeconds();
  while (NowSeconds() - start < seconds) {
    if (acts % together == 0) Execute(db, "BEGIN IMMEDIATE");
    for (const Row& row : rows) {
      for (std::size_t column = 0; column < row.values.size(); ++column) {
        const int parameter = static_cast<int>(column) + 1;
        if (!row.unique[column]) {
          sqlite3_bind_value(row.insert, parameter, row.values[column]);
        } else if (sqlite3_value_type(row.values[column]) == SQLITE_INTEGER) {
          sqlite3_bind_int64(row.insert, parameter, ++number);
        } else {
          // As long as the real key and, like it, later than all before.
          char text[64];
          std::snprintf(text, sizeof text, "%0*lld",
                        std::clamp(sqlite3_value_bytes(row.values[column]), 12, 36),
                        static_cast<long long>(++number));
          sqlite3_bind_text(row.insert, parameter, text, -1, SQLITE_TRANSIENT);
        }
      }
      Check(sqlite3_step(row.insert), db, "insert");
      sqlite3_reset(row.insert);
    }
    if (++acts % together == 0) Execute(db, "COMMIT");
  }
  if (acts % together != 0) Execute(db, "COMMIT");
  std::printf("acts a second %.3f\n", static_cast<double>(acts) / (NowSeconds() - start));
  return 0;
}

}  // namespace lims::bench
